"""docs/identity.md row by row: when two reports tell of one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.ingest.identity import (
    Likeness,
    Source,
    Verdict,
    compare,
    compare_memos,
    compare_under_reference,
    nearest,
    normal_reference,
    reference_key,
)
from shared.clock import day_start, local_day
from tests.unit.services.ingest.samples import ACCOUNT, NOW, a_reported, a_transaction

SEPAY = Source("sepay", "webhook", NOW)
MEMO = "MBVCB.3278907687.KH7Q2A nop tien an"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("FT24138000000001", "FT24138000000001"),
        (" ft24138000000001bnk", "FT24138000000001"),
        ("FT24138000000001\\BNK", "FT24138000000001"),
        ("FT24138ABCDE\\VN0010001", "FT24138ABCDE"),
        ("FT24138ABCDE;1", "FT24138ABCDE"),
        ("FT24138AABNK", "FT24138AABNK"),
        ("FT24138ABCDEBNK", "FT24138ABCDE"),
        ("MBVCB.3278907687", "MBVCB.3278907687"),
        ("MBVCB.3278907687\\BNK", "MBVCB.3278907687"),
        ("TF230204212323", "TF230204212323"),
        ("0a4cc317-3af3-4055-bc83-7296adb624bf", "0A4CC317-3AF3-4055-BC83-7296ADB624BF"),
    ],
)
def test_a_bank_s_reference_has_one_form(written: str, normal: str):
    assert normal_reference(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "3165",
        "4138",
        "20261105",
        "5243.65937",
        "MA_GIAO_DICH_THU_NGHIEM",
        "000000000000",
        "Ấ23456789012",
        "1" * 101,
    ],
)
def test_short_counters_and_words_identify_nothing(written: str | None):
    assert normal_reference(written) is None
    assert reference_key(a_reported(bank_reference=written)) is None


def test_a_fee_under_its_transfer_s_reference_is_another_transaction():
    keys = {
        reference_key(a_reported(bank_reference="FT24138ABCDE", **change))
        for change in ({}, {"amount": 1_100}, {"direction": "out"}, {"account": "7"})
    }
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        (MEMO, MEMO, Likeness.SAME),
        ("Nộp tiền ăn", "NOP TIEN AN", Likeness.SAME),
        (MEMO, f"REM {MEMO} CT tu 001 toi 002", Likeness.SAME),
        ("nop tien", "hoc phi", Likeness.UNCERTAIN),
        (None, MEMO, Likeness.UNCERTAIN),
        ("KH7Q2A nop", "KH7Q2A tien", Likeness.UNCERTAIN),
        ("KH7Q2A nop tien", "KH9Z4B nop tien", Likeness.DIFFERENT),
    ],
)
def test_memos_are_one_where_one_holds_the_other(one: str | None, other: str | None, likeness: Likeness):
    assert compare_memos(one, other) is likeness
    assert compare_memos(other, one) is likeness


def row(name: str, verdict: Verdict, report: dict[str, Any], standing: dict[str, Any]) -> Any:
    return pytest.param(verdict, report, standing, id=name)


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


ROWS = [
    row("5 references of one form that differ", Verdict.DIFFERENT,
        {"memo": MEMO, "bank_reference": "FT24138ABCDE"}, {"memo": MEMO, "bank_reference": "FT24138ABCDF"}),
    row("5 references of two forms tell nothing", Verdict.SAME,
        {"memo": MEMO, "bank_reference": "FT24138ABCDE"}, {"memo": MEMO, "bank_reference": "MBVCB.3278907687"}),
    row("5 short counters tell nothing", Verdict.SAME,
        {"memo": MEMO, "bank_reference": "3165"}, {"memo": MEMO, "bank_reference": "4138"}),
    row("6 one running balance", Verdict.SAME,
        {"memo": "other", "balance_after": 19_077_000}, {"memo": MEMO, "balance_after": 19_077_000}),
    row("6 balance 0 after money in is unknown", Verdict.ALIKE,
        {"memo": "x", "balance_after": 0}, {"memo": "y", "balance_after": 0}),
    row("7 one telling memo within two minutes", Verdict.SAME, {"memo": MEMO}, {"memo": MEMO, "occurred_at": later(seconds=119)}),
    row("7 one general memo in the same second", Verdict.SAME, {"memo": "nop tien an"}, {"memo": "Nộp tiền ăn"}),
    row("7 one memo on the same day, where only the day is known", Verdict.SAME,
        {"memo": MEMO, "day_only": True, "occurred_at": day_start(local_day(NOW))}, {"memo": MEMO, "occurred_at": later(hours=5)}),
    row("8 one general memo a second apart", Verdict.ALIKE,
        {"memo": "nop tien"}, {"memo": "nop tien", "occurred_at": later(seconds=1)}),
    row("8 one telling memo after two minutes", Verdict.ALIKE, {"memo": MEMO}, {"memo": MEMO, "occurred_at": later(seconds=121)}),
    row("8 one memo, two balances", Verdict.ALIKE, {"memo": MEMO, "balance_after": 5}, {"memo": MEMO, "balance_after": 6}),
    row("8 no memo", Verdict.ALIKE, {"memo": None}, {"memo": MEMO}),
    row("9 two telling memos", Verdict.DIFFERENT, {"memo": "KH7Q2A nop"}, {"memo": "KH9Z4B nop"}),
    row("9 too far apart in time", Verdict.DIFFERENT, {"memo": MEMO}, {"memo": MEMO, "occurred_at": later(minutes=11)}),
    row("9 another day", Verdict.DIFFERENT,
        {"memo": MEMO, "day_only": True, "occurred_at": day_start(local_day(NOW))}, {"memo": MEMO, "occurred_at": later(days=1)}),
    row("10 one source, two ids", Verdict.DIFFERENT, {"memo": MEMO}, {"memo": MEMO, "provider": "sepay"}),
    row("10 one source, two ids, nothing differs", Verdict.ALIKE,
        {"memo": MEMO, "balance_after": 9}, {"memo": MEMO, "balance_after": 9, "provider": "sepay"}),
    row("10 one source, two ids, one balance, two seconds", Verdict.DIFFERENT,
        {"memo": MEMO, "balance_after": 9},
        {"memo": MEMO, "balance_after": 9, "provider": "sepay", "occurred_at": later(seconds=1)}),
    row("9 one balance, and another's memo: a refund lay between them", Verdict.DIFFERENT,
        {"memo": "KH7AAAA11", "balance_after": 7}, {"memo": "KH7BBBB22", "balance_after": 7, "occurred_at": later(minutes=9)}),
    row("8 a class tells no payment apart", Verdict.ALIKE, {"memo": "nop tien LOP10A1"},
        {"memo": "NGUYEN VAN A nop tien LOP10A1", "occurred_at": later(seconds=90)}),
    row("8 nor does the account's own number", Verdict.ALIKE, {"memo": f"CT den {ACCOUNT} nop tien"},
        {"memo": f"CT den {ACCOUNT} nop tien", "occurred_at": later(seconds=90)}),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "report", "standing"), ROWS)
def test_a_row_of_the_table(verdict: Verdict, report: dict[str, Any], standing: dict[str, Any]):
    assert compare(a_reported(**report), SEPAY, a_transaction(**standing)) is verdict


FT = {"bank_reference": "FT24138ABCDE", "memo": MEMO}
UNDER_ONE_REFERENCE = [
    row("3 another provider", Verdict.SAME, FT, FT),
    row("3 another provider, without its memo, days later", Verdict.SAME, {**FT, "memo": None}, {**FT, "occurred_at": later(days=3)}),
    row("3 twice from one provider", Verdict.SAME, FT, {**FT, "provider": "sepay"}),
    row("3 twice from one provider, with one balance", Verdict.SAME, {**FT, "memo": "ung ho", "balance_after": 5},
        {**FT, "memo": "ung ho", "balance_after": 5, "provider": "sepay"}),
    row("4 a sponsor's equal gifts under one reference", Verdict.ALIKE, {**FT, "memo": "ung ho quy khuyen hoc"},
        {**FT, "memo": "ung ho quy khuyen hoc", "provider": "sepay"}),
    row("4 much later", Verdict.ALIKE, FT, {**FT, "occurred_at": later(days=11)}),
    row("4 another telling memo", Verdict.ALIKE, FT, {**FT, "memo": "MBVCB.3278907688.KH9Z4B nop tien"}),
    row("4 from one provider at another time", Verdict.ALIKE, FT, {**FT, "provider": "sepay", "occurred_at": later(minutes=3)}),
    row("4 from one provider with another balance", Verdict.ALIKE,
        {**FT, "balance_after": 5}, {**FT, "provider": "sepay", "balance_after": 6}),
    row("3 another provider with another balance", Verdict.SAME, {**FT, "balance_after": 5}, {**FT, "balance_after": 6}),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "report", "standing"), UNDER_ONE_REFERENCE)
def test_a_row_of_the_table_under_one_reference(verdict: Verdict, report: dict[str, Any], standing: dict[str, Any]):
    assert compare_under_reference(a_reported(**report), SEPAY, a_transaction(**standing)) is verdict


def test_of_several_the_nearest_is_taken_and_certainty_comes_first():
    far, near = (a_transaction(provider_id=n, memo=MEMO, occurred_at=later(seconds=s)) for n, s in (("1", 60), ("2", 5)))
    alike = a_transaction(provider_id="3", memo=None)
    assert nearest(a_reported(memo=MEMO), SEPAY, [alike, far, near]) == (Verdict.SAME, near)
    assert nearest(a_reported(memo=MEMO), SEPAY, [alike]) == (Verdict.ALIKE, alike)
    assert nearest(a_reported(memo=MEMO), SEPAY, []) == (Verdict.DIFFERENT, None)
