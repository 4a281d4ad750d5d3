"""Entities without personal data as they came; figures of adoption in columns."""

from __future__ import annotations

from collections.abc import Sequence

from services.portal.keeping.figures import count_installation, revise
from shared.events import AdoptionMetric, Event, ReconciliationDay
from shared.runtime.postgres import Connection

UPSERT_ENTITIES = """
insert into entities as t (topic, key, version, site_id, entity, day)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::jsonb[], $6::date[])
on conflict (topic, key) do update set
  version = excluded.version, site_id = excluded.site_id, entity = excluded.entity, day = excluded.day
where excluded.version > t.version
"""

UPSERT_METRICS = """
insert into metrics as t (key, version, metric, scope, site_type, fee_kind, span, as_of, numerator, denominator)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[],
  $9::bigint[], $10::bigint[])
on conflict (key) do update set
  version = excluded.version, numerator = excluded.numerator, denominator = excluded.denominator
where excluded.version > t.version
"""


async def keep_entities(connection: Connection, entities: Sequence[Event]) -> None:
    """Keep entities as they came, and tell the pages of their sites."""
    sites = [getattr(entity, "site_id", None) for entity in entities]
    await connection.execute(
        UPSERT_ENTITIES,
        [entity.topic for entity in entities],
        [entity.key for entity in entities],
        [entity.version for entity in entities],
        sites,
        [entity.model_dump(mode="json") for entity in entities],
        [entity.date if isinstance(entity, ReconciliationDay) else None for entity in entities],
    )
    await revise(connection, {site_id for site_id in sites if site_id})
    await count_installation(connection)


async def keep_metrics(connection: Connection, metrics: Sequence[AdoptionMetric]) -> None:
    """Keep the figures of adoption."""
    await connection.execute(
        UPSERT_METRICS,
        [metric.key for metric in metrics],
        [metric.version for metric in metrics],
        [metric.metric for metric in metrics],
        [metric.scope for metric in metrics],
        [metric.site_type for metric in metrics],
        [metric.fee_kind for metric in metrics],
        [metric.window for metric in metrics],
        [metric.as_of for metric in metrics],
        [metric.numerator for metric in metrics],
        [metric.denominator for metric in metrics],
    )
