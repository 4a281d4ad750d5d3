"""How banks write a transfer: what becomes of the memo on its way. Pure; chance comes in as an argument.

The shapes are those of ../shared/facts/memos.md, with made-up names and numbers. None of them harms the letters and digits
of a reference; spaces may come into it.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from shared.vietnamese import strip_diacritics

_TRACE = string.digits + "ABCDEFGILMNOPRSTUVWXYZ"  # no H or K: a trace never looks like a reference
_WRAP_COLUMN = 35


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as the sender's application sends it off."""

    memo: str | None
    sender_name: str
    sender_account: str
    to_account: str
    to_name: str
    moment: datetime
    """Local time, as banks write it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A transfer as it stands on the receiver's account."""

    content: str
    counter_bank: str
    counter_name: str
    counter_account: str


def write(transfer: Transfer, rng: Random) -> Written:
    """Choose the payer's bank and let it write the transfer."""
    bank, shapes = rng.choice(_BANKS)
    memo = transfer.memo
    if memo is None:
        memo, shapes = "", _LOST
    content = rng.choice(shapes)(strip_diacritics(memo), transfer, rng)
    if bank == "MOMO":  # a wallet company is the sender
        return Written(content, bank, "CTY CP DICH VU DI DONG TRUC TUYEN", _digits(rng, 12))
    return Written(content, bank, _sender(transfer), transfer.sender_account)


def bank_reference(number: int, moment: datetime, rng: Random) -> str:
    """The bank's own number of a transfer; two transfers never share one."""
    return f"FT{moment:%y%j}{number:09d}{rng.choice(('', '', 'BNK'))}"


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def _trace(rng: Random, count: int) -> str:
    return "".join(rng.choices(_TRACE, k=count))


def _sender(transfer: Transfer) -> str:
    return strip_diacritics(transfer.sender_name).upper()


def _vietcombank(memo: str, transfer: Transfer, rng: Random) -> str:
    towards = f"CT tu {transfer.sender_account} {_sender(transfer)} toi {transfer.to_account} {transfer.to_name}"
    return f"MBVCB.{_digits(rng, 10)}.{memo}.{towards}"


def _vietcombank_between_banks(memo: str, transfer: Transfer, rng: Random) -> str:
    trace = rng.choice((_digits(rng, 6), f"{_digits(rng, 4)}BFTVG2{_trace(rng, 6)}"))
    tail = f"{_digits(rng, 6)}-{transfer.moment:%m%d%y} {transfer.moment:%H:%M:%S}"
    return (
        f"MBVCB.{_digits(rng, 10)}.{trace}.{memo}.CT tu {transfer.sender_account} {_sender(transfer)} "
        f"toi {transfer.to_account} {transfer.to_name} tai ACB GD {tail}"
    )


def _dots_to_spaces(memo: str, transfer: Transfer, rng: Random) -> str:
    origin = f"CT tu {transfer.sender_account}  {_sender(transfer)}"
    whole = f"CUSTOMER MBVCB {_digits(rng, 10)} {_digits(rng, 6)} {memo} {origin}"
    return whole[: max(60, len(memo) + 36)]  # the tail is cut, never the memo


def _customer(memo: str, transfer: Transfer, _rng: Random) -> str:
    return f"CUSTOMER {memo}. TU: {_sender(transfer)}"


def _wrapped(memo: str, transfer: Transfer, rng: Random) -> str:
    """A space inserted at the wrap column, wherever that falls."""
    text = f"CUSTOMER {_sender(transfer)} chuyen khoan {memo} - Ma giao dich/ Trace {_digits(rng, 6)}"
    return f"{text[:_WRAP_COLUMN]} {text[_WRAP_COLUMN:]}"


def _momo(memo: str, _transfer: Transfer, rng: Random) -> str:
    wallet = _digits(rng, 12)
    return f"{wallet}-{memo}-CHUYEN TIEN-OQCI0002{_trace(rng, 4)}-MOMO{wallet}MOMO"


def _bidv(memo: str, transfer: Transfer, rng: Random) -> str:
    wrapped = f"MBVCB.{_digits(rng, 11)}.{_digits(rng, 6)}.{memo}.CT tu {transfer.sender_account} tai BIDV"
    return f"TKThe :{transfer.sender_account}, tai Vietcombank. {wrapped} -CTLNIDI{_digits(rng, 12)}-1/1-CRE-002"


def _bidv_remittance(memo: str, transfer: Transfer, rng: Random) -> str:
    traces = f"{_digits(rng, 6)}_0_0_{_digits(rng, 9)}_{_digits(rng, 11)}"
    return f"REM Tfr Ac:{transfer.sender_account} O@L_080005_{traces} {memo}"


def _napas(memo: str, _transfer: Transfer, rng: Random) -> str:
    return f"ND:CT DEN:{_digits(rng, 12)} {rng.choice(('', 'ICB;'))}{memo}; tai Napas"


def _acb(memo: str, transfer: Transfer, rng: Random) -> str:
    moment = transfer.moment
    return f"{memo} {_digits(rng, 16)} GD {_digits(rng, 4)}IBT1{_trace(rng, 8)} {moment:%d%m%y}-{moment:%H:%M:%S}"


def _glued(memo: str, transfer: Transfer, _rng: Random) -> str:
    return f"IBFT {_sender(transfer).lower()}{memo}"


def _plain(memo: str, _transfer: Transfer, _rng: Random) -> str:
    return memo


def _default_memo(_memo: str, transfer: Transfer, rng: Random) -> str:
    """The application's own words, since the payer typed none."""
    sender = _sender(transfer)
    return rng.choice((_vietcombank, _bidv, _napas))(f"{sender} chuyen tien", transfer, rng)


def _memo_lost(_memo: str, transfer: Transfer, rng: Random) -> str:
    return rng.choice(
        (
            f"Thanh toan QR-{transfer.moment:%d%m%y}-{transfer.moment:%H:%M:%S}",
            f"{_digits(rng, 6)}.{transfer.moment:%d%m%y}.{transfer.moment:%H%M%S}.{_sender(transfer)} Chuyen tien",
            f"{_digits(rng, 12)}-{_sender(transfer)} chuyen tien qua MoMo-CHUYEN TIEN-OQCI{_digits(rng, 8)}-MOMO",
        )
    )


Shape = Callable[[str, Transfer, Random], str]
SHAPES: tuple[Shape, ...] = (
    _vietcombank, _vietcombank_between_banks, _dots_to_spaces, _customer, _wrapped, _momo, _bidv, _bidv_remittance, _napas,
    _acb, _glued, _plain,
)  # fmt: skip
_LOST: tuple[Shape, ...] = (_default_memo, _memo_lost)
_BANKS: tuple[tuple[str, tuple[Shape, ...]], ...] = (
    ("Vietcombank", (_vietcombank, _vietcombank_between_banks, _dots_to_spaces)),
    ("MBBank", (_customer, _wrapped)),
    ("BIDV", (_bidv, _bidv_remittance)),
    ("VietinBank", (_napas,)),
    ("ACB", (_acb,)),
    ("Agribank", (_plain, _glued, _napas)),
    ("MOMO", (_momo,)),
)
