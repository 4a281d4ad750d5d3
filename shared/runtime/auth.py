"""Who calls: the admin token, or a short-lived token that the portal signed for a person (DESIGN §3 rule 11)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

import jwt
from fastapi import Depends, Header, Request

from shared import clock
from shared.runtime.problems import Problem
from shared.runtime.secrets import token_key

if TYPE_CHECKING:
    from shared.runtime.settings import Settings

TOKEN_LIFETIME = timedelta(minutes=5)
ADMIN = "admin"
ERASES: Final = ("head", "sample_admin")
"""Who may erase what is personal, beside an administrator: whoever answers for the data of the sites in their token."""
_ALGORITHM = "HS256"
_BEARER = "Bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """A person (or the administrator's token) and what they may touch."""

    person: str
    role: str
    sites: frozenset[str] | None
    """None: every site."""

    def require_role(self, *roles: str) -> None:
        """Refuse a caller whose work it is not; the administrator's token may do everything. Raises Problem."""
        if self.role != ADMIN and self.role not in roles:
            raise Problem(403, "not_your_role", "this is not for your role")

    def require_site(self, site_id: str | None) -> None:
        """Refuse a caller who is not bound to this site; raises Problem."""
        if self.sites is not None and site_id not in self.sites:
            raise Problem(403, "not_your_site", "this site is not one of yours")

    def sites_within(self, asked: Iterable[str] = ()) -> list[str] | None:
        """The sites whose rows are told: those asked for, or all of the caller's (None: every site). Raises Problem."""
        sites = set(asked)
        for site_id in sites:
            self.require_site(site_id)
        if sites:
            return sorted(sites)
        return None if self.sites is None else sorted(self.sites)


def sign_token(secret_key: str, caller: Caller) -> str:
    """A token for one command, as the portal makes it."""
    claims = {
        "sub": caller.person,
        "role": caller.role,
        "sites": None if caller.sites is None else sorted(caller.sites),
        "exp": clock.now() + TOKEN_LIFETIME,
    }
    return jwt.encode(claims, token_key(secret_key), algorithm=_ALGORITHM)


def bearer_is_admin(request: Request) -> bool:
    """Whether the request carries the administrator's token."""
    settings: Settings = request.app.state.settings
    return _is_admin_token(settings, _bearer_of(request.headers.get("Authorization", "")))


def _is_admin_token(settings: Settings, token: str) -> bool:
    return bool(token) and hmac.compare_digest(token.encode(), settings.admin_token.get_secret_value().encode())


def caller_of(request: Request, authorization: Annotated[str, Header()] = "") -> Caller:
    """Who sends this request; raises Problem 401 where no valid token is given."""
    settings: Settings = request.app.state.settings
    token = _bearer_of(authorization)
    if _is_admin_token(settings, token):
        return Caller(ADMIN, ADMIN, None)
    try:
        claims = jwt.decode(
            token,
            token_key(settings.secret_key.get_secret_value()),
            algorithms=[_ALGORITHM],
            options={"require": ["exp", "sub", "role"]},
        )
        # Required too, but null is a value of it (every site), which the library takes for a claim that is missing.
        sites = claims["sites"]
    except (jwt.InvalidTokenError, KeyError) as error:
        raise Problem(
            401, "unauthorized", "send Authorization: Bearer with a valid token", headers={"WWW-Authenticate": "Bearer"}
        ) from error
    return Caller(claims["sub"], claims["role"], None if sites is None else frozenset(sites))


def _bearer_of(authorization: str) -> str:
    return authorization.removeprefix(_BEARER) if authorization.startswith(_BEARER) else ""


def admin_of(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
    """As `caller_of`, for management calls: administrators only."""
    if caller.role != ADMIN:
        raise Problem(403, "forbidden", "this call is for administrators")
    return caller


CallerHere = Annotated[Caller, Depends(caller_of)]
AdminHere = Annotated[Caller, Depends(admin_of)]
