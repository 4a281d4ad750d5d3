"""Issuing: a list is dropped in, seen as it was understood, put right and issued; one fee for classes; the next round.

Nothing is issued before somebody has seen what it would be. All of it is done by notices; here it is asked and shown.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask, told
from services.portal.fees import queries
from services.portal.office import Office, OfficeHere
from services.portal.owners import OwnerProblem, part
from services.portal.payment.acts import key_of
from services.portal.payment.loading import by_name, sites_by_id
from services.portal.people import audit
from services.portal.people.access import MayIssue
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.web.addresses import with_query
from services.portal.web.forms import FILE_BYTES_MAX, Form, form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /issue, POST /imports/list; GET and POST /drafts/{id}; POST /fees/new, /fees/next."""

Text = Annotated[str, Query(max_length=200)]
PROBLEMS_SHOWN: Final = 100
LINES_SHOWN: Final = 50


@router.get("/issue")
async def ask_list(request: Request, office: OfficeHere, session: MayIssue, site: Text = "") -> Response:
    """Where a list is dropped in, and the shorter ways to issue."""
    return await _issue_page(request, office, session, site)


@router.post("/imports/list")
async def take_list(request: Request, office: OfficeHere, session: MayIssue) -> Response:
    """Hand the list to notices, which reads it; nothing is issued yet."""
    form = await form_of(request, "/issue")
    site, file = form.needed("site_id"), form.file("file")
    if file is None:
        return await _issue_page(request, office, session, site, words.fees.ISSUE_NONE, 422)
    if (file.size or 0) > FILE_BYTES_MAX:
        return await _issue_page(request, office, session, site, words.asking.TOO_LARGE, 413)
    due = form.day("due_on")
    params = {
        "site": site, "round": form.needed("round"), "due_on": (due or _missing_due(form)).isoformat(),
        "period": form.text("period"), "fee_kind": form.text("fee_kind"), "purpose": form.text("purpose"),
        "codes_by_name": "true" if form.is_ticked("codes_by_name") else "",
    }  # fmt: skip
    content = await file.read()
    answer = await ask(
        office, session, "notices", "POST", "/imports/drafts", params={name: value for name, value in params.items() if value},
        content=content, long=True, key=key_of(site, len(content), [params, content]), back="/issue",
        headers={"Content-Type": "application/octet-stream", "X-Filename": _ascii(file.filename or "")},
        sentences=words.fees.PROBLEMS,
    )  # fmt: skip
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "imported", clock.now(), site_id=site, detail={"kind": "draft"})
    return see_other(f"/drafts/{part(answer.json()['draft_id'])}")


@router.get("/drafts/{draft_id}")
async def draft(request: Request, office: OfficeHere, session: MayIssue, draft_id: str) -> Response:
    """What was understood of a list, and what has to be put right."""
    found = await told(office, session, "notices", f"/drafts/{part(draft_id)}", back="/issue", sentences=words.fees.PROBLEMS)
    issued = found["state"] == "issued"
    return page(
        request, "fees/draft.html", session, title=words.fees.DRAFT_TITLE, draft=found, issued=issued,
        draft_path=f"/drafts/{part(draft_id)}",
        problems=[] if issued else found["problems"][:PROBLEMS_SHOWN], lines=[] if issued else found["notices"][:LINES_SHOWN],
        more=0 if issued else max(0, found["totals"]["notices"] - LINES_SHOWN),
    )  # fmt: skip


@router.post("/drafts/{draft_id}")
async def act_on_draft(request: Request, office: OfficeHere, session: MayIssue, draft_id: str) -> Response:
    """Put cells right, leave rows out, issue, or drop the draft."""
    path = f"/drafts/{part(draft_id)}"
    form = await form_of(request, path)
    version = form.number("version")
    if form.text("act") == "drop":
        await ask(office, session, "notices", "DELETE", path, back=path)
        return see_other("/issue")
    if form.text("act") == "issue":
        answer = (await ask(
            office, session, "notices", "POST", f"{path}/issue", version=version, back=path, sentences=words.fees.PROBLEMS, long=True
        )).json()  # fmt: skip
        async with office.database.transaction() as connection:
            await audit.note(connection, session, "issued", clock.now(), subject=draft_id,
                             detail={"accepted": answer.get("accepted"), "amount": answer.get("amount_issued")})  # fmt: skip
        return see_other(path)
    await ask(
        office, session, "notices", "PATCH", path, version=version, body=_corrections(form), back=path,
        sentences=words.fees.PROBLEMS,
    )  # fmt: skip
    return see_other(path)


@router.post("/fees/new")
async def new_fee(request: Request, office: OfficeHere, session: MayIssue) -> Response:
    """One fee for classes, grades or the whole site: first what it would issue, then issuing it."""
    form = await form_of(request, "/issue")
    price, due, days = form.amount("price"), form.day("due_on"), form.text("days")
    if price is None:
        raise Refusal(422, "field_missing", words.FIELD_MISSING.format(field=words.FIELDS["price"]), "/issue")
    body = {
        "site_id": form.needed("site_id"), "round": form.needed("round"), "fee_kind": form.needed("fee_kind"),
        "purpose": form.needed("purpose"), "price": price, "due_on": (due or _missing_due(form)).isoformat(),
        **({"days": form.number("days", least=1, most=366)} if days else {}),
        **({"period": form.text("period")} if form.text("period") else {}),
        "groups": _listed(form.text("groups", longest=2_000)), "grades": _listed(form.text("grades", longest=500)),
    }  # fmt: skip
    return await _issue_rule(request, office, session, form, "/fees", body)


@router.post("/fees/next")
async def next_round(request: Request, office: OfficeHere, session: MayIssue) -> Response:
    """The next round from the last: first what it would issue, then issuing it."""
    form = await form_of(request, "/issue")
    due = form.day("due_on")
    body = {
        "site_id": form.needed("site_id"), "last_round": form.needed("last_round"), "round": form.needed("round"),
        "due_on": (due or _missing_due(form)).isoformat(),
        **({"period": form.text("period")} if form.text("period") else {}),
    }  # fmt: skip
    return await _issue_rule(request, office, session, form, "/rounds/next", body)


async def _issue_rule(
    request: Request, office: Office, session: Session, form: Form, path: str, body: dict[str, Any]
) -> Response:
    """Ask notices to issue by a rule; without `confirmed` only what it would do."""
    confirmed = form.is_ticked("confirmed")
    site = body["site_id"]
    try:
        answer = await office.owners.ask(
            session, "notices", "POST", path, params={} if confirmed else {"check": "true"}, body=body, long=True
        )
    except OwnerProblem as problem:
        return await _issue_page(request, office, session, site, _rejected(problem), 422)
    report = answer.json()
    if confirmed:
        async with office.database.transaction() as connection:
            await audit.note(
                connection, session, "issued", clock.now(), site_id=site, detail={"accepted": report["accepted"]}
            )
        # The round's page follows as soon as its topic was read; here it is said at once.
        return see_other(with_query("/fees", {"site": site, "issued": str(report["accepted"])}))
    return page(
        request, "fees/check.html", session, title=words.fees.DRAFT_TITLE, report=report,
        path="/fees/new" if path == "/fees" else "/fees/next",
        fields=[(name, value) for name, value in form.items() if name not in {"form", "confirmed"}],
    )  # fmt: skip


def _rejected(problem: OwnerProblem) -> str:
    """What is wrong with a rule, line by line."""
    rejected = problem.members.get("rejected")
    if isinstance(rejected, list) and rejected:
        lines = [words.files.place(each["row"], each["column"], each["problem"]) for each in rejected[:5]]
        return " ".join([words.fees.REJECTED, *lines])
    return words.fees.PROBLEMS.get(problem.kind, words.asking.NOT_POSSIBLE)


def _corrections(form: Form) -> dict[str, Any]:
    """Cells that were typed anew and rows that were ticked, named as the spreadsheet names them, and classes that are new."""
    cells, rows, groups = [], [], []
    for name, value in form.items():
        kind, _, place = name.partition(":")
        sheet, _, where = place.rpartition("!")
        if kind == "cell" and value.strip():
            cells.append({"sheet": sheet, "cell": where, "value": value.strip()})
        elif kind == "row" and where.isdecimal():
            rows.append({"sheet": sheet, "row": int(where), "left_out": True})
        elif kind == "class" and place:
            groups.append(place)
    return {"cells": cells, "rows": rows, "new_groups": sorted(set(groups))}


async def _issue_page(
    request: Request, office: Office, session: Session, site: str, problem: str = "", status: int = 200
) -> Response:
    async with office.bounded.reading(session.reach) as connection:
        sites = await sites_by_id(connection, await sites_of(connection, session.reach.sites))
        here = site if site in sites else next((each.site_id for each in by_name(sites.values())), "")
        rounds = await queries.rounds(connection, here) if here else []
        groups = await queries.groups(connection, here) if here else []
    kinds = await told(office, session, "notices", "/fee-kinds", params={"site": here}, back="/fees") if here else []
    return page(
        request, "fees/issue.html", session, status=status, title=words.fees.ISSUE, site=here, problem=problem, groups=groups,
        sites=by_name(sites.values()), rounds=[row["round"] for row in rounds if row["round"]],
        kinds=[(each["fee_kind"], each["name"]) for each in kinds], sample=here in sites and sites[here].sample,
    )  # fmt: skip


def _missing_due(form: Form) -> Any:
    form.needed("due_on")
    raise form.wrong()


def _listed(text: str) -> list[str]:
    return [each for each in (piece.strip() for piece in text.replace(";", ",").split(",")) if each]


def _ascii(name: str) -> str:
    return name.encode("ascii", "replace").decode()[:200]
