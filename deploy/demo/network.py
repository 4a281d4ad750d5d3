"""Weak networks: messages that are late, lost on the way, sent twice, or arrive while their answer does not."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

import httpx

from deploy.demo.providers import wait_before_attempt_s

Send = Callable[[], Awaitable[httpx.Response]]


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad the network is; shares are of all messages, or of all attempts where it says so."""

    late_share: float = 0.15
    late_s: float = 3.0
    """The mean delay of a late message; the others pass within a tenth of a second. Late ones arrive out of order."""
    lost_share: float = 0.03
    """Attempts that never reach the receiver."""
    answer_lost_share: float = 0.03
    """Attempts that do, but whose answer never reaches the sender, which therefore sends again."""
    twice_share: float = 0.03
    """Messages that are sent once more after they were confirmed."""
    minute_s: float = 1.0
    """How long a provider's minute of waiting lasts here."""


CALM = Weather(late_share=0, lost_share=0, answer_lost_share=0, twice_share=0)


@dataclass(slots=True)
class Delivery:
    """The attempts to deliver one message until it is confirmed by a 2xx, as a provider makes them."""

    send: Send
    weather: Weather
    rng: Random
    answers: Counter[str]
    """Counts the answers of all deliveries by status."""

    async def until_confirmed(self, confirmed: Callable[[], None]) -> None:
        """Deliver, calling `confirmed` at the first 2xx; ends only then (and after a second sending, where there is one)."""
        rng, weather = self.rng, self.weather
        is_late = rng.random() < weather.late_share
        await asyncio.sleep(rng.expovariate(1 / weather.late_s) if is_late else rng.uniform(0, 0.1))
        attempt = 0
        while not await self._arrives():
            attempt += 1
            await asyncio.sleep(wait_before_attempt_s(attempt, weather.minute_s))
        confirmed()
        if rng.random() < weather.twice_share:
            await asyncio.sleep(rng.uniform(0.1, 3))
            await self._attempt()

    async def _arrives(self) -> bool:
        fate = self.rng.random()
        if fate < self.weather.lost_share:
            self.answers["lost"] += 1
            return False
        arrived = await self._attempt()
        if fate < self.weather.lost_share + self.weather.answer_lost_share:
            self.answers["unanswered"] += 1
            return False
        return arrived

    async def _attempt(self) -> bool:
        """Send once; whether the answer was a 2xx."""
        try:
            response = await self.send()
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return False
        self.answers[str(response.status_code)] += 1
        return response.is_success


def unix_now() -> int:
    """The present second, for signatures."""
    return int(time.time())
