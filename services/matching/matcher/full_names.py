"""Full names of a site's payers in a memo: where one stands, whose it is, and whether it ends where it seems to."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from services.matching.matcher.book import SiteTable, several
from services.matching.matcher.keys import ALL_BUT_GIVEN, GIVEN_AND_INITIAL, NAME, given_and_initial
from services.matching.matcher.mention import NAME_RUNS_MAX, Mention, name_goes_on
from services.matching.matcher.names import Grade, name_stands_before
from services.matching.matcher.text import is_slip
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import CHILD_WORDS, FAMILIES, PLAIN_WORDS
from services.matching.matcher.words import DIGITS, OPEN, PARTY, PHRASE, Words

ONE_RUN_LENGTH_MIN: Final = 6
"""A name of one shorter word is no name."""


def full_names(words: Words, site: SiteTable) -> list[Mention]:
    """Every full name of the site; of two that begin together the longer, unless its tail is a phrase ("Thu" before "tiền ăn")."""
    runs, about, starts, names = words.runs, words.about, site.name_starts, site.by_kind[NAME]
    found: list[Mention] = []
    taken = 0
    for start, run in enumerate(runs):
        if start < taken:
            continue
        hits = _names_from(words, site, start) if run in starts and words.is_name(start) and about[start] != DIGITS else []
        if not hits and words.gaps[start + 1] == "" and run[0] > "9":
            hits = _glued_from(words, site, start)
        is_glued = len(run) >= ONE_RUN_LENGTH_MIN and run not in PLAIN_WORDS  # "chuyen" is no Chu Yến
        if not hits and is_glued and (payers := several(names.get(run))):
            hits.append(Mention(payers, Grade.FULL, start, start + 1))
        if not hits:
            continue
        mention = hits[-1]
        mention.payers = _newborns(words, site, mention) or mention.payers
        is_start_of_longer = site.by_kind[ALL_BUT_GIVEN].get("".join(runs[mention.start : mention.end])) is not None
        for shorter in hits[:-1]:
            if about[shorter.end] not in {OPEN, PARTY}:
                mention.payers = [*mention.payers, *shorter.payers]
        if mention.end - mention.start == 2:
            mention.namesakes = _namesakes(words, site, mention)
        _judge(words, mention)
        mention.goes_on = mention.goes_on or _is_of_turned(words, site, mention)
        # "Nguyễn Văn Minh" before what is no word may be "Nguyễn Văn Minh Nam" with a slip, where somebody is called so.
        is_followed = mention.end < len(runs) and about[mention.end] == OPEN and words.is_joined(mention.end - 1)
        mention.goes_on = mention.goes_on or (is_start_of_longer and is_followed)
        found.append(mention)
        taken = mention.end
    return found


def _newborns(words: Words, site: SiteTable, mention: Mention) -> list[Payer]:
    """Who is called after this name, a mother's, "Con bà Lê Thị Hoa", where the memo says so: "con sp Le Thi Hoa", "CB Le Thi Hoa"."""
    before = words.runs[max(0, mention.start - 3) : mention.start]
    if not any(before[-len(each) :] == each for each in _CHILD_OF):
        return []
    return site.find(NAME, _NEWBORN + "".join(words.runs[mention.start : mention.end]))


_NEWBORN: Final = "conba"
"""How a child without a name is called until it has one."""
_CHILD_OF: Final = (["cb"], ["con", "ba"], ["con", "me"], ["con", "sp"], ["con", "san", "phu"])


def _names_from(words: Words, site: SiteTable, start: int) -> list[Mention]:
    """Full names that begin at a run, the shorter before the longer."""
    runs, about, starts, names = words.runs, words.about, site.name_starts, site.by_kind[NAME]
    hits: list[Mention] = []
    key, is_broken = runs[start], False
    for end in range(start + 1, min(start + NAME_RUNS_MAX, len(runs))):
        if about[end] == DIGITS or not words.is_joined(end - 1) or not words.is_name(end):
            break
        key += runs[end]
        if (entry := names.get(key)) is not None and (payers := several(entry)):
            hits.append(Mention(payers, Grade.FULL, start, end + 1))
        elif key not in starts:
            if is_broken:
                break
            is_broken = True  # one word may be in two pieces
    return hits


def _glued_from(words: Words, site: SiteTable, start: int) -> list[Mention]:
    """Full names that were typed without spaces, however they were cut: "TranABinh" is no "Tra Na Binh"."""
    runs, key, hits = words.runs, words.runs[start], []
    for end in range(start + 1, min(start + NAME_RUNS_MAX, len(runs))):
        if words.gaps[end] or runs[end][0] <= "9":
            break
        key += runs[end]
        if len(key) >= ONE_RUN_LENGTH_MIN and (payers := several(site.by_kind[NAME].get(key))):
            hits.append(Mention(payers, Grade.FULL, start, end + 1))
    return hits


def _namesakes(words: Words, site: SiteTable, mention: Mention) -> list[Payer]:
    """Two words may be a whole name, or others' without their middle names."""
    family, given = words.runs[mention.start], words.runs[mention.end - 1]
    alike = site.find(GIVEN_AND_INITIAL, given_and_initial(given, family[0]))
    return [payer for payer in alike if len(payer.words) > 2 and (payer.words[0], payer.words[-1]) == (family, given)]


def _judge(words: Words, mention: Mention) -> None:
    """Whose the name is, and whether it ends where it seems to."""
    inside = words.about[mention.start : mention.end]
    name, sender = mention.payers[0].words, words.sender
    is_own = inside.count(PARTY) * 2 > len(inside) or (
        bool(sender) and (name == sender or (len(sender) > 1 and name[: len(sender)] == sender))
    )
    is_announced = (
        mention.start > 0 and words.runs[mention.start - 1] in CHILD_WORDS and words.gaps[mention.start] in _COLONS
    )
    # "DO VAN LE thanh toan" from a Đỗ Văn Lê names no Lê Thành Toàn.
    ends_senders = inside[0] == PARTY and inside.count(PARTY) + inside.count(PHRASE) == len(inside)
    mention.is_senders = (is_own or ends_senders) and not is_announced
    is_doubtful = len(inside) < 3 or PHRASE in inside
    mention.goes_on = (
        name_goes_on(words, mention)
        or (is_doubtful and name_stands_before(words, mention.start - 1))
        or _is_end_of_longer(words, mention.start)
        or (inside[-1] == PHRASE and _ends_in_phrase(words, mention.end))
    )


_COLONS: Final = frozenset({" ", ": ", ":", ""})
"""Between "cháu" and the name of whom it is; "cho chau-THAN MINH HUY" ends with the sender's."""


def _is_of_turned(words: Words, site: SiteTable, mention: Mention) -> bool:
    """Whether the word before makes it another's name with the given name first: "Diễm Lê Thị Ngọc"."""
    before = mention.start - 1
    if before < 0 or words.about[before] > OPEN or not words.is_joined(before):
        return False
    return "".join([*words.runs[mention.start : mention.end], words.runs[before]]) in site.by_kind[NAME]


def _is_end_of_longer(words: Words, start: int) -> bool:
    """Whether a family name, or a slip of one, stands directly before: "Nguyễn Duy Sang" is another in "Trần Nguyễn Duy Sang"."""
    before = start - 1
    if before < 0 or words.about[before] != OPEN or words.gaps[start] != " ":
        return False
    run = words.runs[before]
    return run in FAMILIES or (run not in words.names and _is_damaged_family(run))


@lru_cache(maxsize=16_384)
def _is_damaged_family(run: str) -> bool:
    return len(run) > 2 and any(is_slip(run, family) for family in FAMILIES)


def _ends_in_phrase(words: Words, end: int) -> bool:
    """Whether the last word rather belongs to what follows: "Nguyen Hai tien truong" names no Hai Tien, "Kim Tien lop 3A" does."""
    goes_on_so = words.is_phrase(end) or (words.runs[end : end + 1] == ["tien"] and words.is_phrase(end + 1))
    return words.is_phrase(end - 1) and not goes_on_so and words.runs[end] not in PLAIN_WORDS
