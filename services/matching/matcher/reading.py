"""One movement, read: its references, and the words of its memo with what each is about. Read only as far as a stage asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from services.matching.matcher import parties
from services.matching.matcher.lost_letters import with_class_words
from services.matching.matcher.months import part_months
from services.matching.matcher.text import DIGRAPHS, SYLLABLES, fold_memo, is_whole, mended, rejoined, split, words_of
from services.matching.matcher.values import Incoming
from services.matching.matcher.vni import without_vni
from services.matching.matcher.vocabulary import COMPANY_PHRASES, COMPANY_WORDS, NAME_WORDS, PHRASES, PLAIN_WORDS
from services.matching.matcher.wallets import speaks_of_wallet
from services.matching.matcher.words import Words
from shared.reference import FoundReference, find_references

MEMO_LENGTH_MAX: Final = 400
"""Names and classes are looked for in this many first characters; banks' memos end near 210."""
RUNS_MAX: Final = 96
OWN_WORDS_LENGTH_MIN: Final = 3
OWN_WORDS_LENGTH_MAX: Final = 40
BROKEN_LENGTH_MAX: Final = 4
"""A longer piece of a broken word is not looked for."""


CUT: Final = "|"
"""Stands where a reference was, letter for letter: a hard sign, which no name goes across."""


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
    def letters(self) -> list[str]:
        """The memo's runs of letters beside its references: less than its words, and read faster."""
        return _LETTERS.findall(_folded(self._beside_references(), self._names))

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
            self._is_from_company = self._is_company() or self._is_from_wallet()
        return self._is_from_company

    def _is_company(self) -> bool:
        """Whether the counterparty bears no person's name."""
        sender = self.sender
        name = " ".join(sender)
        return not COMPANY_WORDS.isdisjoint(sender) or (
            len(sender) > 1 and any(phrase in name for phrase in COMPANY_PHRASES)
        )

    def _is_from_wallet(self) -> bool:
        """Whether the account is rather a wallet company's: a wallet is spoken of, and no person named as who sent the money."""
        incoming = self.incoming
        if self.sender:
            return len(self.sender) == 1 and speaks_of_wallet(incoming.memo)
        return speaks_of_wallet(incoming.memo) or speaks_of_wallet(incoming.counter_bank)

    def _beside_references(self) -> str:
        memo = self.incoming.memo
        for each in self.references:
            if each.exact:
                memo = f"{memo[: each.start]}{CUT * (each.end - each.start)}{memo[each.end :]}"
        if "[" in memo:
            memo = _PASTED.sub(" ", memo)
        return memo[:MEMO_LENGTH_MAX]

    def _read(self) -> Words:
        runs, gaps = split(_folded(self._beside_references(), self._names))
        del runs[RUNS_MAX:], gaps[RUNS_MAX + 1 :]
        part_months(runs, gaps)
        if "ma" in runs:
            _rejoin_banks_own(runs, gaps)
        if any(run in _BEGINNINGS for run in runs):
            _rejoin_moving(runs, gaps)
        sender = self.sender
        odd = [run for run in runs if run[0] > "9" and run not in self._names and run not in sender and not is_whole(run)]
        if any(len(run) <= BROKEN_LENGTH_MAX for run in odd) or not DIGRAPHS.isdisjoint(runs):
            runs, gaps = _joined(runs, gaps, self._names)
        if any(mended(run) != (run,) for run in odd):
            runs, gaps = _mend(runs, gaps, self._names, sender)
        words = Words(runs, gaps, self._names, sender)
        self._words = words
        parties.mark(words, self.incoming.counter_account, is_person=bool(sender) and not self._is_company())
        self._about = bytes(words.about)
        return words


_LETTERS: Final = re.compile("[a-z]+")
_PASTED: Final = re.compile(r"\[[0-9/:. ]{4,20}\] ?[^:;,\[\]]{2,40}: ")
"""What a chat puts before a message that was copied from it: "[11/11 21:19] Co Huong GVCN: "; who said it is nobody's name."""


def _folded(memo: str, names: AbstractSet[str]) -> str:
    """A memo's letters and digits, without what a bank's wrap or VNI's keys put into its words."""
    return without_vni(fold_memo(rejoined(with_class_words(memo), names)), names)


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


def _rejoin_moving(runs: list[str], gaps: list[str]) -> None:
    """Put together "chuyển khoản" and "chuyển tiền" where a bank's wrap broke them: "chuyen kho an" names no Khổ, and no An."""
    for place in [at for at, run in enumerate(runs) if run in _BEGINNINGS]:
        whole, end = runs[place], place + 1
        while end < len(runs) and len(whole) < _MOVING_LENGTH and gaps[end] in {" ", "  "}:
            whole += runs[end]
            end += 1
            if whole in _MOVING:
                if runs[place:end] != _MOVING[whole]:
                    runs[place:end] = _MOVING[whole]
                    gaps[place + 1 : end] = [" "]
                    return
                break


_MOVING: Final = {"chuyenkhoan": ["chuyen", "khoan"], "chuyentien": ["chuyen", "tien"]}
_MOVING_LENGTH: Final = len("chuyenkhoan")
_BEGINNINGS: Final = frozenset({"c", "ch", "chu", "chuy", "chuye", "chuyen"})


def _joined(runs: list[str], gaps: list[str], names: AbstractSet[str]) -> tuple[list[str], list[str]]:
    """Runs with the pieces of broken words put together: "Tha nh", where a piece is no syllable and the whole is a name."""
    made, before = [runs[0]], [gaps[0]]
    for place, (run, gap) in enumerate(zip(runs[1:], gaps[1:-1], strict=True), 1):
        last = made[-1]
        is_of_class = len(last) == 1 and not before[-1] and len(made) > 1 and made[-2][0] <= "9"
        if (
            gap.isspace()
            and not is_of_class
            and last + run in names
            and _is_broken(last, run, names)
            and not _begins_code(runs, gaps, place)
            and not (place + 1 < len(runs) and runs[place + 1] in PHRASES.get(run, ()))
        ):
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


def _mend(runs: list[str], gaps: list[str], names: AbstractSet[str], sender: Sequence[str]) -> tuple[list[str], list[str]]:
    """Runs with what a keyboard did to them undone; what somebody is called stands: "Voòng" is no "vông" typed in Telex."""
    made: list[str] = []
    before: list[str] = []
    for run, gap in zip(runs, gaps, strict=False):
        is_of_code = not gap and bool(made) and made[-1][0] <= "9" and len(run) <= BROKEN_LENGTH_MAX
        stands = run[0] <= "9" or is_of_code or run in names or run in sender
        syllables = (run,) if stands else mended(run)
        made += syllables
        before.append(gap)
        if len(syllables) > 1:
            before += [""] * (len(syllables) - 1)
    before.append(gaps[-1])
    return made, before
