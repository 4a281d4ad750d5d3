"""The portal's addresses: how they are written, and how what stands in them is read, which anyone may have changed."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode

from services.portal import words
from services.portal.model import NO_SITE, CursorError, Place, State, read_place
from services.portal.web.refusals import Refusal

SEARCH_LONGEST = 100
_NO_SITE_PATH = "-"
"""Stands in an address for money whose account belongs to no site yet."""
_SITE_PLACE_LONGEST = 1_000


def site_in(path: str) -> str:
    """The site that a part of an address names."""
    if "\0" in path:
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN)
    return NO_SITE if path == _NO_SITE_PATH else path


def _site_path(site_id: str) -> str:
    return f"/sites/{quote(site_id, safe='') or _NO_SITE_PATH}"


def payments(site_id: str, state: str = "", before: Place | None = None) -> str:
    """A page of a site's payments."""
    return with_query(f"{_site_path(site_id)}/payments", {"state": state, "before": str(before or "")})


def events(site_id: str) -> str:
    """Where a site's page is told of changes."""
    return f"{_site_path(site_id)}/events"


def overview(query: str, after: tuple[str, str] | None = None) -> str:
    """A page of the overview, after a site's search key and id."""
    return with_query("/", {"q": query, "after": "|".join(after or ())})


def with_query(path: str, query: Mapping[str, str]) -> str:
    """An address with what is given of a query."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def adding(address: str, query: Mapping[str, str]) -> str:
    """An address with this in its query too, in place of what it said of the same names."""
    path, _, known = address.partition("?")
    return with_query(path, {**dict(parse_qsl(known)), **query})


def search(text: str) -> str:
    """What to look for; raises Refusal where it is no part of a name."""
    if len(text) > SEARCH_LONGEST or "\0" in text:
        raise Refusal(400, "search_too_long", words.SEARCH_TOO_LONG.format(longest=SEARCH_LONGEST))
    return text.strip()


def state_filter(text: str, site_id: str) -> State | None:
    """The state to keep, None for all; raises Refusal."""
    for key, state, *_ in words.FILTERS:
        if key == text:
            return state
    raise Refusal(400, "unknown_filter", words.FILTER_UNKNOWN, payments(site_id))


def credit_place(text: str, site_id: str) -> Place | None:
    """Where a page of payments begins; raises Refusal."""
    try:
        return read_place(text) if text else None
    except CursorError:
        raise Refusal(400, "place_tampered", words.PLACE_TAMPERED, payments(site_id)) from None


def site_place(text: str) -> tuple[str, str]:
    """After which name and id a page of the overview begins; raises Refusal."""
    name, bar, site_id = text.rpartition("|")
    if text and (not bar or not name or not site_id or "\0" in text or len(text) > _SITE_PLACE_LONGEST):
        raise Refusal(400, "place_tampered", words.PLACE_TAMPERED)
    return name, site_id
