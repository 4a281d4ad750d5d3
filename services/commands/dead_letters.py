"""khop dlq: look at records that a consumer set aside, send them again, or say that nothing is to be done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from services.commands.errors import BAD_INPUT, CommandError
from services.commands.installation import Installation, JsonOption, StateOption, find_installation
from shared.events import DLQ_TOPIC, DeadLetter
from shared.runtime.kafka import open_producer
from shared.runtime.letters import stored_key

dlq = typer.Typer(no_args_is_help=True, help=__doc__)

POLL_MS = 1_000
HTTP_OK = 200

LetterId = Annotated[str, typer.Argument(metavar="ID", help="As `khop dlq list` shows it: partition-offset.")]


@dlq.command("list")
def list_letters(state: StateOption = None, *, as_json: JsonOption = False) -> None:
    """List what was set aside in the last 30 days, whether it waits still, and why, without the records' contents."""
    installation = find_installation(state)
    letters = asyncio.run(_read(installation.kafka))
    waiting = {service: _waiting(installation, service) for service in {letter.service for letter in letters.values()}}
    states = {each: _state(letter, waiting[letter.service]) for each, letter in letters.items()}
    if as_json:
        shown = [
            {"id": each, "state": states[each], **letter.model_dump(mode="json", exclude={"payload"})}
            for each, letter in letters.items()
        ]
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    for each, letter in letters.items():
        typer.echo(
            f"{each}  {states[each]:7}  {letter.failed_at:%Y-%m-%d %H:%M:%S}  {letter.service}  {letter.topic}  {letter.error}"
        )


@dlq.command("show")
def show(letter_id: LetterId, state: StateOption = None) -> None:
    """Print one letter whole, its payload in base64: it may hold personal data."""
    typer.echo(_one(letter_id, asyncio.run(_read(find_installation(state).kafka))).model_dump_json())


@dlq.command("replay")
def replay(letter_id: LetterId, state: StateOption = None) -> None:
    """Send one record again to the topic and partition from which it was set aside, unless a newer one of its entity came."""
    bootstrap = find_installation(state).kafka
    letter = _one(letter_id, asyncio.run(_read(bootstrap)))
    if asyncio.run(_is_newest(bootstrap, letter)):
        asyncio.run(_send_again(bootstrap, letter))
        typer.echo(f"{letter_id}: sent to {letter.topic} again")
    else:
        typer.echo(f"{letter_id}: a newer record of this entity stands on {letter.topic}; nothing to send")


@dlq.command("dismiss")
def dismiss(
    letter_id: LetterId,
    reason: Annotated[str, typer.Option(help="Why nothing has to be done about it any more; it is kept.")],
    state: StateOption = None,
) -> None:
    """Let a letter wait no more; what else was set aside of its entity at that service goes with it."""
    installation = find_installation(state)
    letter = _one(letter_id, asyncio.run(_read(installation.kafka)))
    body = {"topic": letter.topic, "key": letter.key, "reason": reason}
    answer = installation.call(letter.service, "POST", "/operations/dead-letters/dismiss", json=body)
    if answer.status_code != HTTP_OK:
        raise CommandError("the reason must have between 1 and 500 characters", BAD_INPUT)
    typer.echo(f"{letter_id}: dismissed")


def _waiting(installation: Installation, service: str) -> set[tuple[str, str]] | None:
    """Topic and key of what waits at a service; None where it does not answer: the letters themselves are in Kafka."""
    if service not in installation.addresses:
        return None
    try:
        answer = installation.call(service, "GET", "/operations/dead-letters")
    except CommandError as error:
        typer.echo(f"khop: {error}", err=True)
        return None
    return {(each["topic"], each["key"]) for each in answer.json()}


def _state(letter: DeadLetter, waiting: set[tuple[str, str]] | None) -> str:
    """Whether it waits, is done (a later record was taken, or somebody dismissed it), or nobody can say now."""
    if waiting is None:
        return "unknown"
    return "waits" if (letter.topic, stored_key(letter.key)) in waiting else "done"


def _one(letter_id: str, letters: dict[str, DeadLetter]) -> DeadLetter:
    try:
        return letters[letter_id]
    except KeyError:
        raise CommandError(f"there is no dead letter {letter_id!r}", BAD_INPUT) from None


async def _is_newest(bootstrap: str, letter: DeadLetter) -> bool:
    """Whether no later record has the letter's key: behind one, compaction would keep the old record instead of the new."""
    async with _consumer(bootstrap, letter.topic) as consumer:
        partition = TopicPartition(letter.topic, letter.partition)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        consumer.seek(partition, letter.offset + 1)
        while await consumer.position(partition) < end:
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                if any((record.key or b"").decode(errors="replace") == (letter.key or "") for record in records):
                    return False
        return True


async def _send_again(bootstrap: str, letter: DeadLetter) -> None:
    async with open_producer(bootstrap, "khop-dlq") as producer:
        key = letter.key.encode() if letter.key is not None else None
        await producer.send_and_wait(letter.topic, key=key, value=letter.payload, partition=letter.partition)


async def _read(bootstrap: str) -> dict[str, DeadLetter]:
    letters: dict[str, DeadLetter] = {}
    async with _consumer(bootstrap, DLQ_TOPIC) as consumer:
        partitions = [TopicPartition(DLQ_TOPIC, number) for number in consumer.partitions_for_topic(DLQ_TOPIC) or ()]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        starts = await consumer.beginning_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, starts[partition])
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    try:
                        letters[f"{record.partition}-{record.offset}"] = DeadLetter.model_validate_json(record.value or b"")
                    except ValidationError:
                        typer.echo(f"{record.partition}-{record.offset}: not a dead letter", err=True)
    return letters


@asynccontextmanager
async def _consumer(bootstrap: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.unsubscribe()
        yield consumer
    except KafkaError as error:
        raise CommandError(f"Kafka does not answer at {bootstrap}: {type(error).__name__}") from error
    finally:
        await consumer.stop()
