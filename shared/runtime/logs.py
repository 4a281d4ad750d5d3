"""Structured JSON logs, one object a line, without personal data (DESIGN §6.6)."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING

import asyncpg
import structlog

from shared.privacy import Personal
from shared.runtime.tracing import current_traceparent, trace_id_of

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

ACCOUNT_KEYS = frozenset({"account", "virtual_account", "counter_account"})


def configure_logs(service: str, level: str) -> None:
    """Send this process's logs, and those of its libraries, to stderr as JSON."""
    shared_steps: list[structlog.typing.Processor] = [
        _named(service),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
        _mask_personal,
    ]
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_steps,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(_describe_exception),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # The client libraries tell of every metadata refresh at info level.
    for chatty in ("aiokafka", "_granian", "granian", "httpx", "faststream"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _named(service: str) -> structlog.typing.Processor:
    def add_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add_service


def describe_error(error: BaseException) -> str:
    """An error in words that hold no row's values: PostgreSQL quotes them in its messages, so those are left out."""
    if isinstance(error, asyncpg.PostgresError):
        constraint = getattr(error, "constraint_name", None)
        return f"{type(error).__name__} {error.sqlstate}" + (f" on {constraint}" if constraint else "")
    return f"{type(error).__name__}: {error}"


def _describe_exception(exc_info: structlog.typing.ExcInfo) -> str:
    _, error, trace = exc_info
    return "".join(traceback.format_tb(trace)) + describe_error(error)


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    trace_id = trace_id_of(current_traceparent.get())
    if trace_id:
        event["trace_id"] = trace_id
    return event


def _mask_personal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, Personal):
            event[key] = value.masked()
        elif key in ACCOUNT_KEYS and isinstance(value, str):
            event[key] = f"•••{value[-3:]}"
    return event
