"""What a route asks of its caller: a session with a right, a form that this very session was given."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request

from services.portal import words
from services.portal.people import sessions, store
from services.portal.people.roles import Grant, Offered, Person, Reach, Right, Session
from services.portal.people.sessions import Gone
from services.portal.web.refusals import Kept, NotSignedIn, Refusal
from shared import clock
from shared.runtime.auth import ADMIN, bearer_is_admin
from shared.runtime.postgres import Database

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_FIELD: Final = "form"  # noqa: S105 - the name of a field
"""The hidden field of every form."""
KEPT_FIELDS_MAX: Final = 60
KEPT_BYTES_MAX: Final = 64 * 1024

_EVER: Final = datetime.max.replace(tzinfo=UTC)
BY_COMMAND: Final = Session(
    "",
    Person(ADMIN, ADMIN, words.BY_COMMAND, (Grant("admin"),), has_password=True),
    Reach(ADMIN, "admin", None),
    clock.now(),
    _EVER,
)
"""Who sends the administrator's token instead of a cookie: programs, and whoever holds the machine."""


class Access:
    """Finds out who asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def check(self, request: Request, right: Right | None, *, locked: bool = False) -> Session:
        """The session of somebody with this right (None: of anybody who is signed in); raises NotSignedIn, Refusal.

        `locked`: also while the screen is locked, for what unlocks it.
        """
        check_same_origin(request)
        session = await self.session_of(request)
        if session.is_locked and not locked:
            raise NotSignedIn(await kept_form(request), await self._sample(request), is_locked=True)
        await check_form(request, session)
        if right is not None and not session.reach.may(right):
            raise Refusal(403, "not_your_role", words.NOT_YOUR_ROLE)
        return session

    async def session_of(self, request: Request) -> Session:
        """Who sends this request; raises NotSignedIn."""
        if bearer_is_admin(request):
            return BY_COMMAND
        token = sessions.token_of(request)
        found: Session | Gone = Gone(was_signed_in=False)
        if token:
            async with self._database.transaction() as connection:
                found = await sessions.find(connection, token, clock.now(), passive=is_passive(request))
        if isinstance(found, Session):
            return found
        raise NotSignedIn(await kept_form(request), await self._sample(request), was_signed_in=found.was_signed_in)

    async def _sample(self, request: Request) -> Sequence[Offered]:
        """Whom the sign-in page offers where a form has to be kept."""
        if request.method in SAFE_METHODS:
            return ()
        async with self._database.reading() as connection:
            return await store.sample_people(connection)


def is_passive(request: Request) -> bool:
    """Whether the page asks by itself, without anybody touching it."""
    return "fragment" in request.query_params or "passive" in request.query_params or request.url.path.endswith("/events")


def check_same_origin(request: Request) -> None:
    """Refuse what another site's page sends; raises Refusal."""
    if request.method in SAFE_METHODS:
        return
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        foreign = fetched_from not in {"same-origin", "none"}
    else:
        origin = request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("Host", "")
    if foreign:
        raise Refusal(403, "cross_site", words.FORM_FOREIGN)


async def check_form(request: Request, session: Session) -> None:
    """Refuse a form that this session was not given; raises Refusal. A bearer token needs none: no browser sends it by itself."""
    if request.method in SAFE_METHODS or session is BY_COMMAND:
        return
    given = (await request.form()).get(TOKEN_FIELD, "")
    expected = sessions.form_token(session.token)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refusal(403, "form_token", words.FORM_STALE)


async def kept_form(request: Request) -> Kept | None:
    """What was typed into a form whose session had ended, so that it can be sent again. Files and large forms are not read."""
    if request.method != "POST":
        return None
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    length = request.headers.get("Content-Length", "")
    is_small = length.isascii() and length.isdecimal() and int(length) <= KEPT_BYTES_MAX
    if not is_small or not request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return Kept(path, ())
    form = await request.form(max_fields=KEPT_FIELDS_MAX)
    fields = tuple((name, value) for name, value in form.multi_items() if isinstance(value, str) and name != TOKEN_FIELD)
    return Kept(path, fields)


def may(right: Right | None, *, locked: bool = False) -> Any:
    """A dependency that gives the session of somebody with this right."""

    async def session_here(request: Request) -> Session:
        access: Access = request.app.state.office.access
        return await access.check(request, right, locked=locked)

    session_here.right = right  # type: ignore[attr-defined]  # what the test of every page as every role reads
    return Depends(session_here)


Anyone = Annotated[Session, may(None)]
AnyoneLocked = Annotated[Session, may(None, locked=True)]
MayOverview = Annotated[Session, may("overview")]
MayPeople = Annotated[Session, may("people")]
MayAudit = Annotated[Session, may("audit")]
MayQueue = Annotated[Session, may("queue")]
MayDecide = Annotated[Session, may("decide")]
MayPayment = Annotated[Session, may("payment")]
MayReveal = Annotated[Session, may("reveal")]
MaySearch = Annotated[Session, may("search")]
MayDays = Annotated[Session, may("days")]
MayClose = Annotated[Session, may("close")]
MayDiscrepancies = Annotated[Session, may("discrepancies")]
MayFees = Annotated[Session, may("fees")]
MayIssue = Annotated[Session, may("issue")]
MayOwnClass = Annotated[Session, may("own_class")]
MayCounter = Annotated[Session, may("counter")]
MayCash = Annotated[Session, may("cash")]
MayRemind = Annotated[Session, may("remind")]
MayTreatments = Annotated[Session, may("treatments")]
MayShifts = Annotated[Session, may("shifts")]
MayRefunds = Annotated[Session, may("refunds")]
MayApprove = Annotated[Session, may("approve")]
MayCommittee = Annotated[Session, may("committee")]
MayGroup = Annotated[Session, may("group")]
MayReports = Annotated[Session, may("reports")]
MayPortalReport = Annotated[Session, may("portal_report")]
MayDocuments = Annotated[Session, may("documents")]
MayDataRequests = Annotated[Session, may("data_requests")]
