"""Names in a memo that are not the payer's: of who sent the money, and of who received it."""

from __future__ import annotations

from typing import Final

from services.matching.matcher.text import SYLLABLES
from services.matching.matcher.vocabulary import ANY_FAMILIES, BANK_WORDS, CHILD_WORDS, FAMILIES, KIN_WORDS, WHOSE_CHILD
from services.matching.matcher.words import DIGITS, OPEN, PARTY, PHRASE, PLAIN, Words

NAME_RUNS_MAX: Final = 6
PARTY_RUNS_MAX: Final = 8
"""A receiver's name is a school's or an office's."""
ACCOUNT_LENGTH_MIN: Final = 6
CODE_LETTERS_MAX: Final = 2
"""So few letters between digits are rather of a code than a word."""

_TO_SENDER = frozenset({"tu", "from", "gui", "chuyen", "o", "nt"})
"""Behind "ct tu 0001…", "tu:", "nguoi gui", "nguoi chuyen", "from", "b/o", "nt: … nd:" stands who sent the money."""
_TO_RECEIVER = frozenset({"toi", "nhan", "o"})
"""Behind "toi 0123…", "nguoi nhan", "f/o" stands who received it."""
_TO_PARTY = _TO_SENDER | _TO_RECEIVER
_OF_CLASS: Final = frozenset({"hs", "l", "lop"})
CLASS_DIGITS_MAX: Final = 2
_OPEN_END: Final = bytes([OPEN])
_PARTY_ENDS: Final = frozenset(
    {"toi", "tai", "gd", "nguoi", "den", "remark", "nd", "noi", "stk", "dtls", "f", "b", "trace", "txn", "ref"}
)
_LETTERS_OR_NAMES = frozenset({"ta"})
_TYPED_WORDS = frozenset(
    {
        "lop",
        "cho",
        "hp",
        "bhyt",
        "bt",
        "ta",
        "ban",
        "tru",
        "trua",
        "com",
        "nop",
        "gvcn",
        "ph",
        "phhs",
        "het",
        "cac",
        "maugiao",
        "mahs",
        "nhe",
        "ten",
    }
)
"""No application writes these by itself."""


def mark(words: Words, account: str, *, is_person: bool) -> None:
    """Mark the names of sender and receiver. `account` is the sender's; `is_person`: the bank named a person as the sender."""
    runs = words.runs
    told = False
    if "to" in runs[:-1]:
        _mark_english_to(words)
    if not _TO_PARTY.isdisjoint(runs):
        for place, run in enumerate(runs):
            if (
                run in _TO_PARTY
                and (end := _mark_party(words, place))
                and run in _TO_SENDER
                and runs[place - 1 : place] != ["f"]
            ):
                name = [each for each in runs[place + 1 : end] if each[0] > "9"]
                told = told or not _NOBODY.issuperset(name)
                is_cut = end == len(runs)
                _mark_repeated(words, name if is_cut else _persons(name, words), is_cut=is_cut)
    # Where the bank names the sender, another name behind his account's number is typed: "ICB;0345…;NGUYEN VAN AN".
    if not is_person and len(account) >= ACCOUNT_LENGTH_MIN and account in runs:
        told = _mark_behind(words, runs.index(account) + 1) or told
    if len(words.sender) > 1 and words.sender[0] in runs:
        told = _mark_repeated(words, list(words.sender)) or told
    if len(words.sender) > 1 and words.about[-1:] == _OPEN_END:
        _mark_cut(words)
    words.is_told = told or is_person or _is_wallets_message(runs, words.gaps)
    if not words.is_told:
        words.typed = [place for place in range(len(runs)) if is_typed(words, place)]
        words.is_untyped = not words.typed


def _is_wallets_message(runs: list[str], gaps: list[str]) -> bool:
    """Whether a person typed all that stands between MoMo's own number and its tail, "5144…-LY XUAN KHAI OK-CHUYEN TIEN-OQCH…": who
    says that money is moved may tell by whom, "…-LY XUAN KHAI chuyen tien qua MoMo-CHUYEN TIEN-OQCH…".
    """
    tail = next((place for place, run in enumerate(runs) if run.startswith(_MOMO)), 0)
    is_form = (
        tail > 3 and runs[tail - 2 : tail] == _MOVING and gaps[1] == "-" and gaps[tail - 2] == "-" and runs[0][0] <= "9"
    )
    return is_form and _SAYS_MOVED.isdisjoint(runs[1 : tail - 2])


_NOBODY: Final = frozenset({"khach", "hang"})
"""Who sent the money, where a bank does not say it: "CT tu 5458… KHACH HANG toi …"."""
_MOMO: Final = "oqch"
_MOVING: Final = ["chuyen", "tien"]
_SAYS_MOVED: Final = frozenset({"chuyen", "chuyenkhoan", "chuyentien", "ck"})


def _mark_english_to(words: Words) -> None:
    """English between two accounts, "Tfr Ac: 1900… to 1150…", names no Tô."""
    for place, run in enumerate(words.runs[:-1]):
        if run == "to" and words.about[place + 1] == DIGITS and len(words.runs[place + 1]) >= ACCOUNT_LENGTH_MIN:
            words.about[place] = PLAIN


def _persons(runs: list[str], words: Words) -> list[str]:
    """Of runs that begin with a person's name, the name: what nobody is called ends it."""
    end = next((place for place, run in enumerate(runs) if run not in words.names), len(runs))
    return runs[:end] if end > 2 else runs


def _mark_repeated(words: Words, name: list[str], *, is_cut: bool = False) -> bool:
    """Mark a name wherever it stands, at the memo's end also the part of it that was not cut off; returns whether it does. `is_cut`: of
    its last word only the beginning may be known.
    """
    runs, length, is_found = words.runs, len(name), False
    if length < 2:
        return False
    for place in range(len(runs) - 1):
        if runs[place] != name[0] or runs[place + 1] != name[1]:
            continue
        end = min(place + length, len(runs))
        if end - place < length and place and is_typed(words, place - 1):
            continue  # "gui bhyt Le Van" from a Lê Văn Toàn may be the beginning of a pupil's
        last, meant = runs[end - 1], name[end - place - 1]
        ends_cut = end - place > 2 and ((end == len(runs) and meant.startswith(last)) or (is_cut and last.startswith(meant)))
        if runs[place:end] == name[: end - place] or (ends_cut and runs[place : end - 1] == name[: end - place - 1]):
            words.about[place:end] = bytes([PARTY]) * (end - place)
            if place and runs[place - 1] == "tu" and not (place > 1 and _may_name(words, place - 2)):
                words.about[place - 1] = PARTY  # "cho con tu LE THI HOA" names no child called Tú
            is_found = True
    return is_found


def _mark_cut(words: Words) -> None:
    """Mark the beginning of the sender's name that was cut off behind his account: "…:891271462561:PHAM K" from a Phạm Khánh Duyên."""
    runs = words.runs
    for length in (1, 2):
        start = len(runs) - length
        if (
            start > 0
            and words.about[start - 1] == DIGITS
            and len(runs[start - 1]) >= ACCOUNT_LENGTH_MIN
            and runs[start:-1] == list(words.sender[: length - 1])
            and words.sender[length - 1].startswith(runs[-1])
        ):
            words.about[start:] = bytes([PARTY]) * length


def _mark_behind(words: Words, start: int) -> bool:
    """Mark the name that stands directly behind the sending account's own number; returns whether one does."""
    runs, gaps = words.runs, words.gaps
    end = start
    while (
        end < len(runs) and end - start < NAME_RUNS_MAX and _may_name(words, end) and not (end > start and gaps[end].strip())
    ):
        end += 1
    if end < len(runs) and (runs[end] in _OF_CLASS or (words.about[end] == DIGITS and len(runs[end]) <= CLASS_DIGITS_MAX)):
        return False  # "ICB;893836754734;Luong Tuan Anh lop 9B" names a pupil
    return end - start > 1 and _mark_repeated(words, runs[start:end])


def is_typed(words: Words, place: int) -> bool:
    """Whether a person wrote this run: a word of school, fees or family, or a month; no application does by itself."""
    run, kind = words.runs[place], words.about[place]
    if _is_of_code(words, place):
        return False
    if (
        run in _LETTERS_OR_NAMES
        and place + 1 < len(words.runs)
        and words.gaps[place + 1] == " "
        and _may_name(words, place + 1)
    ):
        return False  # "Tạ A Thông" rather than a fee
    if run in CHILD_WORDS:
        # "Châu" and "Bế" are names too, and family names where no other one stands behind.
        if (place > 0 and words.runs[place - 1] in KIN_WORDS) or not WHOSE_CHILD.isdisjoint(
            words.runs[place + 1 : place + 2]
        ):
            return True
        follows = place > 0 and _may_name(words, place - 1) and words.runs[place - 1] not in CHILD_WORDS
        after = words.runs[place + 1 : place + 2]
        is_long = _is_name(words, place + 1, 3)
        begins_name = (
            run in ANY_FAMILIES
            and (is_long or _is_name(words, place + 1, 2))
            and after[0] not in (ANY_FAMILIES if is_long else FAMILIES)
        )
        return not follows and bool(after) and not begins_name
    if kind == PHRASE:
        return run not in BANK_WORDS
    return kind == PLAIN and (run in _TYPED_WORDS or (run == "cua" and words.announces_pupil(place + 1)))


def _is_of_code(words: Words, place: int) -> bool:
    """Whether a word is rather letters of a code, being so short or behind others of it: "9HP96", "5T2P", "BT0", "D8W3NOP"."""
    runs, gaps = words.runs, words.gaps
    if len(runs[place]) > CODE_LETTERS_MAX:
        return words.is_behind_digits(place) and place > 1 and not gaps[place - 1] and runs[place - 2][0] > "9"
    return words.is_behind_digits(place) or (words.is_before_digits(place) and runs[place] in _TYPED_WORDS)


def _is_name(words: Words, start: int, length: int) -> bool:
    """Whether so many runs may be words of a name."""
    return start + length <= len(words.runs) and all(_may_name(words, place) for place in range(start, start + length))


def _may_name(words: Words, place: int) -> bool:
    run, kind = words.runs[place], words.about[place]
    return (kind <= PLAIN and run in words.names) or (kind == OPEN and run in SYLLABLES)


def _mark_party(words: Words, place: int) -> int:
    """Mark the party that the word at `place` announces, up to a number or a sign; returns where its name ends, or 0."""
    runs, gaps, about = words.runs, words.gaps, words.about
    run = runs[place]
    before = runs[place - 1] if place else ""
    start = place + 1
    is_numbered = start < len(runs) and about[start] == DIGITS and len(runs[start]) >= ACCOUNT_LENGTH_MIN
    # "TU: NGUYEN VAN A"; but "Trương Bá Tú: tiền ăn".
    is_headed = start < len(runs) and ":" in gaps[start] and about[start] != PHRASE
    is_announced = (
        (run in {"tu", "toi"} and (is_numbered or before == "ct" or is_headed or not place))
        or (run == "tu" and before in _FROM and start < len(runs) and (runs[start] in words.names or _is_bank(words, start)))
        or (run == "tu" and _names_account(words, start))
        or (run in {"gui", "chuyen", "nhan"} and before == "nguoi")
        or (run == "o" and before in {"b", "f"} and gaps[place] == "/")
        or run == "from"
        or (run == "nt" and is_headed and "nd" in runs)
    )
    # A memo that begins with "Từ" may begin with a name: where the bank names the sender, that is enough to know him by.
    if not is_announced or (not is_numbered and not before and words.sender):
        return 0
    if is_numbered or (before == "den" and _is_bank(words, start)):
        start += 1
    end = 0
    for at in range(start, min(start + PARTY_RUNS_MAX, len(runs))):
        gap = gaps[at]
        # "tu 0001… DO TAI TU toi 0002…": up to the receiver's number it is a name, of one called Tài too.
        # "TU: DO TAI TU": behind a family name alone too.
        is_name = runs[at] == "tai" and (
            (is_numbered and "toi" in runs[at + 1 : start + PARTY_RUNS_MAX])
            or (at == start + 1 and at + 1 < len(runs) and runs[at + 1] in words.names)
        )
        is_end = runs[at] in _PARTY_ENDS and not is_name and (runs[at] != "noi" or runs[at + 1 : at + 2] == ["dung"])
        if about[at] == DIGITS or is_end or (at > start and not _SIGNS.isdisjoint(gap)):
            break
        if at > start and (("." in gap and len(runs[at - 1]) > 1) or (before in _FROM and gap.strip())):
            break
        about[at] = PARTY
        end = at + 1
    if end or before == "ct" or (before == "nhan" and is_numbered):  # a "Tú" before a number may end a name
        about[place] = PARTY
    return end


def _is_bank(words: Words, place: int) -> bool:
    """Whether a bank stands before the name of who sent the money: "CK den tu LPB TU DUC LOC - …"."""
    after = place + 1
    return after < len(words.runs) and words.runs[place] not in words.names and words.could_be_named(after)


def _names_account(words: Words, start: int) -> bool:
    """Whether a name and its account's number stand there: "tu LE THI HOA STK 0123456789"."""
    runs = words.runs
    stop = min(start + PARTY_RUNS_MAX, len(runs) - 1)
    end = next((place for place in range(start + 2, stop) if runs[place] == "stk"), 0)
    return end > 0 and words.about[end + 1] == DIGITS and all(run in words.names for run in runs[start:end])


_SIGNS = frozenset(":|/;")
_FROM = frozenset({"ck", "den", "nhan"})
"""Before "từ": "NHAN TU LE THI HOA", "CK den tu LE THI HOA. Noi dung: …"."""
