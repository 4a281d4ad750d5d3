"""What settles nothing: paid already, cancelled, on a wrong account, or of two minds."""

from __future__ import annotations

from datetime import timedelta

from tests.corpus import people, writing
from tests.corpus.scenarios.desk import NOVEMBER, Desk, any_way, words_of_pupil
from tests.corpus.truth import asks, nobody, pays, refuses
from tests.corpus.world import ends


def twice(desk: Desk) -> None:
    """Father and mother both pay."""
    rng = desk.rng
    payer, bill = desk.pupil(desk.site())
    text, written = any_way(desk, payer, bill[0])
    when = desk.when()
    desk.send(payer.site, bill[0].amount, text, payer.relatives[0], when, pays("first_of_two", bill, *written))
    other, again = (text, written) if rng.random() < 0.5 else any_way(desk, payer, bill[0])
    truth = refuses("twice", "duplicate", bill)
    truth.written = tuple(again)
    desk.send(payer.site, bill[0].amount, other, payer.relatives[-1], desk.when(after=when), truth)


def cancelled(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil(desk.site())
    when = desk.when()
    bill[0].status, bill[0].cancelled_on = "cancelled", when.date() - timedelta(days=rng.randrange(3))
    text, written = any_way(desk, payer, bill[0])
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
    text, written = words_of_pupil(desk, payer, bill[0])
    desk.send(payer.site, bill[0].amount, text, payer.relatives[0], when, pays("issued_anew", anew, written))


def wrong_account(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil()
    elsewhere = rng.choice([site for site in desk.world.sites if site is not payer.site])
    text, written = any_way(desk, payer, bill[0])
    truth = refuses("wrong_account", "wrong_account", bill)
    truth.written = tuple(written)
    desk.send(elsewhere, bill[0].amount, text, payer.relatives[0], desk.when(), truth)


def sender_with_a_pupils_name(desk: Desk) -> None:
    payer, bill = desk.pupil()
    sender = desk.world.relative(name=payer.name)
    text = desk.rng.choice(("", "", "", desk.what(bill[0]), f"{payer.name} chuyen tien", f"{payer.name} ck"))
    desk.send(payer.site, bill[0].amount, text, sender, desk.when(), nobody("sender_with_a_pupils_name"))


def not_on_the_list(desk: Desk) -> None:
    rng = desk.rng
    payer, bill = desk.pupil()
    known = {ends(each.name) for each in payer.site.payers}
    stranger = people.full_name(rng)
    while ends(stranger) in known:
        stranger = people.full_name(rng)
    payer.site.strangers.add(ends(stranger))
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
        stranger = people.full_name(rng)
        while ends(stranger) == ends(payer.name):
            stranger = people.full_name(rng)
        text = f"{code} {writing.styled(rng, stranger)} {rng.choice(('', 'tien an', 'nop tien'))}"
        desk.send(site, bill[0].amount, text, desk.world.relative(), desk.when(), asks("code_against_stranger", bill))
        return
    name = writing.styled(rng, f"{other.name} {writing.group(rng, other.group) if rng.random() < 0.7 else ''}".strip())
    text = rng.choice((f"{code} {name}", f"{name} {code}", f"{code} {name} tien an"))
    desk.send(site, bill[0].amount, text, desk.world.relative(), desk.when(), asks("code_against_name", bill, others))
