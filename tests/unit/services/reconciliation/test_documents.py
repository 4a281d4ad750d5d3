"""The list of the issuing software: each document is laid to paid notices, or refused with its row; never guessed."""

from __future__ import annotations

from services.reconciliation.documents.importing import COLUMNS, Settled, lay, parse
from shared.runtime.tables import read_table

HEAD = "number,series,kind,issued_on,amount,notice_id,reference,payer_code,link\n"


def rows(*lines: str):
    return parse(read_table((HEAD + "\n".join(lines)).encode(), COLUMNS))


def a_settled(
    notice_id: str, paid: int = 100, reference: str = "KH1", payer_code: str = "HS1", documents: tuple[str, ...] = ()
):
    return Settled(notice_id, reference, payer_code, paid, documents)


def test_a_document_names_a_notice_a_bill_or_a_payer():
    parsed, rejected = rows(
        "1,A,biên lai,24/11/2026,100,n1,,,", "2,A,Hóa đơn,,300,,KH2,,", "3,A,,,50,,,HS9,https://x.example/3"
    )
    assert not rejected
    settled = [a_settled("n1"), a_settled("n2", 200, "KH2"), a_settled("n3", 100, "KH2"), a_settled("n4", 50, "KH4", "HS9"),
               a_settled("n5", 70, "KH5", "HS9")]  # fmt: skip
    laid, refused = lay(parsed, settled)
    assert not refused
    assert [(row.kind, row.notices) for row in laid] == [
        ("receipt", ("n1",)),
        ("invoice", ("n2", "n3")),
        ("receipt", ("n4",)),
    ]


def test_a_payer_with_several_notices_that_fit_is_refused_with_the_row():
    parsed, _ = rows("1,A,,,100,,,HS1,", "2,A,,,200,,,HS1,")
    settled = [a_settled("n1"), a_settled("n2")]
    laid, refused = lay(parsed, settled)
    assert [(each.row, each.column) for each in refused] == [(2, "payer_code")]
    assert [row.notices for row in laid] == [("n1", "n2")], "both together are just that amount"


def test_what_names_nothing_paid_or_another_amount_is_refused():
    parsed, _ = rows("1,A,,,100,gone,,,", "2,A,,,99,n1,,,", "3,A,,,,n1,,,")
    laid, refused = lay(parsed, [a_settled("n1")])
    assert [(each.row, each.column) for each in refused] == [(2, "notice_id"), (3, "amount")]
    assert [row.number for row in laid] == ["3"]


def test_a_list_taken_twice_is_laid_to_the_same_notices():
    parsed, _ = rows("1,A,,,100,,,HS1,")
    laid, _ = lay(parsed, [a_settled("n1", documents=("A/1",)), a_settled("n2")])
    assert [row.notices for row in laid] == [("n1",)]


def test_rows_that_cannot_be_read_say_where():
    _, rejected = rows(
        "1,A,phiếu,,100,n1,,,", "2,A,,,100,,,,", "3,A,,,100,n1,,,ftp://x", ",A,,,1,n1,,,", "5,A,,,1,n1,,,", "5,A,,,1,n1,,,"
    )
    assert [(each.row, each.column) for each in rejected] == [
        (2, "kind"), (3, "notice_id"), (4, "link"), (5, "number"), (7, "number"),
    ]  # fmt: skip
