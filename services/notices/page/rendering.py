"""Writes the payer's page: escaped, under a strict content security policy, told to nobody and found by no search engine."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.notices import words
from shared.runtime.html import csp_hash, html_response, minified_css

HERE: Final = Path(__file__).parent
STYLE: Final = minified_css((HERE / "templates" / "style.css").read_text(encoding="utf-8"))
SCRIPT: Final = (HERE / "static" / "copy.js").read_bytes()
SCRIPT_NAME: Final = f"copy.{hashlib.sha256(SCRIPT).hexdigest()[:12]}.js"

SAFE_HEADERS: Final = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
PAGE_HEADERS: Final = {
    # The one style block is allowed by its hash; the script, an extra, comes from our own origin.
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {csp_hash(STYLE)}; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    **SAFE_HEADERS,
}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words=words, style=Markup(STYLE), script=f"/b/static/{SCRIPT_NAME}")  # noqa: S704 - our file
    return environment


_TEMPLATES: Final = _environment()


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """The answer to a reader."""
    html = _TEMPLATES.get_template(template).render(context)
    return html_response(request, html, status, PAGE_HEADERS)


def script() -> Response:
    """The script, whose name changes with its content, so that it need never be asked for again."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable", **SAFE_HEADERS}
    return Response(SCRIPT, media_type="text/javascript; charset=utf-8", headers=headers)
