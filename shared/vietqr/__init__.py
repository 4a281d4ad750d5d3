"""VietQR: the payload of a Vietnamese bank-transfer QR code (EMVCo merchant-presented QR, NAPAS profile).

`fields` is the envelope: tags, lengths, values and the check at the end. `decoding` reads any such payload, `encoding` writes the
transfer QR of a bill, `banks` knows the banks by their BIN. How it is drawn: services/notices/drawing. docs/vietqr.md shows it.
"""

from __future__ import annotations

from shared.vietqr.banks import SAMPLE_BIN, Bank, bank_name, find_bank
from shared.vietqr.decoding import DecodedQR, decode
from shared.vietqr.encoding import MEMO_LIMIT, STRICT_MEMO_LIMIT, encode_transfer, payment_memo
from shared.vietqr.fields import VietQRError

__all__ = [
    "MEMO_LIMIT",
    "SAMPLE_BIN",
    "STRICT_MEMO_LIMIT",
    "Bank",
    "DecodedQR",
    "VietQRError",
    "bank_name",
    "decode",
    "encode_transfer",
    "find_bank",
    "payment_memo",
]
