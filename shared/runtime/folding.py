"""Folding a batch: the same entity twice in one upsert fails, and only its newest version matters."""

from __future__ import annotations

from collections.abc import Sequence

from shared.runtime.consumer import E, Received


def newest(batch: Sequence[Received[E]]) -> list[Received[E]]:
    """Each entity of the batch once, at its newest version, in the order in which entities first appear."""
    found: dict[str, Received[E]] = {}
    for received in batch:
        known = found.get(received.value.key)
        if known is None or received.value.version > known.value.version:
            found[received.value.key] = received
    return list(found.values())


def newest_values(batch: Sequence[Received[E]]) -> list[E]:
    """As `newest`, without the traces and in the order of the keys, so that concurrent upserts cannot deadlock."""
    return sorted((received.value for received in newest(batch)), key=lambda value: value.key)
