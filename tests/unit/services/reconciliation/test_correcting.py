"""What ingest answers to a correction, as the person is told of it."""

from __future__ import annotations

import httpx
import pytest

from services.reconciliation.discrepancies.correcting import refusal_of


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (409, {"type": "urn:khop:problem:nothing_to_correct"}, (409, "nothing_to_correct")),
        (409, {"type": "urn:khop:problem:not_live"}, (409, "not_corrected")),
        (403, {"type": "urn:khop:problem:not_your_site"}, (409, "not_corrected")),
        (404, ["no problem"], (409, "not_corrected")),
        (500, {}, (502, "ingest_failed")),
        (503, {"type": "urn:khop:problem:storage_unavailable"}, (503, "ingest_failed")),
    ],
)
def test_each_refusal_is_one_clear_error(status: int, body: object, told: tuple[int, str]):
    problem = refusal_of(httpx.Response(status, json=body))
    assert (problem.status, problem.kind) == told
