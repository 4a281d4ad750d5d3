"""Personal data as types: text that does not show itself unless it is asked to.

A value of these types is a `str` for the database and for JSON, but `str()`, `repr()`, f-strings, templates and log lines
show only its masked form. Code that may show the whole value says so with `reveal()`, which is easy to search for.
What counts as personal here: Law 91/2025/QH15 and Decree 356/2025 (names, phones, accounts, bank transactions' texts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

VISIBLE_TAIL = 3
"""How many last characters of a code, phone or account stay visible when it is masked."""


class Personal(str):
    """Text about a person; shown masked everywhere but where `reveal()` stands."""

    __slots__ = ()

    def reveal(self) -> str:
        """The whole text, as a plain `str`, for a reader whose role needs it."""
        return str.__str__(self)

    def masked(self) -> str:
        """What anyone may see of it."""
        return "•••" if self.reveal() else ""

    def __str__(self) -> str:
        return self.masked()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked()})"

    def __format__(self, format_spec: str) -> str:
        return format(self.masked(), format_spec)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls._wrap,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(
                str.__str__, return_schema=core_schema.str_schema()
            ),
        )

    @classmethod
    def _wrap(cls, text: str) -> Self:
        return cls(text)


class PersonName(Personal):
    """A person's name: masked to initials and the given name, as Vietnamese forms do ("N. V. An")."""

    __slots__ = ()

    def masked(self) -> str:
        *others, given = self.reveal().split() or [""]
        return " ".join([*(f"{part[0]}." for part in others), given])


class TailShown(Personal):
    """A number or code of which only the last characters may be seen."""

    __slots__ = ()

    def masked(self) -> str:
        text = self.reveal()
        return f"•••{text[-VISIBLE_TAIL:]}" if len(text) > VISIBLE_TAIL else "•••"


class Phone(TailShown):
    """A telephone number."""

    __slots__ = ()


class AccountNumber(TailShown):
    """A bank account number of a person."""

    __slots__ = ()


class PayerCode(TailShown):
    """A payer's code at the site (pupil, patient or dossier code)."""

    __slots__ = ()


class Memo(Personal):
    """What was written on a transfer; it may hold names, so nothing of it shows."""

    __slots__ = ()
