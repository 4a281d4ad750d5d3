"""Text as it arrives, reduced to what stays the same whatever a bank or a keyboard did to it.

`fold` turns any script into lower-case Latin letters without marks; `split` cuts that into runs of letters and of digits. A run that no
Vietnamese syllable can be is undone where it is a keyboard's doing: Telex marks ("nguyeenx"), and words typed without spaces
("nguyenvanan").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from services.matching.matcher.outlines import Outline
from services.matching.matcher.vocabulary import BANK_NAMES, BROKEN_WORDS, DOUBTFUL_WORDS, NAME_WORDS, PLAIN_WORDS, WALLETS

DIGRAPHS: Final = frozenset({"ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr"})
"""Two letters that begin a syllable as one sound: "th" stands for "thi" whatever else it means, and "th ao" is a broken "thao"."""
WRAP_COLUMNS: Final = (35, 34, 36)
_PIECE_LENGTH_MAX: Final = 16
"""No word that is put together again has a longer piece."""

# Letters that NFKD leaves alone and whose look-alike is certain: đ and its like, Cyrillic, Greek.
_LOOK_ALIKES = str.maketrans(
    "đĐðÐıłŁавекмнорстухіјѕԁԛԝАВЕЗКМНОРСТУХІЈЅαβεικμνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "dDdDilLabekmhopctyxijsdqwABE3KMHOPCTYXIJSabeikmvoptuxABEZHIKMNOPTYX",
)
_VANISHING = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]+")
_GLUED = re.compile("(?<![A-Za-z0-9])[A-Z]*+[a-z0-9]++[A-Z][A-Za-z0-9]*+")
_OTHER = re.compile(r"[^\x00-\x7f]")
# A capital that begins a word. Written to begin with the capital itself: the engine then looks at no other letter.
_CAPITAL = re.compile("[A-Z](?:(?<=[a-z][A-Z])(?=[a-z0-9.]|[A-Z]{1,3}(?![A-Z]))|(?<=[0-9][A-Z]{2})(?=[a-z]))")
_OUTLINE = Outline({"a": ascii_lowercase, "A": ascii_uppercase, "0": "0123456789"})
_RUNS = re.compile("([a-z]+|[0-9]+)")
_RANDOM = re.compile(r"\b(?:[A-Z]?[a-z]+[A-Z]|[a-z][A-Z]+[a-z]*)\b")
_NO_LETTERS = re.compile("[^a-z ]+")


def fold(text: str) -> str:
    """Lower-case ASCII: marks and invisible characters vanish, what is no letter of ours becomes a space."""
    return text.lower() if text.isascii() else _plain(text).lower()


def fold_memo(memo: str) -> str:
    """The same, with words apart that capitals tell apart: "HoVanHien" is three, "1CTienAn" a class and two; "khAnh" is one."""
    plain = memo if memo.isascii() else _plain(memo)
    outline = _OUTLINE.of(plain)
    if (b"aA" not in outline and b"0AAa" not in outline) or _CAPITAL.search(plain) is None or _is_random(plain):
        return plain.lower()
    return _GLUED.sub(_apart, plain).lower()


def _is_random(plain: str) -> bool:
    """Whether capitals stand anywhere, also where none can begin a word: "LuOng Bao Hien - THaNH ToaN Vien phi keM"."""
    return sum(word.lower() in SYLLABLES for word in set(_RANDOM.findall(plain))) > 1


def _apart(glued: re.Match[str]) -> str:
    """A run of letters and digits as the words that its capitals begin; itself where capitals stand anywhere: "nOi", "hoaNg"."""
    word = glued[0]
    if word.lower() in _BRANDS:  # "MoMo" is nobody called Mơ
        return word
    parts = _CAPITAL.sub(r" \g<0>", word).split()
    first = parts[0]
    if first[0].islower() and first.isalpha() and first not in SYLLABLES:
        return word
    if len(parts) == 2 and word.isalpha():
        is_sound = first.lower() in DIGRAPHS and word.lower() in SYLLABLES  # "ThAnh"
        if is_sound or any(part.lower() not in _UNTOUCHED for part in parts):
            return word
    return " ".join(parts)


def _plain(text: str) -> str:
    opened = unicodedata.normalize("NFKD", text.translate(_LOOK_ALIKES))
    return _OTHER.sub(" ", _VANISHING.sub("", opened))


def split(folded: str) -> tuple[list[str], list[str]]:
    """(runs, gaps): the runs of letters or digits, and what stands before each of them and behind the last."""
    runs: list[str] = []
    gaps: list[str] = []
    gap = ""
    # Cut at the spaces first: most words hold no other sign, and need no expression.
    for word in folded.split(" "):
        if word.isalpha() or word.isdigit():
            gaps.append(gap)
            runs.append(word)
            gap = " "
            continue
        parts = _RUNS.split(word)
        parts[0] = gap + parts[0]
        gaps += parts[:-1:2]
        runs += parts[1::2]
        gap = parts[-1] + " "
    gaps.append(gap[:-1])
    return runs, gaps


def rejoined(memo: str, names: Container[str]) -> str:
    """The memo without the space that some banks put into a word at about the 35th column, where the two pieces together are a word and
    apart are not both words.
    """
    for column in WRAP_COLUMNS:
        if memo[column : column + 1] == " " and memo[column - 1].isalpha() and memo[column + 1 : column + 2].isalpha():
            left = _RUNS.findall(fold(memo[max(0, column - _PIECE_LENGTH_MAX) : column]))[-1:]
            right = _RUNS.findall(fold(memo[column + 1 : column + 1 + _PIECE_LENGTH_MAX]))[:1]
            begins_code = bool(right) and len(right[0]) == 1 and memo[column + 2 : column + 3].isdigit()
            ends_class = bool(left) and len(left[0]) == 1 and memo[column - 2 : column - 1].isdigit()
            if not left or not right or begins_code or ends_class:
                return memo
            whole, pieces = left[0] + right[0], (*left, *right)
            is_word = whole in BROKEN_WORDS or (
                whole in names and not all(piece in names or (len(piece) > 2 and piece in PLAIN_WORDS) for piece in pieces)
            )
            return memo[:column] + memo[column + 1 :] if is_word else memo
    return memo


@lru_cache(maxsize=16_384)
def words_of(name: str) -> tuple[str, ...]:
    """A name's words, folded: ("nguyen", "van", "an"). An apostrophe divides none: H'Hen is "hhen"."""
    return tuple(_NO_LETTERS.sub("", fold(name).replace("-", " ").replace(".", " ")).split())


def marked(text: str) -> str:
    """The text's words with their marks, each behind its syllable, so that "hoà" and "hòa" are equal."""
    letters: list[str] = []
    marks: list[str] = []
    made: list[str] = []
    for sign in (*unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).casefold()), " "):
        if unicodedata.combining(sign):
            marks.append(sign)
        elif sign.isalpha():
            letters.append(sign)
        elif letters:
            made.append("".join(letters) + "".join(sorted(marks)))
            letters.clear()
            marks.clear()
    return " ".join(made)


# Every syllable that Vietnamese spelling allows, without marks: an onset, a rime. Some rimes exist with some onsets only; that does not
# matter here, where the question is whether a run of letters may be Vietnamese at all.
_ONSETS: Final = "b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIMES: Final = (
    "a ac ach ai am an ang anh ao ap at au ay e ec ech em en eng enh eo ep et eu i ia ich iec iem ien ieng iep iet ieu im "
    "in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong op ot u ua "
    "uan uang uat uay uc ue uech uenh ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen uyet uynh "
    "uyt uyu y ya yem yen yet yeu ym ynh yt"
)
SYLLABLES: Final = frozenset(onset + rime for onset in ("", *_ONSETS.split()) for rime in _RIMES.split())
_SYLLABLE_LENGTH_MAX = max(map(len, SYLLABLES))
_BRANDS = BANK_NAMES | WALLETS
_UNTOUCHED = SYLLABLES | PLAIN_WORDS
_KNOWN = NAME_WORDS | PLAIN_WORDS | DOUBTFUL_WORDS
_NAME_COST, _KNOWN_COST, _UNKNOWN_COST = 4, 5, 6

GLUED_LENGTH_MIN: Final = 8
"""Shorter runs that are no syllable are rather a slip of the finger: "nguuyen"."""
GLUED_LENGTH_MAX: Final = 48
_TELEX_TONES = frozenset("sfrxj")
_TELEX_DOUBLES = (("uow", "uo"), ("aa", "a"), ("ee", "e"), ("oo", "o"), ("dd", "d"), ("aw", "a"), ("ow", "o"), ("uw", "u"))
_CLASSES = frozenset(f"{name}{letter}" for name in ("choi", "la", "mam", "nt", "nhatre") for letter in "abcd")
_CLASS_ENDS = ("mglon", "mgnho", "mgbe", *sorted(_CLASSES), *"abcdek")


# What begins so is said alike by many, or typed for the other by those who write as they speak; the longer ones first.
_ONSETS_HEARD: Final = (
    ("tr", "ch"),
    ("gi", "d"),
    ("r", "d"),
    ("z", "d"),
    ("j", "d"),
    ("x", "s"),
    ("f", "ph"),
    ("w", "qu"),
    ("l", "n"),
)


def is_whole(run: str) -> bool:
    """Whether a run of letters needs no mending."""
    return run in _UNTOUCHED


@lru_cache(maxsize=65_536)
def mended(run: str) -> tuple[str, ...]:
    """A run of letters as the syllables that were meant; the run itself where no keyboard habit explains it."""
    if run in _UNTOUCHED or run in _CLASSES:
        return (run,)
    untyped = _without_telex(run)
    if untyped is not None:
        return (untyped,)
    return _of_class(run) or _unglued(run) or _before_class(run) or (run,)


def _of_class(run: str) -> tuple[str, ...] | None:
    """A word glued to that of a class, or to its letter: "LucNgocDatlop5A", "5tuoiC"."""
    if run.endswith("lop") and run[:-3] in SYLLABLES:
        return run[:-3], "lop"
    return ("tuoi", run[-1]) if run[:-1] == "tuoi" else None


def _before_class(run: str) -> tuple[str, ...] | None:
    """Syllables with a class behind: "nguyenvanannhatreb", "nguyenvananmgbe"."""
    for group in _CLASS_ENDS:
        if run.endswith(group) and (unglued := _unglued(run[: -len(group)])) is not None:
            return (*unglued, group)
    return None


def _without_telex(run: str) -> str | None:
    """The syllable behind Telex keystrokes, where there is one: "nguyeenx" → "nguyen"."""
    if len(run) < 3 or len(run) > _SYLLABLE_LENGTH_MAX + 3:
        return None
    bare = run
    for typed, letter in _TELEX_DOUBLES:
        bare = bare.replace(typed, letter, 1)
    for candidate in (bare, bare[:-1] if bare[-1] in _TELEX_TONES else ""):
        if candidate != run and candidate in SYLLABLES:
            return candidate
    return None


def _unglued(run: str) -> tuple[str, ...] | None:
    """The fewest syllables of at least two letters that make the run, known words first; None where none do, or where it is too
    short to be sure.
    """
    length = len(run)
    if not GLUED_LENGTH_MIN <= length <= GLUED_LENGTH_MAX:
        return None
    # For each end: what the syllables so far cost, and where the last begins.
    best: list[tuple[int, int] | None] = [(0, 0), *[None] * length]
    for end in range(2, length + 1):
        for start in range(max(0, end - _SYLLABLE_LENGTH_MAX), end - 1):
            before, known, piece = best[start], best[end], run[start:end]
            if before is None or piece not in SYLLABLES:
                continue
            cost = before[0] + (
                _UNKNOWN_COST
                if piece not in _KNOWN
                else _NAME_COST
                if piece in NAME_WORDS and piece not in PLAIN_WORDS
                else _KNOWN_COST
            )
            if known is None or cost < known[0]:
                best[end] = (cost, start)
    syllables: list[str] = []
    end = length
    while end > 0:
        step = best[end]
        if step is None:
            return None
        syllables.append(run[step[1] : end])
        end = step[1]
    return tuple(reversed(syllables))


def _heard(word: str) -> str:
    """A word as it is heard, where its beginning may be written in several ways: "chan" and "tran", "giinh" and "dinh"."""
    for written, heard in _ONSETS_HEARD:
        if word.startswith(written):
            return heard + word[len(written) :]
    return word


def is_slip(typed: str, meant: str) -> bool:
    """Whether one slip makes `meant` into `typed`: of the finger, a letter wrong, lost or too many, or two neighbours swapped; of the
    ear, a beginning that sounds alike.
    """
    difference = len(typed) - len(meant)
    if difference not in {-1, 0, 1} or min(len(typed), len(meant)) < 2 or typed == meant:
        return False
    start = 0
    shortest = min(len(typed), len(meant))
    while start < shortest and typed[start] == meant[start]:
        start += 1
    if start == 0 and _heard(typed) == _heard(meant):
        return True
    if difference == 0:
        return typed[start + 1 :] == meant[start + 1 :] or (
            typed[start : start + 2] == meant[start : start + 2][::-1] and typed[start + 2 :] == meant[start + 2 :]
        )
    if difference == 1:
        return typed[start + 1 :] == meant[start:]
    return typed[start:] == meant[start + 1 :]


def is_cut_short(typed: str, meant: str) -> bool:
    """Whether a word stands there as its first letter or two or three: "n", "ng", "ngn" for "nguyen"; "th" for "thi"."""
    if len(typed) >= len(meant) or len(typed) > 3 or typed[0] != meant[0]:
        return False
    rest = iter(meant)
    return all(letter in rest for letter in typed)
