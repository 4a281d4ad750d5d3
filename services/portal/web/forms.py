"""Reading what a form sends. Anyone may have changed it: what no form of ours would send is refused, in one sentence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from services.portal import words
from services.portal.web.refusals import Refusal
from shared.money import AmountError, parse_dong

LONGEST: Final = 200
FILE_BYTES_MAX: Final = 8 * 1024 * 1024


class Form:
    """A form that was sent."""

    def __init__(self, data: FormData, back: str) -> None:
        self._data = data
        self._back = back

    def text(self, name: str, *, longest: int = LONGEST) -> str:
        """A field's text without blanks around it; empty where it is missing. Raises Refusal."""
        return self.raw(name, longest=longest).strip()

    def raw(self, name: str, *, longest: int = LONGEST) -> str:
        """A field's text as it was typed (passwords keep their blanks). Raises Refusal."""
        value = self._data.get(name, "")
        if not isinstance(value, str) or len(value) > longest or "\0" in value:
            raise self.wrong()
        return value

    def needed(self, name: str, *, longest: int = LONGEST) -> str:
        """A text that must be there. Raises Refusal."""
        return self.text(name, longest=longest) or self._missing(name)

    def texts(self, name: str, *, most: int = 200, longest: int = LONGEST) -> list[str]:
        """All values of a field, each once, in their order. Raises Refusal."""
        values = [value for value in self._data.getlist(name) if isinstance(value, str)]
        if len(values) > most or any(len(value) > longest or "\0" in value for value in values):
            raise self.wrong()
        return list(dict.fromkeys(values))

    def rows(self, *names: str, most: int, longest: int = LONGEST) -> list[tuple[str, ...]]:
        """Fields that stand side by side, row after row. Raises Refusal."""
        columns = [[value for value in self._data.getlist(name) if isinstance(value, str)] for name in names]
        lengths = {len(column) for column in columns}
        if (
            len(lengths) != 1
            or lengths.pop() > most
            or any(len(text) > longest or "\0" in text for each in columns for text in each)
        ):
            raise self.wrong()
        return [tuple(text.strip() for text in row) for row in zip(*columns, strict=True)]

    def is_ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self._data.get(name))

    def number(self, name: str, *, least: int = 0, most: int = 10**9) -> int:
        """A whole number that our own form carries. Raises Refusal."""
        text = self.text(name)
        if not (text.isascii() and text.isdecimal() and len(text) <= 18) or not least <= int(text) <= most:
            raise self.wrong()
        return int(text)

    def amount(self, name: str) -> int | None:
        """An amount as people type it, in đồng; None where nothing was typed. Raises Refusal."""
        text = self.text(name)
        if not text:
            return None
        try:
            return parse_dong(text)
        except AmountError:
            raise Refusal(422, "invalid_amount", words.AMOUNT_WRONG.format(typed=text[:40]), self._back) from None

    def amount_or_zero(self, name: str) -> int | None:
        """An amount that may also be 0, as people type it. Raises Refusal."""
        return 0 if self.text(name) in {"0", "0 đ"} else self.amount(name)

    def day(self, name: str) -> date | None:
        """A date as people type it (23/11/2026) or a browser sends it; None where nothing was typed. Raises Refusal."""
        text = self.text(name)
        return read_day(text, self._back) if text else None

    def items(self) -> list[tuple[str, str]]:
        """Every text of the form, as it was typed."""
        return [(name, value) for name, value in self._data.multi_items() if isinstance(value, str)]

    def file(self, name: str) -> UploadFile | None:
        """A file; None where none was chosen."""
        value = self._data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def wrong(self) -> Refusal:
        """What no form of ours sends."""
        return Refusal(422, "form_wrong", words.FORM_WRONG, self._back)

    def _missing(self, name: str) -> str:
        raise Refusal(422, "field_missing", words.FIELD_MISSING.format(field=words.FIELDS.get(name, name)), self._back)


async def form_of(request: Request, back: str = "/") -> Form:
    """The form of a request; read once, however often it is asked for."""
    return Form(await request.form(), back)


def read_day(text: str, back: str = "/") -> date:
    """A date such as 23/11/2026, 23-11-2026 or 2026-11-23. Raises Refusal."""
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise Refusal(422, "invalid_date", words.DATE_WRONG.format(typed=text[:40]), back)


def own_path(text: str) -> str:
    """Where to go on within this site; the first page where somebody wrote another place into the address."""
    is_ours = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and len(text) <= 2_000
    return text if is_ours and "\\" not in text else "/"
