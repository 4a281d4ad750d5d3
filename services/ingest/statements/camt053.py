"""CAMT.053 (ISO 20022 bank-to-customer statement), any version: parsed by defusedxml, mapped here.

The namespace's version decides nothing that is read here, so elements are found by their local names. An entry that bundles
several transactions is taken apart where their amounts are given and add up; else it is one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from services.ingest.statements.cells import local_moment
from services.ingest.statements.model import Fault, Line, Statement, StatementError, Totals, checked
from shared.accounts import AccountError, normal_account
from shared.clock import LOCAL, day_start, local_day
from shared.money import MAX_DONG

_NO_REFERENCE = {"NOTPROVIDED", "NONREF", "NOREF"}


def looks_like(content: bytes) -> bool:
    """Whether a file is XML."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read(content: bytes, account: str) -> list[Statement]:
    """The statements of a document; raises StatementError."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        row, _ = error.position
        raise StatementError(Fault(row, "file", "the XML is not whole: the file may be cut short")) from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise StatementError(Fault(1, "file", "the XML declares entities or an unknown encoding")) from error
    statements = [each for each in root.iter() if _name(each) == "Stmt"]
    if not statements:
        raise StatementError(Fault(1, "file", "the XML holds no statement (Stmt) of CAMT.053"))
    made = next((_moment_of(each, "CreDtTm") for each in root.iter() if _name(each) == "GrpHdr"), None)
    return [_read_one(each, account, number, made) for number, each in enumerate(statements, start=1)]


def _read_one(statement: Element, account: str, number: int, message_made: datetime | None) -> Statement:
    """One Stmt; a fault's row is the number of its entry, since XML has no rows."""
    _check_account(statement, account, number)
    opening = _balance(statement, ("OPBD", "PRCD"), "OPBD", number)
    closing = _balance(statement, ("CLBD",), "CLBD", number)
    entries = [each for each in statement if _name(each) == "Ntry"]
    lines = [
        line
        for row, entry in enumerate(entries, start=1)
        if _text(entry, "Sts", "Cd") != "PDNG" and _text(entry, "Sts") != "PDNG"
        for line in _lines(entry, row)
    ]
    totals = Totals(
        (opening, 1),
        (closing, len(entries) or 1),
        _sum(statement, "TtlCdtNtries", len(entries)),
        _sum(statement, "TtlDbtNtries", len(entries)),
    )
    begins, ends = _moment_of(statement, "FrToDt", "FrDtTm"), _moment_of(statement, "FrToDt", "ToDtTm")
    if ends and ends == day_start(local_day(ends)) and any(line.day == local_day(ends) for line in lines):
        # The bank means the whole of that day: it has movements.
        ends += timedelta(days=1, seconds=-1)
    return checked(
        account,
        "camt.053",
        (local_day(begins), local_day(ends)) if begins and ends else None,
        lines,
        totals,
        last_row=len(entries) or 1,
        # A period that ends with a day's first moment ends with the day before.
        until=min((at for at in (ends, _moment_of(statement, "CreDtTm") or message_made) if at), default=None),
    )


def _check_account(statement: Element, account: str, number: int) -> None:
    for path in (("Acct", "Id", "IBAN"), ("Acct", "Id", "Othr", "Id")):
        named = _text(statement, *path)
        if named is None:
            continue
        try:
            if normal_account(named) == account:
                return
        except AccountError:
            pass
        raise StatementError(Fault(number, "Acct", "this is the statement of another account"))
    raise StatementError(Fault(number, "Acct", "the account is missing"))


def _balance(statement: Element, codes: Sequence[str], tag: str, number: int) -> int:
    for code in codes:
        for balance in _children(statement, "Bal"):
            if _text(balance, "Tp", "CdOrPrtry", "Cd") == code:
                amount = _dong(balance, tag, number)
                return amount if _text(balance, "CdtDbtInd") != "DBIT" else -amount
    raise StatementError(Fault(number, tag, "the balance is missing"))


def _sum(statement: Element, name: str, row: int) -> tuple[int, int] | None:
    text = _text(statement, "TxsSummry", name, "Sum")
    return None if text is None else (_whole(text, name, row), row)


def _lines(entry: Element, row: int) -> Iterator[Line]:
    # Of a reversal (RvslInd) too this is the entry's own direction: a debit that is taken back is a credit.
    inward = _text(entry, "CdtDbtInd") == "CRDT"
    if _text(entry, "CdtDbtInd") not in {"CRDT", "DBIT"}:
        raise StatementError(Fault(row, "CdtDbtInd", "must be CRDT or DBIT"))
    amount = _dong(entry, "Ntry", row)
    if not 0 < amount <= MAX_DONG:
        raise StatementError(Fault(row, "Amt", "must be above 0"))
    occurred_at, day_only = _moment(entry, row)
    details = [each for block in _children(entry, "NtryDtls") for each in _children(block, "TxDtls")]
    parts = [_part_amount(each, row) for each in details]
    whole = len(details) > 1 and all(part for part in parts) and sum(part or 0 for part in parts) == amount
    side = "Dbtr" if inward else "Cdtr"
    for detail, part in zip(details, parts, strict=True) if whole else [(details[0] if len(details) == 1 else None, amount)]:
        yield Line(
            row=row,
            amount=part or amount,
            direction="in" if inward else "out",
            occurred_at=occurred_at,
            day_only=day_only,
            reference=_reference(entry, detail),
            memo=_memo(entry, detail),
            counter_name=_counterparty(detail, side, ("RltdPties", "{side}", "Nm"), ("RltdPties", "{side}", "Pty", "Nm")),
            counter_account=_counterparty(
                detail,
                side,
                ("RltdPties", "{side}Acct", "Id", "Othr", "Id"),
                ("RltdPties", "{side}Acct", "Id", "IBAN"),
            ),
            counter_bank=_counterparty(
                detail,
                side,
                ("RltdAgts", "{side}Agt", "FinInstnId", "BICFI"),
                ("RltdAgts", "{side}Agt", "FinInstnId", "Nm"),
            ),
        )


def _part_amount(detail: Element, row: int) -> int | None:
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt"), ("AmtDtls", "InstdAmt", "Amt")):
        found = _find(detail, *path)
        if found is not None:
            return _whole(found.text or "", "TxDtls", row) if found.get("Ccy") == "VND" else None
    return None


def _moment(entry: Element, row: int) -> tuple[datetime, bool]:
    for name, kind in (("BookgDt", "DtTm"), ("ValDt", "DtTm"), ("BookgDt", "Dt"), ("ValDt", "Dt")):
        text = _text(entry, name, kind)
        if text is None:
            continue
        try:
            if kind == "Dt":
                return local_moment(date.fromisoformat(text[:10]), None), True
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise StatementError(Fault(row, name, "is no ISO 8601 date or time")) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL), False
    raise StatementError(Fault(row, "BookgDt", "the date is missing"))


def _reference(entry: Element, detail: Element | None) -> str | None:
    candidates = [_text(detail, "Refs", name) for name in ("AcctSvcrRef", "TxId")] if detail is not None else []
    candidates += [_text(entry, "AcctSvcrRef"), _text(entry, "NtryRef")]
    if detail is not None:
        candidates += [_text(detail, "Refs", "InstrId"), _text(detail, "Refs", "EndToEndId")]
    return next((each for each in candidates if each and each.upper() not in _NO_REFERENCE), None)


def _memo(entry: Element, detail: Element | None) -> str | None:
    texts = [each.text or "" for each in _descend(detail, "RmtInf", "Ustrd")] if detail is not None else []
    text = " ".join(texts) or _text(entry, "AddtlNtryInf") or ""
    return " ".join(text.split()) or None


def _counterparty(detail: Element | None, side: str, *paths: tuple[str, ...]) -> str | None:
    """What stands under the first of these paths for the other side: who paid (Dbtr), or who was paid (Cdtr)."""
    found = (_text(detail, *(step.format(side=side) for step in path)) for path in paths)
    return next((each for each in found if each), None)


def _moment_of(parent: Element, *path: str) -> datetime | None:
    """A moment of a message's or a statement's head, in Viet Nam where it names no zone."""
    text = _text(parent, *path)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("T24:00:00", "T23:59:59"))
    except ValueError as error:
        raise StatementError(Fault(1, path[0], "is no ISO 8601 time")) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


def _dong(parent: Element, tag: str, row: int) -> int:
    amount = _find(parent, "Amt")
    if amount is None:
        raise StatementError(Fault(row, tag, "the amount is missing"))
    if amount.get("Ccy") != "VND":
        raise StatementError(Fault(row, tag, "only accounts in VND are taken"))
    return _whole(amount.text or "", tag, row)


def _whole(text: str, tag: str, row: int) -> int:
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise StatementError(Fault(row, tag, "is no number")) from error
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > 10**15:
        raise StatementError(Fault(row, tag, "is no whole number of đồng"))
    return int(value)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _children(element: Element, name: str) -> list[Element]:
    return [each for each in element if _name(each) == name]


def _descend(element: Element, *path: str) -> list[Element]:
    found = [element]
    for name in path:
        found = [child for each in found for child in _children(each, name)]
    return found


def _find(element: Element, *path: str) -> Element | None:
    found = _descend(element, *path)
    return found[0] if found else None


def _text(element: Element | None, *path: str) -> str | None:
    found = _find(element, *path) if element is not None else None
    return found.text.strip() or None if found is not None and found.text else None
