"""What is drawn, as plain values. Whoever makes them has checked rights, amounts and what may be shown of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.vietqr import MEMO_LIMIT, VietQRError, bank_name, encode_transfer, payment_memo

SAMPLE_MARK = "MẪU, KHÔNG CHUYỂN TIỀN"
"""Stands across everything of a sample site, inside the pictures themselves, so that it goes wherever they are sent."""


@dataclass(frozen=True, slots=True)
class Payee:
    """A site and the account to which it asks to be paid; one object serves all slips of a round."""

    site_name: str
    bank_bin: str
    account_number: str
    account_name: str
    """As the bank writes it: what the payer's app must show."""
    phone: str | None = None
    """Whom to ask, as it is dialled."""
    memo_prefix: str = ""
    """What the account's provider needs before the reference: "SEVQR", "TKPABC"; empty for most."""
    memo_limit: int = MEMO_LIMIT
    """How long a memo the account's strictest provider takes: 25, or 19."""
    sample: bool = False

    @property
    def bank_name(self) -> str:
        return bank_name(self.bank_bin)

    def memo(self, reference: str) -> str:
        """What the payer's transfer must carry. Raises VietQRError where it exceeds the account's limit."""
        return payment_memo(reference, self.memo_prefix, self.memo_limit)

    def payload(self, reference: str, amount: int) -> str:
        """The VietQR that pays this amount, in đồng, under this reference. Raises VietQRError naming the field at fault."""
        return encode_transfer(
            self.bank_bin, self.account_number, amount=amount, memo=self.memo(reference), memo_limit=self.memo_limit
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One fee of a bill, and what is still to be paid of it."""

    purpose: str
    period: str | None
    amount: int
    """Whole đồng that are open."""
    voluntary: bool = False

    @property
    def text(self) -> str:
        """What it is for, as one reads it: "Tiền ăn tháng 11"."""
        return f"{self.purpose} {self.period}" if self.period else self.purpose


@dataclass(frozen=True, slots=True)
class Slip:
    """A bill (thông báo thu) on paper."""

    payee: Payee
    reference: str
    round: str | None
    """"Đợt 1", as the site calls it."""
    given_name: str
    group: str | None
    """The class as it is printed: "lớp 4A"; None where the site has none."""
    code_tail: str
    """The last three characters of the payer's code: enough to tell two of one name apart."""
    lines: tuple[Line, ...]
    due_on: date | None

    @property
    def amount(self) -> int:
        """The sum of the lines in đồng: what the QR carries."""
        return sum(line.amount for line in self.lines)

    @property
    def payload(self) -> str:
        """The VietQR of the sum."""
        return self.payee.payload(self.reference, self.amount)

    @property
    def is_payable(self) -> bool:
        """Whether a QR can carry it: the account's memo and the sum may each be too long for one."""
        try:
            return bool(self.payload)
        except VietQRError:
            return False
