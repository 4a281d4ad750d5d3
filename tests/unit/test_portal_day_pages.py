"""Long lists of days, and addresses that are added to."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.portal.days.queries import whole_dates
from services.portal.web import addresses

TODAY = date(2026, 11, 30)


@given(accounts=st.integers(1, 4), dates=st.integers(1, 12), most=st.integers(4, 20))
def test_a_long_list_of_days_is_shown_whole_over_its_pages_and_tears_no_date(accounts, dates, most):
    rows = [
        {"date": f"{TODAY - timedelta(days=back)}", "account": f"{account}"}
        for back in range(dates) for account in range(accounts)
    ]  # fmt: skip
    shown, begins = [], TODAY
    while begins is not None:
        rest = [row for row in rows if row["date"] <= f"{begins}"]
        page, begins = whole_dates(rest[: most + 1], most)
        assert page
        assert len(page) <= most
        shown += page
    assert shown == rows


def test_a_page_that_cannot_hold_one_date_goes_on_with_the_day_before():
    rows = [{"date": f"{TODAY}", "account": f"{account}"} for account in range(4)]
    assert whole_dates(rows, 3) == (rows[:3], TODAY - timedelta(days=1))


def test_what_is_said_is_added_to_what_an_address_says_already():
    said = {"said": "settled"}
    assert addresses.adding("/days", said) == "/days?said=settled"
    assert addresses.adding("/days?site=TH1&said=other", said) == "/days?site=TH1&said=settled"
