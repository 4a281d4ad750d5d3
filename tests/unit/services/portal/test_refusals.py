"""What owners refuse is said in words: each sentence stands for a kind of problem that some owner raises."""

from __future__ import annotations

from pathlib import Path

import pytest

import services
from services.portal import words
from services.portal.days.api import CLOSE_PROBLEMS
from services.portal.days.closing_api import PROBLEMS

OWNERS = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in (Path(services.__path__[0]), Path(services.__path__[0]).parent / "shared")
    for path in folder.rglob("*.py")
    if "portal" not in path.parts
)


@pytest.mark.parametrize(
    "sentences", [words.cash.PROBLEMS, words.fees.PROBLEMS, CLOSE_PROBLEMS, PROBLEMS], ids=["cash", "fees", "days", "closes"]
)
def test_every_sentence_stands_for_a_problem_that_is_raised(sentences):
    assert [kind for kind in sentences if f'"{kind}"' not in OWNERS] == []
