"""What committees are told: nothing of fewer than five people, whatever is counted."""

from __future__ import annotations

from datetime import date

from services.portal import words
from services.portal.committee.charts import month_chart
from services.portal.committee.model import Figure, as_told, cause_of, change_points
from services.portal.committee.report import share_of


def test_the_money_of_few_people_is_withheld_as_their_number_is():
    told = as_told({"cashless_share_payers": Figure(2, 4), "cashless_share_value": Figure(500_000, 900_000)})
    assert {name: share_of(figure) for name, figure in told.items()} == {
        "cashless_share_payers": words.committee.WITHHELD, "cashless_share_value": words.committee.WITHHELD,
    }  # fmt: skip
    many = as_told({"cashless_share_payers": Figure(2, 5), "cashless_share_value": Figure(500_000, 900_000)})
    assert [share_of(figure) for figure in many.values()] == ["40%", "55,6%"]


def test_places_are_counted_however_few():
    (coverage,) = as_told({"site_coverage": Figure(1, 3)}).values()
    assert share_of(coverage) == "33,3%"


def test_a_change_is_told_in_tenths_of_a_point_and_never_of_what_is_withheld():
    assert change_points(Figure(666, 1000), Figure(651, 1000)) == 15
    assert change_points(Figure(3, 4), Figure(50, 100)) is None
    assert change_points(Figure(50, 100), Figure(0, 0)) is None


def test_a_chart_needs_two_months_that_can_be_compared():
    ends = [date(2026, 10, 31), date(2026, 11, 30)]
    assert month_chart("Lượt", ends, [Figure(3, 4), Figure(60, 80)]) is None
    chart = month_chart("Lượt", ends, [Figure(30, 40), Figure(60, 80)])
    assert chart is not None
    assert chart.count("<rect") == 2
    assert ">75%<" in chart


def test_a_cause_is_the_first_that_the_figures_speak_for():
    paying = Figure(10, 40)
    assert cause_of({}) == "silent"
    assert cause_of({"cashless_share_payers": Figure(0, 40)}) == "no_qr"
    assert cause_of({"cashless_share_payers": paying, "webhook_late_share": Figure(0, 0)}) == "no_webhook"
    assert cause_of({"cashless_share_payers": paying, "automatic_share": Figure(6, 10)}) == "no_code"
    assert cause_of({"cashless_share_payers": paying, "automatic_share": Figure(7, 10)}) == "cash_habit"
