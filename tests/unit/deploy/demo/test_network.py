"""Messages get through any weather, and the sender knows it."""

from collections import Counter

import httpx
import pytest

from deploy.demo.chance import seeded
from deploy.demo.network import CALM, Delivery, Weather

STORM = Weather(late_share=0.5, late_s=0.01, lost_share=0.4, answer_lost_share=0.3, twice_share=0, minute_s=0.001)


def a_receiver(*answers: int | Exception):
    """Answers as told, then always 200; counts what it got."""
    got: list[int | Exception] = []

    async def send() -> httpx.Response:
        answer = answers[len(got)] if len(got) < len(answers) else 200
        got.append(answer)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)

    return send, got


async def deliver(send, weather: Weather, seed: int = 1) -> tuple[int, Counter[str]]:
    confirmations: list[None] = []
    answers: Counter[str] = Counter()
    await Delivery(send, weather, seeded(seed), answers).until_confirmed(lambda: confirmations.append(None))
    return len(confirmations), answers


async def test_errors_and_timeouts_are_sent_again_until_a_2xx() -> None:
    send, got = a_receiver(503, httpx.ReadTimeout("late"), httpx.ConnectError("down"), 500, 201)
    confirmed, answers = await deliver(send, Weather(0, 0, 0, 0, 0, minute_s=0.001))
    assert (confirmed, len(got)) == (1, 5)
    assert answers == {"503": 1, "ReadTimeout": 1, "ConnectError": 1, "500": 1, "201": 1}


@pytest.mark.parametrize("seed", range(20))
async def test_a_storm_confirms_each_message_once_and_may_deliver_it_twice(seed: int) -> None:
    send, got = a_receiver()
    confirmed, answers = await deliver(send, STORM, seed)
    assert confirmed == 1
    assert len(got) == 1 + answers["unanswered"]


async def test_a_message_may_come_again_after_it_was_confirmed() -> None:
    send, got = a_receiver()
    confirmed, _ = await deliver(send, Weather(0, 0, 0, 0, twice_share=1))
    assert (confirmed, len(got)) == (1, 2)


async def test_calm_weather_sends_once() -> None:
    send, got = a_receiver()
    assert (await deliver(send, CALM))[0] == len(got) == 1
