"""Bills named by reference or virtual account: exact, in part, several, too much."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tests.corpus import writing
from tests.corpus.scenarios.desk import LOCAL, NOVEMBER, Desk, reference_text, words_of_pupil
from tests.corpus.truth import asks, pays


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
    when = datetime.combine(bill[0].issued_on - timedelta(days=desk.rng.randrange(1, 5)), time(9, 30), LOCAL)
    desk.send(payer.site, bill[0].amount, bill[0].reference, payer.relatives[0], when, pays("before_its_notice", bill))


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
        text, _ = words_of_pupil(desk, payer, bill[0])
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
