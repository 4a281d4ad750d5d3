"""What scenarios share: a desk that collects transfers, and the ways to write whom a payment is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from random import Random

from tests.corpus import people, writing
from tests.corpus.banks import Sent, deliver
from tests.corpus.truth import Transfer, Truth, Written
from tests.corpus.world import LAST_DAY, YEAR, Notice, Payer, Relative, Site, World

LOCAL = timezone(timedelta(hours=7))
NOVEMBER, OCTOBER, SEPTEMBER = 11, 10, 9


@dataclass(slots=True)
class Desk:
    """Collects what scenarios make."""

    world: World
    transfers: list[tuple[Transfer, Truth]]

    @property
    def rng(self) -> Random:
        return self.world.rng

    def send(
        self,
        site: Site,
        amount: int,
        text: str,
        sender: Relative,
        when: datetime,
        truth: Truth,
        *,
        known_account: bool = False,
        virtual_account: str = "",
        marks_kept: bool | None = None,
        direction: str = "in",
    ) -> None:
        """One transfer, as the receiver's bank tells it."""
        sent = Sent(text, sender.name, sender.account, sender.bank, site.account, site.name, when)
        arrived = deliver(self.rng, sent, marks_kept=marks_kept)
        while known_account and (arrived.counter_account != sender.account):
            arrived = deliver(self.rng, sent, marks_kept=marks_kept)
        transfer = Transfer(
            f"t{self.world.number():07d}",
            site.account,
            virtual_account,
            amount,
            when,
            arrived.memo,
            arrived.counter_name,
            arrived.counter_account,
            arrived.counter_bank,
            direction,
        )
        self.transfers.append((transfer, truth))

    def when(self, month: int = NOVEMBER, after: datetime | None = None) -> datetime:
        """A moment in a month, after the fees were issued."""
        if after is not None:
            return after + timedelta(hours=self.rng.randrange(2, 100), minutes=self.rng.randrange(60))
        last = LAST_DAY.day if month == LAST_DAY.month else 28
        day = date(YEAR, month, self.rng.randrange(6, last))
        return datetime.combine(day, time(self.rng.randrange(6, 22), self.rng.randrange(60), self.rng.randrange(60)), LOCAL)

    def school(self) -> Site:
        return self.rng.choice(self.world.schools)

    def site(self) -> Site:
        return self.rng.choice(self.world.sites)

    def pupil(
        self, site: Site | None = None, month: int = NOVEMBER, kinds: list[str] | None = None
    ) -> tuple[Payer, list[Notice]]:
        """A pupil (or patient) with one bill of a month."""
        payer = self.world.payer(site or self.school())
        return payer, self.world.issue(payer, month, kinds)

    def optional_month(self, notice: Notice) -> str:
        return writing.month(self.rng, notice.month) if self.rng.random() < 0.55 else ""

    def what(self, notice: Notice, *, named: bool = False) -> str:
        return writing.purpose(self.rng, notice.fee_kind, named=named)


def reference_text(desk: Desk, reference: str, notice: Notice) -> str:
    """A reference bare, before words, or behind them."""
    rng = desk.rng
    words = writing.styled(
        rng, writing.sentence(rng, notice.payer.name, notice.payer.group if rng.random() < 0.5 else "", desk.what(notice))
    )
    short = writing.styled(rng, writing.sentence(rng, desk.what(notice), desk.optional_month(notice), leading=""))
    return rng.choice(
        (
            reference,
            reference,
            reference,
            f"{reference} {short}",
            f"{reference} {words}",
            f"{short} {reference}",
            f"{words} {reference}",
        )
    )


def words_of_pupil(
    desk: Desk, payer: Payer, notice: Notice, form: str = "full", *, month: bool | None = None
) -> tuple[str, Written]:
    rng = desk.rng
    name = {
        "full": lambda: payer.name,
        "slip": lambda: slipped_name(rng, payer.name),
        "lost": lambda: writing.without_middle(payer.name),
        "short": lambda: writing.shortened(rng, payer.name),
        "given": lambda: payer.name.split()[-1],
    }[form]()
    group = writing.group(rng, payer.group)
    when = writing.month(rng, notice.month) if (rng.random() < 0.5 if month is None else month) else ""
    what = desk.what(notice)
    phone = f"sdt {payer.phone}" if rng.random() < 0.05 else ""
    parts = rng.choice(
        (
            (name, group, what, when),
            (name, group, what, when),
            (group, name, what, when),
            (what, when, name, group),
            (name, what, when, group),
            (what, name, group, when),
            (name, group, when),
            (name, group),
            (group, what, name),
            (what, group, name, phone),
        )
    )
    text = writing.sentence(rng, *parts)
    if form == "full" and rng.random() < 0.03:
        text = writing.sentence(rng, f"{name.replace(' ', '')}{payer.group.replace(' ', '')}", what)
    elif form == "full" and rng.random() < 0.03:
        text = writing.sentence(rng, writing.telex(name), group, what)
    return writing.styled(rng, text), Written(payer, form, name, with_group=True)


def slipped_name(rng: Random, name: str) -> str:
    words = writing.plain(name).split()
    place = max(rng.randrange(len(words)), rng.randrange(len(words)) if len(words[0]) < 3 else 0)
    known = {writing.plain(each) for each in (*people._GIRLS, *people._BOYS)} | {
        writing.plain(each[0]) for each in people._FAMILIES
    }
    known |= {writing.plain(word) for each in (*people._GIRL_MIDDLES, *people._BOY_MIDDLES) for word in each.split()}
    made = writing.slipped(rng, words[place])
    while made.capitalize() in known or made == words[place]:
        made = writing.slipped(rng, words[place])
    return " ".join([*words[:place], made, *words[place + 1 :]])


def any_way(desk: Desk, payer: Payer, notice: Notice) -> tuple[str, tuple[Written, ...]]:
    """The payer named by reference, code, or name and class."""
    act = desk.rng.random()
    if act < 0.5 or (act > 0.7 and not payer.group):
        return reference_text(desk, notice.reference, notice), ()
    if act < 0.7:
        return writing.rough_code(desk.rng, payer.code), ()
    text, written = words_of_pupil(desk, payer, notice)
    return text, (written,)


Scenario = Callable[[Desk], None]
