"""Chốt tháng, chốt đợt thu: looking at what a close says, and signing it. Statements that are handed in by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask, told
from services.portal.days import queries
from services.portal.office import Office, OfficeHere
from services.portal.owners import OwnerAwayError, OwnerProblem, part
from services.portal.payment.acts import key_of
from services.portal.payment.loading import sites_by_id
from services.portal.people import audit
from services.portal.people import store as people
from services.portal.people.access import MayClose, MayDays
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.web import addresses
from services.portal.web.forms import FILE_BYTES_MAX, form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.money import format_dong

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /closes, /statements/upload."""

Text = Annotated[str, Query(max_length=300)]
KINDS: Final = {"month": words.days.CLOSE_MONTH, "round": words.days.CLOSE_ROUND}
PROBLEMS: Final = {
    "not_over": words.days.CLOSE_NOT_OVER, "unknown_round": words.days.CLOSE_UNKNOWN, "figures_changed": words.days.CLOSE_CHANGED,
    "not_settled": words.days.CLOSE_HINDERED.format(count="nhiều"), "version_changed": words.asking.CHANGED,
}  # fmt: skip
ACCOUNTS = "select site_id, entity -> 'accounts' as accounts from sites where site_id = any($1::text[]) order by site_id"


@router.get("/closes")
async def closes(
    request: Request, office: OfficeHere, session: MayDays, site: Text = "", kind: Text = "", subject: Text = ""
) -> Response:
    """What a close would say; nothing but the form before one is asked for."""
    if kind and kind not in KINDS:
        raise Refusal(400, "unknown_kind", words.ADDRESS_WRONG, "/closes")
    async with office.bounded.reading(session.reach) as connection:
        sites = await sites_by_id(connection, await sites_of(connection, session.reach.sites))
        site = site or (next(iter(sites)) if len(sites) == 1 else "")
        rounds = await queries.rounds(connection, site) if site else []
    if site and not session.reach.has_site(site):
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, "/closes")
    preview = await _preview(office, session, site, kind, subject) if site and kind and subject else None
    signed = (preview or {}).get("signed")
    async with office.database.reading() as connection:
        names = await people.names_of(connection, {signed["signed_by"]} if signed else set())
    hindrances = (preview or {}).get("hindrances", {})
    return page(
        request, "days/closes.html", session, title=words.days.CLOSES, sites=list(sites.values()), site=site, kind=kind,
        subject=subject, rounds=rounds, kinds=KINDS, preview=preview, figures=_figures(preview), names=names,
        hindered=sum(len(each) for each in hindrances.values()), may_sign=session.reach.may("close"),
        months=[f"{day:%Y-%m}" for day in _months()], sample=any(each.sample for each in sites.values()),
    )  # fmt: skip


@router.post("/closes")
async def sign(request: Request, office: OfficeHere, session: MayClose) -> Response:
    """Sign what was read: the digest says that it is still that."""
    form = await form_of(request, "/closes")
    body = {name: form.needed(name) for name in ("site_id", "kind", "subject", "digest")}
    back = addresses.with_query("/closes", {"site": body["site_id"], "kind": body["kind"], "subject": body["subject"]})
    await ask(
        office, session, "reconciliation", "POST", "/closes", body=body, back=back, sentences=PROBLEMS,
        key=key_of(body["digest"], 1, body),
    )  # fmt: skip
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "closed", clock.now(), site_id=body["site_id"], subject=body["subject"],
                         detail={"kind": body["kind"], "digest": body["digest"]})  # fmt: skip
    return see_other(back)


@router.get("/statements/upload")
async def ask_file(request: Request, office: OfficeHere, session: MayClose) -> Response:
    """Where a statement is handed in."""
    return await _upload_page(request, office, session, "", "")


@router.post("/statements/upload")
async def upload(request: Request, office: OfficeHere, session: MayClose) -> Response:
    """Hand a statement to ingest, which reads it."""
    form = await form_of(request, "/statements/upload")
    file, account = form.file("file"), form.needed("account", longest=64)
    if file is None:
        return await _upload_page(request, office, session, words.days.UPLOAD_NONE, "", 422)
    if (file.size or 0) > FILE_BYTES_MAX:
        return await _upload_page(request, office, session, words.asking.TOO_LARGE, "", 413)
    try:
        answer = await office.owners.ask(
            session, "ingest", "POST", f"/statements/{part(account)}", content=await file.read(), long=True,
            headers={"Content-Type": "application/octet-stream"},
        )  # fmt: skip
    except OwnerProblem as problem:
        refused = words.days.UPLOAD_REFUSED.format(problem=_problem(problem))
        return await _upload_page(request, office, session, refused, "", 422)
    except OwnerAwayError:
        raise Refusal(502, "ingest_away", words.queue.OWNER_AWAY, "/statements/upload") from None
    taken = answer.json()
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "imported", clock.now(), subject=account, detail={"kind": "statement"})
    done = words.days.UPLOADED.format(lines=taken["lines"], new=taken["new"])
    return await _upload_page(request, office, session, "", words.days.UPLOADED_AGAIN if taken["unchanged"] else done)


async def _preview(office: Office, session: Session, site: str, kind: str, subject: str) -> dict[str, Any]:
    params = {"site": site, "kind": kind, "subject": subject}
    back = addresses.with_query("/closes", {"site": site})
    found: dict[str, Any] = await told(
        office, session, "reconciliation", "/closes/preview", params=params, back=back, sentences=PROBLEMS
    )
    return found


def _figures(preview: dict[str, Any] | None) -> list[tuple[str, str]]:
    """The sums of a close in words; what is no sum stays out."""
    if preview is None:
        return []
    counts = {"notices", "settled", "payers"}
    return [
        (name, str(value) if key in counts else format_dong(value))
        for key, name in words.days.CLOSE_FIGURES.items()
        if isinstance(value := preview["figures"].get(key), int)
    ]


def _months() -> list[date]:
    """The last twelve months that are over."""
    today = clock.local_day(clock.now())
    first = today.replace(day=1)
    months = []
    for _ in range(12):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    return months


def _problem(problem: OwnerProblem) -> str:
    """What is wrong with a statement: the places, as the file's own rows and columns."""
    rejected = problem.members.get("rejected")
    if isinstance(rejected, list) and rejected:
        return "; ".join(words.files.place(each["row"], each["column"], each["problem"]) for each in rejected[:5])
    return words.asking.NOT_POSSIBLE


async def _upload_page(
    request: Request, office: Office, session: Session, problem: str, done: str, status: int = 200
) -> Response:
    async with office.bounded.reading(session.reach) as connection:
        sites = await sites_of(connection, session.reach.sites)
        rows = await connection.fetch(ACCOUNTS, sites)
        named = await sites_by_id(connection, sites)
    accounts = [(row["site_id"], account["account_number"]) for row in rows for account in row["accounts"]]
    return page(
        request, "days/upload.html", session, status=status, title=words.days.UPLOAD, accounts=accounts, names=named,
        problem=problem, done=done,
    )  # fmt: skip
