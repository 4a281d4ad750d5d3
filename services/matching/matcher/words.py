"""A memo's runs of letters and of digits, and what each is about."""

from __future__ import annotations

from collections.abc import Container, Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from services.matching.matcher.text import SYLLABLES, is_slip
from services.matching.matcher.vocabulary import (
    ANNOUNCING_WORDS,
    CHILD_WORDS,
    CONNECTIVES,
    COUNTED_OR_NAMED,
    COUNTED_WORDS,
    DEPARTMENTS,
    FAMILIES,
    MONTH_WORDS,
    NAME_WORDS,
    PAID_FOR,
    PAYING_VERBS,
    PAYING_WORDS,
    PHI_OF,
    PHRASES,
    PLAIN_WORDS,
    RELATIVES,
    SCHOOL_NAME_MAX,
    SCHOOL_WORDS,
    SCHOOLS,
    WHOSE_CHILD,
    Phrases,
)

ACCOUNT_LENGTH_MIN: Final = 8
"""A shorter number is no bank's account."""

INTERNAL_LENGTH_MIN: Final = 5
"""A shorter number is no bank's own."""
INITIALS_MAX: Final = 2
"""So many letters may stand for a word of a name, and a full stop behind them."""

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

_BEHIND: Final = {
    "sinh": frozenset({"hoc"}),
    "cua": RELATIVES,
    "cho": frozenset({"dong", "nop"}),
    "la": CHILD_WORDS,
    **dict.fromkeys(WHOSE_CHILD, CHILD_WORDS),
}
"""Words that announce a pupil only behind one of these."""
_PUPILS: Final = frozenset({"hs", "sinh"})
"""What a pupil is called by others only: "cháu" also says of itself that it pays."""
CLASS_LETTERS: Final = frozenset("abcdeghik")
"""The classes of one year."""
_VOWELS: Final = frozenset("aeiouy")
_SPECIAL = PHRASES.keys() | COUNTED_WORDS | CHILD_WORDS
"""Words whose meaning depends on what stands behind them."""
HARD_GAP: Final = frozenset(",;+&|()")
"""Signs that end a name. Others (. - _ /) some bank puts between any two words."""


class Words:
    """A memo's runs of letters and of digits, and what each is about."""

    __slots__ = ("about", "gaps", "is_told", "is_untyped", "names", "runs", "schools", "sender", "typed")

    def __init__(self, runs: list[str], gaps: list[str], names: AbstractSet[str], sender: tuple[str, ...]) -> None:
        self.runs = runs
        self.gaps = gaps
        """What stands before each run; one more stands behind the last."""
        self.names = names
        """Words that people are named with."""
        self.sender = sender
        """The counterparty's name."""
        self.is_told = False
        """Whether it is known who sent the money, from the bank or from the memo; or the memo can tell nothing of that."""
        self.is_untyped = False
        """Nobody seems to have typed anything and the sender is not known: "NGUYEN VAN AN chuyen tien" is an application's own text,
        and a name in it may be the sender's."""
        self.typed: list[int] = []
        """Where the sender is not known: places of runs that a person typed."""
        self.schools: AbstractSet[int] = self._find_schools() if not _SITES_BEGIN.isdisjoint(runs) else frozenset()
        """Places of names of schools, and of departments of a health site."""
        self.about = self._explain()

    def is_joined(self, left: int) -> bool:
        """Whether a run and the next may belong to one name: only soft signs stand between."""
        gap = self.gaps[left + 1]
        if gap == ". ":  # behind a word it ends a sentence, behind a letter it shortens; "Nguyen. V. Tu" has one everywhere
            return len(self.runs[left]) <= INITIALS_MAX or self._is_initial(left + 1)
        return gap in {" ", "", ".", "-", "_", "/"} or HARD_GAP.isdisjoint(gap)

    def _is_initial(self, place: int) -> bool:
        """Whether a letter stands there for a word of a name that goes on: "V" in "Nguyen. V. Tu"."""
        after = place + 1
        return (
            len(self.runs[place]) == 1
            and self.gaps[after][:1] == "."
            and after < len(self.runs)
            and self.runs[after][0] > "9"
        )

    def ends_name_apart(self, place: int) -> bool:
        """Whether a run ends three words of a name, and a sign between spaces stands behind it: "NGUYEN THI NGA - My 2A"."""
        gap, start = self.gaps[place + 1], place - 2
        if start < 0 or len(gap) != 3 or gap[0] != " " or gap[2] != " " or gap[1] not in "-/_":
            return False
        return self.gaps[place] == self.gaps[place - 1] == " " and all(
            run in self.names for run in self.runs[start : place + 1]
        )

    def touches_digits(self, place: int) -> bool:
        """Whether a run stands directly beside digits, as a part of a code or a reference does: "LY46J4G3"."""
        return self.is_behind_digits(place) or self.is_before_digits(place)

    def is_behind_digits(self, place: int) -> bool:
        """Whether a run stands directly behind digits."""
        return place > 0 and not self.gaps[place] and self.runs[place - 1][0] <= "9"

    def is_before_digits(self, place: int) -> bool:
        """Whether a run stands directly before digits."""
        return place + 1 < len(self.runs) and not self.gaps[place + 1] and self.runs[place + 1][0] <= "9"

    def has_vowel(self, place: int) -> bool:
        """Whether a run may be spoken: "KH" is no name."""
        return not _VOWELS.isdisjoint(self.runs[place])

    def lost_signs(self, start: int, end: int) -> bool:
        """Whether letters with marks were lost beside runs[start:end], so that these are parts of words: "B?I ANH T?I"."""
        return "?" in self.gaps[start].strip()[-1:] + self.gaps[end].strip()[:1]

    def ends(self, start: int, end: int) -> bool:
        """Whether a sign ends runs[start:end], for inside it none stands but behind initials: "LA GIA MANH / HO TICH"."""
        if not self.gaps[end].strip():
            return False
        return not any(
            self.gaps[place].strip() and not (self.gaps[place].strip() == "." and len(self.runs[place - 1]) <= INITIALS_MAX)
            for place in range(start + 1, end)
        )

    def leftover(self) -> list[int]:
        """Places of runs that nothing explains."""
        return [place for place in range(len(self.about)) if not self.about[place]]

    def say(self, phrases: Phrases) -> bool:
        """Whether one of these phrases stands there, not across the beginning or the end of a party's name."""
        return not phrases.by_first.keys().isdisjoint(self.runs) and phrases.are_told(self.runs, self._told())

    def _told(self) -> str:
        """The runs in a row, with a bar where a name of a party ends or begins."""
        made = []
        was_party = False
        for place, run in enumerate(self.runs):
            is_party = self.about[place] == PARTY
            made.append(f"| {run}" if is_party != was_party else run)
            was_party = is_party
        return f" {' '.join(made)} "

    def is_of_code(self, place: int) -> bool:
        """Whether a run of letters stands between digits: "2GV1" speaks of no teacher."""
        return self.is_behind_digits(place) and self.is_before_digits(place)

    def announces_pupil(self, place: int) -> bool:
        """Whether what stands before a run says that a pupil is named: "cháu", "họ tên", "học sinh", "con tôi", "bác của"."""
        if not place or not self.is_joined(place - 1):
            return False
        before = self.runs[place - 1]
        if before in ANNOUNCING_WORDS or place == 1 or before not in _BEHIND:
            return before in ANNOUNCING_WORDS
        return self.runs[place - 2] in _BEHIND[before]

    def is_name(self, place: int) -> bool:
        """Whether people are named so; single letters count, for a sign may stand in a name: H'Hen."""
        run = self.runs[place]
        return run in self.names or len(run) == 1

    def is_phrase(self, place: int) -> bool:
        """Whether the run and the next begin a phrase, or are in the middle of one."""
        return place + 1 < len(self.runs) and self.runs[place + 1] in PHRASES.get(self.runs[place], ())

    def is_phrase_in_short(self, place: int) -> bool:
        """Whether "t" stands there for the "tiền" of a phrase: "t.an", "t nuoc"."""
        return self.runs[place] == "t" and place + 1 < len(self.runs) and self.runs[place + 1] in PHRASES["tien"]

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
        is_by_age = place + 2 <= last and runs[place + 2] == "tuoi"  # "XUAN THANG 4 tuoi B"
        if is_by_age or not HARD_GAP.isdisjoint(self.gaps[place + 1]):
            return False
        if self.gaps[place + 1] and place + 2 <= last and self._ends_class_behind(place):
            return False
        if runs[place] not in COUNTED_OR_NAMED or place + 1 == last:
            return True
        after, gap = runs[place + 2], self.gaps[place + 2]
        if after[0] <= "9":
            return gap not in {"/", ".", "-"} or len(after) > 1
        is_by_age = not gap and len(after) == 2 and after[0] == "t"  # "Tuấn-3TC"
        return not is_by_age and (len(after) > 1 or gap not in {"", "-", ".", "/"})

    def _ends_class_behind(self, place: int) -> bool:
        """Whether the number behind a word is a class's: "Thắng 5A", "Lan 3TB", "Thắng 8.A", "Thắng. 6 C", "con Lan 6 A"."""
        letters, gap = self.runs[place + 2], self.gaps[place + 2]
        if not gap:
            return len(letters) == 1 or (len(letters) == 2 and letters[0] == "t" and letters[1] in CLASS_LETTERS)
        is_named = self.runs[place] in COUNTED_OR_NAMED and self.announces_pupil(place)
        is_set_apart = gap == "." or (gap == " " and (is_named or self.gaps[place + 1] == ". "))
        return is_set_apart and len(self.runs[place]) > INITIALS_MAX and letters in CLASS_LETTERS

    def _explain(self) -> bytearray:
        runs, gaps = self.runs, self.gaps
        # Where words stand apart by spaces, a phrase does not reach over another sign: "TIEN/PHONG" is no "tiền phòng".
        has_spaces = gaps.count(" ") > 1
        about = bytearray([DIGITS if run[0] <= "9" else PLAIN if run in PLAIN_WORDS else OPEN for run in runs])
        schools = self.schools
        for place, run in enumerate(runs[:-1]):
            if run not in _SPECIAL:
                self._explain_ordinary(about, place)
            elif run in PHRASES and (end := self._phrase_end(place, schools, has_spaces=has_spaces)):
                # "tiền" goes with what is paid for: "tiền bán trú".
                start = place - 1 if place and runs[place - 1] == "tien" and gaps[place] == " " else place
                about[start:end] = bytes([PHRASE]) * (end - start)
            elif self.counts(place):
                about[place] = PHRASE
            elif run in CHILD_WORDS and runs[place + 1] == run and run in self.names:
                about[place + 1] = OPEN  # "cháu Châu A Hải": the second one is a name
            elif self.is_phrase_in_short(place) and not (place and self._may_go_on(place - 1, about)):
                about[place : place + 2] = bytes([PHRASE]) * 2
        for place in schools:
            about[place] = PHRASE
        self._explain_paying(about)
        return about

    def _explain_ordinary(self, about: bytearray, place: int) -> None:
        """A word that begins no phrase as it stands."""
        run, after, gaps = self.runs[place], self.runs[place + 1], self.gaps
        if after in PHRASES["tien"] and run not in SYLLABLES and is_slip(run, "tien"):
            about[place : place + 2] = bytes([PHRASE]) * 2  # "tjen an"
        elif run == "tan" and after in MONTH_WORDS and self.counts(place + 1):
            about[place] = PHRASE  # "TĂn t9": the meals of a month
        elif place and not (gaps[place] or gaps[place + 1] or about[place]) and after[0] <= "9" >= self.runs[place - 1][0]:
            about[place] = PLAIN  # letters between digits are of a code: "KEQB517MY93"
        elif run == "la" and place and self.runs[place - 1] in CHILD_WORDS and after in self.names:
            about[place] = PHRASE  # "cho con là Mai Ngân", though a La may be meant

    def _explain_paying(self, about: bytearray) -> None:
        """A word of paying goes with the fee behind it: "DONG HP" names no Đông, nor "4C thu quỹ lớp" a Thu, as no name goes before,
        nor "Kim Oanh phí vệ sinh" a Phi.
        """
        runs, gaps = self.runs, self.gaps
        for place in [at for at, run in enumerate(runs[:-1]) if run in PAYING_WORDS and not about[at]]:
            is_in_short = runs[place + 1] in PAID_FOR and gaps[place + 1] == " "
            # A verb goes with the fee behind a class too: "6B DONG BAO HIEM"; "5C Phi tien an" may name a Phi.
            is_verb_behind_class = place and runs[place] in PAYING_VERBS and self._ends_class(place - 1)
            is_fee = (
                runs[place] == "phi" and runs[place + 1] in PHI_OF and about[place + 1] == PHRASE and gaps[place + 1] == " "
            )
            is_behind_name = place and not about[place - 1] and not is_verb_behind_class and not is_fee
            if place and runs[place - 1] in _PUPILS and gaps[place] == " " and gaps[place + 1] != " ":
                continue  # "học sinh Thư-quần áo"
            if runs[place] == "tien" and runs[place + 1] == "lop" and self.announces_pupil(place):
                continue  # "học sinh Tiến lop6D"
            if is_in_short or (about[place + 1] == PHRASE and not is_behind_name):
                about[place] = PHRASE

    def _may_go_on(self, place: int, about: bytearray) -> bool:
        """Whether a name may go on behind a run, or begin there: "Nguyễn T.An", "cháu T.An"; but "đóng T.ĂN"."""
        run = self.runs[place]
        return run in CHILD_WORDS or run == "cho" or (about[place] == OPEN and run in self.names and run not in PAYING_VERBS)

    def _ends_class(self, place: int) -> bool:
        """Whether a letter is one of a class: "6B"."""
        return len(self.runs[place]) == 1 and self.is_behind_digits(place)

    def _phrase_end(self, place: int, schools: Container[int], *, has_spaces: bool) -> int:
        """Where the longest phrase that begins here ends; 0 where none does."""
        runs, gaps = self.runs, self.gaps
        for phrase in PHRASES[runs[place]].get(runs[place + 1], ()):
            end = place + len(phrase)
            if (
                tuple(runs[place:end]) == phrase
                and end - 1 not in schools
                and all(gap == " " or not (has_spaces and gap.strip()) for gap in gaps[place + 1 : end])
                and not (phrase in _CLASS_MONEY and self._names_pupil_of_class(place))
                and not (phrase == _CONTENT and place and runs[place - 1] == "chau" and ":" not in gaps[end])
            ):
                return end
        return 0

    def _names_pupil_of_class(self, place: int) -> bool:
        """Whether "tien lop" rather names a pupil and a class: "em Tiến lớp 3A", "Nam 2B và Tiến lớp 4B", "Nguyễn Tiến lớp 3A"."""
        before = self.runs[place - 1] if place else ""
        if place > 1 and before in self.names and self.runs[place - 2] in CHILD_WORDS:
            return True
        return (
            not HARD_GAP.isdisjoint(self.gaps[place])
            or self.announces_pupil(place)
            or before in CONNECTIVES
            or before in FAMILIES
        )

    def _find_schools(self) -> set[int]:
        """Places of schools' names: "trường tiểu học Hữu Sản" names no pupil called Trường or Sản; and of departments, "khoa Nhi"."""
        runs, gaps = self.runs, self.gaps
        found: set[int] = set()
        for place in [at for at, run in enumerate(runs) if run in _SITES_BEGIN]:
            kind = next((words for words in _SITES[runs[place]] if runs[place : place + len(words)] == words), None)
            if kind is None:
                continue
            end = place + len(kind)
            if kind[0] in _OF_DEPARTMENTS:
                found.update(range(place, end))
                continue
            while end < len(runs) and runs[end] in SCHOOL_WORDS:
                end += 1
            last, is_branch = end, kind[0] in _BRANCHES
            while (
                end < len(runs)
                and end - last < SCHOOL_NAME_MAX
                and gaps[end] == " "
                and (runs[end] in SYLLABLES if is_branch else _may_be_place(runs[end]))
            ):
                end += 1
            if not is_branch or self._ends_branch(last, end):
                found.update(range(place, end))
        return found

    def _ends_branch(self, start: int, end: int) -> bool:
        """Whether what stands behind "CN" or "PGD" is a bank's branch and no more: "CN BAC GIANG 172792", "PGD CHU - nop tien"."""
        if end == start or any(self.is_phrase(place) for place in range(start, end)):
            return False
        is_number = end < len(self.runs) and self.runs[end][0] <= "9" and len(self.runs[end]) >= INTERNAL_LENGTH_MIN
        return end == len(self.runs) or is_number or bool(self.gaps[end].strip())


_CONTENT: Final = ("noi", "dung")
"""What is told, but "cháu nội Dung"."""
_CLASS_MONEY: Final = frozenset({("tien", "lop"), ("quy", "lop")})


def _may_be_place(run: str) -> bool:
    return run in SYLLABLES and (run not in PLAIN_WORDS or run in NAME_WORDS)


def _by_first(phrases: Iterable[str]) -> dict[str, list[list[str]]]:
    """Phrases by their first word, the longest first."""
    table: dict[str, list[list[str]]] = {}
    for phrase in sorted((each.split() for each in phrases), key=len, reverse=True):
        table.setdefault(phrase[0], []).append(phrase)
    return table


_BRANCHES: Final = frozenset({"cn", "pgd"})
_SITES: Final = _by_first((*SCHOOLS, *DEPARTMENTS, *_BRANCHES))
_SITES_BEGIN: Final = frozenset(_SITES)
_OF_DEPARTMENTS: Final = frozenset(_by_first(DEPARTMENTS))
