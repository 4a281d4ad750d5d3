"""Whom the memo names: places in it, and the payers of the site that could be meant by each."""

from __future__ import annotations

from typing import Final

from services.matching.matcher.book import Book, SiteTable
from services.matching.matcher.class_names import in_classes
from services.matching.matcher.classes import ClassMention, class_mentions, class_texts
from services.matching.matcher.full_names import full_names
from services.matching.matcher.hints import hints_of, names_any
from services.matching.matcher.keys import GIVEN_AND_CLASS, NAME_AND_CLASS, given_and_class, name_and_class
from services.matching.matcher.mention import NAME_RUNS_MAX, Mention, distance, name_goes_on, without_overlaps
from services.matching.matcher.names import Grade, is_doubtful
from services.matching.matcher.owing import all_of_one_person, issued, was_paid
from services.matching.matcher.part_names import in_parts, turned_around
from services.matching.matcher.parties import is_typed
from services.matching.matcher.reading import Reading
from services.matching.matcher.sums import ways
from services.matching.matcher.text import marked
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import (
    CHILD_WORDS,
    COMPANY_WORDS,
    CONNECTIVES,
    FEES_IN_SHORT,
    PARENT_WORDS,
    PAYER_PHRASES,
    PAYER_WORDS,
    PAYS,
    TEACHERS,
    TEACHERS_WORDS,
    WHOLE_CLASS,
)
from services.matching.matcher.words import DIGITS, OPEN, PARTY, PHRASE, PLAIN, Words

LIST_MIN: Final = 3
"""So many whole names are a list of pupils, whoever wrote it: "GVCN 8B nop bhyt Tran Thanh Uyen, Chiu Cong Tai, …"."""


def _doubt_beside_another(words: Words, site: SiteTable, mention: Mention, found: list[Mention]) -> None:
    """A class agrees with a name, but another pupil of it stands nearer: "Nguyễn Thị Hà mẹ của Hằng 3A"."""
    group = mention.group
    if group is None or not mention.class_agrees:
        return
    if mention.grade == Grade.FULL and group.end <= mention.start and words.announces_pupil(mention.start):
        return  # "3A-Le Lan Tra ck cho con Nguyen Thi Ha", though a Trà sits there too
    if mention.grade <= Grade.MIDDLE and mention.start == group.end and _is_first_of_list(words, site, mention, group.key):
        mention.is_untyped = True
        return
    between = range(mention.end, group.start) if group.start >= mention.end else range(group.end, mention.start)
    for place in between:
        run = words.runs[place]
        if (
            words.about[place] == OPEN
            and run in words.names
            and words.runs[place - 1] not in PARENT_WORDS
            and not words.is_phrase_in_short(place - 1)
            and not any(each.start <= place < each.end for each in found)
        ):
            others = site.find(GIVEN_AND_CLASS, given_and_class(run, group.key))
            mention.is_untyped |= any(payer not in mention.payers for payer in others)


def _is_first_of_list(words: Words, site: SiteTable, mention: Mention, group: str) -> bool:
    """Whether others of the class stand behind a given name that stands behind the class: "6/2: Vinh, Tươi, Bằng"."""
    for place in range(mention.end, len(words.runs)):
        if words.about[place] == OPEN and words.runs[place] in words.names and not words.is_joined(place - 1):
            others = site.find(GIVEN_AND_CLASS, given_and_class(words.runs[place], group))
            if any(payer not in mention.payers for payer in others):
                return True
    return False


def find(reading: Reading, site: SiteTable) -> list[Mention]:
    """The payers that words name, in the memo's order; places do not overlap."""
    known: list[Mention] | None = reading.found.get("mentions")
    if known is None:
        known = reading.found["mentions"] = _search(reading, site)
        if len({mention.payers[0].name for mention in known}) == 1:
            for mention in known:
                if (mention.is_senders or mention.is_untyped) and _pays_own_fee(reading, mention):
                    mention.is_senders = mention.is_untyped = False
    return known


def _pays_own_fee(reading: Reading, mention: Mention) -> bool:
    """Whether the only one who is named is a patient or an applicant who owes just this sum, and somebody typed more than the name: "le
    phi ho tich Le Thi Hoa", "ho so cua Le Thi Hoa" from whomever, for she pays herself or somebody names her.
    """
    if mention.grade < Grade.FULL or mention.goes_on or any(payer.is_pupil for payer in mention.payers):
        return False
    owed = [choices for payer in mention.payers if (choices := ways(reading.incoming.amount, issued(reading, payer)))]
    if not owed and (everything := all_of_one_person(reading, mention.payers)) is not None:
        owed = [[everything]]
    if not owed and any(was_paid(reading, payer) for payer in mention.payers):
        owed = [[]]  # a second time
    if len(owed) != 1 or len(mention.payers[0].words) < 3:
        return False
    words = reading.words
    is_in_short = any(
        run in FEES_IN_SHORT
        and words.about[place] in {PLAIN, PHRASE}
        and place not in words.schools
        and words.runs[place - 1 : place] != ["giao"]  # "giáo viên"
        for place, run in enumerate(words.runs)
    )
    if is_in_short or any(names_any(hints_of(reading), choice) for choice in owed[0]):
        return True
    before = words.runs[mention.start - 1] if mention.start and words.gaps[mention.start].isspace() else ""
    return before in _BEFORE_GROWN_UPS or any(
        is_typed(words, place) and words.runs[place] not in _SAYS_LITTLE
        for place in range(len(words.runs))
        if not mention.start <= place < mention.end
    )


_SAYS_LITTLE: Final = frozenset({"nop", "tien"})
"""Nearly an application's own words: "LE THI HOA nop tien"."""
_BEFORE_GROWN_UPS: Final = PAYER_WORDS | {"bn", "cua"}
"""Directly before a patient's or an applicant's name; no application writes them."""


def _search(reading: Reading, site: SiteTable) -> list[Mention]:
    classes = class_mentions(reading, site)
    words = reading.words
    found = full_names(words, site)
    if classes:
        if found:
            _attach(words, found, classes)
        if not any(mention.class_agrees for mention in found if not mention.is_senders) or len(classes) > len(found):
            found = without_overlaps([*in_classes(words, site, classes, found), *found])
    elif not found:
        turned = turned_around(words, site)
        found = [each for each in turned if not each.is_untyped] or in_parts(words, site) or turned
    _doubt_shared_classes(found, classes)
    named_in_full = len({each.payers[0].code for each in found if each.grade == Grade.FULL and not each.is_senders})
    are_several, is_list = named_in_full > 1, named_in_full >= LIST_MIN
    for mention in found:
        mention.is_untyped |= not mention.class_agrees and (
            (words.is_untyped and not are_several)  # of several names no more than one is the sender's
            or (words.follows_account(mention.start) and not _is_followed_by_typed(words, mention.end))
            or _is_all_typed(words, mention)
            or _is_said_to_pay(words, mention)
            or (_is_said_to_pay_for(words, mention) and not _is_one_of_children(words, mention, found))
        )
        mention.is_untyped |= (not is_list and _may_be_teachers(words, mention)) or _may_be_no_given_name(
            words, mention, found
        )
        _doubt_beside_another(words, site, mention, found)
        if mention.goes_on and mention.grade == Grade.FULL:
            mention.goes_on = _goes_on_among(words, mention, found)
        mention.goes_on_behind = mention.goes_on and name_goes_on(words, mention)
        if len(mention.payers) > 1:
            _tell_by_marks(reading, mention)
    if len(found) > 1:
        found.sort(key=lambda mention: mention.start)
        _doubt_again(words, found)
    return found


def _doubt_again(words: Words, found: list[Mention]) -> None:
    """A name that is the sender's in one place is so where it stands again, unless a pupil is announced or the class is beside it:
    "NGUOI NOP NGUYEN XUAN QUAN-NGUYEN XUAN QUAN".
    """
    for mention in found:
        same = [each for each in found if each is not mention and each.payers == mention.payers]
        is_announced = words.announces_pupil(mention.start) and not words.gaps[mention.start].strip(" :")
        if same and not mention.class_agrees and not is_announced:
            mention.is_senders |= any(each.is_senders for each in same)
            mention.is_untyped |= any(each.is_untyped for each in same)


def _goes_on_among(words: Words, mention: Mention, found: list[Mention]) -> bool:
    """Whether a full name goes on where other full names stand directly beside it: "Lê Lan Anh Lê Minh Nam" are two."""
    others = [each for each in found if each.grade == Grade.FULL and each.end - each.start > 2]
    follows = any(each.end == mention.start for each in others)
    is_followed = any(each.start == mention.end for each in others)
    return not (is_followed or (follows and not name_goes_on(words, mention)))


def _attach(words: Words, mentions: list[Mention], classes: list[ClassMention]) -> None:
    """Give each name the nearest class that agrees with the list, else the nearest; one class to several names only where these stand
    together, and to the sender's name only where nobody else is named.
    """
    taken: dict[ClassMention, Mention] = {}
    for mention in sorted(
        mentions, key=lambda each: (each.is_senders, min(distance(words, each, group) for group in classes))
    ):
        for group in sorted(classes, key=lambda each: distance(words, mention, each)):
            agreeing = [payer for payer in mention.payers if payer.groups[:1] == (group.key,)]
            if not agreeing or (mention.is_senders and (group in taken or _may_be_others(words, mention))):
                continue
            if group in taken and not _stand_together(words, mention, taken[group]):
                continue
            mention.payers, mention.group, mention.class_agrees, mention.is_senders = agreeing, group, True, False
            taken[group] = mention
            break
    for mention in mentions:
        free = [group for group in classes if group not in taken]
        if mention.class_agrees is None and free and any(payer.group for payer in mention.payers):
            mention.group, mention.class_agrees = min(free, key=lambda each: distance(words, mention, each)), False


def _doubt_shared_classes(found: list[Mention], classes: list[ClassMention]) -> None:
    """Two names that share a class while another class of the memo is nobody's: one of them may sit in that."""
    used = [mention.group for mention in found if mention.class_agrees]
    if len(set(used)) < len(used) and len(set(used)) < len(classes):
        for mention in found:
            mention.is_untyped |= bool(mention.class_agrees) and used.count(mention.group) > 1


def _is_all_typed(words: Words, mention: Mention) -> bool:
    """Whether only the name looks typed, as "Tiến Học" in "LUONG TIEN HOC chuyen tien", which an application may have written."""
    return bool(words.typed) and all(mention.start <= place < mention.end for place in words.typed)


def _is_followed_by_typed(words: Words, end: int) -> bool:
    """Whether what a person typed goes on behind a name: "…-TRAN NHAT HAI THANG 11"; a sign ends the sender's."""
    return end < len(words.runs) and words.gaps[end].isspace() and any(place in words.typed for place in range(end, end + 3))


def _may_be_no_given_name(words: Words, mention: Mention, found: list[Mention]) -> bool:
    """Whether a word is less a given name than it seems: letters were lost beside it ("B?I ANH T?I"), or a pupil is named elsewhere, as
    nobody here is ("6/3 hai chau Mít").
    """
    if mention.grade > Grade.MIDDLE:
        return False
    if words.lost_signs(mention.start, mention.end):
        return True
    if words.announces_pupil(mention.start):
        return False
    return any(
        words.announces_pupil(place)
        and words.about[place - 1] != PARTY
        and words.has_vowel(place)
        and not any(each.start <= place < each.end for each in found)
        and not _begins_name_of(words, place, mention)
        for place in words.leftover()
    )


def _begins_name_of(words: Words, place: int, mention: Mention) -> bool:
    """Whether a run is the family or a middle name of whom a given name behind it means: "con trai Linh Ah Mẩy" is Linh Ánh Mẩy."""
    is_before = place < mention.start and all(words.is_joined(left) for left in range(place, mention.start))
    return is_before and all(words.runs[place] in payer.words[:-1] for payer in mention.payers)


def _is_said_to_pay(words: Words, mention: Mention) -> bool:
    """Whether it is said before the name that this is who pays: "mẹ Lê Thị Hà nộp", "người nộp Lê Thị Hà"; but "cho mẹ Lê Thị Hà".
    Before a grown-up such a word is how she is called: "bà Lê Thị Hà khoa Nội" is the patient.
    """
    runs, about, before = words.runs, words.about, mention.start - 1
    if not any(payer.is_pupil for payer in mention.payers):
        return False
    if before < 0 or not words.is_joined(before) or _is_said_for_whom(words, before):
        return False
    if about[before] <= PLAIN and runs[before] in PAYER_WORDS:
        # A teacher is nobody's relative; "mẹ Vi Văn Vinh" is Vinh's mother, from who is called otherwise.
        return runs[before] == "thay" or not _is_anothers_relative(words, mention)
    return tuple(runs[max(before - 1, 0) : before + 1]) in PAYER_PHRASES


def _is_anothers_relative(words: Words, mention: Mention) -> bool:
    """Whether a whole name behind "mẹ", "bác" is rather of the pupil whose mother sends the money: the bank tells a sender of another
    name, and nothing behind it says that its bearer pays.
    """
    name, sender = mention.payers[0].words, words.sender
    if mention.grade < Grade.FULL or len(name) < 3 or len(sender) < 2 or (sender[0], sender[-1]) == (name[0], name[-1]):
        return False
    after = words.runs[mention.end : mention.end + 1] if words.gaps[mention.end].isspace() else []
    names_child = any(run in CHILD_WORDS or run == "cho" for run in words.runs[mention.end :])
    return COMPANY_WORDS.isdisjoint(sender) and PAYS.isdisjoint(after) and not names_child


def _is_said_for_whom(words: Words, before: int) -> bool:
    """Whether the words up to `before` say that the name behind them is for whom is paid: "cho cháu", "cho mẹ"."""
    runs = words.runs
    return words.announces_pupil(before + 1) or runs[before] == "cho" or (before > 0 and runs[before - 1] == "cho")


def _is_said_to_pay_for(words: Words, mention: Mention) -> bool:
    """Whether it says so behind the name: "Lê Thị Hà nộp cho con"."""
    runs, about, before = words.runs, words.about, mention.start - 1
    if before >= 0 and words.is_joined(before) and _is_said_for_whom(words, before):
        return False
    for place in range(mention.end, len(runs) - 1):
        is_payers = place == mention.end and runs[place] in PAYER_WORDS and about[place + 1] != PARTY
        is_for = runs[place] in {"cho", "ho"} or is_payers
        if is_for and (runs[place + 1] in CHILD_WORDS or runs[place + 1] in {"hoc", "cac", "hai"}):
            return True
        if about[place] == OPEN and runs[place] in words.names:
            return False
    return False


def _is_one_of_children(words: Words, mention: Mention, found: list[Mention]) -> bool:
    """Whether another pupil's full name is listed beside this one: two parents together seldom bear the names of two pupils."""
    return any(
        each.grade == Grade.FULL and not each.is_senders and _are_listed(words, mention, each)
        for each in found
        if each.payers != mention.payers
    )


def _are_listed(words: Words, one: Mention, other: Mention) -> bool:
    """Whether nothing but "và" or a hard sign stands between two names."""
    end, start = (one.end, other.start) if one.start < other.start else (other.end, one.start)
    if end == start:
        return not words.is_joined(end - 1)
    return end + 1 == start and words.runs[end] in CONNECTIVES


def _may_be_teachers(words: Words, mention: Mention) -> bool:
    """Whether a teacher or a whole class is spoken of, and nothing says that the name is a pupil's."""
    if TEACHERS_WORDS.isdisjoint(words.runs):
        return False
    if _names_teacher_apart(words, mention) or _is_paid_for(words, mention):
        return False
    before = words.runs[mention.start - 1] if mention.start else ""
    is_said = words.say(TEACHERS) and any(
        run in TEACHERS_WORDS and not words.is_of_code(place) for place, run in enumerate(words.runs)
    )
    return not words.announces_pupil(mention.start) and before != "cho" and is_said


def _is_paid_for(words: Words, mention: Mention) -> bool:
    """Whether a teacher rather pays for one child: "cô chủ nhiệm nộp hộ em Mít (Lý Thị Chi)"."""
    return mention.grade == Grade.FULL and any(
        words.runs[place] in CHILD_WORDS and words.runs[place - 1] in _ON_BEHALF for place in range(1, mention.start)
    )


_ON_BEHALF: Final = frozenset({"giup", "ho", "thay"})


def _names_teacher_apart(words: Words, mention: Mention) -> bool:
    """Whether the teacher's own name stands behind the word for her, and a pupil's before it: "La Mai Ngọc 2E GVCN Nguyễn Thị Thủy"."""
    if mention.grade < Grade.FULL or not mention.class_agrees or words.say(WHOLE_CLASS):
        return False
    for place in range(mention.end, len(words.runs) - 1):
        if words.runs[place] in {"gvcn", "gv"}:
            name = place + 2 if words.runs[place + 1] in {"co", "la", "thay"} else place + 1
            return name < len(words.runs) and (words.about[name] == OPEN or words.could_be_named(name))
    return False


def _may_be_others(words: Words, mention: Mention) -> bool:
    """Whether the sender's name is longer, or anything beside it could be a name."""
    runs, about = words.runs, words.about
    is_longer = mention.start > 0 and about[mention.start - 1] == PARTY and runs[mention.start - 1] in words.names
    return is_longer or any(
        len(runs[at]) > 1 and runs[at] in words.names and not is_doubtful(runs[at]) for at in words.leftover()
    )


def _stand_together(words: Words, one: Mention, other: Mention) -> bool:
    first, second = (one, other) if one.start < other.start else (other, one)
    return all(words.runs[place] in CONNECTIVES for place in range(first.end, second.start))


def _tell_by_marks(reading: Reading, mention: Mention) -> None:
    """Where the memo has diacritics and they are those of one payer's name alone, it is this one."""
    memo = reading.incoming.memo
    if memo.isascii():
        return
    written = f" {marked(memo)} "
    same = [payer for payer in mention.payers if f" {marked(payer.name)} " in written]
    spellings = {marked(payer.name) for payer in same}
    is_distinct = len({marked(payer.name) for payer in mention.payers}) > 1
    if is_distinct and len(spellings) == 1 and not next(iter(spellings)).isascii():
        mention.payers, mention.told_by_marks = same, True


def named_elsewhere(reading: Reading, book: Book) -> list[Payer]:
    """Payers of any site whose full name stands in the memo, with their class where the memo has a class."""
    words = reading.words
    runs, about = words.runs, words.about
    groups = class_texts(words)
    found: dict[Payer, None] = {}
    for start, run in enumerate(runs):
        if run not in words.names or about[start] in {DIGITS, PARTY}:
            continue
        name = run
        for end in range(start + 1, min(start + NAME_RUNS_MAX, len(runs))):
            if about[end] == DIGITS or not words.is_joined(end - 1) or not words.is_name(end):
                break
            name += runs[end]
            for group in [*groups, ""] if end - start > 1 else groups:
                for payer in book.anywhere(NAME_AND_CLASS, name_and_class(name, group)):
                    found[payer] = None
    return list(found)
