"""What a provider's module says: how to verify a delivery, how to read it, how to answer it.

A new provider is one module that ends in `PROVIDER = Provider(…)`, one line in providers/__init__.py, and its samples.
All of it is pure: time comes in as an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from services.ingest.model import Reported

TOLERANCE_S = 300
"""How far a signed timestamp may lie from now, both ways (SePay's advice; Standard Webhooks' libraries)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An HTTP request of a provider: header names in lower case, the body byte for byte."""

    headers: Mapping[str, str]
    body: bytes


class UnauthorizedError(Exception):
    """The delivery does not prove that the provider sent it, now; `kind` names the reason for the metric."""

    def __init__(self, kind: str, detail: str, *, signed_at_s: float | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.signed_at_s = signed_at_s
        """The time that the sender claims, where that is what it was refused for: its clock may be wrong."""


class MalformedError(Exception):
    """The provider sent it, but it cannot be read; the text names the field, never its value."""


class NotJsonError(MalformedError):
    """The body is no JSON at all."""


class SecretError(ValueError):
    """This text cannot be a secret of the scheme."""


Verifier = Callable[[Delivery, float], float | None]
"""Checks one delivery against one secret, at the time given in unix seconds.

Returns the time at which the sender signed it, in unix seconds (None where the scheme knows none); raises UnauthorizedError.
"""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A second address of a provider that fetches a short-lived token before it sends."""

    path: str
    issue: Callable[[Sequence[Verifier], Delivery, float], bytes]
    """The JSON answer that holds a token, for what one of the secrets proves; raises UnauthorizedError."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A kind of sender."""

    name: str
    schemes: Mapping[str, Callable[[str], Verifier]]
    """Scheme → makes the verifier of a secret (raises SecretError); the first scheme is the default."""
    parse: Callable[[Delivery], tuple[Reported, ...]]
    """Reads a verified delivery; empty for a test call; raises MalformedError."""
    answer: Callable[[Sequence[str]], bytes]
    """The JSON body of the 200 that this sender expects, given our ids: of the transactions, else of the message."""
    kept_headers: tuple[str, ...] = field(default=())
    """Headers of its own that the vault keeps as proof; never those that hold a secret."""
    path: str = ""
    """Where it posts to below /webhooks/{provider}/{connection}."""
    tokens: Tokens | None = None
    refuse: Callable[[str, int, str], bytes] | None = None
    """The JSON body of a refusal, given the path, the status and the reason; None: a problem document (RFC 9457)."""

    @property
    def default_scheme(self) -> str:
        """The scheme of a connection that names none."""
        return next(iter(self.schemes))

    def answers_at(self, path: str) -> bool:
        """Whether this is one of its addresses below the connection's."""
        return path == self.path or (self.tokens is not None and path == self.tokens.path)


def verify(verifiers: Sequence[Verifier], delivery: Delivery, now_s: float) -> float | None:
    """Accept a delivery that one of the connection's secrets proves; raises the UnauthorizedError of the first.

    Returns when the sender signed it, where the scheme knows that.
    """
    refusal = UnauthorizedError("no_secret", "the connection has no valid secret")
    for position, check in enumerate(verifiers):
        try:
            return check(delivery, now_s)
        except UnauthorizedError as error:
            if position == 0:
                refusal = error
    raise refusal


def check_timestamp(text: str, now_s: float, *, per_second: int = 1) -> float:
    """Refuse a signed time (unix time) that is no number or lies outside the tolerance; raises UnauthorizedError.

    `per_second` is 1000 where the sender counts milliseconds. Returns the time in seconds.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise UnauthorizedError("bad_timestamp", "the timestamp header is missing or no unix time")
    signed_at_s = int(text) / per_second
    if abs(now_s - signed_at_s) > TOLERANCE_S:
        raise UnauthorizedError(
            "timestamp_outside_tolerance",
            f"the timestamp lies more than {TOLERANCE_S} s from now: check the sender's clock",
            signed_at_s=signed_at_s,
        )
    return signed_at_s


def non_empty(secret: str) -> bytes:
    """A secret's bytes; raises SecretError where there are none."""
    if not secret:
        raise SecretError("must not be empty")
    return secret.encode()
