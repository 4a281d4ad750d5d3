"""Pages small and safe: styles without blanks, hashes for a content security policy, bodies compressed, unchanged ones not sent."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Mapping

import cramjam
from fastapi import Request, Response

SMALLEST_COMPRESSED_BYTES = 500
BROTLI_LEVEL = 5
GZIP_LEVEL = 6
_INDENT = re.compile(r"\n\s*")


def minified_css(css: str) -> str:
    """Without comments, indents and line ends."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    # A blank before a colon may stand between an element and those inside it, so only the blank behind one goes.
    return re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", bare)).replace(";}", "}").replace(": ", ":").strip()


def csp_hash(text: str) -> str:
    """What a content security policy allows an inline block by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def html_response(request: Request, html: str, status: int, headers: Mapping[str, str]) -> Response:
    """The page: 304 where the reader's copy is the same, else compressed as the browser takes it."""
    # No text of a page holds a line end that counts, so indents need not travel.
    body = _INDENT.sub("\n", html).encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    told = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding", **headers}
    if status == 200 and tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=told)
    encoding, packed = compressed(body, request.headers.get("Accept-Encoding", ""))
    if encoding:
        told["Content-Encoding"] = encoding
    return Response(packed, status, told, "text/html; charset=utf-8")


def compressed(body: bytes, accepted: str) -> tuple[str, bytes]:
    """The body in the smallest form that the browser says it takes, and the name of that form ("": as it is)."""
    encoding = best_encoding(accepted) if len(body) >= SMALLEST_COMPRESSED_BYTES else ""
    if encoding == "br":
        return "br", bytes(cramjam.brotli.compress(body, level=BROTLI_LEVEL))
    if encoding == "gzip":
        return "gzip", gzip.compress(body, GZIP_LEVEL, mtime=0)
    return "", body


def best_encoding(accepted: str) -> str:
    """The smallest form that the browser says it takes: "br", "gzip" or "" for none."""
    taken = {part.split(";")[0].strip() for part in accepted.split(",") if "q=0" not in part.replace("q=0.", "")}
    return "br" if "br" in taken else "gzip" if "gzip" in taken else ""
