"""Statement files in one line each: the banks' tables as CSV or XLSX, MT940 and CAMT.053."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from services.ingest.statements.model import Statement
from services.ingest.statements.reading import read_file

ACCOUNT = "0123456789"

VIETCOMBANK: list[list[Any]] = [
    ["NGÂN HÀNG TMCP NGOẠI THƯƠNG VIỆT NAM"],
    ["SAO KÊ TÀI KHOẢN / STATEMENT OF ACCOUNT"],
    ["Số tài khoản / Account number: 0123456789"],
    ["Từ ngày / From: 05/11/2026 đến ngày / To: 06/11/2026"],
    ["Số dư đầu kỳ / Opening balance", "", "", "", "1,000,000"],
    ["Ngày giao dịch", "Số tham chiếu", "Số tiền ghi nợ", "Số tiền ghi có", "Số dư", "Mô tả"],
    ["05/11/2026", "5243.65937", "", "150,000", "1,150,000", "MBVCB.3278907687.KH7Q2A nop tien an"],
    ["05/11/2026", "5244.12", "11,000", "", "1,139,000", "Phi dich vu SMS"],
    ["06/11/2026", "FT26310000000001", "", "200,000", "1,339,000", "KH9Z4B hoc phi, ky 1"],
    ["Tổng số", "", "11,000", "350,000"],
    ["Số dư cuối kỳ / Closing balance", "", "", "", "1,339,000"],
    ["Quý khách vui lòng kiểm tra lại số dư"],
]
BIDV: list[list[Any]] = [
    ["BIDV", "BÁO CÁO CHI TIẾT SỐ DƯ TÀI KHOẢN"],
    ["Số tài khoản:", "0123456789"],
    ["STT", "Ngày hiệu lực", "Số tiền ghi nợ", "Số tiền ghi có", "Số dư", "Mô tả"],
    ["", "", "", "", "1,000,000.00", "Số dư đầu kỳ"],
    ["1", "05/11/2026 08:15:01", "", "150,000.00", "1,150,000.00", "REM Tfr Ac:001 KH7Q2A nop tien an"],
    ["2", "05/11/2026 09:00:00", "11,000.00", "", "1,139,000.00", "Phi"],
    ["3", "06/11/2026 10:00:00", "", "200,000.00", "1,339,000.00", "KH9Z4B"],
]
AGRIBANK: list[list[Any]] = [
    ["Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam"],
    ["Ngày giao dịch", "Số bút toán", "Diễn giải", "Phát sinh nợ", "Phát sinh có", "Số dư"],
    ["05/11/2026", "001", "KH7Q2A nop tien an", "0", "150.000", "1.150.000"],
    ["05/11/2026", "002", "Phi", "11.000", "0", "1.139.000"],
    ["06/11/2026", "003", "KH9Z4B", "0", "200.000", "1.339.000"],
]
VIETINBANK: list[list[Any]] = [
    ["VietinBank", "LỊCH SỬ GIAO DỊCH - TRANSACTION HISTORY"],
    ["Số tài khoản/Account No: 0123456789 - VND"],
    ["Số dư đầu kỳ/Opening balance: 1,000,000"],
    ["STT", "Ngày phát sinh / Transaction date", "Ngày hạch toán / Accounting date", "Mô tả giao dịch / Transaction description",
     "Nợ/ Debit", "Có / Credit", "Số dư TK / Account balance", "Số giao dịch / Transaction number",
     "Tài khoản đối ứng / Corresponsive account", "Tên TK đối ứng / Corresponsive name"],
    ["1", "05-11-2026 08:15:01", "05/11/2026", "KH7Q2A nop tien an", "", "150,000", "1,150,000", "S123456789", "8888",
     "NGUYEN VAN AN"],
    ["2", "05-11-2026 09:00:00", "05/11/2026", "Phi", "-11,000", "", "1,139,000", "S123456790", "", ""],
    ["3", "06-11-2026 10:00:00", "06/11/2026", "KH9Z4B", "", "200,000", "1,339,000", "S123456791", "9999", "TRAN THI BINH"],
]  # fmt: skip
MB: list[list[Any]] = [
    ["NGÂN HÀNG TMCP QUÂN ĐỘI", "SAO KÊ CHI TIẾT TÀI KHOẢN"],
    ["TÀI KHOẢN/ACCOUNT NO: 0123456789"],
    ["Ngày giao dịch\nTransaction Date", "Ngày hạch toán\nPosting date", "Phát sinh nợ\nDebit", "Phát sinh có\nCredit",
     "Số dư\nBalance", "Nội dung\nDescription", "Số bút toán\nTransaction No"],
    ["06/11/2026 10:00:00", "06/11/2026", "0", "200,000", "1,339,000", "KH9Z4B", "FT26310000000001\\BNK"],
    ["05/11/2026 09:00:00", "05/11/2026", "11,000", "0", "1,139,000", "Phi", "FT26309000000002"],
    ["05/11/2026 08:15:01", "05/11/2026", "0", "150,000", "1,150,000", "KH7Q2A nop tien an", "FT26309000000001"],
]  # fmt: skip
BANKS = {"vietcombank": VIETCOMBANK, "bidv": BIDV, "agribank": AGRIBANK, "vietinbank": VIETINBANK, "mb": MB}

MT940 = """:20:STMT1
:25:0123456789
:28C:1/1
:60F:C261104VND1000000,
:61:2611051105C150000,NTRFFT26309000000001//BANKREF123456
:86:KH7Q2A nop tien an
:61:2611051105D11000,NCHGNONREF
:86:PHI DICH VU
:61:2611061106C200000,NTRFFT26310000000001
:86:KH9Z4B hoc phi
:62F:C261106VND1339000,
-
"""

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Id>S1</Id><FrToDt><FrDtTm>2026-11-05T00:00:00+07:00</FrDtTm><ToDtTm>2026-11-06T23:59:59+07:00</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>0123456789</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="VND">1000000</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="VND">1339000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<TxsSummry><TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>350000</Sum></TtlCdtNtries></TxsSummry>
<Ntry><Amt Ccy="VND">150000</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><DtTm>2026-11-05T08:15:01</DtTm></BookgDt><AcctSvcrRef>FT26309000000001</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>NGUYEN VAN AN</Nm></Pty></Dbtr>
<DbtrAcct><Id><Othr><Id>8888</Id></Othr></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>KH7Q2A nop</Ustrd><Ustrd>tien an</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="VND">11000</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-05</Dt></BookgDt>
<AddtlNtryInf>Phi dich vu</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="VND">200000</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-06</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><AcctSvcrRef>FT26310000000001</AcctSvcrRef></Refs><Amt Ccy="VND">120000</Amt></TxDtls>
<TxDtls><Refs><AcctSvcrRef>FT26310000000002</AcctSvcrRef></Refs><Amt Ccy="VND">80000</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="VND">5</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""


def as_csv(rows: Sequence[Sequence[Any]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(content: bytes | str, account: str = ACCOUNT, **more: Any) -> Statement:
    (statement,) = read_file(content.encode() if isinstance(content, str) else content, account, **more).statements
    return statement


def moves(statement: Statement) -> list[tuple[str, int]]:
    """Day and signed amount of each line."""
    return [(line.day.isoformat(), line.signed) for line in statement.lines]


def a_table(
    *rows: Sequence[Any], headings: Sequence[str] = ("Ngày", "Số CT", "Ghi nợ", "Ghi có", "Số dư", "Nội dung")
) -> bytes:
    return as_csv([headings, *rows])
