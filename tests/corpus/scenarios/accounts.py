"""Nothing but the account says whose money it is."""

from __future__ import annotations

from tests.corpus import people
from tests.corpus.scenarios.desk import NOVEMBER, OCTOBER, SEPTEMBER, Desk, reference_text, words_of_pupil
from tests.corpus.truth import asks, nobody, pays, refuses
from tests.corpus.world import Notice, Payer, Relative


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


def known_payer_names_another(desk: Desk) -> None:
    """An account that has paid for one child pays now for another, whom the memo names."""
    rng = desk.rng
    site = desk.school()
    first, second = desk.world.payer(site), desk.world.payer(site)
    sender = rng.choice(first.relatives)
    _paid_before(desk, first, sender, OCTOBER)
    amount = desk.world.issue(first, NOVEMBER)[0].amount
    bill = desk.world.issue(second, NOVEMBER, amount=amount)
    text, written = words_of_pupil(desk, second, bill[0])
    truth = pays("known_payer_names_another", bill, written)
    desk.send(site, amount, text, sender, desk.when(), truth, known_account=True)


def helper(desk: Desk) -> None:
    """One who pays for many, naming each; what comes without a name could be for anybody."""
    rng = desk.rng
    site = desk.school()
    sender = desk.world.relative(name=people.staff_name(rng))
    group = rng.choice(site.groups)
    for _ in range(rng.randrange(4, 7)):
        payer = desk.world.payer(site, group=group)
        bill = desk.world.issue(payer, OCTOBER)
        text, written = words_of_pupil(desk, payer, bill[0])
        desk.send(
            site, bill[0].amount, text, sender, desk.when(OCTOBER), pays("helper_names", bill, written), known_account=True
        )
        desk.world.issue(payer, NOVEMBER, amount=bill[0].amount)
    desk.send(site, bill[0].amount, "", sender, desk.when(), nobody("helper_names_nobody"), known_account=True)
