"""W3C trace context, carried from the webhook through every event (https://www.w3.org/TR/trace-context/).

Ids are as OpenTelemetry's RandomIdGenerator makes them, so that a collector can be attached; Khớp itself keeps no spans.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from opentelemetry.trace import SpanContext, format_trace_id, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

HEADER = "traceparent"

_OWN = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]", re.ASCII)
_propagator = TraceContextTextMapPropagator()
current_traceparent: ContextVar[str | None] = ContextVar("current_traceparent", default=None)
"""The trace of the request or record in hand."""


def child_of(traceparent: str | None) -> str:
    """A new span in the given trace, or the first span of a new one where none or a malformed one is given."""
    span_id = _random_id(64)
    # What this module made itself is taken apart by its places; anything else by OpenTelemetry's own reader.
    if traceparent is None:
        return f"00-{_random_id(128):032x}-{span_id:016x}-01"
    if _OWN.fullmatch(traceparent):
        return f"{traceparent[:36]}{span_id:016x}{traceparent[52:]}"
    parent = _parse(traceparent)
    if parent is None:
        return f"00-{_random_id(128):032x}-{span_id:016x}-01"
    return f"00-{format_trace_id(parent.trace_id)}-{span_id:016x}-{parent.trace_flags:02x}"


def _random_id(bits: int) -> int:
    """Never 0, which the specification reserves; not a secret."""
    return random.getrandbits(bits) or 1  # an id, not a secret


def trace_id_of(traceparent: str | None) -> str | None:
    """The trace id in hexadecimal, for logs; None where there is none."""
    parent = _parse(traceparent)
    return format_trace_id(parent.trace_id) if parent else None


def route_of(scope: Mapping[str, Any]) -> str:
    """The template of a request's route, for logs and metrics; never the path, which holds ids."""
    return str(getattr(scope.get("route"), "path", "unknown"))


def _parse(traceparent: str | None) -> SpanContext | None:
    if not traceparent:
        return None
    context = get_current_span(_propagator.extract({HEADER: traceparent})).get_span_context()
    return context if context.is_valid else None
