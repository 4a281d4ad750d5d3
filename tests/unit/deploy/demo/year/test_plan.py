from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from deploy.demo import banks, district
from deploy.demo.chance import seeded
from deploy.demo.payers import Bill, OpenNotice
from deploy.demo.providers import Report
from deploy.demo.year import plan
from deploy.demo.year.households import Drive, chance_without_cash, households_of
from deploy.demo.year.parameters import parameters
from deploy.demo.year.plan import Circumstances, Fate, Payable, Way
from deploy.demo.year.school_year import Month, is_tet, months, notices_of
from deploy.demo.year.statements import statement_csv
from shared.reference import find_references, random_reference

NUMBERS = parameters()
SEPTEMBER = months(NUMBERS)[0]
END = date(2026, 5, 31)
SITES = (district.sites()[0], district.sites()[1], *[site for site in district.sites() if site.type != "school"][:12])


def payables(month: Month = SEPTEMBER, seed: int = 7) -> list[Payable]:
    found = []
    for site in SITES:
        for household in households_of(site, seed, NUMBERS):
            issued = notices_of(household, month, seed, NUMBERS)
            reference = random_reference(seeded("reference", issued[0].notice_id))
            lines = tuple(OpenNotice(each.notice_id, each.amount, each.fee_kind) for each in issued)
            bill = Bill(reference, site.site_id, site.account, household.payer.name, household.payer.group, lines)
            found.append(Payable(bill, household, issued[0].issued_on))
    return found


def circumstances(**more) -> Circumstances:
    return Circumstances(**{"seed": 7, "parameters": NUMBERS, "last_day": END, **more})


def described(acts):
    return [(act.at, act.account, act.amount, act.way, act.fate, act.channel, act.memo) for act in acts]


def test_the_same_seed_gives_the_same_month_and_another_one_another():
    first, second = (plan.acts_of_month(payables(), circumstances()) for _ in range(2))
    assert described(first) == described(second)
    assert described(first) != described(plan.acts_of_month(payables(seed=8), circumstances(seed=8)))


def test_nothing_happens_before_a_fee_is_issued_at_tet_or_after_the_end():
    end = date(2026, 2, 28)
    february = Month(date(2026, 2, 1))
    acts = plan.acts_of_month(payables(february), circumstances(last_day=end))
    assert acts
    for act in acts:
        assert february.first_day <= act.at.date() <= end
        # What follows a first payment (a second half) may fall into the holidays; nobody begins then.
        assert act.way in {Way.IN_PARTS, Way.TWICE} or not is_tet(act.at.date(), NUMBERS)


def test_two_movements_of_an_account_are_never_in_the_same_second():
    acts = plan.acts_of_month(payables(), circumstances())
    moments = Counter((act.account, act.at) for act in acts)
    assert set(moments.values()) == {1}
    assert all(before.at <= after.at for before, after in pairwise(acts))


def test_every_way_and_every_fate_occurs_in_a_year():
    acts = [act for month in months(NUMBERS) for act in plan.acts_of_month(payables(month), circumstances())]
    acts += plan.other_movements("S", "A", SEPTEMBER.first_day, circumstances())
    assert {act.way for act in acts} == set(Way)
    assert {act.fate for act in acts} == set(Fate)
    assert {act.channel for act in acts} == {"bank", "cash", "portal"}


def test_without_statements_no_webhook_is_lost_for_good():
    acts = plan.acts_of_month(payables(), circumstances(statements_heal=False))
    assert Fate.LOST not in {act.fate for act in acts}


def test_a_plain_memo_names_its_bill_and_one_of_another_slip_the_other():
    acts = plan.acts_of_month(payables(), circumstances())
    for act in acts:
        exact = {found.reference for found in find_references(act.memo) if found.exact}
        if act.channel == "bank" and act.way in {Way.PLAIN, Way.TWICE, Way.TOO_MUCH, Way.IN_PARTS, Way.LESS_A_FEE}:
            assert exact == {act.reference}
        elif act.way is Way.OF_ANOTHER_SLIP:
            assert len(exact) == 1
            assert act.reference not in exact
        else:
            assert not exact


def test_what_is_meant_never_exceeds_the_money_or_the_fees():
    bills = payables()
    acts = plan.acts_of_month(bills, circumstances())
    plan.settle(bills, acts, END + timedelta(days=1))
    paid: Counter[str] = Counter()
    for act in acts:
        assert sum(act.pays.values()) <= act.amount
        assert all(amount > 0 for amount in act.pays.values())
        paid.update(act.pays)
    owed = {notice.notice_id: notice.amount for each in bills for notice in each.bill.notices}
    assert all(paid[notice_id] <= owed[notice_id] for notice_id in paid)
    twice = [act for act in acts if act.way is Way.TWICE]
    assert sum(not act.pays for act in twice) == sum(bool(act.pays) for act in twice)


def test_money_without_a_word_waits_at_the_end_only():
    bills = payables()
    often = NUMBERS.changed(paying__without_reference=0.5)
    acts = plan.acts_of_month(bills, circumstances(parameters=often))
    silent = [act for act in acts if act.way is Way.WITHOUT_A_WORD]
    border = silent[len(silent) // 2].at.date()
    plan.settle(bills, acts, border)
    assert all(bool(act.pays) == (act.at.date() < border) for act in silent)


def test_a_site_whose_code_broke_takes_cash_alone_from_then_on():
    broken = date(2025, 9, 10)
    acts = plan.acts_of_month(payables(), circumstances(broken_codes={SITES[0].site_id: broken}))
    later = [act for act in acts if act.site_id == SITES[0].site_id and act.at.date() >= broken + timedelta(days=10)]
    assert later
    assert {act.channel for act in later if act.way is Way.PLAIN} == {"cash"}


def test_a_campaign_that_works_lifts_and_one_that_does_not_does_not():
    household = next(each for each in households_of(SITES[0], 7, NUMBERS) if each.can_pay_without_cash)
    household.habit = 0.5
    day = date(2025, 10, 1)

    def chance(kind: str, unit: str) -> float:
        return chance_without_cash(household, day, [Drive("K", unit, day, day, kind)], NUMBERS)

    base = chance_without_cash(household, day, [], NUMBERS)
    assert chance("home_visit", household.site.unit_code) > base
    assert chance("home_visit", "07672") == base
    assert chance("market_day", "24") == base


def test_who_has_no_account_phone_or_relative_pays_in_cash():
    household = households_of(SITES[0], 7, NUMBERS)[0]
    household.relative_away = household.has_account = False
    assert chance_without_cash(household, date(2025, 10, 1), [], NUMBERS) == 0


@pytest.mark.parametrize("month", months(NUMBERS))
def test_fees_have_whole_ids_and_sound_dates(month):
    for site in SITES[:3]:
        for household in households_of(site, 7, NUMBERS):
            issued = notices_of(household, month, 7, NUMBERS)
            assert 1 <= len(issued) <= 4
            assert len({each.notice_id for each in issued}) == len(issued)
            assert all(month.first_day <= each.issued_on <= month.last_day < date(2026, 6, 1) for each in issued)
            assert all(each.issued_on < each.due_on and each.amount > 0 for each in issued)


def test_a_statement_tells_every_movement_and_balances():
    moved = [("in", 5_000), ("out", 2_000), ("in", 7_000)]
    balance, reports = 100_000, []
    for number, (direction, amount) in enumerate(moved):
        balance += amount if direction == "in" else -amount
        at = plan.datetime(2026, 5, 4, 9, number, tzinfo=plan.LOCAL)
        reference = banks.bank_reference(number, at, seeded(number))
        reports.append(Report(number, "A", amount, direction, at, "memo", None, None, None, reference, balance))
    content, opening, closing = statement_csv(reports[::-1])
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert (opening, closing) == (100_000, 110_000)
    assert [row["Số dư"] for row in rows] == ["105000", "103000", "110000"]
    credits, debits = (sum(int(row[name] or 0) for row in rows) for name in ("Ghi có", "Ghi nợ"))
    assert opening + credits - debits == closing
