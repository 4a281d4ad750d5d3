from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.matcher.evidence import SENTENCES
from services.portal import words
from services.portal.payment import evidence
from services.portal.payment.life import life_of
from services.portal.payment.loading import Loaded, NoticeSeen, SiteSeen
from services.portal.payment.marking import marked
from services.portal.payment.proposals import proposals_of, propose
from services.portal.payment.views import Reader, row_of
from services.portal.people.roles import Reach
from services.portal.web.searches import patterns
from shared.events.bank import Correction, Sighting
from shared.events.payments import Candidate
from shared.privacy import PayerCode, PersonName
from shared.reference import random_reference
from tests.unit.services.portal.builders import NOON, SITE, a_credit, a_transaction

REFERENCE = random_reference(random.Random(7))
ALL = Reader(sees_names=True, sees_memos=True)
NONE = Reader(sees_names=False, sees_memos=False)


def seen(
    notice_id: str = "n1", *, amount: int = 150_000, paid: int = 0, cancelled: bool = False, name: str = "Nguyễn Văn An"
) -> NoticeSeen:
    return NoticeSeen(
        notice_id, SITE, "b1", REFERENCE, "Tháng 11/2026", PayerCode("HS0001"), PersonName(name), "3A", "Tiền ăn", "2026-11",
        "meals", amount, "due", date(2026, 11, 1), date(2026, 11, 30), cancelled, paid,
    )  # fmt: skip


def suggesting(*notice_ids: str, amount: int = 150_000, evidence_told: tuple[str, ...] = ()):
    return a_credit(
        amount=amount, status="suggested", reason="ambiguous", candidates=(Candidate(notice_ids=notice_ids, score=0.5),),
        evidence=evidence_told,
    )  # fmt: skip


def loaded(credit, *notices: NoticeSeen, memo: str = "nop tien") -> Loaded:
    transaction = a_transaction().model_copy(update={"memo": type(a_transaction().memo)(memo)})
    return Loaded(
        [credit],
        {"c1": transaction},
        {notice.notice_id: notice for notice in notices},
        {SITE: SiteSeen(SITE, "Trường", sample=True)},
    )


@pytest.mark.parametrize(
    ("rest", "open_amounts", "kind", "shares", "over"),
    [
        (150, (150,), "exact", (150,), 0), (150, (100, 50), "exact", (100, 50), 0), (100, (150,), "part", (100,), 0),
        (100, (150, 50), "unclear", (), 0), (200, (150,), "over", (150,), 50), (200, (0,), "nothing", (), 200),
        (200, (0, 150), "over", (150,), 50),
    ],
)  # fmt: skip
def test_what_accepting_a_suggestion_would_do(rest, open_amounts, kind, shares, over):
    notices = [seen(f"n{number}", amount=1_000, paid=1_000 - amount) for number, amount in enumerate(open_amounts)]
    proposal = propose(rest, notices)
    assert (proposal.kind, tuple(share.amount for share in proposal.shares), proposal.over) == (kind, shares, over)
    assert proposal.can_be_accepted == (kind in {"exact", "part", "over"})


@given(st.integers(1, 10**9), st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)), min_size=1, max_size=6))
def test_a_proposal_never_gives_more_than_there_is_nor_more_than_is_owed(rest, sums):
    notices = [seen(f"n{number}", amount=amount, paid=paid) for number, (amount, paid) in enumerate(sums)]
    proposal = propose(rest, notices)
    by_id = {notice.notice_id: notice for notice in notices}
    assert proposal.allocated <= rest
    assert all(0 < share.amount <= by_id[share.notice_id].open for share in proposal.shares)


def test_a_memo_that_names_several_bills_offers_all_of_them_first():
    one, other = seen("n1", amount=100_000), seen("n2", amount=50_000)
    each = tuple(Candidate(notice_ids=(notice_id,), score=0.5) for notice_id in ("n1", "n2"))
    credit = a_credit(amount=160_000, status="suggested", reason="several", candidates=each)
    first, *others = proposals_of(credit, loaded(credit, one, other))
    assert [(share.notice_id, share.amount) for share in first.shares] == [("n1", 100_000), ("n2", 50_000)]
    assert (first.kind, first.over) == ("over", 10_000)
    assert [proposal.notices for proposal in others] == [[one], [other]]
    # Where one of two is meant, nobody is offered both.
    doubtful = credit.model_copy(update={"reason": "ambiguous"})
    assert len(proposals_of(doubtful, loaded(doubtful, one, other))) == 2


def test_a_suggestion_whose_notice_is_not_known_yet_is_not_shown():
    credit = suggesting("n1", "n2")
    assert proposals_of(credit, loaded(credit, seen("n1"))) == []


@pytest.mark.parametrize("reason", ["ambiguous", "several"])
def test_a_suggestion_keeps_its_number_when_a_notice_becomes_known(reason):
    each = tuple(Candidate(notice_ids=(notice_id,), score=0.5) for notice_id in ("n1", "n2", "n3"))
    credit = a_credit(amount=100_000, status="suggested", reason=reason, candidates=each)
    notices = [seen(name, amount=100_000) for name in ("n1", "n2", "n3")]
    alone = proposals_of(credit, loaded(credit, *notices[2:]))[-1]
    later = [each for each in proposals_of(credit, loaded(credit, *notices)) if each.place == alone.place]
    assert [each.shares for each in later] == [alone.shares] != [()]


def test_a_row_says_who_what_and_why():
    credit = suggesting(
        "n1", evidence_told=(f"reference {REFERENCE} with a slip corrected", "amount equal", "a new sentence")
    )
    row = row_of(credit, loaded(credit, seen(), memo=f"CUSTOMER {REFERENCE} chuyen tien"), ALL, NOON + timedelta(days=2))
    assert [(payer.who, payer.notices[0].fee) for payer in row.payers] == [
        ("Nguyễn Văn An, 3A, HS0001", "Tiền ăn · tháng 11/2026")
    ]
    assert [piece.text for piece in row.memo if piece.is_marked] == [REFERENCE]
    assert [f"{fact.text} {fact.mark}" for fact in row.facts] == [
        f"Mã {REFERENCE} đã sửa một lỗi gõ ✓", "Số tiền bằng số còn phải nộp ✓", "Tên khác người chuyển ✗",
    ]  # fmt: skip
    assert (row.waits_days, row.proposal.kind) == (2, "exact")


def test_who_need_not_know_sees_initials_and_no_memo():
    credit = suggesting("n1")
    row = row_of(credit, loaded(credit, seen(), memo=f"An {REFERENCE}"), NONE, NOON)
    assert row.payers[0].who == "N. V. An, 3A, •••001"
    assert [piece.text for piece in row.memo] == ["•••"]
    assert row.sender == "L. T. HOA · •••789"


def test_at_most_three_facts_and_the_doubt_among_them():
    facts = evidence.facts_of(
        ("amount equal", "full name", "class equal", "month of the memo", "the memo names another payer")
    )
    shown = evidence.shown(facts)
    assert len(shown) == 3
    assert [fact.holds for fact in shown] == [True, True, False]


def test_every_sentence_that_matching_writes_has_words_here():
    known = {sentence for sentences, _ in words.evidence.FACTS.values() for sentence in sentences}
    assert set(SENTENCES.values()) - known == set()


def test_every_fact_has_words_without_english():
    assert set(words.evidence.AGAINST) <= set(words.evidence.FACTS)
    for sentences, told in words.evidence.FACTS.values():
        for sentence in sentences:
            (fact,) = evidence.facts_of([sentence.replace("{}", "KH123")])
            assert fact.text == told.format("KH123")


@pytest.mark.parametrize(
    ("memo", "found"),
    [
        (f"MBVCB.123.{REFERENCE}.CT tu 0123", [REFERENCE]),
        (f"nop {REFERENCE[:6]} {REFERENCE[6:]} tien", [f"{REFERENCE[:6]} {REFERENCE[6:]}"]),
        ("HS.0001 nop tien an", ["HS.0001"]),
        ("NGUYEN VAN AN lop 3A", ["NGUYEN VAN AN"]),
        ("Nguyễn Văn An nộp tiền", ["Nguyễn Văn An"]),
        ("NGUYEN VAN ANH nop", []),
        ("", []),
    ],
)
def test_the_recognised_part_of_a_memo_is_marked(memo, found):
    pieces = marked(memo, [REFERENCE], ["HS0001"], ["Nguyễn Văn An"])
    assert [piece.text for piece in pieces if piece.is_marked] == found
    assert "".join(piece.text for piece in pieces) == memo


@given(st.text(max_size=300))
def test_marking_loses_no_letter_of_any_memo(memo):
    assert "".join(piece.text for piece in marked(memo, [REFERENCE], ["HS0001"], ["Nguyễn Văn An"])) == memo


@pytest.mark.parametrize(
    ("typed", "expected"), [("Đức  3A", ["%duc%", "%3a%"]), ("100%_\\", ["%100\\%\\_\\\\%"]), ("  ", [""])]
)
def test_what_is_typed_is_looked_for_word_by_word(typed, expected):
    assert patterns(typed) == expected


def test_the_life_of_a_payment_tells_that_its_amount_was_corrected():
    credit = a_credit(amount=100_000)
    found = loaded(credit)
    at = NOON + timedelta(days=1)
    corrections = [
        Correction(transaction_id=told, amount=amount, statement_id="s1", line=1, corrected_by="kt1", corrected_at=at)
        for told, amount in (("t0", 150_000), ("t1", 120_000))
    ]
    transaction = found.transactions["c1"].model_copy(update={"amount": 100_000, "corrections": tuple(corrections)})
    told = [each.text for each in life_of(credit, replace(found, transactions={"c1": transaction}), [], {"kt1": "Lan"}, ALL)]
    assert told[1:] == [
        "Số tiền được sửa theo sao kê: từ 150.000 đ thành 120.000 đ (Lan)",
        "Số tiền được sửa theo sao kê: từ 120.000 đ thành 100.000 đ (Lan)",
    ]


def test_a_row_says_what_still_waits_where_a_part_has_its_place():
    partly = a_credit(pays={"n1": 100_000}, amount=150_000, status="suggested", reason="cancelled")
    assert row_of(partly, loaded(partly, seen()), ALL, NOON).left.replace("\u00a0", " ") == "còn 50.000 đ chưa khớp"
    whole = suggesting("n1")
    assert row_of(whole, loaded(whole, seen()), ALL, NOON).left == ""


def test_the_life_of_a_payment_tells_as_what_it_was_set_aside_and_where_it_went():
    credit = a_credit(amount=100_000)
    kept = [
        {"at": NOON, "person_id": "kt1", "act": "set_aside", "detail": {"as": "not_a_fee", "amount": 100_000}},
        {
            "at": NOON + timedelta(hours=1),
            "person_id": "kt1",
            "act": "moved",
            "detail": {"to": "TH2", "reason": "wrong_account"},
        },
    ]
    told = [each.text for each in life_of(credit, loaded(credit), kept, {"kt1": "Lan"}, ALL, sites={"TH2": "Trường Hai"})]
    assert told[-2:] == [
        "Lan: phân loại khoản tiền: 100.000 đ · Không phải khoản thu",
        "Lan: chuyển sang đơn vị khác: Người nộp chuyển nhầm tài khoản · sang Trường Hai",
    ]


@pytest.mark.parametrize(
    ("provider", "seen_by", "told"),
    [
        ("sepay", "webhook", "Ngân hàng báo qua SePay"),
        ("mbbank", "webhook", "Ngân hàng báo qua mbbank"),
        ("statement", "statement", "Có trên sao kê"),
    ],
)
def test_the_life_of_a_payment_names_who_told_of_it_as_people_know_it(provider, seen_by, told):
    credit = a_credit(amount=100_000)
    found = loaded(credit)
    sighting = Sighting(provider=provider, seen_by=seen_by, received_at=NOON)
    transaction = found.transactions["c1"].model_copy(update={"sightings": (sighting,)})
    assert told in [each.text for each in life_of(credit, replace(found, transactions={"c1": transaction}), [], {}, ALL)]


def test_a_reach_knows_its_sites():
    assert Reach("p", "auditor", None).has_site(SITE)
    assert not Reach("p", "accountant", frozenset({"B"})).has_site(SITE)
