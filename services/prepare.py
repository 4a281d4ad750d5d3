"""What has to stand before services start: roles, schemas, migrations and topics."""

from __future__ import annotations

from pathlib import Path

from services.topology import SERVICE_NAMES, SERVICES, TOPICS
from shared.runtime.kafka import ensure_topics
from shared.runtime.migrations import migrate_all


async def prepare(
    admin_dsn: str, bootstrap: str, secret_key: str, *, partitions: int, replicas: int, history_password: str | None = None
) -> None:
    """Bring the database and the broker to the state that this version of the services expects."""
    folders = {name: Path(__file__).parent / name / "migrations" for name in SERVICE_NAMES}
    bounded_roles = {service.name: service.bounded_role for service in SERVICES if service.bounded_role}
    await migrate_all(admin_dsn, secret_key, folders, bounded_roles, history_password=history_password)
    await ensure_topics(bootstrap, TOPICS, partitions=partitions, replicas=replicas)
