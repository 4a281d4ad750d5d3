"""khop dlq: what a consumer set aside is found, shown, and sent again only where nothing newer came."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from os import environ

import pytest
from aiokafka import AIOKafkaProducer

from shared.events import Site
from shared.runtime.outbox import partition_of
from tests.integration.payment_events import a_site
from tests.integration.support import PARTITIONS, Running, Stack, eventually, publish, running_service


@pytest.fixture(scope="module")
async def matching(stack: Stack) -> AsyncIterator[Running]:
    async with running_service("matching", stack) as running:
        yield running


NOWHERE = {"KHOP_MATCHING_URL": "http://127.0.0.1:1"}


def khop(stack: Stack, *arguments: str, status: int = 0, environment: Mapping[str, str] = NOWHERE) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "services", "dlq", *arguments], env={**environ, **stack.environment(**environment)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done.stdout or done.stderr


async def set_aside(stack: Stack, key: str, payload: bytes) -> dict[str, object]:
    """Put a record on directory.sites that no consumer can read; returns its line of `khop dlq list`."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap)
    await producer.start()
    await producer.send_and_wait(Site.topic, payload, key=key.encode(), partition=partition_of(key, PARTITIONS))
    await producer.stop()

    async def listed() -> list[dict[str, object]]:
        return [letter for letter in json.loads(khop(stack, "list", "--json")) if letter["key"] == key]

    [letter] = await eventually(listed)  # type: ignore[misc]
    return letter


async def test_a_letter_is_listed_without_its_contents_and_shown_whole(stack: Stack, matching: Running):
    letter = await set_aside(stack, "TH-A", b'{"site_id": "TH-A", "version": "x"}')
    assert (letter["service"], letter["topic"]) == ("matching", Site.topic)
    assert "payload" not in letter
    assert "version" in str(letter["error"])
    shown = json.loads(khop(stack, "show", str(letter["id"])))
    assert base64.b64decode(shown["payload"]) == b'{"site_id": "TH-A", "version": "x"}'
    assert str(letter["id"]) in khop(stack, "list")


async def test_a_letter_is_sent_again_only_while_it_is_the_newest_of_its_entity(stack: Stack, matching: Running):
    letter = await set_aside(stack, "TH-B", b"{")
    assert "sent to directory.sites.v1 again" in khop(stack, "replay", str(letter["id"]))

    async def came_again() -> bool:
        letters = json.loads(khop(stack, "list", "--json"))
        return len([each for each in letters if each["key"] == "TH-B"]) == 2

    await eventually(came_again)
    old = await set_aside(stack, "TH-C", b"{")
    await publish(stack.bootstrap, [a_site("TH-C")])
    assert "nothing to send" in khop(stack, "replay", str(old["id"]))


async def test_a_letter_waits_until_somebody_says_why_nothing_is_to_be_done(stack: Stack, matching: Running):
    letter = await set_aside(stack, "TH-D", b"{")
    assert letter["state"] == "unknown", "nobody answers where the command looks"
    here = {"KHOP_MATCHING_URL": matching.url}
    dismissed = khop(stack, "dismiss", str(letter["id"]), "--reason", "thử", environment=here)
    assert dismissed.endswith(": dismissed\n")
    states = {each["key"]: each["state"] for each in json.loads(khop(stack, "list", "--json", environment=here))}
    assert (states["TH-A"], states["TH-D"]) == ("waits", "done")


async def test_an_unknown_letter_is_one_line(stack: Stack, matching: Running):
    assert khop(stack, "show", "9-999", status=2) == "khop: there is no dead letter '9-999'\n"
