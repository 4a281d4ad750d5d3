"""What a settlement makes of the deposits."""

from __future__ import annotations

from services.notices.settlements.model import settled_deposits
from tests.unit.services.notices.bill_builders import TODAY, a_line


def test_what_goes_back_is_taken_off_the_newest_deposits_and_nothing_of_it_is_lost():
    asked = {"d1": 300_000, "d2": 200_000, "d3": 100_000}
    deposits = [a_line(notice_id, amount, obligation="deposit").notice for notice_id, amount in asked.items()]
    paid = {"d1": 300_000, "d2": 150_000, "d3": 0}
    after = {each.notice_id: each for each in settled_deposits(deposits, paid, 250_000, "tn1", TODAY)}
    told = {key: (each.status, each.amount, each.settled.to_return) for key, each in after.items()}
    assert told == {"d1": ("open", 200_000, 100_000), "d2": ("cancelled", 200_000, 150_000), "d3": ("cancelled", 100_000, 0)}
    assert {(each.version, each.settled.by) for each in after.values()} == {(2, "tn1")}
    assert after["d2"].cancelled_on == TODAY
