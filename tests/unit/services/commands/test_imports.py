"""khop import: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from services.__main__ import app
from services.commands.errors import BAD_INPUT, FAILED, CommandError
from shared.runtime.tables import BYTES_MAX

REPORT = {"accepted": 1, "unchanged": 2, "rejected": []}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    services = ("directory", "notices", "ingest", "matching", "reconciliation", "adoption", "portal", "kafka")
    status = {"addresses": dict.fromkeys(services, "http://khop.test")}
    (tmp_path / "status.json").write_text(json.dumps(status))
    (tmp_path / "admin.token").write_text("an-admin-token-for-tests")
    return tmp_path


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch):
    """Lets the service answer with these lines; returns what it was asked."""
    asked: list[httpx.Request] = []

    def prepare(*lines: object, status: int = 200) -> list[httpx.Request]:
        def handle(request: httpx.Request) -> httpx.Response:
            request.read()
            asked.append(request)
            return httpx.Response(status, content="\n".join(json.dumps(line) for line in lines))

        client = httpx.Client(transport=httpx.MockTransport(handle))
        monkeypatch.setattr(httpx, "stream", client.stream)
        return asked

    return prepare


def run(state: Path, file: Path, *options: str) -> tuple[str, BaseException | None]:
    result = CliRunner().invoke(app, ["import", "notices", str(file), "--state", str(state), *options])
    return result.stdout, result.exception


def a_file(state: Path) -> Path:
    file = state / "n.csv"
    file.write_text("notice_id\nx\n")
    return file


def test_the_report_is_the_only_thing_on_stdout_and_progress_is_not(state, answer):
    asked = answer({"rows": 1, "of": 3}, {"report": REPORT})
    out, error = run(state, a_file(state), "--site", "s1", "--reason", "sai giá", "--partial")
    assert (json.loads(out), error) == (REPORT, None)
    assert dict(asked[0].url.params) == {"check": "false", "partial": "true", "site": "s1", "reason": "sai giá"}
    assert asked[0].content == b"notice_id\nx\n"


def test_a_rejected_row_is_bad_input_named_by_its_place(state, answer):
    rejected = [{"row": 7, "column": "amount", "problem": "is empty"}, {"row": 9, "column": "due_on", "problem": "is empty"}]
    answer({"report": {**REPORT, "rejected": rejected}})
    out, error = run(state, a_file(state))
    assert json.loads(out)["rejected"] == rejected
    assert isinstance(error, CommandError)
    assert (error.exit_code, str(error).endswith("n.csv: row 7, column amount: is empty (and 1 more)")) == (BAD_INPUT, True)


def test_a_report_that_came_as_a_problem_is_printed_as_the_report_alone(state, answer):
    rejected = [{"row": 7, "column": "amount", "problem": "is empty"}]
    report = {**REPORT, "rejected": rejected}
    answer(
        {"type": "urn:khop:problem:rows_rejected", "title": "rows rejected", "status": 422, "detail": "x", **report},
        status=422,
    )
    out, error = run(state, a_file(state))
    assert json.loads(out) == report
    assert isinstance(error, CommandError)


@pytest.mark.parametrize(("status", "exit_code"), [(400, BAD_INPUT), (409, FAILED), (503, FAILED)])
def test_a_problem_in_the_middle_ends_the_command(state, answer, status, exit_code):
    answer({"rows": 1, "of": 3}, {"problem": {"status": status, "detail": "send it again"}})
    out, error = run(state, a_file(state))
    assert out == ""
    assert isinstance(error, CommandError)
    assert (error.exit_code, str(error)) == (exit_code, "send it again")


def test_a_file_above_the_limit_is_not_sent(state, answer):
    asked = answer()
    file = state / "big.csv"
    with file.open("wb") as stream:
        os.truncate(stream.fileno(), BYTES_MAX + 1)
    out, error = run(state, file)
    assert json.loads(out)["rejected"][0]["column"] == "file"
    assert isinstance(error, CommandError)
    assert (error.exit_code, asked) == (BAD_INPUT, [])
