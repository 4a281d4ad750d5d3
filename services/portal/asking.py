"""Questions and commands to owners whose refusals are sentences for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from services.portal import words
from services.portal.office import Office
from services.portal.owners import Owner, OwnerAwayError, OwnerProblem
from services.portal.people.roles import Session
from services.portal.web.refusals import Refusal

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
