"""Payers named by a code, a name, a class, or a part of these."""

from __future__ import annotations

from tests.corpus import people, writing
from tests.corpus.scenarios.desk import NOVEMBER, OCTOBER, Desk, slipped_name, words_of_pupil
from tests.corpus.truth import Written, asks, pays, refuses


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


def name_and_class(desk: Desk) -> None:
    payer, bill = desk.pupil()
    text, written = words_of_pupil(desk, payer, bill[0])
    sender = desk.rng.choice(payer.relatives)
    if desk.rng.random() < 0.15:
        text = writing.with_sender(desk.rng, text, sender.name)
    desk.send(payer.site, bill[0].amount, text, sender, desk.when(), pays("name_and_class", bill, written))


def pupil_pays_from_own_account(desk: Desk) -> None:
    payer, bill = desk.pupil()
    text, written = words_of_pupil(desk, payer, bill[0])
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
    text, written = words_of_pupil(desk, payer, bill[0], "given")
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
    text, written = words_of_pupil(desk, payer, bill[0], form)
    desk.send(
        payer.site, bill[0].amount, text, rng.choice(payer.relatives), desk.when(), pays(f"name_{form}", bill, written)
    )


def name_damaged_alone(desk: Desk) -> None:
    """Without a class: a slip, or a middle name left out, which leaves so little that another child could bear it too."""
    rng = desk.rng
    payer, bill = desk.pupil()
    form = "slip" if len(payer.name.split()) < 3 else rng.choice(("slip", "lost"))
    name = slipped_name(rng, payer.name) if form == "slip" else writing.without_middle(payer.name)
    text = writing.styled(rng, writing.sentence(rng, name, desk.what(bill[0]), desk.optional_month(bill[0])))
    if form == "slip":
        truth = pays("name_slip_alone", bill, Written(payer, form, name, with_group=False))
    else:
        truth = asks("name_lost_alone", bill)
    desk.send(payer.site, bill[0].amount, text, rng.choice(payer.relatives), desk.when(), truth)


def name_turned(desk: Desk) -> None:
    """A whole name in another order; without a class it may be somebody's name as it stands, where it begins with a family name."""
    rng = desk.rng
    payer, bill = desk.pupil()
    if len(payer.name.split()) < 3:
        return
    name = writing.turned(rng, payer.name)
    is_named = rng.random() < 0.6
    group = writing.group(rng, payer.group) if is_named else ""
    text = writing.styled(
        rng, writing.sentence(rng, name, group, desk.what(bill[0]), leading=rng.choice(("", "hs ", "be ")))
    )
    written = Written(payer, "turned", name, with_group=is_named)
    if is_named or not people.may_be_family(name.split()[0]):
        truth = pays("name_turned", bill, written)
    else:
        truth = asks("name_turned_alone", bill)
    desk.send(payer.site, bill[0].amount, text, rng.choice(payer.relatives), desk.when(), truth)


def beside_the_teacher(desk: Desk) -> None:
    """The class teacher's name stands behind the pupil's."""
    rng = desk.rng
    payer, bill = desk.pupil()
    teacher = people.staff_name(rng)
    text = writing.styled(rng, f"{payer.name} {writing.group(rng, payer.group)} gvcn {rng.choice(('', 'co '))}{teacher}")
    written = Written(payer, "full", payer.name, with_group=True)
    truth = pays("beside_the_teacher", bill, written)
    desk.send(payer.site, bill[0].amount, text, rng.choice(payer.relatives), desk.when(), truth)


def fee_paid_again(desk: Desk) -> None:
    """The memo names a fee that is paid, while another of the same sum is open."""
    rng = desk.rng
    payer = desk.world.payer(desk.school())
    meals = desk.world.issue(payer, NOVEMBER, ["meals"])
    other = desk.world.issue(payer, NOVEMBER, ["uniform"], amount=meals[0].amount)
    first = desk.when()
    desk.send(payer.site, meals[0].amount, meals[0].reference, payer.relatives[0], first, pays("first_fee", meals))
    group, again = writing.group(rng, payer.group), desk.when(after=first)
    written = Written(payer, "full", payer.name, with_group=True)
    if rng.random() < 0.5:
        what, truth = (
            rng.choice(("tien an", "tien an trua", "tien com", "an trua")),
            refuses("fee_paid_again", "duplicate", meals),
        )
        truth.written = (written,)
    else:
        what, truth = rng.choice(writing.MEANINGS["uniform"]), pays("other_fee_of_that_sum", other, written)
    text = writing.styled(rng, writing.sentence(rng, payer.name, group, what, leading=""))
    desk.send(payer.site, meals[0].amount, text, payer.relatives[0], again, truth)


def months_together(desk: Desk) -> None:
    """Two months in one sum, both named."""
    rng = desk.rng
    payer = desk.world.payer(desk.school())
    fee = desk.world.main_fee(payer.site)
    amount = rng.randrange(200, 500) * 1000
    months = [desk.world.issue(payer, month, [fee], amount=amount)[0] for month in (OCTOBER, NOVEMBER)]
    named = rng.choice(("t10 t11", "t10+11", "thang 10 va 11", "thang 10, 11", "t10-11", "tháng 10 và tháng 11", "t10, t11"))
    text = writing.styled(
        rng, writing.sentence(rng, payer.name, writing.group(rng, payer.group), "tien an", named, leading="")
    )
    written = Written(payer, "full", payer.name, with_group=True)
    desk.send(payer.site, 2 * amount, text, payer.relatives[0], desk.when(), pays("months_together", months, written))


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
        rng,
        f"{rng.choice(('', 'nop tien cho ', 'tien an ', 'tien an t11 ', 'hai con ' if count == 2 else '3 chau '))}{joint.join(names)}",
    )
    total = sum(bill.amount for bill in bills)
    if rng.random() < 0.85:
        truth = pays("siblings", bills, *written)
    else:
        total -= 50_000
        truth = asks("siblings_inexact", bills)
    desk.send(site, total, text, children[0].relatives[0], desk.when(), truth)


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
    written: Written | None
    text, written = words_of_pupil(desk, payer, notices[0], month=False)
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


def same_name(desk: Desk) -> None:
    rng = desk.rng
    site = desk.school()
    first, bill = desk.pupil(site)
    act = rng.randrange(4)
    second = desk.world.payer(site, name=first.name, group=first.group if act < 2 else rng.choice(site.groups))
    other = desk.world.issue(second, NOVEMBER, amount=bill[0].amount if act != 3 else bill[0].amount + 23_000)
    text, written = words_of_pupil(desk, first, bill[0])
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
