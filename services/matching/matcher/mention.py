"""A place in a memo and whom it could mean; of several, which of them count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from services.matching.matcher.classes import ClassMention
from services.matching.matcher.names import Agreement, Grade, goes_on
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import CONNECTIVES
from services.matching.matcher.words import PLAIN, Words

NAME_RUNS_MAX: Final = 8
"""A name is looked for in so many runs."""


@dataclass(slots=True)
class Mention:
    """A place in the memo and whom it could mean."""

    payers: list[Payer]
    grade: Grade
    start: int
    end: int
    group: ClassMention | None = None
    """The class that stands beside it."""
    class_agrees: bool | None = None
    """None: no class stands beside it, or the payer has none."""
    is_senders: bool = False
    """It is the name of who sent the money, and nothing says that a pupil of that name is meant."""
    is_untyped: bool = False
    """It may be the name of who sent the money."""
    goes_on: bool = False
    """Another name word stands directly beside it, so that it may be somebody else's longer name."""
    goes_on_behind: bool = False
    """That word follows: "Nguyễn Thị Hà Phương" is rather no Hà, where "Sữa Đỗ Diệu Linh" is Linh."""
    told_by_marks: bool = False
    namesakes: list[Payer] = field(default_factory=list)
    """Who would be called so without their middle names."""


def keep(best: dict[tuple[int, int], Mention], payer: Payer, agrees: Agreement, group: ClassMention | None = None) -> None:
    """Of one place only the best grade counts."""
    place = (agrees.end, group.start if group else -1)
    known = best.get(place)
    if known is None or agrees.grade > known.grade:
        best[place] = Mention([payer], agrees.grade, agrees.start, agrees.end, group, True if group else None)
    elif agrees.grade == known.grade and payer not in known.payers:
        known.payers.append(payer)


def without_overlaps(mentions: Iterable[Mention]) -> list[Mention]:
    """The best grades and the longest places; of what overlaps them nothing."""
    kept: list[Mention] = []
    for mention in sorted(
        mentions, key=lambda each: (not each.class_agrees, -each.grade, each.start - each.end, each.start)
    ):
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return kept


def distance(words: Words, mention: Mention, group: ClassMention) -> float:
    """How many runs that mean anything stand between, an "and" or a comma being one; a class behind the name is a little nearer than
    one before it.
    """
    if group.start >= mention.end:
        return _between(words, mention.end, group.start)
    return _between(words, group.end, mention.start) + 0.5


def _between(words: Words, start: int, end: int) -> int:
    parts = sum(not words.is_joined(place - 1) or words.runs[place] in CONNECTIVES for place in range(start, end))
    return end - start - words.about.count(PLAIN, start, end) + parts + (not words.is_joined(end - 1))


def name_goes_on(words: Words, mention: Mention) -> bool:
    """Whether another word of a name follows directly."""
    if mention.end - mention.start > 1 and words.ends(mention.start, mention.end):
        return False
    return goes_on(words, mention.end, is_whole=mention.grade >= Grade.SHORT and mention.end - mention.start > 2)
