"""Every kind of transfer that issue 6 names: who pays, what is written, and what a careful accountant makes of it.

Each scenario takes payers of its own, so that what happens to one does not disturb another's verdict.
"""

from __future__ import annotations

from tests.corpus.scenarios import accounts, certain, refused, unnamed, worded
from tests.corpus.scenarios.desk import Desk, Scenario

SCENARIOS: tuple[tuple[Scenario, float], ...] = (
    (certain.reference_intact, 26),
    (certain.reference_rough, 8),
    (certain.reference_slip, 5),
    (certain.before_its_notice, 0.5),
    (worded.payer_code, 6),
    (worded.name_and_class, 12),
    (worded.pupil_pays_from_own_account, 0.7),
    (worded.name_alone, 5),
    (worded.given_name_and_class, 3.5),
    (worded.name_damaged, 3),
    (worded.name_damaged_alone, 0.7),
    (accounts.known_payer, 4),
    (accounts.known_payer_of_several, 1.3),
    (accounts.known_payer_names_another, 1),
    (accounts.helper, 0.3),
    (unnamed.nothing, 2),
    (worded.siblings, 2),
    (certain.two_references, 1.3),
    (unnamed.teachers_sum, 0.5),
    (worded.everything_owed, 2),
    (worded.two_months, 2),
    (worded.months_together, 0.7),
    (worded.two_fees, 1.5),
    (worded.fee_paid_again, 0.7),
    (worded.name_turned, 1),
    (worded.beside_the_teacher, 0.5),
    (certain.bill_of_several, 5),
    (certain.voluntary_line, 0.5),
    (certain.part_short_over, 3),
    (refused.twice, 2.5),
    (refused.cancelled, 1.5),
    (refused.cancelled_later, 0.3),
    (refused.issued_anew, 0.3),
    (refused.wrong_account, 1.5),
    (worded.same_name, 1.5),
    (worded.same_name_but_for_a_mark, 0.7),
    (refused.sender_with_a_pupils_name, 1),
    (refused.not_on_the_list, 1.2),
    (refused.code_against_name, 1),
    (unnamed.cash_deposit, 0.8),
    (unnamed.not_income, 0.8),
    (unnamed.money_out, 0.6),
    (certain.virtual_account, 1),
)
"""Each with its weight among a hundred or so."""


def background(desk: Desk, count: int) -> None:
    """Payers who have not paid yet, so that what is named must be told from others like it."""
    for _ in range(count):
        site = desk.site()
        desk.pupil(site, kinds=None)
