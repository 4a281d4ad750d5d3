"""Dashboards, alerts and runbooks agree with their code, with each other and with what is exported."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.grafana.__main__ import dashboards
from services.documents import metrics_table
from tests.tools import needs

ROOT = Path(__file__).parents[3]
RULES = yaml.safe_load((ROOT / "deploy/prometheus/rules/khop.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
VIETNAMESE = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)


def _panels():
    for path, text in dashboards().items():
        for panel in json.loads(text)["panels"]:
            if panel["type"] != "row":
                yield pytest.param(panel, id=f"{path.stem}: {panel['title']}")


PANELS = list(_panels())


def exported() -> set[str]:
    return set(re.findall(r"^\| `(khop_\w+)`", metrics_table(), re.MULTILINE))


def named(expr: str) -> set[str]:
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"\bkhop_\w+", expr)}


def test_the_dashboards_are_those_of_the_code():
    stale = [path.name for path, text in dashboards().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make docs`"
    assert {path.stem for path in dashboards()} == {"adoption", "campaigns", "reconciliation", "operations"}


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_in_vietnamese_what_it_shows_and_in_which_unit(panel):
    assert VIETNAMESE.search(panel["title"] + panel["description"])
    assert VIETNAMESE.search(panel["description"]), panel["title"]
    assert panel["description"].strip()[-1] in ".:”)", "a sentence"
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["type"] == "text" or panel["targets"]


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_asks_for_what_some_service_tells(panel):
    for target in panel.get("targets", ()):
        assert target["datasource"]["uid"] in {"prometheus", "history"}
        assert named(target.get("expr", "")) <= exported()
        if "rawSql" in target:
            assert set(re.findall(r"\b(?:from|join) (?!\()(\w[\w.]*)", target["rawSql"])) <= {
                f"adoption.history_{view}" for view in ("figures", "units", "sites", "campaigns", "context", "transfer_fees")
            }


@pytest.mark.parametrize("rule", [pytest.param(each, id=each["alert"]) for each in RULES])
def test_an_alert_speaks_vietnamese_and_has_a_runbook(rule):
    assert VIETNAMESE.search(rule["annotations"]["summary"])
    assert VIETNAMESE.search(rule["annotations"]["description"])
    page = ROOT / rule["annotations"]["runbook_url"]
    assert f"({rule['alert']})" in page.read_text(encoding="utf-8").splitlines()[0]
    assert f"[{page.name}]" in (page.parent / "README.md").read_text(encoding="utf-8")
    assert named(rule["expr"]) <= exported()


def test_every_runbook_belongs_to_an_alert():
    pages = {Path(rule["annotations"]["runbook_url"]).name for rule in RULES}
    assert {path.name for path in (ROOT / "docs/runbooks").glob("*.md")} == {*pages, "README.md"}


def test_the_alerts_that_the_issue_asks_for_are_there():
    assert {rule["alert"] for rule in RULES} >= {
        "KhopConsumerLag", "KhopOutboxAge", "KhopProviderSilent", "KhopDayNotBalanced", "KhopStatementOld",
        "KhopReviewQueueOld", "KhopSiteQuiet", "KhopDeadLetters",
    }  # fmt: skip


def test_every_alert_is_tested_by_promtool():
    promtool = needs("promtool")
    folder = ROOT / "deploy/prometheus/tests"
    outcome = subprocess.run(
        [promtool, "test", "rules", "khop_test.yml"], cwd=folder, check=False, capture_output=True, text=True
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    tested = set(re.findall(r"alertname: (\w+)", (folder / "khop_test.yml").read_text(encoding="utf-8")))
    assert tested == {rule["alert"] for rule in RULES}


def test_the_configuration_is_sound():
    promtool = needs("promtool")
    config = ROOT / "deploy/prometheus/prometheus.yml"
    outcome = subprocess.run([promtool, "check", "config", config], check=False, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
