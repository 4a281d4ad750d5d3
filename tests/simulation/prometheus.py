"""A real Prometheus on loopback that scrapes a running installation, and the questions that the dashboards put to it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from aiokafka import AIOKafkaProducer

from deploy.grafana.__main__ import dashboards
from deploy.local.state import any_free_port
from services.topology import SERVICE_NAMES
from shared.clock import now
from shared.events import Notice
from tests.tools import needs

DEPLOYED = Path(__file__).parents[2] / "deploy/prometheus"
START_S = 30.0


@dataclass(frozen=True)
class Prometheus:
    """One that runs."""

    url: str
    client: httpx.AsyncClient

    async def query(self, expr: str) -> list[Any]:
        """The answer as of now; fails where Prometheus refuses the question."""
        answer = (await self.client.post(f"{self.url}/api/v1/query", data={"query": expr})).json()
        assert answer["status"] == "success", f"{expr}: {answer.get('error')}"
        result = answer["data"]["result"]
        return [result] if answer["data"]["resultType"] == "scalar" else result

    async def rules(self) -> list[Any]:
        """The alerting rules as they were last evaluated."""
        answer = (await self.client.get(f"{self.url}/api/v1/rules")).json()
        return [rule for group in answer["data"]["groups"] for rule in group["rules"]]


@asynccontextmanager
async def running_prometheus(addresses: Mapping[str, Any], folder: Path) -> AsyncIterator[Prometheus]:
    """Run it with the deployed configuration and rules, only oftener and at this installation's addresses."""
    config = yaml.safe_load((DEPLOYED / "prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(DEPLOYED / "rules/*.yml")]
    for static in config["scrape_configs"][0]["static_configs"]:
        static["targets"] = [urlsplit(addresses[static["labels"]["service"]]).netloc]
    assert {static["labels"]["service"] for static in config["scrape_configs"][0]["static_configs"]} == set(SERVICE_NAMES)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = any_free_port()
    command = [
        needs("prometheus"), f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        await _until_ready(f"http://127.0.0.1:{port}", process)
        async with httpx.AsyncClient() as client:
            yield Prometheus(f"http://127.0.0.1:{port}", client)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 15)


async def break_a_record(bootstrap: str) -> None:
    """Put something on a topic that nobody can read: it becomes a dead letter of each of its consumers."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(Notice.topic, b"{", key=b"broken")
    finally:
        await producer.stop()


def questions(kind: str) -> Iterator[tuple[str, str]]:
    """Every question of a kind ("expr" or "rawSql") with its panel's title, those of the choices too."""
    for text in dashboards().values():
        board = json.loads(text)
        for panel in board["panels"]:
            for target in panel.get("targets", ()):
                if kind in target:
                    yield f"{board['title']} / {panel['title']}", target[kind]
        if kind == "rawSql":
            for variable in board["templating"].get("list", ()):
                yield f"{board['title']} / {variable['label']}", variable["query"]


def as_grafana_sends_it(sql: str) -> str:
    """A question with Grafana's macros and variables filled in, as its PostgreSQL data source does."""
    values = {
        "$__timeFrom()": f"'{(now() - timedelta(days=90)).isoformat()}'", "$__timeTo()": f"'{now().isoformat()}'",
        "${commune:sqlstring}": "'07615'", "${site:sqlstring}": "'mau-mn-an-chau'",
        "${campaign:sqlstring}": "'thu-cho-phien'",
    }  # fmt: skip
    for name, value in values.items():
        sql = sql.replace(name, value)
    assert "$" not in sql, sql
    return sql


async def _until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    async with httpx.AsyncClient() as client:
        while True:
            assert process.poll() is None, f"prometheus ended with status {process.returncode}"
            try:
                if (await client.get(f"{url}/-/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, f"prometheus is not ready after {START_S} s"
            await asyncio.sleep(0.2)
