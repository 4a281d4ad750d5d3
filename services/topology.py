"""Who exists, what each consumes and publishes, and every topic with its retention.

The supervisor, the compose test, the AsyncAPI document, docs/topics.md and the README's picture are made from this file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from shared import events
from shared.events import EVENT_BYTES_MAX, Event

MAX_COMPACTION_LAG = timedelta(days=7)
SEGMENT_AGE = timedelta(days=1)
DLQ_RETENTION = timedelta(days=30)
RECORD_BYTES_MAX = EVENT_BYTES_MAX + 64 * 1024
"""An event with its key, its headers and the batch around it."""
LETTER_BYTES_MAX = RECORD_BYTES_MAX * 3 // 2
"""A dead letter holds a record in base64, a third longer than it was."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic: compacted for ever, unless it expires."""

    name: str
    event: type[Event] | None
    """Its contract; None for the dead-letter topic, whose values are no entities."""
    key: str
    partitioned_by: str
    expires_after: timedelta | None = None

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings at the broker, all that decide retention written out."""
        if self.expires_after is not None:
            return {
                "cleanup.policy": "delete",
                "retention.ms": _milliseconds(self.expires_after),
                "segment.ms": _milliseconds(SEGMENT_AGE),
                "max.message.bytes": str(LETTER_BYTES_MAX),
            }
        return {
            "cleanup.policy": "compact",
            "max.compaction.lag.ms": _milliseconds(MAX_COMPACTION_LAG),
            "segment.ms": _milliseconds(SEGMENT_AGE),
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "max.message.bytes": str(RECORD_BYTES_MAX),
        }


@dataclass(frozen=True, slots=True)
class Service:
    """One process: its schema and role in PostgreSQL, its consumer group and its HTTP server bear its name."""

    name: str
    owns: str
    consumes: tuple[type[Event], ...] = ()
    publishes: tuple[type[Event], ...] = ()
    replayable: bool = field(default=False, kw_only=True)
    """Whether all it holds but its acts is derived from the topics (rule 3)."""
    bounded_role: str | None = field(default=None, kw_only=True)
    """A second PostgreSQL role, for work in a person's name: row-level security shows it that person's rows only."""


TOPICS = (
    Topic("directory.units.v1", events.Unit, "unit_code/valid_from", "key"),
    Topic("directory.sites.v1", events.Site, "site_id", "key"),
    Topic("directory.campaigns.v1", events.Campaign, "campaign_id", "key"),
    Topic("fees.notices.v1", events.Notice, "notice_id", "site_id"),
    Topic("bank.transactions.v1", events.BankTransaction, "transaction_id", "account"),
    Topic("bank.statements.v1", events.BankStatement, "statement_id", "account"),
    Topic("payments.allocations.v1", events.Credit, "credit_id", "the first account or site"),
    Topic("reconciliation.days.v1", events.ReconciliationDay, "site_id/account/date", "key"),
    Topic("reconciliation.discrepancies.v1", events.Discrepancy, "discrepancy_id", "key"),
    Topic("adoption.metrics.v1", events.AdoptionMetric, "metric/scope/site_type/fee_kind/window/as_of", "key"),
    Topic(events.DLQ_TOPIC, None, "the original key", "key", DLQ_RETENTION),
)

SERVICES = (
    Service(
        "directory", "units, sites with their accounts and settings, campaigns",
        publishes=(events.Unit, events.Site, events.Campaign),
    ),
    Service(
        "notices", "payers, fee kinds, notices, bills and their references",
        consumes=(events.Site, events.Credit, events.ReconciliationDay),
        publishes=(events.Notice,),
    ),
    Service(
        "ingest", "raw bank messages (the vault), transactions, statements",
        consumes=(events.Site,),
        publishes=(events.BankTransaction, events.BankStatement),
    ),
    Service(
        "matching", "credits and their allocations: the ledger of who paid what, the review queue",
        consumes=(events.Site, events.Notice, events.BankTransaction),
        publishes=(events.Credit,),
    ),
    Service(
        "reconciliation", "business days, discrepancies, closes",
        consumes=(events.Site, events.Notice, events.BankTransaction, events.BankStatement, events.Credit),
        publishes=(events.ReconciliationDay, events.Discrepancy),
        replayable=True,
    ),
    Service(
        "adoption", "the facts under the cashless metrics",
        consumes=(
            events.Unit, events.Site, events.Campaign, events.Notice, events.BankTransaction, events.Credit,
        ),
        publishes=(events.AdoptionMetric,),
        replayable=True,
    ),
    Service(
        "portal", "people, roles, sessions, and the read model of the pages",
        consumes=(
            events.Unit, events.Site, events.Campaign, events.Notice, events.BankTransaction, events.BankStatement,
            events.Credit, events.ReconciliationDay, events.Discrepancy, events.AdoptionMetric,
        ),
        replayable=True,
        bounded_role="portal_pages",
    ),
)  # fmt: skip

SERVICE_NAMES = tuple(service.name for service in SERVICES)


def service(name: str) -> Service:
    """The service of this name; raises KeyError."""
    return {each.name: each for each in SERVICES}[name]


def _milliseconds(span: timedelta) -> str:
    return str(span // timedelta(milliseconds=1))
