"""Deciding by exact reference: what is paid, what is left, what a person has to decide."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, Share, SiteRules, decide, sentence
from shared.reference import random_reference

SITE = "TH-AN-CHAU"
BILL, OTHER_BILL, UNKNOWN_BILL = (random_reference(random.Random(seed)) for seed in (1, 2, 3))


def a_notice(notice_id: str = "n1", amount: int = 150_000, **more) -> OpenNotice:
    fields = {
        "site_id": SITE, "reference": BILL, "virtual_account": None, "fee_kind": "meals", "obligation": "due",
        "due_on": date(2026, 11, 30), "is_cancelled": False,
    }  # fmt: skip
    return OpenNotice(notice_id=notice_id, amount=amount, **{**fields, **more})


def a_transfer(amount: int = 150_000, *references: str, **more) -> Incoming:
    return Incoming("c1", SITE, amount, **{"is_money_in": True, "memo": " ".join(references or (BILL,)), **more})


def decided(transfer: Incoming, *notices: OpenNotice, rules: SiteRules | None = None) -> Decision:
    return decide(transfer, Book(notices), {SITE: rules or SiteRules()})


def paid(decision: Decision) -> dict[str, int]:
    return {share.notice_id: share.amount for share in decision.shares}


def test_the_exact_amount_pays_the_notice():
    decision = decided(a_transfer(150_000), a_notice(amount=150_000))
    assert (decision.status, decision.reason, paid(decision)) == ("matched", "reference", {"n1": 150_000})
    assert [sentence(fact) for fact in decision.facts] == [f"reference {BILL} intact", "amount equal to the open sum"]


def test_less_pays_the_one_open_notice_in_part():
    decision = decided(a_transfer(100_000), a_notice(amount=150_000))
    assert (decision.status, paid(decision)) == ("matched", {"n1": 100_000})


def test_more_pays_everything_and_leaves_the_rest():
    decision = decided(a_transfer(500_000), a_notice(amount=150_000), a_notice("n2", 50_000))
    assert (decision.status, paid(decision)) == ("matched", {"n1": 150_000, "n2": 50_000})
    assert decision.allocated == 200_000


def test_a_paid_bill_is_a_duplicate_for_a_person():
    decision = decided(a_transfer(), a_notice(allocated=150_000))
    assert (decision.status, decision.reason, decision.shares) == ("suggested", "duplicate", ())
    assert [each.notice_ids for each in decision.candidates] == [("n1",)]


WITH_A_SLIP = f"{BILL[:5]}{'A' if BILL[5] != 'A' else 'C'}{BILL[6:]}"


@pytest.mark.parametrize("memo", [WITH_A_SLIP, BILL[:-1], f"nop tien {BILL[2:]} t11"])
def test_a_damaged_reference_of_a_bill_that_is_paid_or_cancelled_says_so(memo):
    again = decided(a_transfer(memo=memo), a_notice(allocated=150_000), a_notice("n2", 150_000, reference=OTHER_BILL))
    assert (again.status, again.reason, again.candidates[0].notice_ids) == ("suggested", "duplicate", ("n1",))
    void = decided(a_transfer(memo=memo), a_notice(is_cancelled=True))
    assert (void.status, void.reason, void.candidates[0].notice_ids) == ("suggested", "cancelled", ("n1",))
    assert (
        decided(a_transfer(150_000, memo=memo), a_notice(amount=140_000, allocated=140_000)).reason == "reference_corrected"
    )


def test_a_cancelled_bill_is_never_paid():
    decision = decided(a_transfer(), a_notice(is_cancelled=True))
    assert (decision.status, decision.reason, decision.shares) == ("suggested", "cancelled", ())


def test_a_reference_of_another_site_is_the_wrong_account():
    decision = decided(a_transfer(), a_notice(site_id="THCS-VAN-SON"))
    assert (decision.status, decision.reason, decision.shares) == ("suggested", "wrong_account", ())
    assert [each.notice_ids for each in decision.candidates] == [("n1",)]


def test_money_of_an_unknown_site_is_not_called_wrong():
    decision = decide(Incoming("c1", None, 1, is_money_in=True, memo=BILL), Book([a_notice()]), {})
    assert (decision.status, decision.reason) == ("unmatched", "none")


@pytest.mark.parametrize("memo", [UNKNOWN_BILL, "", "nop tien"])
def test_nothing_to_go_by_is_a_question_with_what_has_the_same_sum(memo):
    decision = decided(a_transfer(150_000, memo=memo), a_notice())
    assert (decision.status, decision.reason) == ("suggested", "none")
    assert [each.notice_ids for each in decision.candidates] == [("n1",)]
    assert decided(a_transfer(77_000, memo=memo), a_notice()) == Decision("unmatched", "none")


def test_money_out_pays_nothing():
    decision = decided(a_transfer(is_money_in=False), a_notice())
    assert (decision.status, decision.reason, decision.shares) == ("ignored", "not_income", ())


def test_a_short_payment_of_several_notices_waits_for_a_person():
    decision = decided(a_transfer(120_000), a_notice(), a_notice("n2", 50_000, fee_kind="water"))
    assert (decision.status, decision.reason, decision.shares) == ("suggested", "ambiguous", ())


def test_a_short_payment_that_fits_one_notice_alone_pays_it():
    decision = decided(a_transfer(50_000), a_notice(), a_notice("n2", 50_000, fee_kind="water"))
    assert paid(decision) == {"n2": 50_000}


def test_two_notices_that_fit_alone_are_not_guessed_between():
    decision = decided(a_transfer(50_000), a_notice("n1", 50_000), a_notice("n2", 50_000, fee_kind="water"))
    assert decision.status == "suggested"


@pytest.mark.parametrize(
    "memo",
    [
        f"hoan tien {BILL}", f"REVERSAL FT26312498765 {BILL}", f"{BILL}.tra-lai", f"chuyển nhầm {BILL}", f"{BILL} chuyen tra",
        f"Vi Hoan Tien 3A, hoan tra {BILL}",
    ],
)  # fmt: skip
def test_money_that_comes_back_pays_no_bill_again(memo):
    decision = decide(a_transfer(memo=memo), Book([a_notice(payer_code="P1")], [Payer(SITE, "P1", "Vi Thị Lan", "3A")]), {})
    assert (decision.status, decision.reason, decision.shares) == ("suggested", "ambiguous", ())


@pytest.mark.parametrize(
    "memo", [f"Vi Hoan Tien {BILL}", f"{BILL} con Hoan tra sua", f"me Hoan nop {BILL} tien an, tra truoc"]
)
def test_a_payers_own_name_says_nothing_of_money_that_comes_back(memo):
    decision = decide(
        a_transfer(memo=memo), Book([a_notice(payer_code="P1")], [Payer(SITE, "P1", "Vi Hoàn Tiến", "3A")]), {}
    )
    assert (decision.status, decision.reason) == ("matched", "reference")


PARKING, INSURANCE, MEALS = "Trông giữ xe đạp", "Bảo hiểm y tế", "Tiền ăn bán trú tháng 11"


def bill_of_equal_sums(memo: str) -> dict[str, int]:
    lines = [
        a_notice("parking", 60_000, fee_kind="parking", purpose=PARKING, payer_code="P1"),
        a_notice("insurance", 60_000, fee_kind="insurance", purpose=INSURANCE, payer_code="P1"),
        a_notice("uniform", 60_000, fee_kind="uniform", purpose="Đồng phục", payer_code="P1"),
        a_notice("meals", 400_000, purpose=MEALS, payer_code="P1"),
    ]
    book = Book(lines, [Payer(SITE, "P1", "Vi Đồng Phúc", "3A")])
    return paid(decide(a_transfer(60_000, memo=memo), book, {}))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("giu xe dap", "parking"),
        ("tien bao hiem", "insurance"),
        ("mua BHYT", "insurance"),
        ("nop tien xe dap t11", "parking"),
    ],
)
def test_of_lines_with_one_sum_the_one_that_the_memo_names_is_paid(words, line):
    assert bill_of_equal_sums(f"{BILL} {words}") == {line: 60_000}


@pytest.mark.parametrize(
    "words", ["", "xe", "hiem", "tien an ban tru", "xe dap va bao hiem", "Vi Dong Phuc 3A", "xe dap, tien an ban tru", "xd"]
)
def test_of_lines_with_one_sum_none_is_guessed(words):
    assert bill_of_equal_sums(f"{BILL} {words}") == {}


def test_a_short_payment_follows_the_sites_order():
    rules = SiteRules(settle_priority=("water", "meals"))
    decision = decided(a_transfer(120_000), a_notice(), a_notice("n2", 50_000, fee_kind="water"), rules=rules)
    assert decision.shares == (Share("n2", 50_000), Share("n1", 70_000))


def test_an_order_that_leaves_a_kind_out_is_no_order():
    rules = SiteRules(settle_priority=("meals",))
    decision = decided(a_transfer(120_000), a_notice(), a_notice("n2", 50_000, fee_kind="water"), rules=rules)
    assert decision.status == "suggested"


def test_two_months_of_one_fee_are_settled_oldest_first_only_by_the_sites_rule():
    months = (a_notice("october", due_on=date(2026, 10, 31)), a_notice("november"))
    assert decided(a_transfer(200_000), *months).status == "suggested"
    decision = decided(a_transfer(200_000), *months, rules=SiteRules(oldest_first=True))
    assert decision.shares == (Share("october", 150_000), Share("november", 50_000))


def test_the_obligatory_lines_alone_are_paid():
    decision = decided(a_transfer(150_000), a_notice(), a_notice("fund", 100_000, obligation="voluntary"))
    assert paid(decision) == {"n1": 150_000}


def test_one_unique_choice_of_voluntary_lines_is_paid():
    lines = [a_notice("fund", 100_000, obligation="voluntary"), a_notice("books", 30_000, obligation="voluntary")]
    assert paid(decided(a_transfer(180_000), a_notice(), *lines)) == {"n1": 150_000, "books": 30_000}


def test_two_choices_of_voluntary_lines_wait_for_a_person():
    lines = [a_notice("fund", 30_000, obligation="voluntary"), a_notice("books", 30_000, obligation="voluntary")]
    assert decided(a_transfer(180_000), a_notice(), *lines).status == "suggested"


UNIFORM = {"fee_kind": "uniform", "obligation": "voluntary"}
BY_ORDER = SiteRules(settle_priority=("meals",))


def test_a_voluntary_line_that_fits_alone_is_no_part_of_the_one_obligatory_line():
    lines = [a_notice("insurance", 315_900), a_notice("shirt", 285_000, **UNIFORM)]
    decision = decided(a_transfer(285_000), *lines)
    assert (paid(decision), decision.facts[-1].code) == ({"shirt": 285_000}, "amount_one_line")


def test_less_than_the_one_obligatory_line_beside_voluntary_ones_is_paid_in_part_only_by_the_sites_order():
    lines = [a_notice("insurance", 315_900), a_notice("shirt", 285_000, **UNIFORM)]
    assert decided(a_transfer(300_000), *lines).status == "suggested"
    assert paid(decided(a_transfer(300_000), *lines, rules=BY_ORDER)) == {"insurance": 300_000}


def test_a_sum_that_is_a_voluntary_lines_own_speaks_against_the_sites_order():
    lines = [a_notice("insurance", 315_900), a_notice("shirt", 285_000, **UNIFORM)]
    decision = decided(a_transfer(285_000), *lines, rules=BY_ORDER)
    assert (decision.status, decision.candidates[0].notice_ids) == ("suggested", ("shirt",))


def test_two_voluntary_lines_of_one_sum_beside_an_obligatory_one_are_not_guessed_between():
    lines = [a_notice("insurance", 315_900), a_notice("shirt", 60_000, **UNIFORM), a_notice("club", 60_000, **UNIFORM)]
    decision = decided(a_transfer(60_000), *lines)
    assert (decision.status, [each.notice_ids for each in decision.candidates[:2]]) == ("suggested", [("club",), ("shirt",)])


def test_two_bills_are_paid_only_where_they_add_up():
    bills = [a_notice(), a_notice("n2", 80_000, reference=OTHER_BILL)]
    together = decided(a_transfer(230_000, BILL, OTHER_BILL), *bills)
    assert (together.status, together.reason, paid(together)) == ("matched", "several", {"n1": 150_000, "n2": 80_000})
    short = decided(a_transfer(150_000, BILL, OTHER_BILL), *bills)
    assert (short.status, short.reason, short.shares) == ("suggested", "several", ())


def test_of_two_bills_with_too_little_money_lines_of_both_that_make_the_sum_are_suggested_first():
    bills = [
        a_notice(), a_notice("water", 20_000, fee_kind="water"), a_notice("n2", 80_000, reference=OTHER_BILL),
        a_notice("book", 30_000, fee_kind="book", reference=OTHER_BILL),
    ]  # fmt: skip
    decision = decided(a_transfer(230_000, BILL, OTHER_BILL), *bills)
    assert (decision.status, decision.candidates[0].notice_ids) == ("suggested", ("n1", "n2"))
    of_one = decided(a_transfer(170_000, BILL, OTHER_BILL), *bills)
    assert (of_one.facts[-1].code, of_one.candidates[0].notice_ids) == ("amount_fits_one", ("n1", "water"))
    of_none = decided(a_transfer(171_000, BILL, OTHER_BILL), *bills)
    assert (of_none.facts[-1].code, len(of_none.candidates[0].notice_ids)) == ("amount_differs", 4)


def test_two_bills_of_which_one_is_paid_are_never_settled_automatically():
    bills = [a_notice(), a_notice("n2", 80_000, reference=OTHER_BILL, allocated=80_000)]
    assert decided(a_transfer(150_000, BILL, OTHER_BILL), *bills).status == "suggested"


def test_a_virtual_account_that_payers_share_settles_nobodys_fee():
    shared = [
        a_notice(virtual_account="VA1", payer_code="P1"),
        a_notice("n2", virtual_account="VA1", payer_code="P2", reference=OTHER_BILL),
    ]
    decision = decided(a_transfer(300_000, memo="hoc phi", virtual_account="VA1"), *shared)
    assert decision.status != "matched"


def test_an_intact_reference_goes_before_the_payers_virtual_account():
    bills = [
        a_notice(virtual_account="VA1", payer_code="P1"),
        a_notice("n2", virtual_account="VA1", payer_code="P1", reference=OTHER_BILL),
    ]
    decision = decided(a_transfer(150_000, OTHER_BILL, virtual_account="VA1"), *bills)
    assert (decision.reason, paid(decision)) == ("reference", {"n2": 150_000})


def test_what_fits_in_several_ways_is_not_said_to_fit_in_none():
    decision = decided(a_transfer(200_000), *(a_notice(f"n{n}", 100_000, fee_kind=f"k{n}") for n in range(3)))
    assert "amount fits 3 choices of notices" in [sentence(fact) for fact in decision.facts]


def test_a_virtual_account_decides_whatever_the_memo_says():
    notice = a_notice(virtual_account="VA1")
    decision = decided(a_transfer(150_000, memo=UNKNOWN_BILL, virtual_account="VA1"), notice)
    assert (decision.reason, paid(decision)) == ("virtual_account", {"n1": 150_000})


def copies(notices):
    return [replace(notice) for notice in notices]


notices = st.lists(
    st.builds(
        lambda number, amount, part, cancelled, voluntary, kind: a_notice(
            f"n{number}", amount, allocated=0 if cancelled else amount * part // 4, is_cancelled=cancelled,
            obligation="voluntary" if voluntary else "due", fee_kind=kind,
        ),
        st.integers(0, 5), st.integers(1, 12).map(lambda tens: tens * 10_000), st.integers(0, 4), st.booleans(),
        st.booleans(), st.sampled_from(["meals", "water"]),
    ),
    max_size=6, unique_by=lambda notice: notice.notice_id,
)  # fmt: skip
rules = st.builds(SiteRules, st.permutations(["meals", "water"]).map(tuple), st.booleans())


@given(notices, st.lists(st.integers(1, 400_000), max_size=6), rules)
def test_no_sequence_of_payments_pays_more_than_is_due_or_than_was_sent(start, amounts, rules):
    before = {notice.notice_id: notice.allocated for notice in start}
    book = Book(copies(start))
    sent = 0
    for amount in amounts:
        decision = decide(a_transfer(amount), book, {SITE: rules})
        assert decision.allocated <= amount
        assert all(share.amount > 0 for share in decision.shares)
        assert (decision.status == "matched") == bool(decision.shares)
        sent += decision.allocated
        book.pay(decision.shares)
    for notice in book.changed():
        assert notice.allocated <= notice.due
    assert sum(notice.allocated - before[notice.notice_id] for notice in book.changed()) == sent


@given(notices, st.integers(1, 400_000), rules, st.randoms(use_true_random=False))
def test_the_order_in_which_notices_were_read_does_not_matter(start, amount, rules, chance):
    shuffled = list(start)
    chance.shuffle(shuffled)
    assert decide(a_transfer(amount), Book(copies(start)), {SITE: rules}) == decide(
        a_transfer(amount), Book(copies(shuffled)), {SITE: rules}
    )
