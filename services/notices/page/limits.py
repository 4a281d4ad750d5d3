"""Slowing down whoever asks too often. Pure but for the clock that is given.

A limit a link protects the bill's site from a page that reloads itself; a limit on unknown links protects the database from
guessing. No address of a reader is needed, or kept: behind a proxy or a village's mobile network all look alike.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limiter:
    """A bucket of permissions for each key, refilled steadily; the longest unused keys are forgotten."""

    def __init__(self, *, burst: int, per_s: float, clock: Callable[[], float], keys_max: int = 10_000) -> None:
        self._burst, self._per_s, self._clock, self._keys_max = burst, per_s, clock, keys_max
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Whether this key may act now; takes one permission if so."""
        now = self._clock()
        bucket = self._buckets.pop(key, None) or _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_s)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > self._keys_max:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
