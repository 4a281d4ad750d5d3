"""What is wrong with a file is never said in English."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from services.portal.words import days, files
from services.reconciliation.discrepancies.model import POLICIES

ROOT = Path(__file__).parents[4]


def faults_of_statements() -> list[str]:
    """Every sentence that ingest's reading of statements says of a place."""
    found = []
    for path in sorted((ROOT / "services" / "ingest" / "statements").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fault" and len(node.args) == 3:
                said = node.args[2]
                if isinstance(said, ast.Constant):
                    found.append(str(said.value))
                elif isinstance(said, ast.JoinedStr):
                    found.append("".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in said.values))
    return found


def test_every_fault_of_a_statement_has_its_words():
    faults = faults_of_statements()
    assert len(faults) > 20
    assert [said for said in faults if files.problem_of(said) == files.OTHER] == []


def test_every_reason_that_reconciliation_takes_has_its_words():
    assert {kind: each.reasons for kind, each in POLICIES.items()} == days.REASONS_OF
    assert {reason for each in days.REASONS_OF.values() for reason in each} == set(days.REASONS)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("no paid notice of this site fits", "không có khoản thu đã nộp nào như vậy ở đơn vị này"),
        ("the same as in row 3", "trùng với một dòng ở trên"),
        ("something that nobody foresaw", files.OTHER),
    ],
)
def test_a_problem_is_said_in_our_words(said, words):
    assert files.place(2, "notice_id", said) == f"dòng 2, mã khoản thu: {words}"
