"""What a slip says, apart from where it stands: short enough for one who reads slowly, whole enough to be read out at a counter."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from services.notices.drawing.values import Line, Slip
from shared.money import format_dong

MAX_WORDS = 60
MAX_LINES = 4
"""Lines of a slip: where there are more fees, the last line sums up the rest."""

TITLE = "THÔNG BÁO THU"
READ_OUT = "Đọc cho giao dịch viên hoặc người nộp giúp"


class Listed(NamedTuple):
    """A line of a slip: what for, and the sum as it is printed."""

    text: str
    amount: str


class SlipWords(NamedTuple):
    """All the words of a slip."""

    site: str
    round: str
    payer: str
    lines: tuple[Listed, ...]
    amount: str
    due: str
    phone: str
    read_out: tuple[tuple[str, str], ...]
    """What a teller needs: label and value."""

    def word_count(self) -> int:
        """Its words, names included; sums, dates, phone and account numbers are none."""
        pairs = [*self.lines, *self.read_out]
        texts = [TITLE, self.site, self.round, self.payer, self.amount, self.due, self.phone, READ_OUT, *chain(*pairs)]
        return sum(any(letter.isalpha() for letter in word) for text in texts for word in text.split())


def slip_words(slip: Slip) -> SlipWords:
    """What the slip says; fees that would make it longer than MAX_WORDS or MAX_LINES are summed up in one line.

    Names are never shortened: where they alone take the words, all fees become one line.
    """
    payee = slip.payee
    words = SlipWords(
        site=payee.site_name,
        round=slip.round or "",
        payer=", ".join(part for part in (slip.given_name, slip.group, f"…{slip.code_tail}") if part),
        lines=(),
        amount=format_dong(slip.amount),
        due=f"Hạn nộp {slip.due_on:%d/%m/%Y}" if slip.due_on else "",
        phone=payee.phone or "",
        read_out=(
            ("Ngân hàng", payee.bank_name),
            ("Tên", payee.account_name),
            ("Tài khoản", payee.account_number),
            ("Số tiền", format_dong(slip.amount)),
            ("Nội dung", payee.memo(slip.reference)),
        ),
    )
    for shown in range(min(len(slip.lines), MAX_LINES), 0, -1):
        listed = words._replace(lines=_listed(slip.lines, shown))
        if len(listed.lines) <= MAX_LINES and listed.word_count() <= MAX_WORDS:
            return listed
    return words._replace(lines=_listed(slip.lines, 0))


def _listed(lines: tuple[Line, ...], shown: int) -> tuple[Listed, ...]:
    """As many fees one by one as are shown, the rest as one. The last to be summed up are voluntary ones: one may refuse them."""
    voluntary = [line for line in lines if line.voluntary]
    due = [line for line in lines if not line.voluntary]
    named_due = max(0, shown - len(voluntary))
    rest = due[named_due:] + voluntary[shown:]
    text = f"{len(rest)} khoản" if len(rest) == len(lines) else f"{len(rest)} khoản khác"
    return (
        *(Listed(line.text, _dong(line.amount)) for line in due[:named_due]),
        *([Listed(_marked(text, rest), _dong(sum(line.amount for line in rest)))] if rest else []),
        *(Listed(_marked(line.text, [line]), _dong(line.amount)) for line in voluntary[:shown]),
    )


def _marked(text: str, lines: list[Line]) -> str:
    """The text, and whether what it names is voluntary, or holds what is."""
    if not any(line.voluntary for line in lines):
        return text
    return f"{text} (tự nguyện)" if len(lines) == 1 else f"{text} (có khoản tự nguyện)"


def _dong(amount: int) -> str:
    return format_dong(amount).removesuffix(" đ")
