"""Whether a word can be a Vietnamese syllable: what tells text in the right encoding from text in a wrong one. Pure.

Vietnamese writes each syllable as a word: an onset, a rhyme, a tone. The rhymes are few (about 160), so letters put
together by a wrong encoding ("NguyÔn", "Nguyeãn") almost never make one.
"""

from __future__ import annotations

import unicodedata

_ONSETS = (
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr",
    "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "q", "r", "s", "t", "v", "x", "",
)  # fmt: skip
_RHYMES = frozenset(
    # As prose: a list of quoted strings would be four times as long.
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et
    ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan oang oanh
    oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn
    ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uyn
    uynh uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu
    """.split()  # noqa: SIM905
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOPS = ("c", "ch", "p", "t")
_STOP_TONES = ("\u0301", "\u0323")


def is_syllable(word: str) -> bool:
    """Whether this is one well-formed Vietnamese syllable, in any case, composed or decomposed."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in decomposed if mark in _TONES]
    if len(tones) > 1:
        return False
    bare = unicodedata.normalize("NFC", "".join(letter for letter in decomposed if letter not in _TONES))
    # In a syllable that ends in a stop only two tones are spoken, and one of them is written.
    if bare.endswith(_STOPS) and not (tones and tones[0] in _STOP_TONES):
        return False
    return any(bare.startswith(onset) and bare[len(onset) :] in _RHYMES for onset in _ONSETS)
