"""Renders pages small and safe: escaped, compressed, with an ETag, under a strict content security policy."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path
from typing import Any, Final

import cramjam
from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.portal import views, words
from shared.money import format_dong

HERE: Final = Path(__file__).parent
SMALLEST_COMPRESSED_BYTES = 500
BROTLI_LEVEL = 5
GZIP_LEVEL = 6


def _minified(css: str) -> str:
    """Without comments, indents and line ends."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*([{}:;,>])\s*", r"\1", re.sub(r"\s+", " ", bare)).replace(";}", "}").strip()


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


STYLE: Final = _minified((HERE / "templates" / "style.css").read_text())
SCRIPT: Final = (HERE / "static" / "live.js").read_bytes()
SCRIPT_NAME: Final = f"live.{hashlib.sha256(SCRIPT).hexdigest()[:12]}.js"

SECURITY_HEADERS: Final = {
    # The one style block is allowed by its hash; scripts come from our own origin only, and no page needs one.
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_sha256(STYLE)}'; script-src 'self'; connect-src 'self'; img-src data:; "
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
_INDENT = re.compile(r"\n\s*")


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """The answer to a reader: 304 where their copy is the same, else the page, compressed as the browser takes it."""
    # No text of a page holds a line end that counts, so indents need not travel.
    body = _INDENT.sub("\n", _TEMPLATES.get_template(template).render(context)).encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding", **SECURITY_HEADERS}
    if status == 200 and tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    encoding, packed = compressed(body, request.headers.get("Accept-Encoding", ""))
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(packed, status, headers, "text/html; charset=utf-8")


def compressed(body: bytes, accepted: str) -> tuple[str | None, bytes]:
    """The body in the smallest form that the browser says it takes, and the name of that form."""
    taken = {part.split(";")[0].strip() for part in accepted.split(",") if "q=0" not in part.replace("q=0.", "")}
    if len(body) < SMALLEST_COMPRESSED_BYTES:
        return None, body
    if "br" in taken:
        return "br", bytes(cramjam.brotli.compress(body, level=BROTLI_LEVEL))
    if "gzip" in taken:
        return "gzip", gzip.compress(body, GZIP_LEVEL, mtime=0)
    return None, body


def static(name: str) -> Response | None:
    """A file whose name changes with its content, so that it need never be asked for again."""
    if name != SCRIPT_NAME:
        return None
    return Response(
        SCRIPT,
        media_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable", **SECURITY_HEADERS},
    )
