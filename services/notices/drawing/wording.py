"""What a slip says, apart from where it stands: short enough for one who reads slowly, whole enough to be read out at a counter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, NamedTuple

from services.notices.drawing.values import SAMPLE_MARK, Line, Slip
from shared.money import format_dong

MAX_WORDS = 60
MAX_LINES = 4
"""Lines of a slip: where there are more fees, the last line sums up the rest."""

TITLE = "THÔNG BÁO THU"
READ_OUT = "Đọc cho giao dịch viên hoặc người nộp giúp"


_SHORT_KINDS: Final = (
    ("Phổ thông dân tộc bán trú", "PTDTBT"), ("Phổ thông dân tộc nội trú", "PTDTNT"), ("Trung học cơ sở", "THCS"),
    ("Trung học phổ thông", "THPT"), ("Tiểu học", "TH"), ("Mầm non", "MN"), ("Trung tâm Y tế", "TTYT"), ("Trạm Y tế", "TYT"),
    ("Trung tâm Phục vụ hành chính công", "TTHCC"), ("Trường ", ""),
)  # fmt: skip


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
    marks: tuple[str, ...] = ()
    """What a sample bears across all of it."""

    def word_count(self) -> int:
        """All that stands between spaces: names, sums, dates, numbers, and the marks of a sample."""
        pairs = [*self.lines, *self.read_out]
        texts = [TITLE, self.site, self.round, self.payer, self.amount, self.due, self.phone, READ_OUT, *self.marks]
        return sum(len(text.split()) for text in [*texts, *chain(*pairs)])


class _Brevity(NamedTuple):
    """How much is left out, from the least missed on."""

    site_is_short: bool = False
    purpose_words: int = 100
    has_round: bool = True
    has_periods: bool = True
    repeats_sum: bool = True
    """Whether an only fee has the sum beside it, which stands below it again."""


_BREVITIES = (
    _Brevity(),
    _Brevity(site_is_short=True),
    _Brevity(site_is_short=True, purpose_words=4),
    _Brevity(site_is_short=True, purpose_words=4, has_round=False),
    _Brevity(site_is_short=True, purpose_words=4, has_round=False, has_periods=False),
    _Brevity(site_is_short=True, purpose_words=4, has_round=False, has_periods=False, repeats_sum=False),
)


def slip_words(slip: Slip) -> SlipWords:
    """What the slip says in at most MAX_WORDS and MAX_LINES.

    The rest is shortened before fees are summed up in one line, and a fee that is the only one is always named. Names of people, banks
    and accounts are never shortened: only where they alone take the words there are more.
    """
    # Where there is only one fee, it is shown in every way before more words are used than allowed.
    least = 0 if len(slip.lines) > 1 else 1
    for shown in range(min(len(slip.lines), MAX_LINES), least - 1, -1):
        for brevity in _BREVITIES:
            said = _said(slip, shown, brevity)
            if len(said.lines) <= MAX_LINES and said.word_count() <= MAX_WORDS:
                return said
    return said


def _said(slip: Slip, shown: int, brevity: _Brevity) -> SlipWords:
    payee = slip.payee
    lines = _listed([_brief(line, brevity) for line in slip.lines], shown)
    return SlipWords(
        site=short_name(payee.site_name) if brevity.site_is_short else payee.site_name,
        round=(slip.round or "") if brevity.has_round else "",
        payer=", ".join(part for part in (slip.given_name, slip.group, f"…{slip.code_tail}") if part),
        lines=lines if brevity.repeats_sum or len(slip.lines) > 1 else (Listed(lines[0].text, ""),),
        amount=_with_unit(slip.amount),
        due=f"Hạn {slip.due_on:%d/%m/%Y}" if slip.due_on else "",
        phone=".".join((payee.phone or "").split()),
        read_out=(
            ("Ngân hàng", payee.bank_name),
            ("Tên", payee.account_name),
            ("Tài khoản", payee.account_number),
            ("Số tiền", _with_unit(slip.amount)),
            ("Nội dung", payee.memo(slip.reference)),
        ),
        marks=(SAMPLE_MARK, SAMPLE_MARK) if payee.sample else (),
    )


def short_name(site: str) -> str:
    """A site's name with its kind in the letters that everybody knows: "TH An Châu"."""
    for long, short in _SHORT_KINDS:
        site = re.sub(long, short, site, flags=re.IGNORECASE)
    return " ".join(site.split())


def _brief(line: Line, brevity: _Brevity) -> Line:
    purpose = line.purpose.split()
    cut = " ".join(purpose[: brevity.purpose_words]) + ("…" if len(purpose) > brevity.purpose_words else "")
    return replace(line, purpose=cut, period=line.period if brevity.has_periods else None)


def _listed(lines: Sequence[Line], shown: int) -> tuple[Listed, ...]:
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


def _with_unit(amount: int) -> str:
    """A sum that does not break, and counts as one word."""
    return format_dong(amount).replace(" ", "")


def _dong(amount: int) -> str:
    return format_dong(amount).removesuffix(" đ")
