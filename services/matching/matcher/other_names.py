"""Whom else the words beside a reference name: a full name that is not its payer's, and that no bank wrote by itself."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import Final

from services.matching.matcher import mentions
from services.matching.matcher.book import Book, SiteTable
from services.matching.matcher.keys import NAME
from services.matching.matcher.mention import NAME_RUNS_MAX, Mention
from services.matching.matcher.names import Grade
from services.matching.matcher.paying import in_turns, options_of
from services.matching.matcher.reading import CUT, Reading
from services.matching.matcher.sums import Choice
from services.matching.matcher.text import GLUED_LENGTH_MIN, is_whole
from services.matching.matcher.values import OpenNotice, Payer


def others_named(reading: Reading, book: Book, notices: Sequence[OpenNotice]) -> list[Choice]:
    """What payers owe whose full names stand beside a reference that is not theirs; empty where none does."""
    site_id = reading.incoming.site_id
    payer = book.payer_of(notices[0])
    if site_id is None or payer is None or len(reading.incoming.memo) < MEMO_LENGTH_MIN:
        return []
    site = book.at(site_id)
    if not _may_name_another(reading.letters, book.name_words, site, payer):
        return []
    named = [each for each in mentions.find(reading, site) if not each.is_senders]
    if any(payer in each.payers for each in named):
        return []
    others = [each for each in named if each.grade == Grade.FULL and not each.goes_on and not _wrote_itself(reading, each)]
    return in_turns(options_of(reading, other)[:2] for each in others for other in each.payers[:2])


def _wrote_itself(reading: Reading, mention: Mention) -> bool:
    """Whether an application wrote the name, as whose money it is, before the reference: "NGUYEN VAN AN chuyen tien KH…" where nobody
    typed a word, "CUSTOMER NGUYEN VAN AN chuyen khoan KH… hoc phi", "IBFT nguyen van anKH…". A name behind the reference, or one that a
    sign ends, may be typed: "KH… Nguyen Van An-CHUYEN TIEN-…".
    """
    words, end = reading.words, mention.end
    is_headed = mention.start == 1 and words.runs[0] in _HEADS
    if is_headed and words.gaps[end][:1] == CUT:
        return True
    if not (is_headed or (words.is_untyped and mention.is_untyped)) or tuple(words.runs[end : end + 2]) not in _MOVES_MONEY:
        return False
    before = reading.incoming.memo[: min(each.start for each in reading.references)]
    return words.gaps[end].isspace() and _ANNOUNCES.search(before) is not None


_ANNOUNCES: Final = re.compile(r"\bc ?h ?u ?y ?e ?n\s+(?:k ?h ?o ?a ?n|t ?i ?e ?n)\s+\Z", re.IGNORECASE)
"""A bank's wrap may stand within either word."""
_HEADS: Final = frozenset({"customer", "ibft"})
"""What banks write before the name of who sent the money."""
_MOVES_MONEY: Final = frozenset({("chuyen", "khoan"), ("chuyen", "tien")})
MEMO_LENGTH_MIN: Final = 18
"""A shorter memo holds a reference and nothing beside it."""


def _may_name_another(runs: Sequence[str], words: Container[str], site: SiteTable, payer: Payer) -> bool:
    """Whether the words of another's full name stand together: a look that costs little, since beside a reference that is seldom so."""
    starts, names = site.name_starts, site.by_kind[NAME]
    found = False
    for place, run in enumerate(runs):
        if len(run) >= GLUED_LENGTH_MIN and not is_whole(run):
            return True
        if run in starts and (run in words or len(run) == 1):
            name, is_broken = run, False
            for following in runs[place + 1 : place + NAME_RUNS_MAX]:
                if following not in words and len(following) > 1:
                    break
                name += following
                if (named := names.get(name)) is not None and named is not payer:
                    found = True
                if name not in starts:
                    if is_broken:
                        break
                    is_broken = True  # one word may be in two pieces
    return found
