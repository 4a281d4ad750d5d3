"""Renders pages small and safe: escaped, compressed, with an ETag, under a strict content security policy."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.portal import views, words
from shared.money import format_dong
from shared.runtime.html import csp_hash, html_response, minified_css

HERE: Final = Path(__file__).parent

STYLE: Final = minified_css((HERE / "templates" / "style.css").read_text())
SCRIPT: Final = (HERE / "static" / "live.js").read_bytes()
SCRIPT_NAME: Final = f"live.{hashlib.sha256(SCRIPT).hexdigest()[:12]}.js"

SECURITY_HEADERS: Final = {
    # The one style block is allowed by its hash; scripts come from our own origin only, and no page needs one.
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {csp_hash(STYLE)}; script-src 'self'; connect-src 'self'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words=words, style=Markup(STYLE), script=f"/static/{SCRIPT_NAME}")  # noqa: S704 - our own file
    environment.filters.update(dong=format_dong, count=views.count_words)
    return environment


_TEMPLATES: Final = _environment()


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """The answer to a reader."""
    return html_response(request, _TEMPLATES.get_template(template).render(context), status, SECURITY_HEADERS)


def static(name: str) -> Response | None:
    """A file whose name changes with its content, so that it need never be asked for again."""
    if name != SCRIPT_NAME:
        return None
    return Response(
        SCRIPT,
        media_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable", **SECURITY_HEADERS},
    )
