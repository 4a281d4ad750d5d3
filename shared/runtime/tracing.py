"""W3C trace context, carried from the webhook through every event (https://www.w3.org/TR/trace-context/).

Ids are OpenTelemetry's, so that a collector can be attached; Khớp itself keeps no spans.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanContext, TraceFlags, format_span_id, format_trace_id, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

HEADER = "traceparent"

_ids = RandomIdGenerator()
_propagator = TraceContextTextMapPropagator()
current_traceparent: ContextVar[str | None] = ContextVar("current_traceparent", default=None)
"""The trace of the request or record in hand."""


def child_of(traceparent: str | None) -> str:
    """A new span in the given trace, or the first span of a new one where none or a malformed one is given."""
    parent = _parse(traceparent)
    trace_id = parent.trace_id if parent else _ids.generate_trace_id()
    flags = parent.trace_flags if parent else TraceFlags(TraceFlags.SAMPLED)
    return f"00-{format_trace_id(trace_id)}-{format_span_id(_ids.generate_span_id())}-{flags:02x}"


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
