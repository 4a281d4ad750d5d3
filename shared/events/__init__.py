"""The contracts: every topic's values, one module a topic family (INTERFACES §3)."""

from shared.events.adoption import AdoptionMetric
from shared.events.bank import BankStatement, BankTransaction
from shared.events.base import EVENT_BYTES_MAX, Event
from shared.events.dead_letters import DLQ_TOPIC, DeadLetter
from shared.events.directory import Campaign, Site, Unit
from shared.events.fees import Notice
from shared.events.payments import Credit
from shared.events.reconciliation import Discrepancy, ReconciliationDay

__all__ = [
    "DLQ_TOPIC",
    "EVENT_BYTES_MAX",
    "AdoptionMetric",
    "BankStatement",
    "BankTransaction",
    "Campaign",
    "Credit",
    "DeadLetter",
    "Discrepancy",
    "Event",
    "Notice",
    "ReconciliationDay",
    "Site",
    "Unit",
]
