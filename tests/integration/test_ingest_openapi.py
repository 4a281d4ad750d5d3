"""Requests that nobody thought of, made by schemathesis of ingest's own OpenAPI: none may end in a 5xx."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.schemas import APIOperation

from tests.integration.support import ADMIN, Running, Stack, running_service

EXAMPLES_EACH = 40
SKIPPED = {"/operations/replay", "/operations/republish"}
"""They restart the service, or send everything again."""


@pytest.fixture(scope="module")
async def ingest(stack: Stack) -> AsyncIterator[Running]:
    async with running_service("ingest", stack) as running:
        yield running


def run_examples(operation: APIOperation, url: str) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES_EACH, deadline=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), database=None,
    )  # fmt: skip
    def run(case: schemathesis.Case) -> None:
        answer = case.call(base_url=url, headers={**ADMIN, **dict(case.headers or {})})
        assert answer.status_code < 500, f"{case.method} {case.path}: {answer.status_code}"

    run()


@pytest.mark.timeout(300)
def test_no_request_ends_in_an_error_of_ours(ingest: Running):
    schema = schemathesis.openapi.from_url(f"{ingest.url}/openapi.json")
    tried = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in SKIPPED:
            continue
        tried.add((operation.method.upper(), operation.path))

        run_examples(operation, ingest.url)
    assert {("POST", "/statements/{account}"), ("PUT", "/connections/{connection_id}")} <= tried
    assert ("POST", "/webhooks/{provider}/{connection}") in tried


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(
    provider=st.sampled_from(["sepay", "casso", "payos", "vietqr", "standard", "x"]),
    rest=st.text(st.sampled_from("a/%.~é "), max_size=10),
    body=st.binary(max_size=200)
    | st.from_regex(rb'\{"[a-z]{1,9}": ?("[a-z]*"|-?[0-9e.]{1,20}|null|\[\{\}\])\}', fullmatch=True),
    method=st.sampled_from(["POST", "PUT", "GET"]),
)
def test_no_webhook_ends_in_an_error_of_ours(ingest: Running, provider: str, rest: str, body: bytes, method: str):
    answer = httpx.request(method, f"{ingest.url}/webhooks/{provider}/{rest}", content=body)
    assert answer.status_code < 500
