"""The code itself: nine symbols, six of data and three of check, a Reed–Solomon code over GF(29).

A word is the nine symbols of a reference without its prefix, as upper-case ASCII bytes. Read as a polynomial (first symbol
at x⁸) a sound word is zero at a, a² and a³, where a = 2 generates the field's multiplicative group. Any two sound words
differ in at least four places, so every single wrong symbol is repaired; and the 252 single slips and 224 swaps of
neighbours have 476 different syndromes, so neither is ever taken for the other.
"""

from __future__ import annotations

import random
import re
from itertools import product

PREFIX = "KH"
ALPHABET = "0123456789ACDEFHJKMNPQRTUVWXY"
"""Each class of look-alikes is printed as its digit: 0 for O, 1 for I and L, 2 for Z, 5 for S, 6 for G, 8 for B."""

FIELD = len(ALPHABET)  # 29, a prime: arithmetic modulo it is a field
DATA_LENGTH, CHECK_LENGTH = 6, 3
WORD_LENGTH = DATA_LENGTH + CHECK_LENGTH
DATA_COUNT = FIELD**DATA_LENGTH
"""How many values `new_reference` may be given: 594,823,321. About 29 of 100 of them are issued."""

FIRST_SYMBOLS = "CDFJMNPQRTVWX"
"""A word begins with one of these. In Vietnamese a vowel follows KH (khoan, khanh), in customer codes a digit (KH0123):
neither begins a word. K and H are left out so that a slip in the prefix cannot be taken for one in the word."""

TRUE_DIGITS = "3479"
"""Digits that no letter looks like. A word holds at least one, so no text of letters alone, folded, is a word."""

FORBIDDEN = ("KH", "FT", "CT", "TK", "TF", "CKN", "VQR", "CAC", "CHET", "CUT", "DM", "DU")
"""Never issued in a word: our own prefix, the banks' marks that this alphabet can spell, and rude words. Finding does not
look at this list, so it may grow without orphaning references that are already on paper."""

_VALUES = {ord(symbol): value for value, symbol in enumerate(ALPHABET)}
_WELL_FORMED = re.compile(rf"[{FIRST_SYMBOLS}](?=.*[{TRUE_DIGITS}])[{ALPHABET}]{{8}}".encode())
_GENERATOR = 2  # its powers are all 28 nonzero elements

# A syndrome is three sums modulo 29. Each is added up in ten bits of one integer (nine terms below 29 stay below 261), so
# one addition a symbol serves all three.
_SHIFTS = (0, 10, 20)
_SUM_MASK = 0x3FF


def _column(place: int) -> tuple[int, int, int]:
    """What a one at this place (0…8) adds to the three sums."""
    root = pow(_GENERATOR, WORD_LENGTH - 1 - place, FIELD)
    return root, root**2 % FIELD, root**3 % FIELD


def _contribution(place: int, value: int) -> int:
    return sum(part * value % FIELD << shift for part, shift in zip(_column(place), _SHIFTS, strict=True))


def _key(sums: int) -> int:
    """The three sums, each reduced modulo 29, as one small integer; zero says sound."""
    return (
        (sums & _SUM_MASK) % FIELD
        + (sums >> _SHIFTS[1] & _SUM_MASK) % FIELD * FIELD
        + (sums >> _SHIFTS[2]) % FIELD * FIELD * FIELD
    )


# Place by place, from a byte to what it adds to the sums; bytes outside the alphabet never arrive here.
_SUMS = tuple(tuple(_contribution(place, _VALUES.get(byte, 0)) for byte in range(128)) for place in range(WORD_LENGTH))
_SINGLES = {_key(_contribution(place, error)): (place, error) for place in range(WORD_LENGTH) for error in range(1, FIELD)}
_SWAPS = {
    _key(_contribution(place, error) + _contribution(place + 1, FIELD - error)): (place, error)
    for place in range(WORD_LENGTH - 1)
    for error in range(1, FIELD)
}


_SOUND = frozenset(
    sum(part * FIELD << shift for part, shift in zip(parts, _SHIFTS, strict=True))
    for parts in product(range(WORD_LENGTH), repeat=len(_SHIFTS))
)
"""The sums of sound words: all three multiples of 29, none above nine times 28."""


def _sums(word: bytes) -> int:
    first, second, third, fourth, fifth, sixth, seventh, eighth, ninth = word
    t0, t1, t2, t3, t4, t5, t6, t7, t8 = _SUMS
    return t0[first] + t1[second] + t2[third] + t3[fourth] + t4[fifth] + t5[sixth] + t6[seventh] + t7[eighth] + t8[ninth]


def _syndrome(word: bytes) -> int:
    return _key(_sums(word))


def is_word(word: bytes) -> bool:
    """Whether nine symbols are a sound word of a shape that is issued."""
    return _sums(word) in _SOUND and _WELL_FORMED.fullmatch(word) is not None


def repair(word: bytes) -> tuple[bytes, int] | None:
    """The one sound word that a single wrong symbol or one swap of neighbours made into this, and the place of the slip.

    The place is -1 where the word was sound. None where no single slip explains it: then at least two symbols are wrong.
    """
    syndrome = _syndrome(word)
    if syndrome == 0:
        return (word, -1) if _WELL_FORMED.fullmatch(word) else None
    if syndrome in _SINGLES:
        place, error = _SINGLES[syndrome]
        right = (_VALUES[word[place]] - error) % FIELD
        mended = word[:place] + ALPHABET[right].encode() + word[place + 1 :]
    elif syndrome in _SWAPS:
        place, error = _SWAPS[syndrome]
        if (_VALUES[word[place]] - _VALUES[word[place + 1]] - error) % FIELD:
            return None  # two wrong symbols that only add up like a swap
        mended = word[:place] + word[place + 1 : place + 2] + word[place : place + 1] + word[place + 2 :]
    else:
        return None
    return (mended, place) if _WELL_FORMED.fullmatch(mended) else None


def fill(symbols: bytes, place: int) -> bytes | None:
    """The sound word that only lacks the symbol at this place, or None: one check finds it, the other two confirm it."""
    gapped = symbols[:place] + b"0" + symbols[place:]
    syndrome = _syndrome(gapped)
    if syndrome == 0:
        return gapped if _WELL_FORMED.fullmatch(gapped) else None
    found = _SINGLES.get(syndrome)
    if found is None or found[0] != place:
        return None
    filled = symbols[:place] + ALPHABET[-found[1] % FIELD].encode() + symbols[place:]
    return filled if _WELL_FORMED.fullmatch(filled) else None


def _encode(data: int) -> bytes:
    """The word of these data: its symbols, most significant first, then the check symbols that make the syndrome zero."""
    values = [data // FIELD**power % FIELD for power in reversed(range(DATA_LENGTH))]
    # Division by (x - a)(x - a²)(x - a³): what is left over, negated, is the check.
    generator = [1]
    for power in range(1, CHECK_LENGTH + 1):
        root = pow(_GENERATOR, power, FIELD)
        generator = [(high - root * low) % FIELD for high, low in zip([*generator, 0], [0, *generator], strict=True)]
    rest = [*values, *[0] * CHECK_LENGTH]
    for start in range(DATA_LENGTH):
        lead = rest[start]
        for offset, factor in enumerate(generator):
            rest[start + offset] = (rest[start + offset] - lead * factor) % FIELD
    checks = [-value % FIELD for value in rest[DATA_LENGTH:]]
    return bytes(ord(ALPHABET[value]) for value in [*values, *checks])


def _reference_of(data: int) -> str | None:
    word = _encode(data)
    symbols = word.decode()
    if _WELL_FORMED.fullmatch(word) is None or any(text in symbols for text in FORBIDDEN):
        return None
    return PREFIX + symbols


def new_reference(data: int) -> str:
    """The reference of a number from 0 to 29⁶ - 1.

    Raises ValueError outside that range, and for the numbers whose reference is not issued (see FIRST_SYMBOLS, TRUE_DIGITS
    and FORBIDDEN): `random_reference` draws only good ones.
    """
    if not 0 <= data < DATA_COUNT:
        raise ValueError(f"a reference's data are a number from 0 to {DATA_COUNT - 1}, not {data}")
    reference = _reference_of(data)
    if reference is None:
        raise ValueError(f"the reference of {data} is not issued: its symbols look like other text; take another number")
    return reference


def random_reference(rng: random.Random) -> str:
    """A reference drawn evenly from all that are issued; three or four draws on average.

    Two draws may be equal: whoever stores references keeps them unique. Use random.SystemRandom() where guessing matters.
    """
    while True:
        reference = _reference_of(rng.randrange(DATA_COUNT))
        if reference is not None:
            return reference


def is_reference(text: str) -> bool:
    """Whether the text is exactly a reference as printed: no lower case, no spaces, no look-alikes, all checks right."""
    return (
        len(text) == len(PREFIX) + WORD_LENGTH
        and text.startswith(PREFIX)
        and text.isascii()
        and (set(text[len(PREFIX) :]) <= set(ALPHABET) and is_word(text[len(PREFIX) :].encode()))
    )
