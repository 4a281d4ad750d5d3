"""Questions and commands to owners whose refusals are sentences for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import httpx

from services.portal import words
from services.portal.office import Office
from services.portal.owners import Owner, OwnerAwayError, OwnerProblem
from services.portal.people import audit
from services.portal.people.roles import Session
from services.portal.web.refusals import Refusal
from shared import clock

BY_STATUS: Final[Mapping[int, str]] = {
    401: words.NOT_YOUR_ROLE,
    403: words.NOT_YOUR_ROLE,
    404: words.asking.NOT_FOUND,
    409: words.asking.NOT_POSSIBLE,
    412: words.asking.CHANGED,
    413: words.asking.TOO_LARGE,
}


async def ask(
    office: Office,
    session: Session,
    owner: Owner,
    method: str,
    path: str,
    *,
    back: str = "/",
    sentences: Mapping[str, str | Callable[[Mapping[str, Any]], str]] | None = None,
    **more: Any,
) -> httpx.Response:
    """Ask an owner; raises Refusal with a sentence: that of the problem's kind (`sentences`), else that of its status.

    A sentence may be made of the problem's own figures.
    """
    try:
        return await office.owners.ask(session, owner, method, path, **more)
    except OwnerAwayError:
        sentence = words.asking.AWAY if method == "GET" else words.queue.OWNER_AWAY
        raise Refusal(502, f"{owner}_away", sentence, back) from None
    except OwnerProblem as problem:
        of_kind = (sentences or {}).get(problem.kind) or BY_STATUS.get(problem.status, words.asking.NOT_POSSIBLE)
        sentence = of_kind if isinstance(of_kind, str) else of_kind(problem.members)
        status = problem.status if problem.status in words.BROKEN_TITLES else 409
        raise Refusal(status, f"{owner}_{problem.kind}", sentence, back) from None


async def told(office: Office, session: Session, owner: Owner, path: str, **more: Any) -> Any:
    """What an owner answers to a question; raises Refusal."""
    return (await ask(office, session, owner, "GET", path, **more)).json()


class FileRefused(Exception):  # noqa: N818 - as OwnerProblem
    """An owner that takes all of a file or nothing takes nothing of it."""

    def __init__(self, rejected: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self._rejected = rejected

    def lines(self, most: int) -> list[str]:
        """What is wrong, row by row, as far as a page has room."""
        return [words.files.place(each["row"], each["column"], each["problem"]) for each in self._rejected[:most]]

    @property
    def count(self) -> int:
        """How many rows are wrong; 0 where the owner names none."""
        return len(self._rejected)


async def hand_in(
    office: Office, session: Session, owner: Owner, path: str, content: bytes, site_id: str, *, kind: str, back: str
) -> dict[str, Any]:
    """Give a site's file to its owner and note that it was imported; returns the report. Raises FileRefused, Refusal."""
    try:
        answer = await office.owners.ask(
            session, owner, "POST", path, params={"site": site_id}, content=content, long=True,
            headers={"Content-Type": "application/octet-stream"},
        )  # fmt: skip
    except OwnerProblem as problem:
        raise FileRefused(problem.members.get("rejected") or []) from None
    except OwnerAwayError:
        raise Refusal(502, f"{owner}_away", words.queue.OWNER_AWAY, back) from None
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "imported", clock.now(), site_id=site_id, detail={"kind": kind})
    report: dict[str, Any] = answer.json()
    return report
