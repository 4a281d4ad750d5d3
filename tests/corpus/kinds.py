"""Every kind of transfer that issue 6 names: who pays, what is written, and what a careful accountant makes of it.

Each scenario takes payers of its own, so that what happens to one does not disturb another's verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from random import Random

from tests.corpus import people, writing
from tests.corpus.banks import Sent, deliver
from tests.corpus.truth import Transfer, Truth, Written, asks, nobody, pays, refuses
from tests.corpus.world import LAST_DAY, YEAR, Notice, Payer, Relative, Site, World

_LOCAL = timezone(timedelta(hours=7))
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
        return datetime.combine(day, time(self.rng.randrange(6, 22), self.rng.randrange(60), self.rng.randrange(60)), _LOCAL)

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


Scenario = Callable[[Desk], None]


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


def reference_intact(desk: Desk) -> None:
    payer, bill = desk.pupil(desk.site())
    text = reference_text(desk, bill[0].reference, bill[0])
    desk.send(payer.site, bill[0].amount, text, desk.rng.choice(payer.relatives), desk.when(), pays("reference", bill))


def reference_rough(desk: Desk) -> None:
    payer, bill = desk.pupil(desk.site())
    text = reference_text(desk, writing.rough_reference(desk.rng, bill[0].reference), bill[0])
    desk.send(payer.site, bill[0].amount, text, desk.rng.choice(payer.relatives), desk.when(), pays("reference_rough", bill))


def reference_slip(desk: Desk) -> None:
    payer, bill = desk.pupil(desk.site())
    text = f"{writing.mistyped_reference(desk.rng, bill[0].reference)} {writing.plain(desk.what(bill[0]))}".strip()
    desk.send(payer.site, bill[0].amount, text, desk.rng.choice(payer.relatives), desk.when(), pays("reference_slip", bill))


def before_its_notice(desk: Desk) -> None:
    payer, bill = desk.pupil()
    when = datetime.combine(bill[0].issued_on - timedelta(days=desk.rng.randrange(1, 5)), time(9, 30), _LOCAL)
    desk.send(payer.site, bill[0].amount, bill[0].reference, payer.relatives[0], when, pays("before_its_notice", bill))


def payer_code(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil(desk.site())
    code = writing.rough_code(rng, payer.code)
    given = payer.name.split()[-1]
    extra = rng.choice(
        (
            "",
            desk.what(bill[0]),
            payer.name,
            f"{given} {payer.group}",
            f"{payer.name} {payer.group}",
            desk.optional_month(bill[0]),
        )
    )
    text = rng.choice((f"{code} {extra}", f"{extra} {code}")).strip() if extra else code
    desk.send(
        payer.site, bill[0].amount, writing.plain(text), rng.choice(payer.relatives), desk.when(), pays("payer_code", bill)
    )


def _name_and_class(
    desk: Desk, payer: Payer, notice: Notice, form: str = "full", *, month: bool | None = None
) -> tuple[str, Written]:
    rng = desk.rng
    name = {
        "full": lambda: payer.name,
        "slip": lambda: _slipped_name(rng, payer.name),
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


def _slipped_name(rng: Random, name: str) -> str:
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


def name_and_class(desk: Desk) -> None:
    payer, bill = desk.pupil()
    text, written = _name_and_class(desk, payer, bill[0])
    sender = desk.rng.choice(payer.relatives)
    if desk.rng.random() < 0.15:
        text = writing.with_sender(desk.rng, text, sender.name)
    desk.send(payer.site, bill[0].amount, text, sender, desk.when(), pays("name_and_class", bill, written))


def pupil_pays_from_own_account(desk: Desk) -> None:
    payer, bill = desk.pupil()
    text, written = _name_and_class(desk, payer, bill[0])
    own = desk.world.relative(name=payer.name)
    desk.send(payer.site, bill[0].amount, text, own, desk.when(), pays("own_account", bill, written))


def name_alone(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil(desk.site())
    parts = rng.choice(
        ((payer.name, desk.what(bill[0]), desk.optional_month(bill[0])), (desk.what(bill[0]), payer.name), (payer.name,))
    )
    # A name and "chuyển khoản" alone could be the sender's own.
    text = writing.styled(
        rng,
        writing.sentence(
            rng, *parts, leading=None if len(parts) > 1 else rng.choice(("cho chau ", "hs ", "nop cho ", "be "))
        ),
    )
    written = Written(payer, "full", payer.name, with_group=False)
    desk.send(payer.site, bill[0].amount, text, rng.choice(payer.relatives), desk.when(), pays("name_alone", bill, written))


def given_name_and_class(desk: Desk) -> None:
    payer, bill = desk.pupil()
    text, written = _name_and_class(desk, payer, bill[0], "given")
    desk.send(
        payer.site,
        bill[0].amount,
        text,
        desk.rng.choice(payer.relatives),
        desk.when(),
        pays("given_and_class", bill, written),
    )


def name_damaged(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil()
    form = rng.choice(("slip", "slip", "lost", "short"))
    text, written = _name_and_class(desk, payer, bill[0], form)
    desk.send(
        payer.site, bill[0].amount, text, rng.choice(payer.relatives), desk.when(), pays(f"name_{form}", bill, written)
    )


def name_damaged_alone(desk: Desk) -> None:
    """Without a class: a slip, or a middle name left out, which leaves so little that another child could bear it too."""
    rng = desk.rng
    payer, bill = desk.pupil()
    form = "slip" if len(payer.name.split()) < 3 else rng.choice(("slip", "lost"))
    name = _slipped_name(rng, payer.name) if form == "slip" else writing.without_middle(payer.name)
    text = writing.styled(rng, writing.sentence(rng, name, desk.what(bill[0]), desk.optional_month(bill[0])))
    if form == "slip":
        truth = pays("name_slip_alone", bill, Written(payer, form, name, with_group=False))
    else:
        truth = asks("name_lost_alone", bill)
    desk.send(payer.site, bill[0].amount, text, rng.choice(payer.relatives), desk.when(), truth)


def _paid_before(desk: Desk, payer: Payer, sender: Relative, month: int) -> list[Notice]:
    bill = desk.world.issue(payer, month, [desk.world.main_fee(payer.site)])
    desk.send(
        payer.site,
        bill[0].amount,
        reference_text(desk, bill[0].reference, bill[0]),
        sender,
        desk.when(month),
        pays("reference", bill),
        known_account=True,
    )
    return bill


def known_payer(desk: Desk) -> None:
    """Nothing but an account that has paid for this pupil before."""
    rng = desk.rng
    payer = desk.world.payer(desk.school())
    sender = rng.choice(payer.relatives)
    for month in (SEPTEMBER, OCTOBER)[rng.randrange(2) :]:
        _paid_before(desk, payer, sender, month)
    bill = desk.world.issue(payer, NOVEMBER)
    text = rng.choice(("", "", "tien an", "nop tien t11", "nop tien cho con", "me cun", "hp", "tien an thang 11", "gui co"))
    when = desk.when()
    desk.send(payer.site, bill[0].amount, text, sender, when, pays("known_payer", bill), known_account=True)
    if rng.random() < 0.15:
        again = desk.when(after=when)
        desk.send(
            payer.site,
            bill[0].amount,
            text,
            sender,
            again,
            refuses("known_payer_twice", "duplicate", bill),
            known_account=True,
        )


def known_payer_of_several(desk: Desk) -> None:
    """A relative far away pays for two or three; the amount says for whom."""
    rng = desk.rng
    site = desk.school()
    first = desk.world.payer(site)
    sender = first.relatives[0]
    children = [first, *(desk.world.payer(site) for _ in range(rng.randrange(1, 3)))]
    for child in children:
        _paid_before(desk, child, sender, OCTOBER)
    base = desk.rng.randrange(300, 480) * 1000
    step = rng.choice((0, 7_000, 22_000))
    bills = [desk.world.issue(child, NOVEMBER, amount=base + step * place)[0] for place, child in enumerate(children)]
    if rng.random() < 0.35:
        total = sum(bill.amount for bill in bills)
        desk.send(site, total, "", sender, desk.when(), pays("known_payer_all_children", bills), known_account=True)
        return
    chosen = rng.choice(bills)
    truth = pays("known_payer_of_several", [chosen]) if step else asks("known_payer_equal_sums", *[[bill] for bill in bills])
    desk.send(site, chosen.amount, "", sender, desk.when(), truth, known_account=True)


def helper(desk: Desk) -> None:
    """One who pays for many, naming each; what comes without a name could be for anybody."""
    rng = desk.rng
    site = desk.school()
    sender = desk.world.relative(name=people.staff_name(rng))
    group = rng.choice(site.groups)
    for _ in range(rng.randrange(4, 7)):
        payer = desk.world.payer(site, group=group)
        bill = desk.world.issue(payer, OCTOBER)
        text, written = _name_and_class(desk, payer, bill[0])
        desk.send(
            site, bill[0].amount, text, sender, desk.when(OCTOBER), pays("helper_names", bill, written), known_account=True
        )
        desk.world.issue(payer, NOVEMBER, amount=bill[0].amount)
    desk.send(site, bill[0].amount, "", sender, desk.when(), nobody("helper_names_nobody"), known_account=True)


def nothing(desk: Desk) -> None:
    payer, bill = desk.pupil(desk.site())
    text = desk.rng.choice(("", "", "", "tien an", "nop tien", "hp t11", "ck", "nop tien cho con", "."))
    desk.send(payer.site, bill[0].amount, text, desk.world.relative(), desk.when(), nobody("nothing"))


def siblings(desk: Desk) -> None:
    rng = desk.rng
    site = desk.school()
    family = people.family(rng)
    count = rng.choice((2, 2, 2, 3))
    children = [desk.world.payer(site, name=people.full_name(rng, family)) for _ in range(count)]
    bills = [desk.world.issue(child, NOVEMBER)[0] for child in children]
    form = rng.choice(("full", "full", "given"))
    names = [
        f"{child.name if form == 'full' else child.name.split()[-1]} {writing.group(rng, child.group)}" for child in children
    ]
    written = [Written(child, form, "", with_group=True) for child in children]
    joint = rng.choice((" va ", " + ", ", ", " - ", " & ", "; ", " "))
    text = writing.styled(
        rng, f"{rng.choice(('', 'nop tien cho ', 'tien an ', 'hai con ' if count == 2 else '3 chau '))}{joint.join(names)}"
    )
    total = sum(bill.amount for bill in bills)
    if rng.random() < 0.85:
        truth = pays("siblings", bills, *written)
    else:
        total -= 50_000
        truth = asks("siblings_inexact", bills)
    desk.send(site, total, text, children[0].relatives[0], desk.when(), truth)


def two_references(desk: Desk) -> None:
    rng = desk.rng
    site = desk.school()
    bills = [desk.pupil(site)[1] for _ in range(2)]
    notices = [notice for bill in bills for notice in bill]
    joint = rng.choice((" ", ", ", " va ", "-", "+"))
    references = [bill[0].reference for bill in bills]
    if rng.random() < 0.15:
        references[1] = writing.mistyped_reference(rng, references[1])
    text = joint.join(references)
    if rng.random() < 0.7:
        amount, truth = sum(notice.amount for notice in notices), pays("two_references", notices)
    else:
        amount, truth = bills[0][0].amount, asks("two_references_inexact", notices, bills[0], bills[1])
    desk.send(site, amount, text, bills[0][0].payer.relatives[0], desk.when(), truth)


def teachers_sum(desk: Desk) -> None:
    rng = desk.rng
    site = desk.school()
    group = rng.choice(site.groups)
    amount = rng.randrange(8, 25) * 420_000
    text = writing.styled(
        rng,
        rng.choice(
            (
                f"GVCN lop {group} nop tien an",
                f"co giao lop {group} nop tien ban tru ca lop",
                f"nop tien lop {group} thang 11",
                f"lop {group} nop quy",
                f"thu tien lop {group}",
            )
        ),
    )
    desk.send(site, amount, text, desk.world.relative(name=people.staff_name(rng)), desk.when(), nobody("teachers_sum"))


def everything_owed(desk: Desk) -> None:
    rng = desk.rng
    payer = desk.world.payer(desk.school())
    site = payer.site
    kinds = [
        desk.world.main_fee(site),
        *rng.sample([each for each in site.fees if each not in {"meals", "tuition", "parents_fund"}], 2),
    ]
    notices = desk.world.issue(payer, OCTOBER, kinds[: rng.randrange(1, 4)], one_bill=False) + desk.world.issue(
        payer, NOVEMBER, kinds[:2], one_bill=False
    )
    text, written = _name_and_class(desk, payer, notices[0], month=False)
    if rng.random() < 0.3:
        text, written = f"{writing.rough_code(rng, payer.code)} nop het cac khoan", None
    truth = pays("everything_owed", notices, *([written] if written else []))
    name = writing.styled(
        rng,
        writing.sentence(
            rng, payer.name, writing.group(rng, payer.group), rng.choice(("", "nop tien", "nop het", "nop cac khoan"))
        ),
    )
    desk.send(
        site, sum(notice.amount for notice in notices), name if written else text, payer.relatives[0], desk.when(), truth
    )


def two_months(desk: Desk) -> None:
    """Two months of the same fee are open; the memo names one, or does not."""
    rng = desk.rng
    payer = desk.world.payer(desk.school())
    fee = desk.world.main_fee(payer.site)
    amount = rng.randrange(200, 500) * 1000
    months = [desk.world.issue(payer, month, [fee], amount=amount)[0] for month in (OCTOBER, NOVEMBER)]
    chosen = rng.choice(months)
    named = rng.random() < 0.6
    group, what = writing.group(rng, payer.group), desk.what(chosen)
    text = writing.styled(
        rng, writing.sentence(rng, payer.name, group, what, writing.month(rng, chosen.month) if named else "")
    )
    written = Written(payer, "full", payer.name, with_group=True)
    truth = pays("two_months_named", [chosen], written) if named else asks("two_months_unnamed", [months[0]], [months[1]])
    desk.send(payer.site, amount, text, payer.relatives[0], desk.when(), truth)


def two_fees(desk: Desk) -> None:
    """Two fees of one month are open, of different sums: the amount says which, or the memo names it too."""
    rng = desk.rng
    payer = desk.world.payer(desk.school())
    site = payer.site
    kinds = [desk.world.main_fee(site), rng.choice([each for each in site.fees if each not in {"meals", "tuition"}])]
    notices = desk.world.issue(payer, NOVEMBER, kinds, one_bill=False)
    if notices[0].amount == notices[1].amount:
        return
    chosen = rng.choice(notices)
    what = writing.purpose(rng, chosen.fee_kind, named=True) if rng.random() < 0.6 else rng.choice(writing.ANYTHING)
    text = writing.styled(rng, writing.sentence(rng, payer.name, writing.group(rng, payer.group), what))
    written = Written(payer, "full", payer.name, with_group=True)
    desk.send(site, chosen.amount, text, payer.relatives[0], desk.when(), pays("two_fees", [chosen], written))


def bill_of_several(desk: Desk) -> None:
    rng = desk.rng
    payer = desk.world.payer(desk.school())
    site = payer.site
    extra = rng.sample([each for each in site.fees if each not in {"meals", "tuition", "parents_fund"}], rng.randrange(1, 4))
    bill = desk.world.issue(payer, NOVEMBER, [desk.world.main_fee(site), *extra])
    total = sum(notice.amount for notice in bill)
    text = reference_text(desk, bill[0].reference, bill[0])
    act = rng.randrange(10)
    sums = [notice.amount for notice in bill]
    if act < 5:
        amount, truth = total, pays("bill_exact", bill)
    elif act < 6:
        amount, truth = total + rng.choice((1_000, 5_000, 20_000, 50_000)), pays("bill_more", bill)
    elif act < 8:
        chosen = max(bill, key=lambda notice: notice.amount)
        if sums.count(chosen.amount) > 1 or chosen.amount == total - chosen.amount:
            return
        amount, truth = chosen.amount, pays("bill_one_line", [chosen])
        text = bill[0].reference
    else:
        amount = total - rng.choice((7_300, 13_100, 26_900))
        if amount in sums or amount <= 0 or any(total - amount == each for each in sums):
            return
        truth, text = asks("bill_less", bill), bill[0].reference
    desk.send(site, amount, text, payer.relatives[0], desk.when(), truth)


def voluntary_line(desk: Desk) -> None:
    """The obligatory lines without the voluntary one."""
    payer = desk.world.payer(desk.school())
    site = payer.site
    kinds = [desk.world.main_fee(site), "drinking_water", "parents_fund"]
    bill = desk.world.issue(payer, NOVEMBER, kinds)
    owed = [notice for notice in bill if notice.fee_kind != "parents_fund"]
    desk.send(
        site,
        sum(notice.amount for notice in owed),
        bill[0].reference,
        payer.relatives[0],
        desk.when(),
        pays("without_the_voluntary", owed),
    )


def part_short_over(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil(desk.site())
    due = bill[0].amount
    act = rng.randrange(6)
    if act < 2:
        kind, amount = "part", max(1_000, due * rng.randrange(3, 8) // 10 // 1_000 * 1_000)
    elif act < 4:
        kind, amount = "short_by_fee", due - rng.choice((1_100, 2_200, 3_300, 5_500, 7_700))
    else:
        kind, amount = "over", due + rng.choice((1_000, 10_000, 50_000, 100_000))
    if amount <= 0 or amount == due:
        return
    by_words = payer.group and rng.random() < 0.25
    if by_words:
        text, _ = _name_and_class(desk, payer, bill[0])
        truth = asks(f"{kind}_by_name", bill)
    else:
        text, truth = reference_text(desk, bill[0].reference, bill[0]), pays(kind, {bill[0]: min(amount, due)})
    when = desk.when()
    desk.send(payer.site, amount, text, payer.relatives[0], when, truth)
    if kind == "part" and not by_words and rng.random() < 0.5:
        rest = due - amount
        desk.send(
            payer.site,
            rest,
            bill[0].reference,
            payer.relatives[0],
            desk.when(after=when),
            pays("rest_of_a_part", {bill[0]: rest}),
        )


def _any_way(desk: Desk, payer: Payer, notice: Notice) -> tuple[str, tuple[Written, ...]]:
    """The payer named by reference, code, or name and class."""
    act = desk.rng.random()
    if act < 0.5 or (act > 0.7 and not payer.group):
        return reference_text(desk, notice.reference, notice), ()
    if act < 0.7:
        return writing.rough_code(desk.rng, payer.code), ()
    text, written = _name_and_class(desk, payer, notice)
    return text, (written,)


def twice(desk: Desk) -> None:
    """Father and mother both pay."""
    rng = desk.rng
    payer, bill = desk.pupil(desk.site())
    text, written = _any_way(desk, payer, bill[0])
    when = desk.when()
    desk.send(payer.site, bill[0].amount, text, payer.relatives[0], when, pays("first_of_two", bill, *written))
    other, again = (text, written) if rng.random() < 0.5 else _any_way(desk, payer, bill[0])
    truth = refuses("twice", "duplicate", bill)
    truth.written = tuple(again)
    desk.send(payer.site, bill[0].amount, other, payer.relatives[-1], desk.when(after=when), truth)


def cancelled(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil(desk.site())
    when = desk.when()
    bill[0].status, bill[0].cancelled_on = "cancelled", when.date() - timedelta(days=rng.randrange(3))
    text, written = _any_way(desk, payer, bill[0])
    truth = refuses("cancelled", "cancelled", bill)
    truth.written = tuple(written)
    desk.send(payer.site, bill[0].amount, text, payer.relatives[0], when, truth)


def cancelled_later(desk: Desk) -> None:
    payer, bill = desk.pupil()
    when = desk.when()
    bill[0].status, bill[0].cancelled_on = "cancelled", when.date() + timedelta(days=1 + desk.rng.randrange(9))
    desk.send(payer.site, bill[0].amount, bill[0].reference, payer.relatives[0], when, pays("cancelled_later", bill))


def issued_anew(desk: Desk) -> None:
    """The first notice was cancelled and another issued; the payer is named by words."""
    payer, bill = desk.pupil()
    when = desk.when()
    bill[0].status, bill[0].cancelled_on = "cancelled", when.date() - timedelta(days=2)
    anew = desk.world.issue(payer, NOVEMBER, amount=bill[0].amount)
    text, written = _name_and_class(desk, payer, bill[0])
    desk.send(payer.site, bill[0].amount, text, payer.relatives[0], when, pays("issued_anew", anew, written))


def wrong_account(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil()
    elsewhere = rng.choice([site for site in desk.world.sites if site is not payer.site])
    text, written = _any_way(desk, payer, bill[0])
    truth = refuses("wrong_account", "wrong_account", bill)
    truth.written = tuple(written)
    desk.send(elsewhere, bill[0].amount, text, payer.relatives[0], desk.when(), truth)


def same_name(desk: Desk) -> None:
    rng = desk.rng
    site = desk.school()
    first, bill = desk.pupil(site)
    act = rng.randrange(4)
    second = desk.world.payer(site, name=first.name, group=first.group if act < 2 else rng.choice(site.groups))
    other = desk.world.issue(second, NOVEMBER, amount=bill[0].amount if act != 3 else bill[0].amount + 23_000)
    text, written = _name_and_class(desk, first, bill[0])
    if second.group == first.group and act != 3 and first.phone not in text:
        truth = asks("same_name_class_and_sum", bill, other)
    else:
        truth = pays("same_name_told_apart", bill, written)
    desk.send(site, bill[0].amount, text, first.relatives[0], desk.when(), truth)


def same_name_but_for_a_mark(desk: Desk) -> None:
    rng = desk.rng
    site = desk.school()
    name, other_name = people.toned_pair(rng)
    first = desk.world.payer(site, name=name)
    second = desk.world.payer(site, name=other_name, group=first.group)
    bill, other = desk.world.issue(first, NOVEMBER), None
    other = desk.world.issue(second, NOVEMBER, amount=bill[0].amount)
    marked = rng.random() < 0.3
    text = (
        f"{first.name} {writing.group(rng, first.group)} {desk.what(bill[0])}"
        if marked
        else writing.plain(f"{first.name} {first.group} {desk.what(bill[0])}")
    )
    truth = pays("marks_tell_apart", bill) if marked else asks("marks_lost", bill, other)
    desk.send(site, bill[0].amount, text, first.relatives[0], desk.when(), truth, marks_kept=marked)


def sender_with_a_pupils_name(desk: Desk) -> None:
    payer, bill = desk.pupil()
    sender = desk.world.relative(name=payer.name)
    text = desk.rng.choice(("", "", "", desk.what(bill[0]), f"{payer.name} chuyen tien", f"{payer.name} ck"))
    desk.send(payer.site, bill[0].amount, text, sender, desk.when(), nobody("sender_with_a_pupils_name"))


def not_on_the_list(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil()
    bare = {writing.plain(each.name) for each in payer.site.payers}
    stranger = people.full_name(rng)
    while writing.plain(stranger) in bare:
        stranger = people.full_name(rng)
    group = writing.group(rng, rng.choice(payer.site.groups)) if rng.random() < 0.7 else ""
    text = writing.styled(rng, writing.sentence(rng, stranger, group, desk.what(bill[0])))
    desk.send(payer.site, bill[0].amount, text, desk.world.relative(), desk.when(), nobody("not_on_the_list"))


def code_against_name(desk: Desk) -> None:
    rng = desk.rng
    site = desk.school()
    payer, bill = desk.pupil(site)
    other = desk.world.payer(site)
    others = desk.world.issue(other, NOVEMBER, amount=bill[0].amount)
    code = bill[0].reference if rng.random() < 0.4 else payer.code
    if code == payer.code and rng.random() < 0.2:
        text = f"{code} {writing.styled(rng, people.full_name(rng))} {rng.choice(('', 'tien an', 'nop tien'))}"
        desk.send(site, bill[0].amount, text, desk.world.relative(), desk.when(), asks("code_against_stranger", bill))
        return
    name = writing.styled(rng, f"{other.name} {writing.group(rng, other.group) if rng.random() < 0.7 else ''}".strip())
    text = rng.choice((f"{code} {name}", f"{name} {code}", f"{code} {name} tien an"))
    desk.send(site, bill[0].amount, text, desk.world.relative(), desk.when(), asks("code_against_name", bill, others))


def cash_deposit(desk: Desk) -> None:
    rng = desk.rng
    site = desk.site()
    staff = people.staff_name(rng)
    day = rng.randrange(1, 28)
    text = rng.choice(
        (
            f"{staff} nop tien mat",
            "NOP TIEN MAT VAO TK",
            f"nop tm tien ban tru ngay {day}/11",
            f"{staff} nop TM",
            f"thu quy nop tien mat thu ngay {day}/11",
            "nop tien mat thu vien phi trong ngay",
            f"NT {staff} NOP TIEN MAT",
            "nop quy tien mat ve ngan hang",
            f"Nộp tiền mặt thu bán trú ngày {day}/11",
            f"KE TOAN NOP TIEN MAT NGAY {day}/11/2026",
            "nop tien mat thu tien an",
            f"{staff}-thu quy-nop tien mat vao tai khoan",
            "cash deposit",
        )
    )
    sender = Relative(rng.choice((staff, site.name, "")), "", "")
    amount = rng.randrange(3, 300) * rng.choice((10_000, 50_000, 115_000))
    desk.send(site, amount, writing.styled(rng, text), sender, desk.when(), nobody("cash_deposit", "cash_deposit"))


def not_income(desk: Desk) -> None:
    rng = desk.rng
    site = desk.site()
    text, sender = rng.choice(
        (
            ("TRA LAI TIEN GUI THANG 11", ""),
            ("lai tien gui khong ky han", "NGAN HANG"),
            ("LAI NHAP GOC TK 31/10", ""),
            ("INTEREST PAYMENT OCT", ""),
            ("Tra lai tien gui TK thanh toan", ""),
            ("KBNN cap kinh phi Q4", "KHO BAC NHA NUOC KHU VUC VI"),
            ("cap kinh phi hoat dong thang 11", "KHO BAC NHA NUOC"),
            ("rut du toan chi thuong xuyen", "KHO BAC NHA NUOC HUYEN"),
            ("kinh phi ho tro hoc sinh ban tru", "KBNN BAC NINH"),
            ("hoan tien mua hang don 3391", "CONG TY TNHH SACH THIET BI"),
            ("HOAN TRA TIEN CHUYEN NHAM", "CONG TY CP VAN PHONG PHAM"),
            ("refund order 88123", "CONG TY TNHH ABC"),
            ("chuyen tra tien thua hop dong 12", "CTY TNHH THUC PHAM SACH"),
            ("lai suat tien gui", "AGRIBANK CN"),
            ("Lãi tiền gửi không kỳ hạn tháng 10", ""),
            ("hoàn trả tiền thừa thanh toán tiền thực phẩm", "CTY TNHH RAU SACH"),
        )
    )
    amount = rng.randrange(1, 90_000) * rng.choice((1, 137, 1_000))
    truth = nobody("not_income", "not_income")
    desk.send(site, amount, text, Relative(sender, "", ""), desk.when(), truth, marks_kept=True)


def money_out(desk: Desk) -> None:
    payer, bill = desk.pupil(desk.site())
    truth = nobody("money_out", "not_income")
    desk.send(payer.site, bill[0].amount, bill[0].reference, payer.relatives[0], desk.when(), truth, direction="out")


def virtual_account(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil(desk.site())
    bill[0].virtual_account = f"VA{rng.randrange(10**10):010d}"
    text = rng.choice(("", "", "tien an", writing.styled(rng, payer.name), bill[0].reference))
    desk.send(
        payer.site,
        bill[0].amount,
        text,
        payer.relatives[0],
        desk.when(),
        pays("virtual_account", bill),
        virtual_account=bill[0].virtual_account,
    )


SCENARIOS: tuple[tuple[Scenario, float], ...] = (
    (reference_intact, 26),
    (reference_rough, 8),
    (reference_slip, 5),
    (before_its_notice, 0.5),
    (payer_code, 6),
    (name_and_class, 12),
    (pupil_pays_from_own_account, 0.7),
    (name_alone, 5),
    (given_name_and_class, 3.5),
    (name_damaged, 3),
    (name_damaged_alone, 0.7),
    (known_payer, 4),
    (known_payer_of_several, 1.3),
    (helper, 0.3),
    (nothing, 2),
    (siblings, 2),
    (two_references, 1.3),
    (teachers_sum, 0.5),
    (everything_owed, 2),
    (two_months, 2),
    (two_fees, 1.5),
    (bill_of_several, 5),
    (voluntary_line, 0.5),
    (part_short_over, 3),
    (twice, 2.5),
    (cancelled, 1.5),
    (cancelled_later, 0.3),
    (issued_anew, 0.3),
    (wrong_account, 1.5),
    (same_name, 1.5),
    (same_name_but_for_a_mark, 0.7),
    (sender_with_a_pupils_name, 1),
    (not_on_the_list, 1.2),
    (code_against_name, 1),
    (cash_deposit, 0.8),
    (not_income, 0.8),
    (money_out, 0.6),
    (virtual_account, 1),
)
"""Each with its weight among a hundred or so."""


def background(desk: Desk, count: int) -> None:
    """Payers who have not paid yet, so that what is named must be told from others like it."""
    for _ in range(count):
        site = desk.site()
        desk.pupil(site, kinds=None)
