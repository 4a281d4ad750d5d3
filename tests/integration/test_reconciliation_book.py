"""The day book on a real PostgreSQL, on dates that the test decides: when days close, and what is found after that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest

from services.reconciliation.days.closing import close_days
from shared.clock import LOCAL
from shared.events.bank import Sighting
from shared.runtime.problems import Problem
from tests.integration.payment_events import (
    ACCOUNT,
    a_credit,
    a_notice,
    a_site,
    a_statement,
    a_transaction,
    at,
    cash,
    undone,
)
from tests.integration.reconciliation_book import Book, days_from, fresh_book

MONDAY = date(2026, 10, 5)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = days_from(MONDAY, 5)[1:]
NEXT_MONDAY = MONDAY + timedelta(days=7)


@pytest.fixture
async def book(postgres_dsn: str) -> AsyncIterator[Book]:
    async with fresh_book(postgres_dsn) as made:
        await made.take(a_site(), a_notice("n1"), today=MONDAY)
        yield made


def paid(transaction_id: str, day: date, amount: int = 100_000, **more: Any) -> tuple[Any, Any]:
    """A movement and its decision."""
    return a_transaction(transaction_id, day, amount, **more), a_credit(transaction_id, day, amount)


def by_statement(transaction_id: str, day: date, amount: int = 100_000, **more: Any) -> Any:
    """A movement that only a statement told of."""
    seen = (Sighting(provider="statement", seen_by="statement", received_at=at(day)),)
    return a_transaction(transaction_id, day, amount, seen_by="statement", provider="statement", sightings=seen, **more)


# --- when a day's data are in


async def test_every_day_of_an_account_is_a_row_even_where_nothing_moved(book: Book) -> None:
    await book.derive(MONDAY)
    await book.wake_on(WEDNESDAY)
    days = await book.days()
    assert [key[-10:] for key in sorted(days)] == ["2026-10-05", "2026-10-06", "2026-10-07"]
    assert {day.state for day in days.values()} == {"open", "balanced"}
    assert all(day.data_in is None and day.fresh_until is None for day in days.values())


async def test_a_day_on_a_statement_closes_by_itself_and_an_empty_one_too(book: Book) -> None:
    transaction, credit = paid("t1", MONDAY)
    await book.take(transaction, credit, a_statement("s1", MONDAY, TUESDAY, [transaction]))
    await book.derive(MONDAY)
    assert (await book.day(MONDAY)).state == "open", "it is not over"
    await book.wake_on(WEDNESDAY)
    monday, tuesday = await book.day(MONDAY), await book.day(TUESDAY)
    assert (monday.state, monday.closed_by, monday.data_in) == ("closed", "auto", "statement")
    assert (monday.credits, monday.bank_credits, monday.suspense) == (100_000, 100_000, 100_000)
    assert (tuesday.state, tuesday.credits, tuesday.closing) == ("closed", 0, 1_100_000)
    assert (await book.day(WEDNESDAY)).state == "open"


async def test_nothing_closes_before_everything_was_read(book: Book) -> None:
    transaction, credit = paid("t1", MONDAY)
    await book.take(transaction, credit, a_statement("s1", MONDAY, MONDAY, [transaction]))
    await book.derive(TUESDAY, may_close=False)
    assert (await book.day(MONDAY)).state == "balanced"
    await book.wake_on(TUESDAY)
    assert (await book.day(MONDAY)).state == "closed"


async def test_a_statement_drawn_during_the_day_does_not_close_it_and_the_next_one_does(book: Book) -> None:
    early, evening = paid("t1", MONDAY), paid("t2", MONDAY, 20_000, occurred_at=at(MONDAY, 20))
    drawn_at = datetime.combine(MONDAY, time(16, 30), LOCAL)
    await book.take(*early, a_statement("s1", MONDAY, MONDAY, [early[0]], received_at=drawn_at))
    await book.wake_on(TUESDAY)
    monday = await book.day(MONDAY)
    assert (monday.state, monday.data_in) == ("balanced", None)
    assert monday.fresh_until == drawn_at
    # The evening's payment comes by webhook, and tomorrow's statement opens with both.
    await book.take(*evening, a_statement("s2", TUESDAY, TUESDAY, [], opening=1_120_000, closing=1_120_000))
    await book.wake_on(WEDNESDAY)
    assert await book.kinds() == set()
    monday = await book.day(MONDAY)
    assert (monday.state, monday.data_in, monday.credits) == ("closed", "statement", 120_000)


async def test_webhooks_alone_close_a_day_when_balances_run_on_or_after_the_longest_schedule_of_repeats(book: Book) -> None:
    with_balances = [
        paid("b1", MONDAY, 100_000, balance_after=600_000),
        paid("b2", MONDAY, 50_000, balance_after=650_000, occurred_at=at(MONDAY, 15)),
        paid("b3", WEDNESDAY, 10_000, balance_after=660_000),
    ]
    await book.take(*with_balances[0], *with_balances[1])
    await book.wake_on(TUESDAY)
    assert (await book.day(MONDAY)).state == "balanced", "nothing came after it yet"
    await book.take(*with_balances[2])
    await book.derive(WEDNESDAY)
    monday, tuesday = await book.day(MONDAY), await book.day(TUESDAY)
    assert (monday.state, monday.data_in, monday.opening, monday.closing) == ("closed", "balances", 500_000, 650_000)
    assert (tuesday.state, tuesday.data_in, tuesday.credits) == ("closed", "balances", 0)


async def test_without_balances_a_webhook_day_waits_five_days_and_for_a_sign_that_the_feed_lives(book: Book) -> None:
    await book.take(*paid("w1", MONDAY))
    await book.wake_on(FRIDAY)
    assert (await book.day(MONDAY)).state == "balanced"
    await book.wake_on(NEXT_MONDAY)
    assert (await book.day(MONDAY)).state == "balanced", "a feed that has been silent since proves nothing"
    await book.take(*paid("w2", NEXT_MONDAY))
    await book.derive(NEXT_MONDAY)
    monday = await book.day(MONDAY)
    assert (monday.state, monday.data_in) == ("closed", "webhooks")
    assert (await book.day(TUESDAY)).state == "closed"
    assert (await book.day(FRIDAY)).state == "balanced", "five days are not over"


async def test_an_account_with_statements_waits_for_its_statement(book: Book) -> None:
    old = MONDAY - timedelta(days=30)
    await book.take(
        a_statement("s0", old, old, []), *paid("w1", MONDAY, balance_after=1_000), *paid("w2", FRIDAY, balance_after=2_000)
    )
    await book.wake_on(NEXT_MONDAY + timedelta(days=14))
    assert (await book.day(MONDAY)).data_in is None


# --- what stands in the way


async def test_a_missing_webhook_between_balances_breaks_the_day_until_the_money_is_known(book: Book) -> None:
    first = paid("b1", MONDAY, 100_000, balance_after=600_000)
    second = paid("b2", MONDAY, 50_000, balance_after=650_000, occurred_at=at(MONDAY, 10))
    last = paid("b4", TUESDAY, 10_000, balance_after=690_000)
    await book.take(*first, *second, *last)
    await book.wake_on(WEDNESDAY)
    [found] = await book.discrepancies("balance_break")
    assert (found.amount, found.about.date, found.owner_role) == (30_000, TUESDAY, "accountant")
    assert (await book.day(TUESDAY)).state == "discrepant"
    await book.take(*paid("b3", TUESDAY, 30_000, balance_after=680_000, occurred_at=at(TUESDAY, 8)))
    await book.derive(WEDNESDAY)
    [settled] = await book.discrepancies("balance_break", "settled")
    assert settled.settled_by == "auto"
    assert (await book.day(TUESDAY)).state == "balanced"


async def test_a_gap_between_statements_is_a_break_unless_what_is_known_explains_it(book: Book) -> None:
    await book.take(
        a_statement("s1", MONDAY, MONDAY, []),
        a_statement("s2", THURSDAY, THURSDAY, [], opening=1_070_000, closing=1_070_000),
    )
    await book.wake_on(FRIDAY)
    [found] = await book.discrepancies("balance_break")
    assert (found.amount, found.about.date, found.about.statement_id) == (70_000, THURSDAY, "s2")
    assert (await book.day(THURSDAY)).state == "discrepant"
    assert (await book.day(TUESDAY)).state == "balanced"
    await book.take(*paid("t1", TUESDAY, 70_000))
    await book.derive(FRIDAY)
    assert await book.kinds() == set()
    assert {(await book.day(day)).state for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY)} == {"closed"}


async def test_a_suspected_duplicate_keeps_its_day_until_it_is_merged_or_the_bank_lists_both(book: Book) -> None:
    one, two = paid("d1", MONDAY), paid("d2", MONDAY, possible_duplicate_of="d1")
    await book.take(*one, *two)
    await book.wake_on(TUESDAY)
    [found] = await book.discrepancies("duplicate_suspected")
    assert set(found.about.transaction_ids) == {"d1", "d2"}
    assert (await book.day(MONDAY)).state == "discrepant"
    await book.take(a_statement("s1", MONDAY, MONDAY, [one[0], two[0]]))
    await book.derive(TUESDAY)
    assert (await book.day(MONDAY)).state == "closed"
    [settled] = await book.discrepancies("duplicate_suspected", "settled")
    assert settled.settled_by == "auto"


async def test_money_that_only_the_statement_tells_of_is_a_missing_webhook_until_the_feed_speaks_again(book: Book) -> None:
    heard, unheard = paid("h1", MONDAY), by_statement("u1", TUESDAY)
    await book.take(*heard, unheard, a_credit("u1", TUESDAY), a_statement("s1", MONDAY, TUESDAY, [heard[0], unheard]))
    await book.wake_on(WEDNESDAY)
    [found] = await book.discrepancies("missing_webhook")
    assert (found.amount, found.about.transaction_ids, found.owner_role) == (100_000, ("u1",), "admin")
    assert (await book.day(TUESDAY)).state == "closed", "the statement has healed it"
    await book.take(*paid("h2", WEDNESDAY))
    await book.derive(WEDNESDAY)
    assert await book.kinds() == set()


async def test_a_site_of_statements_alone_misses_no_webhook(book: Book) -> None:
    line = by_statement("u1", MONDAY)
    await book.take(line, a_credit("u1", MONDAY), a_statement("s1", MONDAY, MONDAY, [line]))
    await book.wake_on(TUESDAY)
    assert await book.kinds() == set()
    assert (await book.day(MONDAY)).state == "closed"


async def test_old_money_in_suspense_is_found_on_time_and_ends_when_it_is_allocated(book: Book) -> None:
    await book.take(*paid("t1", MONDAY))
    await book.wake_on(NEXT_MONDAY)
    assert await book.discrepancies("suspense_old") == []
    await book.wake_on(NEXT_MONDAY + timedelta(days=1), NEXT_MONDAY)
    [found] = await book.discrepancies("suspense_old")
    assert (found.amount, found.about.credit_ids, found.due_on) == (100_000, ("t1",), NEXT_MONDAY + timedelta(days=15))
    await book.wake_on(NEXT_MONDAY + timedelta(days=3), NEXT_MONDAY + timedelta(days=1))
    [older] = await book.discrepancies("suspense_old")
    assert (older.age_days, older.version, older.found_on) == (2, found.version + 1, found.found_on)
    await book.take(a_credit("t1", MONDAY, version=2, pays={"n1": 100_000}))
    await book.derive(NEXT_MONDAY + timedelta(days=3))
    assert await book.discrepancies("suspense_old") == []


async def test_money_on_an_account_of_no_site_is_told_until_the_account_is_known(book: Book) -> None:
    lost = [a_transaction(f"x{number}", MONDAY, account="999", site_id=None) for number in range(3)]
    await book.take(*lost)
    await book.derive(MONDAY)
    [found] = await book.discrepancies("unrouted_account")
    assert (found.site_id, found.amount, found.about.account) == (None, 300_000, "999")
    await book.take(*[each.model_copy(update={"site_id": "TH1", "version": 2}) for each in lost])
    await book.derive(MONDAY)
    assert await book.discrepancies("unrouted_account") == []
    assert (await book.day(MONDAY, "999")).credits == 300_000


async def test_a_site_that_is_silent_where_money_came_every_weekday_is_told(book: Book) -> None:
    first = MONDAY - timedelta(weeks=10)
    workdays = [day for day in days_from(first, 70) if day.weekday() < 5]
    for number, day in enumerate(workdays):
        await book.take(*paid(f"t{number}", day, 200_000))
    await book.derive(MONDAY)
    await book.wake_on(TUESDAY)
    assert await book.discrepancies("silent_site") == [], "one quiet day"
    await book.wake_on(WEDNESDAY)
    await book.wake_on(THURSDAY)
    [found] = await book.discrepancies("silent_site")
    assert (found.amount, found.about.account, found.owner_role) == (200_000, ACCOUNT, "admin")
    await book.take(*paid("again", THURSDAY))
    await book.derive(THURSDAY)
    assert await book.discrepancies("silent_site") == [], "today's money ends it"


# --- what is found late


async def closed_monday(book: Book) -> None:
    transaction, credit = paid("t1", MONDAY)
    await book.take(transaction, credit, a_statement("s1", MONDAY, MONDAY, [transaction]))
    await book.wake_on(TUESDAY)
    assert (await book.day(MONDAY)).state == "closed"


async def test_late_money_counts_on_the_day_on_which_it_is_found_and_is_marked(book: Book) -> None:
    await closed_monday(book)
    before = await book.day(MONDAY)
    await book.take(*paid("late", MONDAY, 30_000))
    await book.derive(TUESDAY)
    assert await book.day(MONDAY) == before
    tuesday = await book.day(TUESDAY)
    assert (tuesday.credits, tuesday.suspense, tuesday.late.items, tuesday.late.credits) == (30_000, 30_000, 1, 30_000)
    # While that day is open it follows what is decided about the late money.
    await book.take(a_credit("late", MONDAY, 30_000, version=2, pays={"n1": 30_000}), *paid("own", TUESDAY, 5_000))
    await book.derive(TUESDAY)
    tuesday = await book.day(TUESDAY)
    assert (tuesday.credits, tuesday.allocated, tuesday.suspense) == (35_000, 30_000, 5_000)
    assert (tuesday.late.credits, tuesday.late.allocated, tuesday.late.suspense) == (30_000, 30_000, 0)


async def test_a_decision_about_money_of_a_closed_day_moves_it_on_the_day_on_which_it_is_made(book: Book) -> None:
    await closed_monday(book)
    matched = a_credit("t1", MONDAY, version=2, pays={"n1": 100_000})
    await book.take(matched)
    await book.derive(WEDNESDAY)
    wednesday = await book.day(WEDNESDAY)
    assert (wednesday.credits, wednesday.allocated, wednesday.suspense) == (0, 100_000, -100_000)
    await book.wake_on(NEXT_MONDAY)
    await book.take(a_statement("s2", TUESDAY, WEDNESDAY, [], opening=1_100_000, closing=1_100_000))
    await book.derive(NEXT_MONDAY)
    assert (await book.day(WEDNESDAY)).state == "closed"
    # Undone after that day closed too, it goes to a third day.
    await book.take(undone(matched))
    await book.derive(NEXT_MONDAY)
    third = await book.day(NEXT_MONDAY)
    assert (third.allocated, third.suspense, third.late.items) == (-100_000, 100_000, 1)
    days = (await book.days()).values()
    assert (sum(day.credits for day in days), sum(day.allocated for day in days), sum(day.suspense for day in days)) == (
        100_000, 0, 100_000,
    )  # fmt: skip


async def test_money_that_turns_out_to_be_none_is_taken_off_on_the_day_on_which_that_is_found(book: Book) -> None:
    await closed_monday(book)
    merged = a_transaction("t1", MONDAY, version=2, status="merged_into", merged_into="t0")
    await book.take(merged)
    await book.derive(WEDNESDAY)
    wednesday = await book.day(WEDNESDAY)
    assert (wednesday.credits, wednesday.suspense, wednesday.late.credits) == (-100_000, -100_000, -100_000)
    assert (await book.day(MONDAY)).credits == 100_000


async def test_a_replay_changes_nothing_of_what_closed_and_of_where_late_money_was_put(book: Book) -> None:
    first, late, matched = (
        paid("t1", MONDAY),
        paid("late", MONDAY, 30_000),
        a_credit("t1", MONDAY, version=2, pays={"n1": 90_000}),
    )
    statement = a_statement("s1", MONDAY, MONDAY, [first[0]])
    box = cash("c1", MONDAY, 70_000)
    await book.take(*first, statement, box)
    await book.wake_on(TUESDAY)
    await book.take(*late)
    await book.derive(TUESDAY)
    await book.take(matched)
    await book.derive(WEDNESDAY)
    await book.wake_on(THURSDAY)
    before = await book.everything()
    assert any("late" in row for row in before["placements"])
    await book.replay([a_site(), a_notice("n1"), matched, late[1], late[0], box, statement, first[0]], THURSDAY)
    assert await book.everything() == before


async def test_the_database_refuses_to_change_a_closed_day_or_what_it_counted(book: Book) -> None:
    await closed_monday(book)
    for statement in (
        "update days set state = 'open' where state = 'closed'",
        "delete from days where state = 'closed'",
        "delete from bookings",
        "update bookings set credits = credits + 1",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await book.rows(statement)


# --- closing by hand


async def close(book: Book, day: date, now: date, **more: Any) -> list[Any]:
    values: dict[str, Any] = {"account": None, "version": None, "reason": None, "person": "kt1", "at": at(now, 17)}
    async with book.database.transaction() as connection:
        return await close_days(connection, "TH1", day, **(values | more))


async def test_a_balanced_day_is_closed_by_hand_without_a_reason_today_too(book: Book) -> None:
    await book.take(*paid("t1", MONDAY))
    await book.derive(MONDAY)
    [closed] = await close(book, MONDAY, MONDAY)
    assert (closed.state, closed.closed_by, closed.close_reason, closed.credits) == ("closed", "kt1", None, 100_000)
    # What comes in on this evening counts tomorrow.
    await book.take(*paid("evening", MONDAY, 40_000, occurred_at=at(MONDAY, 20)))
    await book.derive(MONDAY)
    tomorrow = await book.day(TUESDAY)
    assert (tomorrow.credits, tomorrow.late.credits) == (40_000, 40_000)
    assert await close(book, MONDAY, MONDAY) == [closed], "closing again changes nothing"


async def test_a_day_that_differs_is_closed_with_a_reason_only_which_settles_the_difference(book: Book) -> None:
    on_it, not_on_it = paid("t1", MONDAY), paid("t2", MONDAY, 5_000)
    await book.take(*on_it, *not_on_it, a_statement("s1", MONDAY, MONDAY, [on_it[0]]))
    await book.wake_on(TUESDAY)
    with pytest.raises(Problem) as refused:
        await close(book, MONDAY, TUESDAY)
    assert refused.value.members["differences"] == [{"account": ACCOUNT, "differences": ["missing_on_statement"]}]
    assert (await book.day(MONDAY)).state == "discrepant"
    [closed] = await close(book, MONDAY, TUESDAY, reason="bank_corrects_later")
    assert (closed.state, closed.close_reason) == ("closed", "bank_corrects_later")
    [settled] = await book.discrepancies("missing_on_statement", "settled")
    assert (settled.settled_by, settled.settled_reason) == ("kt1", "bank_corrects_later")
    await book.wake_on(WEDNESDAY)
    assert await book.kinds() == set(), "what a person settled is not found again"


async def test_nothing_is_closed_while_a_movement_has_no_decision_or_the_day_has_not_begun(book: Book) -> None:
    await book.take(a_transaction("t1", MONDAY))
    await book.derive(MONDAY)
    for day, kind in ((MONDAY, "undecided"), (TUESDAY, "not_begun"), (MONDAY - timedelta(days=400), "unknown_day")):
        with pytest.raises(Problem) as refused:
            await close(book, day, MONDAY, reason="other")
        assert refused.value.kind == kind


async def test_a_second_clerk_is_told_who_closed_it(book: Book) -> None:
    await book.take(*paid("t1", MONDAY))
    await book.derive(TUESDAY)
    [closed] = await close(book, MONDAY, TUESDAY, account=ACCOUNT, version=1)
    with pytest.raises(Problem) as refused:
        await close(book, MONDAY, TUESDAY, account=ACCOUNT, version=1)
    assert refused.value.status == 412
    assert refused.value.detail == "đã được kt1 chốt lúc 17:00 06/10/2026"
    assert refused.value.members["current_version"] == closed.version


# --- cash


async def test_the_cash_box_runs_on_from_day_to_day_and_deposits_leave_it(book: Book) -> None:
    deposit = a_credit(
        "d1", WEDNESDAY, 150_000, status="ignored", reason="cash_deposit", suspense_parts={"not_a_fee": 150_000}
    )
    await book.take(
        cash("c1", MONDAY, 100_000), cash("c2", TUESDAY, 60_000), a_transaction("d1", WEDNESDAY, 150_000), deposit
    )
    await book.wake_on(THURSDAY)
    boxes = [await book.day(day, "cash") for day in (MONDAY, TUESDAY, WEDNESDAY)]
    assert [(box.opening, box.cash, box.deposits, box.closing) for box in boxes] == [
        (0, 100_000, 0, 100_000), (100_000, 60_000, 0, 160_000), (160_000, 0, 150_000, 10_000),
    ]  # fmt: skip
    assert {(box.state, box.data_in) for box in boxes} == {("closed", "cash")}
    bank = await book.day(WEDNESDAY)
    assert (bank.credits, bank.deposits, bank.allocated, bank.suspense) == (150_000, 150_000, 0, 150_000)


async def test_a_deposit_of_more_than_the_box_holds_is_a_difference(book: Book) -> None:
    deposit = a_credit("d1", MONDAY, 150_000, status="ignored", reason="cash_deposit", suspense_parts={"not_a_fee": 150_000})
    await book.take(cash("c1", MONDAY, 100_000), a_transaction("d1", MONDAY, 150_000), deposit)
    await book.wake_on(TUESDAY)
    [found] = await book.discrepancies("deposit_exceeds_cash")
    assert (found.amount, (await book.day(MONDAY, "cash")).state) == (50_000, "discrepant")
    await book.take(cash("c2", MONDAY, 50_000))
    await book.derive(TUESDAY)
    assert (await book.day(MONDAY, "cash")).state == "closed"
