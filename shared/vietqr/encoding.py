"""Writing the transfer QR of an account or card, in the one form that NAPAS's own samples and all bank apps share."""

from __future__ import annotations

import re

from shared.vietnamese import strip_diacritics
from shared.vietqr.decoding import DONG, NAPAS
from shared.vietqr.fields import VietQRError, sealed, write_fields

MEMO_LIMIT = 25
"""What field 62.08 holds, in characters (EMVCo; vietqr.io says the same)."""

STRICT_MEMO_LIMIT = 19
"""What api.vietqr.vn takes: its own prefix needs the rest."""

MAX_AMOUNT = 10**13 - 1
"""Field 54 holds 13 digits."""

# NAPAS bounds an account from above only. vietqr.io refuses less than six, yet banks give out chosen numbers of four.
_ACCOUNT = re.compile(r"[0-9A-Za-z]{1,19}")
_CARD = re.compile(r"[0-9]{12,19}")
_BIN = re.compile(r"[0-9]{6}")
_TO_ACCOUNT, _TO_CARD = "QRIBFTTA", "QRIBFTTC"


def encode_transfer(
    bank_bin: str,
    account: str,
    *,
    amount: int | None = None,
    memo: str | None = None,
    card: bool = False,
    memo_limit: int = MEMO_LIMIT,
) -> str:
    """The payload that a bank app reads as "transfer to this account".

    With an amount (whole đồng) or a memo it is dynamic, made for one payment; without both static. The memo loses its
    diacritics, as bank apps would take them from it. `memo_limit` is the least that any provider on the way takes. Raises
    VietQRError, naming the field: bin, account, amount or memo.
    """
    if not _BIN.fullmatch(bank_bin):
        raise VietQRError("bin: must be six digits")
    if card and not _CARD.fullmatch(account):
        raise VietQRError("account: a card number is 12 to 19 digits")
    if not _ACCOUNT.fullmatch(account):
        raise VietQRError("account: must be 1 to 19 letters or digits")
    if amount is not None and not 0 < amount <= MAX_AMOUNT:
        raise VietQRError(f"amount: must be between 1 and {MAX_AMOUNT} đồng")
    written = _ascii_memo(memo or "", memo_limit)
    return sealed(
        {
            "00": "01",
            "01": "11" if amount is None and not written else "12",
            "38": _receiver(bank_bin, account, card=card),
            "53": DONG,
            **({} if amount is None else {"54": str(amount)}),
            "58": "VN",
            **({"62": write_fields({"08": written})} if written else {}),
        }
    )


def payment_memo(reference: str, prefix: str = "", limit: int = MEMO_LIMIT) -> str:
    """The memo of a bill's QR: the words that the account's provider needs first (SEVQR, TKP…), then the reference.

    Nothing follows the reference: tails are cut on the way, and what stands there could only be taken for a part of it.
    Raises VietQRError where both together exceed the limit.
    """
    return _ascii_memo(f"{prefix} {reference}".strip(), limit)


def _ascii_memo(text: str, limit: int) -> str:
    memo = strip_diacritics(text)
    if not (memo.isascii() and memo.isprintable()):
        raise VietQRError("memo: must be letters, digits and signs of a Latin keyboard, on one line")
    if len(memo) > limit:
        raise VietQRError(f"memo: {len(memo)} characters, at most {limit}")
    return memo


def _receiver(bank_bin: str, account: str, *, card: bool) -> str:
    return write_fields(
        {"00": NAPAS, "01": write_fields({"00": bank_bin, "01": account}), "02": _TO_CARD if card else _TO_ACCOUNT}
    )
