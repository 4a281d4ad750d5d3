"""Marks of payers: codes, words and accounts that say whose money it is, each with how sure it is and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.matching.matcher import certainty, mentions, part_names
from services.matching.matcher.book import Book, SiteTable
from services.matching.matcher.classes import class_mentions
from services.matching.matcher.codes import codes_in, look_alikes, phones_in
from services.matching.matcher.evidence import Fact
from services.matching.matcher.habits import FAMILY_MAX, memo_sender
from services.matching.matcher.keys import CODE, PHONE
from services.matching.matcher.lost_letters import named_in
from services.matching.matcher.mention import Mention
from services.matching.matcher.names import Grade
from services.matching.matcher.owing import fits
from services.matching.matcher.reading import Reading
from services.matching.matcher.values import Incoming, Payer
from services.matching.matcher.vocabulary import ANY_FAMILIES, CHILD_WORDS, TITLES
from services.matching.matcher.words import OPEN, Words

_FACTS: Final = {
    Grade.GIVEN: "name_given",
    Grade.MIDDLE: "name_middle",
    Grade.INITIALS: "name_initials",
    Grade.LOST: "name_lost",
    Grade.SHORT: "name_short",
    Grade.TURNED: "name_turned",
    Grade.SLIP: "name_slip",
    Grade.FULL: "name_full",
}
_FACT_OF_GRADE: Final = tuple(Fact(_FACTS[grade]) for grade in Grade)
NAME_GIVEN: Final = _FACT_OF_GRADE[Grade.GIVEN]
CLASS_EQUAL: Final = Fact("class")
CLASS_DIFFERS: Final = Fact("class_differs", holds=False)
GOES_ON: Final = Fact("name_goes_on", holds=False)
MAYBE_SENDERS: Final = Fact("name_of_sender", holds=False)
TOLD_BY_MARKS: Final = Fact("marks")
ACCOUNT_KNOWN: Final = Fact("account_known")
MEMO_KNOWN: Final = Fact("memo_known")
CODE_INTACT: Final = Fact("code")
CODE_LIKE: Final = Fact("code_like")
PHONE_KNOWN: Final = Fact("phone")


class Mark:
    """Payers that one mark could mean, how sure it is, and why."""

    __slots__ = ("bits", "facts", "payers", "speaks_up")

    def __init__(self, payers: list[Payer], bits: float, facts: tuple[Fact, ...], *, speaks_up: bool = False) -> None:
        self.payers = payers
        self.bits = bits
        self.facts = facts
        self.speaks_up = speaks_up
        """Whether it is sure enough to contradict a code: a full name, or a class beside the name."""

    def narrowed(self, payers: list[Payer], bits: float, *facts: Fact) -> Mark:
        """The same mark where something else says which of its payers it means."""
        return Mark(payers, self.bits + bits, (*self.facts, *facts), speaks_up=self.speaks_up)


def codes(reading: Reading, book: Book) -> list[Mark]:
    """Payers of the site whose code stands in the memo; weak ones only where there is no strong one."""
    known: list[Mark] | None = reading.found.get("codes")
    if known is None:
        known = reading.found["codes"] = _codes(reading, book)
    return known


def _codes(reading: Reading, book: Book) -> list[Mark]:
    site = book.at(reading.incoming.site_id)
    if not site.codes.lengths:
        return []
    found: dict[str, Mark] = {}
    for code, is_strong in codes_in(reading.words, site.codes):
        payers = site.find(CODE, code)
        if payers:
            is_sure = is_strong or _is_verbatim(reading.incoming.memo, payers)
            bits = certainty.CODE_BITS if is_sure else certainty.WEAK_CODE_BITS
            found[payers[0].code] = Mark(payers, bits, (CODE_INTACT,))
    if not found:
        for code in look_alikes(reading.incoming.memo, site.codes.lengths):
            if payers := site.find(CODE, code):
                found[payers[0].code] = Mark(payers, certainty.CODE_BITS, (CODE_LIKE,))
    if len(found) < 2:
        return list(found.values())
    strong = [mark for mark in found.values() if mark.bits >= certainty.CODE_BITS]
    return strong or list(found.values())


def _is_verbatim(memo: str, payers: Sequence[Payer]) -> bool:
    """Whether a code of several parts stands there just as the site writes it, with its signs: "26.01.000123"."""
    return len(payers) == 1 and not payers[0].code.isalnum() and payers[0].code in memo.split()


def named(reading: Reading, book: Book) -> list[Mark]:
    """Payers of the site whom words name and of whom the sender is none, each place of the memo once."""
    known: list[Mark] | None = reading.found.get("named")
    if known is None:
        known = reading.found["named"] = _named(reading, book)
    return known


def _named(reading: Reading, book: Book) -> list[Mark]:
    site_id = reading.incoming.site_id
    if site_id is None or not reading.words.runs:
        return []
    site = book.at(site_id)
    if "?" in reading.incoming.memo and (known := _of_lost_letters(reading, site)):
        return known
    everybody = mentions.find(reading, site)
    found = [each for each in everybody if not each.is_senders] if everybody else _among_equal_sums(reading, book, site_id)
    return _weighed(reading, book, site, [each for each in found if not _is_title(reading.words, each)])


def _weighed(reading: Reading, book: Book, site: SiteTable, found: list[Mention]) -> list[Mark]:
    """Each mention as a mark; of payers who are meant twice, the surer one."""
    phones = phones_in(reading.words) if found else []
    made: list[Mark] = []
    for mention in found:
        mark = _with_namesakes(reading, mention, _weigh(mention))
        for phone in phones:
            called = [payer for payer in mark.payers if payer in site.find(PHONE, phone)]
            if called:
                mark = mark.narrowed(called, certainty.PHONE_BITS, PHONE_KNOWN)
        if len(mark.payers) > 1:
            habit = known_payers(reading, book)
            known = [payer for payer in mark.payers if payer in habit]
            fitting = [payer for payer in mark.payers if fits(reading, payer)]
            # An account chooses neither between two who owe just this sum, nor who owes nothing more where another does.
            if known and len(habit) <= FAMILY_MAX and (not fitting or (len(fitting) == 1 and fitting[0] in known)):
                mark = mark.narrowed(known, certainty.ACCOUNT_AGREES_BITS, ACCOUNT_KNOWN)
        same = next((place for place, each in enumerate(made) if set(each.payers) == set(mark.payers)), None)
        if same is None:
            made.append(mark)
        elif made[same].bits < mark.bits:
            made[same] = mark
    return made


def _of_lost_letters(reading: Reading, site: SiteTable) -> list[Mark]:
    """Who of the classes that the memo names is named but for letters that were lost."""
    bits = certainty.NAME_BITS[Grade.FULL] + certainty.CLASS_BITS
    facts = (_FACT_OF_GRADE[Grade.FULL], CLASS_EQUAL)
    groups = dict.fromkeys(group.key for group in class_mentions(reading, site) if group.is_known)
    meant = [named_in(reading.incoming.memo, site.pupils(group)) for group in groups]
    return [Mark(payers, bits, facts, speaks_up=True) for payers in meant if payers]


def _is_title(words: Words, mention: Mention) -> bool:
    """Whether a given name rather says who the parent is: in "con anh La Van Nhi" no child is called Anh."""
    place = mention.start
    return (
        mention.end - place == 1
        and words.runs[place] in TITLES
        and place > 0
        and words.runs[place - 1] in CHILD_WORDS
        and place + 2 < len(words.runs)
        and words.runs[place + 1] in ANY_FAMILIES
        and words.runs[place + 2] in words.names
        and words.is_joined(place)
        and words.is_joined(place + 1)
    )


def _with_namesakes(reading: Reading, mention: Mention, mark: Mark) -> Mark:
    """Two words may be a whole name, or any of these names without its middle."""
    rivals = [
        payer
        for payer in mention.namesakes
        if (mention.group is None or not mention.class_agrees or mention.group.key in payer.groups) and fits(reading, payer)
    ]
    if not rivals:
        return mark
    bits = mark.bits - certainty.NAME_BITS[Grade.FULL] + certainty.NAME_BITS[Grade.LOST]
    return Mark([*mark.payers, *rivals], bits, mark.facts, speaks_up=mark.speaks_up)


def _weigh(mention: Mention) -> Mark:
    bits: float = float(certainty.NAME_BITS[mention.grade])
    facts = [_FACT_OF_GRADE[mention.grade]]
    if mention.grade >= Grade.LOST and len(mention.payers[0].words) < 3:
        bits += certainty.SHORT_NAME_BITS
    if mention.class_agrees:
        bits += certainty.CLASS_BITS
        facts.append(CLASS_EQUAL)
    elif mention.class_agrees is False:
        bits += certainty.CLASS_DIFFERS_BITS
        facts.append(CLASS_DIFFERS)
    if mention.goes_on:
        bits += certainty.NAME_GOES_ON_BITS if mention.goes_on_behind else certainty.NAME_BEGINS_BEFORE_BITS
        facts.append(GOES_ON)
    if mention.is_untyped:
        bits += certainty.UNTYPED_BITS
        facts.append(MAYBE_SENDERS)
    if mention.told_by_marks:
        facts.append(TOLD_BY_MARKS)
    speaks_up = not mention.goes_on and (mention.grade == Grade.FULL or bool(mention.class_agrees))
    return Mark(mention.payers, bits, tuple(facts), speaks_up=speaks_up)


def _among_equal_sums(reading: Reading, book: Book, site_id: str) -> list[Mention]:
    """For a name with a slip where no key helps: those who owe just this sum, where they are few."""
    words = reading.words
    if words.is_untyped or sum(run in words.names for run in words.runs) < 2 or class_mentions(reading, book.at(site_id)):
        return []
    owing = book.of_sum(site_id, reading.incoming.amount)
    payers = {payer for notice in owing if (payer := book.payer_of(notice)) is not None}
    return part_names.among(words, sorted(payers, key=lambda payer: payer.code))


def known_payers(reading: Reading, book: Book) -> list[Payer]:
    """For whom the sending account paid before, by each of its senders the strongest habit first; empty for companies, and for wallets
    behind which the bank names nobody.
    """
    incoming = reading.incoming
    if not incoming.sender or reading.is_from_company:
        return []
    return _paid_for_by(incoming, book, (incoming.sender, *incoming.other_senders))


def perhaps_known_payers(reading: Reading, book: Book) -> list[Payer]:
    """The same of a company's or a wallet's account too, where it paid for a few: enough to be suggested."""
    incoming = reading.incoming
    found = _paid_for_by(incoming, book, (incoming.sender, *incoming.other_senders, *incoming.remembered_by))
    return found if len(found) <= FAMILY_MAX else []


def _paid_for_by(incoming: Incoming, book: Book, senders: Sequence[str | None]) -> list[Payer]:
    """For whom these senders paid at the site that received the money, by each of them the strongest habit first."""
    site_id, day = incoming.site_id, incoming.occurred_on
    if site_id is None:
        return []
    codes = dict.fromkeys(code for sender in senders if sender for code in book.habits.of(site_id, sender, day))
    return [payer for code in codes if (payer := book.payer(site_id, code)) is not None]


def known_by_memo(reading: Reading, book: Book) -> list[Payer]:
    """For whom the memo's own words stood before, where they name nobody; the strongest habit first."""
    incoming = reading.incoming
    own = reading.own_words
    if incoming.site_id is None or own is None or mentions.find(reading, book.at(incoming.site_id)):
        return []
    codes = book.habits.of(incoming.site_id, memo_sender(own), incoming.occurred_on)
    return [payer for code in codes if (payer := book.payer(incoming.site_id, code)) is not None]


def is_called(reading: Reading, payer: Payer) -> bool:
    """Whether the payer's given name stands there as a word of its own that means nothing else."""
    words = reading.words
    given = payer.words[-1] if payer.words else ""
    return any(run == given and words.about[place] == OPEN for place, run in enumerate(words.runs))


def everybody(reading: Reading, book: Book) -> list[Payer]:
    """All at the site whom a code or a word could mean, the surest first; the sender's own name last."""
    found: dict[Payer, None] = {}
    for mark in [*codes(reading, book), *named(reading, book)]:
        found |= dict.fromkeys(mark.payers)
    for mention in mentions.find(reading, book.at(reading.incoming.site_id)):
        if not _is_title(reading.words, mention):
            found |= dict.fromkeys(mention.payers)
    return list(found)
