"""Chance that can be had again: the same words give the same draws."""

from __future__ import annotations

from random import Random


def seeded(*words: object) -> Random:
    """A generator of its own for one purpose, so that drawing more for one thing changes no other."""
    return Random("/".join(map(str, words)))  # noqa: S311 - nothing here is a secret
