"""One movement, read: its references, and the words of its memo with what each is about. Read only as far as a stage asks."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, Final

from services.matching.matcher import parties
from services.matching.matcher.text import SYLLABLES, fold_memo, is_whole, mended, rejoined, split, words_of
from services.matching.matcher.values import Incoming
from services.matching.matcher.vocabulary import (
    ANNOUNCING_WORDS,
    CHILD_WORDS,
    COMPANY_PHRASES,
    COMPANY_WORDS,
    CONNECTIVES,
    COUNTED_OR_NAMED,
    COUNTED_WORDS,
    FAMILIES,
    NAME_WORDS,
    PHRASES,
    PLAIN_WORDS,
    SCHOOL_NAME_MAX,
    SCHOOL_WORDS,
    SCHOOLS,
    WALLETS,
)
from shared.reference import FoundReference, find_references

MEMO_LENGTH_MAX: Final = 400
"""Names and classes are looked for in this many first characters; banks' memos end near 210."""
RUNS_MAX: Final = 96
OWN_WORDS_LENGTH_MIN: Final = 3
OWN_WORDS_LENGTH_MAX: Final = 40
ACCOUNT_LENGTH_MIN: Final = 8
"""A shorter number is no bank's account."""
BROKEN_LENGTH_MAX: Final = 4
"""A longer piece of a broken word is not looked for."""

# What a run of the memo is about.
OPEN: Final = 0
"""Nothing known: perhaps a part of a name."""
PLAIN: Final = 1
"""A word of money, school or courtesy."""
PHRASE: Final = 2
"""A part of a phrase; alone the word might be a name."""
DIGITS: Final = 3
"""A number, or a part of a class."""
PARTY: Final = 4
"""A part of the name of who sent the money, or of who received it."""

_SPECIAL = PHRASES.keys() | COUNTED_WORDS | CHILD_WORDS
"""Words whose meaning depends on what stands behind them."""
HARD_GAP: Final = frozenset(",;+&|()")
"""Signs that end a name. Others (. - _ /) some bank puts between any two words."""


class Words:
    """A memo's runs of letters and of digits, and what each is about."""

    __slots__ = ("about", "gaps", "is_told", "is_untyped", "names", "runs", "sender", "typed")

    def __init__(self, runs: list[str], gaps: list[str], names: AbstractSet[str], sender: tuple[str, ...]) -> None:
        self.runs = runs
        self.gaps = gaps
        """What stands before each run; one more stands behind the last."""
        self.names = names
        """Words that people are named with."""
        self.sender = sender
        """The counterparty's name."""
        self.is_told = False
        """Whether it is known who sent the money, from the bank or from the memo."""
        self.is_untyped = False
        """Nobody seems to have typed anything and the sender is not known: "NGUYEN VAN AN chuyen tien" is an application's own text,
        and a name in it may be the sender's."""
        self.typed: list[int] = []
        """Where the sender is not known: places of runs that a person typed."""
        self.about = self._explain()

    def is_joined(self, left: int) -> bool:
        """Whether a run and the next may belong to one name: only soft signs stand between."""
        gap = self.gaps[left + 1]
        return gap in {" ", "", ".", "-", "_", "/"} or HARD_GAP.isdisjoint(gap)

    def leftover(self) -> list[int]:
        """Places of runs that nothing explains."""
        return [place for place, kind in enumerate(self.about) if not kind]

    @property
    def told(self) -> str:
        """The runs in a row, with a bar where a name of a party ends or begins: nothing is read across it."""
        made = []
        was_party = False
        for run, kind in zip(self.runs, self.about, strict=True):
            is_party = kind == PARTY
            made.append(f"| {run}" if is_party != was_party else run)
            was_party = is_party
        return f" {' '.join(made)} "

    def is_of_code(self, place: int) -> bool:
        """Whether a run of letters stands between digits: "2GV1" speaks of no teacher."""
        is_behind = place > 0 and not self.gaps[place] and self.runs[place - 1][0] <= "9"
        return is_behind and place + 1 < len(self.runs) and not self.gaps[place + 1] and self.runs[place + 1][0] <= "9"

    def is_name(self, place: int) -> bool:
        """Whether people are named so; single letters count, for a sign may stand in a name: H'Hen."""
        run = self.runs[place]
        return run in self.names or len(run) == 1

    def is_phrase(self, place: int) -> bool:
        """Whether the run and the next begin a phrase, or are in the middle of one."""
        return place + 1 < len(self.runs) and self.runs[place + 1] in PHRASES.get(self.runs[place], ())

    def could_be_named(self, place: int) -> bool:
        """Whether a run may be a part of a person's name."""
        return self.runs[place] in self.names and self.about[place] <= PLAIN

    def follows_account(self, start: int) -> bool:
        """Whether a name that begins here may be the sender's, for it stands behind what may be his account's number and the bank names
        him nowhere else: "19034567890/LE GIA VUONG/".
        """
        before = start - 1
        return (
            before >= 0
            and not self.is_told
            and self.about[before] == DIGITS
            and len(self.runs[before]) >= ACCOUNT_LENGTH_MIN
            and not self.gaps[start].isspace()
        )

    def counts(self, place: int) -> bool:
        """Whether the run counts something with the number behind it: "tháng 9", "lần 2"; but not "Lan 2A"."""
        runs, last = self.runs, len(self.runs) - 1
        if runs[place] not in COUNTED_WORDS or place == last or runs[place + 1][0] > "9":
            return False
        if not HARD_GAP.isdisjoint(self.gaps[place + 1]):
            return False
        gap = self.gaps[place + 1]
        if gap not in {"", " ", "."} and place + 2 <= last and not self.gaps[place + 2] and runs[place + 2][0] > "9":
            return False  # "Nguyễn Văn Thắng-5A"
        if runs[place] not in COUNTED_OR_NAMED or place + 1 == last:
            return True
        after, gap = runs[place + 2], self.gaps[place + 2]
        if after[0] <= "9":
            return gap not in {"/", ".", "-"} or len(after) > 1
        return after != "tuoi" and (len(after) > 1 or gap not in {"", "-", "."})

    def _explain(self) -> bytearray:
        runs, gaps = self.runs, self.gaps
        # Where words stand apart by spaces, a phrase does not reach over another sign: "TIEN/PHONG" is no "tiền phòng".
        has_spaces = gaps.count(" ") > 1
        about = bytearray([DIGITS if run[0] <= "9" else PLAIN if run in PLAIN_WORDS else OPEN for run in runs])
        schools = self._schools() if "truong" in runs else ()
        for place, run in enumerate(runs[:-1]):
            if run not in _SPECIAL:
                is_glued = place and not (gaps[place] or gaps[place + 1] or about[place])
                if is_glued and runs[place + 1][0] <= "9" >= runs[place - 1][0]:
                    about[place] = PLAIN  # letters between digits are of a code: "KEQB517MY93"
            elif (seconds := PHRASES.get(run)) is not None and (phrases := seconds.get(runs[place + 1])) is not None:
                for phrase in phrases:
                    end = place + len(phrase)
                    if phrase == ("tien", "lop") and self._names_pupil_of_class(place):
                        continue
                    if tuple(runs[place:end]) == phrase and end - 1 not in schools and all(
                        gap == " " or not (has_spaces and gap.strip()) for gap in gaps[place + 1 : end]
                    ):
                        # "tiền" goes with what is paid for: "tiền bán trú".
                        start = place - 1 if place and runs[place - 1] == "tien" and gaps[place] == " " else place
                        about[start:end] = bytes([PHRASE]) * (end - start)
                        break
            elif self.counts(place):
                about[place] = PHRASE
            elif run in CHILD_WORDS and runs[place + 1] == run and run in self.names:
                about[place + 1] = OPEN  # "cháu Châu A Hải": the second one is a name
        for place in schools:
            about[place] = PHRASE
        return about

    def _names_pupil_of_class(self, place: int) -> bool:
        """Whether "tien lop" rather names a pupil and a class: "em Tiến lớp 3A", "Nam 2B và Tiến lớp 4B", "Nguyễn Tiến lớp 3A"."""
        before = self.runs[place - 1] if place else ""
        return not HARD_GAP.isdisjoint(self.gaps[place]) or before in ANNOUNCING_WORDS or before in CONNECTIVES or before in FAMILIES

    def _schools(self) -> set[int]:
        """Places of schools' names: "trường tiểu học Hữu Sản" names no pupil called Trường or Sản."""
        runs, gaps = self.runs, self.gaps
        found: set[int] = set()
        for place, run in enumerate(runs):
            kind = next((words for words in _SCHOOLS if runs[place : place + len(words)] == words), None)
            if run != "truong" or kind is None:
                continue
            end = place + len(kind)
            while end < len(runs) and runs[end] in SCHOOL_WORDS:
                end += 1
            last = end
            while end < len(runs) and end - last < SCHOOL_NAME_MAX and gaps[end] == " " and _may_be_place(runs[end]):
                end += 1
            found.update(range(place, end))
        return found


def _may_be_place(run: str) -> bool:
    return run in SYLLABLES and (run not in PLAIN_WORDS or run in NAME_WORDS)


_SCHOOLS: Final = [phrase.split() for phrase in SCHOOLS]


class Reading:
    """A movement and what its texts say."""

    __slots__ = ("_about", "_is_from_company", "_names", "_references", "_sender", "_words", "found", "incoming")

    def __init__(self, incoming: Incoming, names: AbstractSet[str] = NAME_WORDS) -> None:
        self.incoming = incoming
        self.found: dict[str, Any] = {}
        """What stages have found in it at its site, kept for the stages behind them."""
        self._names = names
        self._references: list[FoundReference] | None = None
        self._sender: tuple[str, ...] | None = None
        self._words: Words | None = None
        self._is_from_company: bool | None = None
        self._about = b""

    def forget(self) -> None:
        """Forget what stages have found, for they could not see everything."""
        self.found.clear()
        if self._words is not None:
            self._words.about[:] = self._about

    @property
    def references(self) -> list[FoundReference]:
        """Every reference of the memo, the surest first."""
        if self._references is None:
            self._references = find_references(self.incoming.memo)
        return self._references

    @property
    def sender(self) -> tuple[str, ...]:
        """The words of the counterparty's name."""
        if self._sender is None:
            self._sender = words_of(self.incoming.counter_name) if self.incoming.counter_name else ()
        return self._sender

    @property
    def words(self) -> Words:
        """The memo's words. References are cut out before, so that nothing is read into them."""
        if self._words is None:
            self._words = self._read()
        return self._words

    @property
    def own_words(self) -> str | None:
        """What the memo says beyond fees, codes and courtesies: perhaps one family's own way to say whom it is for ("mẹ Cún")."""
        if self.references and self.references[0].exact:
            return None  # the QR's text is there again the next time
        words = self.words
        own = " ".join([words.runs[place] for place in words.leftover() if words.runs[place] in SYLLABLES])
        return own if OWN_WORDS_LENGTH_MIN <= len(own) <= OWN_WORDS_LENGTH_MAX else None

    @property
    def is_from_company(self) -> bool:
        """Whether a company, a bank or a wallet stands between: then the account says nothing of the payer."""
        if self._is_from_company is None:
            sender = self.sender
            self._is_from_company = (
                not COMPANY_WORDS.isdisjoint(sender)
                or (len(sender) > 1 and any(phrase in " ".join(sender) for phrase in COMPANY_PHRASES))
                or not WALLETS.isdisjoint(self.words.runs)
            )
        return self._is_from_company

    def _read(self) -> Words:
        memo = self.incoming.memo
        for each in self.references:
            if each.exact:
                memo = f"{memo[: each.start]}{'|' * (each.end - each.start)}{memo[each.end :]}"
        runs, gaps = split(fold_memo(rejoined(memo[:MEMO_LENGTH_MAX], self._names)))
        del runs[RUNS_MAX:], gaps[RUNS_MAX + 1 :]
        if "ma" in runs:
            _rejoin_banks_own(runs, gaps)
        odd = [run for run in runs if run[0] > "9" and run not in self._names and not is_whole(run)]
        if odd:
            if min(map(len, odd)) <= BROKEN_LENGTH_MAX:
                runs, gaps = _joined(runs, gaps, self._names)
            if any(mended(run) != (run,) for run in odd):
                runs, gaps = _mend(runs, gaps, self._names)
        words = Words(runs, gaps, self._names, self.sender)
        self._words = words
        parties.mark(words, self.incoming.counter_account, is_person=bool(self.sender) and not self.is_from_company)
        self._about = bytes(words.about)
        return words


def _rejoin_banks_own(runs: list[str], gaps: list[str]) -> None:
    """Put together "mã giao dịch" where a bank's wrap broke it, at whatever column: "Ma gia o dich"."""
    for place in [at for at, run in enumerate(runs) if run == "ma"]:
        whole, end = "", place + 1
        while end < len(runs) and len(whole) < len(_TRANSACTION) and not gaps[end].strip():
            whole += runs[end]
            end += 1
        if whole == _TRANSACTION and end - place > 3:
            runs[place + 1 : end] = ["giao", "dich"]
            gaps[place + 1 : end] = [" ", " "]
            return


_TRANSACTION: Final = "giaodich"


def _joined(runs: list[str], gaps: list[str], names: AbstractSet[str]) -> tuple[list[str], list[str]]:
    """Runs with the pieces of broken words put together: "Tha nh", where a piece is no syllable and the whole is a name."""
    made, before = [runs[0]], [gaps[0]]
    for place, (run, gap) in enumerate(zip(runs[1:], gaps[1:-1], strict=True), 1):
        last = made[-1]
        is_of_class = len(last) == 1 and not before[-1] and len(made) > 1 and made[-2][0] <= "9"
        if gap.isspace() and not is_of_class and last + run in names and _is_broken(last, run, names) and not _begins_code(runs, gaps, place):
            made[-1] = last + run
        else:
            made.append(run)
            before.append(gap)
    return made, [*before, gaps[-1]]


def _is_broken(left: str, right: str, names: AbstractSet[str]) -> bool:
    """Whether two runs cannot both be words; a letter beside a name is rather a shortened one: "K Hai", "An H"."""
    left_is_known, right_is_known = left in names or left in PLAIN_WORDS, right in names or right in PLAIN_WORDS
    if left_is_known and right_is_known:
        return False
    return not ((len(left) == 1 and right_is_known) or (len(right) == 1 and left in names))


def _begins_code(runs: list[str], gaps: list[str], place: int) -> bool:
    """Whether a single letter stands directly before a number: "tru C1200440" holds no "Trúc"."""
    return len(runs[place]) == 1 and place + 1 < len(runs) and runs[place + 1][0] <= "9" and not gaps[place + 1]


def _mend(runs: list[str], gaps: list[str], names: AbstractSet[str]) -> tuple[list[str], list[str]]:
    """Runs with what a keyboard did to them undone; what somebody is called stands: "Voòng" is no "vông" typed in Telex."""
    made: list[str] = []
    before: list[str] = []
    for run, gap in zip(runs, gaps, strict=False):
        is_of_code = not gap and bool(made) and made[-1][0] <= "9" and len(run) <= BROKEN_LENGTH_MAX
        syllables = (run,) if run[0] <= "9" or is_of_code or run in names else mended(run)
        made += syllables
        before.append(gap)
        if len(syllables) > 1:
            before += [""] * (len(syllables) - 1)
    before.append(gaps[-1])
    return made, before
