"""One embedded PostgreSQL and one embedded Kafka for a whole run of tests, started where a test first asks for one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.local.kafka import EmbeddedKafka
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.process import started
from deploy.local.state import open_state

# Hypothesis fails an example that takes longer than 200 ms by the clock; on a busy machine any example can.
settings.register_profile("khop", deadline=None)
settings.load_profile("khop")


@pytest.fixture(scope="session")
def stack_folder() -> Iterator[Path]:
    """A state folder right under /tmp: pytest's own folders are closed to the user as whom PostgreSQL runs for root."""
    state = open_state(Path(tempfile.mkdtemp(prefix="khop-tests-")))
    yield state
    shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_dsn(stack_folder: Path) -> Iterator[str]:
    """The superuser's address of database `khop`."""
    postgres = EmbeddedPostgres(stack_folder)
    with started(postgres):
        yield postgres.dsn


@pytest.fixture(scope="session")
def kafka_bootstrap(stack_folder: Path) -> Iterator[str]:
    """host:port of the broker."""
    kafka = EmbeddedKafka(stack_folder)
    with started(kafka):
        yield kafka.bootstrap
