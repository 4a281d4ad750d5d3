"""What banks and wallets make of a transfer's text: the shapes of ../shared/facts/memos.md, and as many invented ones.

Banks change their shapes every year, so half of these exist nowhere: the matcher must not live on knowing them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from tests.corpus.writing import plain

_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Sent:
    """A transfer as its sender made it."""

    text: str
    sender: str
    sender_account: str
    sender_bank: str
    to_account: str
    to_name: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """A transfer as the receiver's bank tells it."""

    memo: str
    counter_name: str
    counter_account: str
    counter_bank: str


def digits(rng: Random, count: int) -> str:
    return f"{rng.randrange(10**count):0{count}d}"


def mixed(rng: Random, count: int) -> str:
    return "".join(rng.choices(_ALPHANUMERIC, k=count))


Shape = Callable[[Random, str, Sent], str]

_PLAIN: tuple[Shape, ...] = (
    lambda rng, text, sent: text,
    lambda rng, text, sent: text,
    lambda rng, text, sent: text,
    lambda rng, text, sent: f"{text} FT{digits(rng, 14)}",
    lambda rng, text, sent: f"{text}-{sent.moment:%d%m%y}-{sent.moment:%H:%M:%S}",
)
_DECORATED: tuple[Shape, ...] = (
    lambda rng, text, sent: (
        f"MBVCB.{digits(rng, 10)}.{text}.CT tu {sent.sender_account} {sent.sender} toi {sent.to_account} {sent.to_name}"
    ),
    lambda rng, text, sent: (
        f"MBVCB.{digits(rng, 10)}.{digits(rng, 6)}.{text}.CT tu {sent.sender_account} {sent.sender} "
        f"toi {sent.to_account} {sent.to_name} "
        f"tai {rng.choice(('ACB', 'TPBANK', 'MB', 'BIDV'))} GD {digits(rng, 6)}-{sent.moment:%m%d%y} {sent.moment:%H:%M:%S}"
    ),
    lambda rng, text, sent: (
        f"MBVCB.{digits(rng, 11)}.{digits(rng, 4)}BFTVG2{mixed(rng, 6)}.{text}.CT tu {sent.sender_account} {sent.sender} toi "
        f"{sent.to_account} {sent.to_name} tai MB"
    ),
    lambda rng, text, sent: (
        f"CUSTOMER MBVCB {digits(rng, 10)} {digits(rng, 6)} {text} CT tu {sent.sender_account} {sent.sender}"[
            : 70 + len(text)
        ]
    ),
    lambda rng, text, sent: f"CUSTOMER {text}. TU: {sent.sender}",
    lambda rng, text, sent: f"CUSTOMER {text} - Ma giao dich/ Trace {digits(rng, 6)}",
    lambda rng, text, sent: f"{text} - Ma giao dich/ Trace{digits(rng, 4)} {digits(rng, 2)} Trace {digits(rng, 6)}",
    lambda rng, text, sent: f"{digits(rng, 6)}.{sent.moment:%d%m%y}.{digits(rng, 6)}.{text}",
    lambda rng, text, sent: f"{digits(rng, 12)}-{text}-CHUYEN TIEN-OQCH000{mixed(rng, 5)}-MOMO{digits(rng, 12)}MOMO",
    lambda rng, text, sent: f"ZALOPAY-CHUYENTIEN-{mixed(rng, 12)}-{text}",
    lambda rng, text, sent: (
        f"TKThe :{sent.sender_account}, tai {sent.sender_bank}. {text} -CTLNHIDI{digits(rng, 15)}-1/1-CRE-002"
    ),
    lambda rng, text, sent: (
        f"TKThe :{sent.sender_account}, tai Vietcombank. MBVCB.{digits(rng, 11)}.{digits(rng, 6)}.{text}.CT tu {sent.sender_account} "
        f"{sent.sender} toi {sent.to_account} {sent.to_name} tai BIDV -CTLNHIDI{digits(rng, 15)}-1/1-CRE-002"
    ),
    lambda rng, text, sent: (
        f"REM Tfr Ac:{sent.sender_account} O@L_080005_{digits(rng, 6)}_0_0_{digits(rng, 9)}_{digits(rng, 11)} {text}"
    ),
    lambda rng, text, sent: f"ND:CT DEN:{digits(rng, 12)} {text}; tai Napas",
    lambda rng, text, sent: f"ND:CT DEN:{digits(rng, 12)} ICB;{sent.to_account};{text}; tai Napas",
    lambda rng, text, sent: f"Chuyen tien den tu NAPAS Noi dung: IBFT {text} (ct{digits(rng, 4)})",
    lambda rng, text, sent: (
        f"{text} {digits(rng, 16)} GD {digits(rng, 4)}IBT1{mixed(rng, 8)} {sent.moment:%d%m%y}-{sent.moment:%H:%M:%S}"
    ),
    lambda rng, text, sent: f"VQR{mixed(rng, 10).lower()} {text}",
    lambda rng, text, sent: f"BankAPINotify {text}",
    # Not seen anywhere; next year's.
    lambda rng, text, sent: f"NHAN CK/{sent.sender_account}/{sent.sender}/{text}/{mixed(rng, 10)}",
    lambda rng, text, sent: f"IB24.{digits(rng, 8)}.ND {text} NGUOI GUI {sent.sender} NGUOI NHAN {sent.to_name}",
    lambda rng, text, sent: f"EBANK:{mixed(rng, 8)}|{text}|{sent.sender_bank}|{sent.moment:%d/%m/%Y %H:%M}",
    lambda rng, text, sent: f"/Ref/{mixed(rng, 9)}/{text}/{digits(rng, 3)}",
    lambda rng, text, sent: f"REF{digits(rng, 9)} B/O {sent.sender} F/O {sent.to_name} DTLS {text}",
    lambda rng, text, sent: f"Tu {sent.sender} - {sent.sender_account} - {sent.sender_bank}: {text}",
    lambda rng, text, sent: f"QR.{mixed(rng, 12)}. {text} .{digits(rng, 5)}",
    lambda rng, text, sent: f"TRANSFER FROM {sent.sender} REMARK {text} TXN {digits(rng, 10)}",
    lambda rng, text, sent: f"247 {digits(rng, 6)} {sent.moment:%d%m} {text}",
    lambda rng, text, sent: f"GUI TU {sent.sender_bank} STK {sent.sender_account} NOI DUNG {text}",
)
_NOTHING_TYPED: tuple[Shape, ...] = (
    lambda rng, text, sent: f"{sent.sender} chuyen tien",
    lambda rng, text, sent: f"{sent.sender} Chuyen khoan",
    lambda rng, text, sent: (
        f"MBVCB.{digits(rng, 10)}.{sent.sender} chuyen tien.CT tu {sent.sender_account} {sent.sender} toi {sent.to_account} "
        f"{sent.to_name}"
    ),
    lambda rng, text, sent: f"Thanh toan QR-{sent.moment:%d%m%y}-{sent.moment:%H:%M:%S}",
    lambda rng, text, sent: f"{digits(rng, 6)}.{sent.moment:%d%m%y}.{digits(rng, 6)}.{sent.sender} Chuyen tien",
    lambda rng, text, sent: (
        f"0200970405{digits(rng, 24)}.{digits(rng, 5)}.{digits(rng, 6)}.Vietcombank:{sent.sender_account}:{sent.sender} "
        f"{digits(rng, 6)}"
    ),
    lambda rng, text, sent: (
        f"{digits(rng, 12)}-{sent.sender} chuyen tien qua MoMo-CHUYEN TIEN-OQCH{digits(rng, 8)}-MOMO{digits(rng, 12)}MOMO"
    ),
    lambda rng, text, sent: "chuyen tien",
    lambda rng, text, sent: "",
    lambda rng, text, sent: f"{sent.sender} transfer",
    lambda rng, text, sent: f"QUY KHACH {sent.sender} CHUYEN KHOAN {digits(rng, 6)}",
)
WALLETS_OF_THEIR_OWN = 0.3
"""So many of a wallet's payers come with their own names and accounts; all others from the company's."""
_WALLETS = ("CTY CP DICH VU DI DONG TRUC TUYEN", "CONG TY CO PHAN ZION", "VIETTEL DIGITAL SERVICES")


def deliver(rng: Random, sent: Sent, *, marks_kept: bool | None = None) -> Arrived:
    """A bank passes the transfer on; most strip diacritics, some insert a space at a column, some know no counterparty."""
    sent = Sent(sent.text, plain(sent.sender).upper(), *_rest(sent))
    text = sent.text
    keeps = rng.random() < 0.25 if marks_kept is None else marks_kept
    if not keeps:
        text = plain(text)
    shape = rng.choice(_NOTHING_TYPED) if not text else rng.choice(_PLAIN if rng.random() < 0.35 else _DECORATED)
    memo = shape(rng, text, sent)
    if rng.random() < 0.05 and len(memo) > 36:
        memo = f"{memo[:35]} {memo[35:]}"
    if rng.random() < 0.04:
        memo = memo.replace("  ", " ").replace(" ", "  ", 2)
    wallet = "MOMO" in memo or "ZALOPAY" in memo
    if wallet and rng.random() < WALLETS_OF_THEIR_OWN:
        return Arrived(memo, sent.sender, sent.sender_account, sent.sender_bank)
    if wallet:
        return Arrived(
            memo, rng.choice(_WALLETS) if rng.random() < 0.7 else "", rng.choice(("99MM00000001", "9900000002", "")), "MOMO"
        )
    chance = rng.random()
    if chance < 0.12:
        return Arrived(memo, "", "", "")
    if chance < 0.22:
        return Arrived(memo, "", sent.sender_account, sent.sender_bank)
    return Arrived(memo, sent.sender, sent.sender_account, sent.sender_bank)


def _rest(sent: Sent) -> tuple[str, str, str, str, datetime]:
    return sent.sender_account, sent.sender_bank, sent.to_account, plain(sent.to_name).upper(), sent.moment
