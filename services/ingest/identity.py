"""When two reports tell of one transaction (docs/identity.md is this module as a table). Pure.

A bank's own reference identifies, where it is long enough to be one. Without it, a report of another source is the same
transaction only where everything that is known agrees; what is merely alike is kept apart and marked for a person.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import lru_cache

from services.ingest.model import Reported, Transaction, known_balance
from shared.clock import local_day
from shared.vietnamese import strip_diacritics

SAME_WITHIN = timedelta(minutes=2)
"""Two sources may note one movement so far apart; some write no seconds."""
ALIKE_WITHIN = timedelta(minutes=10)
REFERENCE_HOLDS_FOR = timedelta(days=10)
"""A statement may book a movement days after the message; a reference that comes again later is another one's."""

_REFERENCE_LENGTH_MIN, _REFERENCE_LENGTH_MAX = 9, 100
_REFERENCE_DIGITS_MIN = 6
_MEMO_LENGTH_MIN = 8
_WORD_LENGTH_MIN = 5

# Temenos T24 numbers a movement FT + year + day of year + 5 or more characters; screens and messages add the company
# ("\BNK", "BNK") or a history number (";1").
_FT = re.compile(r"(FT\d{5}[0-9A-Z]{5,14}?)(?:\\?BNK|\\[A-Z0-9]{2,9}|;\d+)*")
# Counters that begin anew each day: "3165", and Vietcombank's teller and number, "5243.65937".
_COUNTER = re.compile(r"\d{1,8}|\d{1,5}[.\-/]\d{1,7}")
_SUFFIX = re.compile(r"\\[A-Z0-9]{2,9}$")
_CLASS = re.compile(r"(?:LOP)?\d{1,2}[A-Z]{1,4}\d{0,2}")
"""A class, written in one word: many pay for it."""
_UNSEEN = re.compile(r"[\s\u200b\ufeff]+")
_NOT_LETTERS = re.compile(r"[^0-9A-Z]+")


class Verdict(Enum):
    """What a report is, compared with a transaction that stands."""

    SAME = auto()
    ALIKE = auto()
    """It may be the same: both are kept, the later one marked."""
    DIFFERENT = auto()


class Likeness(Enum):
    """How two memos compare."""

    SAME = auto()
    UNCERTAIN = auto()
    DIFFERENT = auto()


@dataclass(frozen=True, slots=True)
class Source:
    """Who reports, and when it reached us."""

    provider: str
    seen_by: str
    received_at: datetime

    @property
    def name(self) -> str:
        """As in Transaction.sources."""
        return f"{self.provider}/{self.seen_by}"


@lru_cache(maxsize=4_096)
def normal_reference(text: str | None) -> str | None:
    """A bank's reference in its one form, or None where it cannot identify (short counters, words, one digit repeated)."""
    if not text:
        return None
    bare = _UNSEEN.sub("", text).upper()
    found = _FT.fullmatch(bare)
    if found:
        return found[1]
    bare = _SUFFIX.sub("", bare)
    if _COUNTER.fullmatch(bare):
        return None
    digits = [letter for letter in bare if letter.isdigit()]
    is_long = _REFERENCE_LENGTH_MIN <= len(bare) <= _REFERENCE_LENGTH_MAX and len(digits) >= _REFERENCE_DIGITS_MIN
    return bare if is_long and len(set(digits)) > 1 and bare.isascii() else None


def reference_key(reported: Reported, occurrence: int = 1) -> str | None:
    """The name under which a transaction is known by its bank reference; None where that identifies nothing.

    It holds amount and direction, because a fee stands on a statement under the reference of its transfer. `occurrence`
    counts equal ones within one statement, which the bank says are several.
    """
    reference = normal_reference(reported.bank_reference)
    if reference is None:
        return None
    again = f"#{occurrence}" if occurrence > 1 else ""
    return f"ref/{reported.account}/{reported.direction}/{reported.amount}/{reference}{again}"


def content_digest(reported: Reported) -> str:
    """What tells two movements under one provider's id apart: the same for the same report sent again."""
    day = "" if reported.occurred_at is None else str(local_day(reported.occurred_at))
    content = (reported.direction, reported.amount, normal_reference(reported.bank_reference) or "", day)
    return hashlib.sha256("/".join(map(str, content)).encode()).hexdigest()[:16]


def compare_memos(one: str | None, other: str | None) -> Likeness:
    """Whether two texts are one memo: banks decorate and cut it, but its telling words stay."""
    if not one or not other:
        return Likeness.UNCERTAIN
    bare, bare_other = _bare(one), _bare(other)
    if bare == bare_other:
        return Likeness.SAME
    shorter, longer = sorted((bare, bare_other), key=len)
    if len(shorter) >= _MEMO_LENGTH_MIN and shorter in longer:
        return Likeness.SAME
    words, words_other = _telling_words(one), _telling_words(other)
    if words and words_other and not words & words_other:
        return Likeness.DIFFERENT
    return Likeness.UNCERTAIN


def compare(reported: Reported, source: Source, standing: Transaction) -> Verdict:
    """What a report is, compared with a transaction of the same account, amount and direction.

    That they have one reference was looked up before; here none was found under this report's.
    """
    apart = _apart(reported, source, standing)
    memos = compare_memos(reported.memo, standing.memo)
    if references_differ(reported.bank_reference, standing.bank_reference) or apart > ALIKE_WITHIN:
        return Verdict.DIFFERENT
    balances = known_balance(reported), standing.balance_after
    one_balance = None not in balances and balances[0] == balances[1]
    if source.name in standing.sources:
        # One source gives two movements two ids; only where nothing at all tells them apart is that doubtful.
        nothing_differs = one_balance and memos is Likeness.SAME and not apart and not reported.day_only
        return Verdict.ALIKE if nothing_differs else Verdict.DIFFERENT
    certain_within = SAME_WITHIN if is_telling(reported.memo, reported.account) else timedelta()
    if memos is Likeness.DIFFERENT:
        return Verdict.DIFFERENT  # money that goes out again brings a balance back
    if one_balance or (memos is Likeness.SAME and None in balances and apart <= certain_within):
        return Verdict.SAME
    return Verdict.ALIKE


def nearest(reported: Reported, source: Source, candidates: Iterable[Transaction]) -> tuple[Verdict, Transaction | None]:
    """The verdict over all candidates, and the transaction that it is about: of several the nearest in time."""
    best: tuple[Verdict, Transaction | None] = (Verdict.DIFFERENT, None)
    best_rank = (Verdict.DIFFERENT.value, timedelta())
    for each in candidates:
        verdict = compare(reported, source, each)
        rank = (verdict.value, _apart(reported, source, each))
        if verdict is not Verdict.DIFFERENT and rank < best_rank:
            best, best_rank = (verdict, each), rank
    return best


def compare_under_reference(reported: Reported, source: Source, standing: Transaction) -> Verdict:
    """What a report is, compared with the transaction that is known under the same bank reference, amount and direction.

    One reference for several credits is possible (a sponsor pays for five pupils at once), so nothing may contradict it:
    not the memo, not months between the two; of one source, which gives it two ids, the running balance or a telling memo must
    be one as well, and the time.
    """
    apart = _apart(reported, source, standing)
    memos = compare_memos(reported.memo, standing.memo)
    contradicted = apart > REFERENCE_HOLDS_FOR or memos is Likeness.DIFFERENT
    if source.name in standing.sources and not contradicted:
        balance = known_balance(reported)
        if None in {balance, standing.balance_after}:
            is_one = memos is Likeness.SAME and is_telling(reported.memo, reported.account)
        else:
            is_one = balance == standing.balance_after
        contradicted = apart > SAME_WITHIN or not is_one
    return Verdict.ALIKE if contradicted else Verdict.SAME


def _apart(reported: Reported, source: Source, standing: Transaction) -> timedelta:
    """How far apart the two are in time; nothing where one tells only the day and it is the other's."""
    moment = reported.occurred_at or source.received_at
    if reported.day_only or standing.day_only:
        return abs(local_day(moment) - local_day(standing.occurred_at))
    return abs(moment - standing.occurred_at)


def references_differ(one: str | None, other: str | None) -> bool:
    """Whether both are a bank's references of one form and not equal; of two forms nothing follows."""
    bare, bare_other = normal_reference(one), normal_reference(other)
    if bare is None or bare_other is None or bare == bare_other:
        return False
    return _form(bare) == _form(bare_other)


def is_telling(memo: str | None, account: str) -> bool:
    """Whether a memo holds a code or a number that another payment to the account hardly has: no class, nor the account itself."""
    return bool(memo) and any(word != account and not _CLASS.fullmatch(word) for word in _telling_words(memo or ""))


def have_words_in_common(one: str | None, other: str | None) -> bool:
    """Whether two texts may be one, decorated or cut: half of the shorter one's words stand in the other, or one is missing."""
    if not one or not other:
        return True
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    return 2 * len(shorter & longer) >= len(shorter)


@lru_cache(maxsize=4_096)
def _form(reference: str) -> str:
    if reference.startswith("FT") and reference[2:7].isdigit():
        return "FT"
    return re.sub(r"[A-Z]", "A", re.sub(r"\d", "9", reference))


@lru_cache(maxsize=4_096)
def _bare(memo: str) -> str:
    return _NOT_LETTERS.sub("", strip_diacritics(memo).upper())


@lru_cache(maxsize=4_096)
def _telling_words(memo: str) -> frozenset[str]:
    """Words that hold a digit and are long enough to be a code or a number."""
    return frozenset(
        word for word in _words(memo) if len(word) >= _WORD_LENGTH_MIN and any(letter.isdigit() for letter in word)
    )


@lru_cache(maxsize=4_096)
def _words(memo: str) -> frozenset[str]:
    return frozenset(word for word in _NOT_LETTERS.split(strip_diacritics(memo).upper()) if word)
