"""Messages share a commit, wait for it, and fail alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest

from services.ingest.app import coming_months
from services.ingest.committer import Committer, NotStoredError, QueueFullError
from services.ingest.connections import RateLimit
from services.ingest.deciding import Standing, decide
from services.ingest.model import Message
from services.ingest.webhooks import BODY_MAX_BYTES, BodyDeadlines, read_body
from shared.runtime.problems import Problem
from tests.unit.services.ingest.samples import NOW, a_message, a_reported

POISON = "poison"


class NoDatabase:
    """Stands for a connection that nobody uses."""

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        yield None


class Remembering(Committer):
    """A committer whose database is a list."""

    def __init__(self, failure: Exception | None = None, **limits: int) -> None:
        super().__init__(NoDatabase(), **{"groups_at_once": 1, **limits})  # type: ignore[arg-type]  # the only user of it is replaced below
        self.groups: list[Sequence[Message]] = []
        self.failure = failure
        self.gate = asyncio.Event()
        self.gate.set()

    async def _store(self, _connection: object, messages: Sequence[Message]) -> list[list[str]]:
        await self.gate.wait()
        if self.failure:
            raise self.failure
        if any(message.connection_id == POISON for message in messages):
            raise asyncpg.DataError("one bad row")
        self.groups.append(messages)
        return decide(messages, Standing()).transaction_ids


async def running(committer: Committer, *messages: Message) -> list[object]:
    task = asyncio.create_task(committer.run())
    try:
        return await asyncio.gather(*(committer.take(each) for each in messages), return_exceptions=True)
    finally:
        task.cancel()


def messages(count: int) -> list[Message]:
    return [a_message(a_reported(provider_id=str(number + 1))) for number in range(count)]


async def test_messages_that_wait_share_one_commit_up_to_the_limit_of_a_group():
    committer = Remembering(group_max=4)
    answers = await running(committer, *messages(10))
    assert [len(group) for group in committer.groups] == [4, 4, 2]
    assert len({ids[0] for ids in answers}) == 10


async def test_one_message_that_cannot_be_stored_does_not_take_its_neighbours_with_it():
    committer = Remembering()
    answers = await running(committer, *messages(2), a_message(connection_id=POISON), *messages(1))
    assert [isinstance(answer, NotStoredError) for answer in answers] == [False, False, True, False]


async def test_while_the_database_is_away_all_that_wait_are_told_to_come_again():
    committer = Remembering(OSError("gone"), group_max=2)
    answers = await running(committer, *messages(7))
    assert [type(answer) for answer in answers] == [NotStoredError] * 7


async def test_the_queue_has_an_end():
    committer = Remembering(queue_max=2)
    waiting = [asyncio.create_task(committer.take(each)) for each in messages(2)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFullError):
        await committer.take(a_message())
    task = asyncio.create_task(committer.run())
    await asyncio.gather(*waiting)
    task.cancel()


async def test_messages_in_hand_when_the_process_stops_are_not_acknowledged():
    committer = Remembering(group_max=1)
    committer.gate.clear()
    task = asyncio.create_task(committer.run())
    waiting = [asyncio.create_task(committer.take(each)) for each in messages(2)]
    await asyncio.sleep(0.01)
    task.cancel()
    assert [type(each) for each in await asyncio.gather(*waiting, return_exceptions=True)] == [NotStoredError] * 2


async def test_a_sender_that_leaves_does_not_disturb_the_others():
    committer = Remembering()
    committer.gate.clear()
    task = asyncio.create_task(committer.run())
    first, second = (asyncio.create_task(committer.take(each)) for each in messages(2))
    await asyncio.sleep(0.01)
    first.cancel()
    committer.gate.set()
    assert len(await second) == 1
    assert len(committer.groups[0]) == 2
    task.cancel()


def test_a_rate_lets_one_second_s_worth_pass_and_refills():
    limit = RateLimit(3)
    assert [limit.wait_s(100.0) for _ in range(4)] == [0, 0, 0, 1]
    assert [limit.wait_s(100.4) for _ in range(2)] == [0, 1]
    slow = RateLimit(0.1)
    assert [slow.wait_s(100.0), slow.wait_s(101.0), slow.wait_s(110.0)] == [0, 9, 0]


def test_partitions_are_made_for_this_month_and_two_more():
    assert [str(month) for month in coming_months(NOW.date().replace(day=30))] == ["2026-11-01", "2026-12-01", "2027-01-01"]


async def test_a_sender_that_leaves_before_its_body_is_whole_sent_nothing():
    events = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, object]:
        return next(events)

    with pytest.raises(Problem) as refused:
        await read_body({}, receive, BodyDeadlines())
    assert refused.value.kind == "sender_left"


async def test_a_body_is_measured_while_it_is_read_whatever_its_header_says():
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b" " * 60_000, "more_body": True}

    with pytest.raises(Problem) as refused:
        await read_body({"content-length": str(BODY_MAX_BYTES)}, receive, BodyDeadlines())
    assert refused.value.status == 413


async def test_a_body_that_does_not_arrive_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("services.ingest.webhooks.BODY_TIMEOUT_S", 0.0)
    deadlines = BodyDeadlines()
    watch = asyncio.create_task(deadlines.run())

    async def receive() -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    with pytest.raises(Problem) as refused:
        await read_body({}, receive, deadlines)
    assert refused.value.kind == "body_too_slow"
    watch.cancel()


async def test_a_request_that_is_cancelled_for_another_reason_is_not_answered():
    async def receive() -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    task = asyncio.create_task(read_body({}, receive, BodyDeadlines()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
