"""Renders pages small and safe: escaped, compressed, with an ETag, under a strict content security policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.portal import words
from services.portal.people.roles import Session
from services.portal.people.sessions import form_token
from services.portal.web import assets, saying
from services.portal.web.navigation import menu_of
from shared.money import format_dong
from shared.runtime.html import html_response

TEMPLATES: Final = Path(__file__).parents[1] / "templates"

SECURITY_HEADERS: Final = {
    # Style and scripts come from our own origin only, nothing is inline, and no page needs a script.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "X-Robots-Tag": "noindex",
}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words=words, style=assets.STYLE_PATH, scripts=assets.SCRIPT_PATHS)
    environment.filters.update(
        dong=format_dong,
        count=saying.count_words,
        moment=saying.time_words,
        day=saying.day_words,
        clock=saying.clock_words,
        iso_moment=saying.iso_moment,
        iso_day=saying.iso_day,
        share=lambda figure: saying.share_words(figure.part, figure.whole),
        named=lambda person_id, names: names.get(person_id, person_id),
    )
    return environment


_TEMPLATES: Final = _environment()


def page(
    request: Request, template: str, session: Session | None, *, status: int = 200, script: str = "", **context: Any
) -> Response:
    """The answer to a reader: 304 where their copy is the same, else the page, compressed as the browser takes it.

    `session` is who reads (None: nobody is signed in), `script` names the one script that the page may load.
    """
    html = _TEMPLATES.get_template(template).render(
        session=session,
        form_token=form_token(session.token) if session else "",
        menu=menu_of(session, request.url.path),
        here=request.url.path,
        script=script,
        **context,
    )
    return html_response(request, html, status, {"Vary": "Accept-Encoding, Cookie", **SECURITY_HEADERS})
