"""What pages bring along: one style sheet and small scripts, named by their content, so that they need never be asked for again."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cramjam
from fastapi import Request, Response

from shared.runtime.html import best_encoding, minified_css

STATIC: Final = Path(__file__).parents[1] / "static"
BROTLI_BEST: Final = 11
SCRIPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "live": ("live.js",),
    "queue": ("live.js", "queue.js"),
    "counter": ("counter.js",),
}
"""Each page loads one of these at most: the files that make it up, in order."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file in the forms in which browsers take it."""

    name: str
    media_type: str
    forms: Mapping[str, bytes]
    """By Content-Encoding; "" is the file as it is."""


def minified_script(script: str) -> str:
    """Without indents, empty lines and lines that are only comments; names stay, so that errors can be read."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _asset(stem: str, suffix: str, media_type: str, text: str) -> Asset:
    body = text.encode()
    name = f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{suffix}"
    forms = {
        "": body,
        "br": bytes(cramjam.brotli.compress(body, level=BROTLI_BEST)),
        "gzip": gzip.compress(body, 9, mtime=0),
    }
    return Asset(name, media_type, forms)


def _script(name: str, files: tuple[str, ...]) -> Asset:
    text = "\n".join(minified_script((STATIC / file).read_text(encoding="utf-8")) for file in files)
    return _asset(name, "js", "text/javascript; charset=utf-8", text)


STYLE: Final = _asset(
    "khop", "css", "text/css; charset=utf-8", minified_css((STATIC / "style.css").read_text(encoding="utf-8"))
)
SCRIPT_ASSETS: Final = {name: _script(name, files) for name, files in SCRIPTS.items()}
SCRIPT_PATHS: Final = {name: f"/static/{asset.name}" for name, asset in SCRIPT_ASSETS.items()}
STYLE_PATH: Final = f"/static/{STYLE.name}"
_BY_NAME: Final = {asset.name: asset for asset in (STYLE, *SCRIPT_ASSETS.values())}


def static(request: Request, name: str, headers: Mapping[str, str]) -> Response | None:
    """The file of this name; None where there is none."""
    asset = _BY_NAME.get(name)
    if asset is None:
        return None
    encoding = best_encoding(request.headers.get("Accept-Encoding", ""))
    told = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding", **headers}
    if encoding:
        told["Content-Encoding"] = encoding
    return Response(asset.forms[encoding], media_type=asset.media_type, headers=told)
