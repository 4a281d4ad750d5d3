"""`khop up` with two services that do nothing but answer; the tests run its `main` as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.errors import LocalStackError
from deploy.local.options import UpOptions
from deploy.local.services import ServiceSet
from deploy.local.supervisor import run_up

NAMES = ("directory", "portal")
TOPIC = "stand-in.v1"


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path in ("/healthz", "/readyz") else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def serve(name: str, environment: dict[str, str]) -> None:
    """Answer until SIGTERM, then say in the log that the drain was done."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        HTTPServer((environment["KHOP_HOST"], int(environment["KHOP_PORT"])), Answers).serve_forever()
    finally:
        sys.stdout.write(f"{name} drained {os.getpid()}\n")


def prepare(admin_dsn: str, bootstrap: str) -> None:
    asyncio.run(_prepare(admin_dsn, bootstrap))


async def _prepare(admin_dsn: str, bootstrap: str) -> None:
    connection = await asyncpg.connect(admin_dsn)
    await connection.execute("create table if not exists prepared (at timestamptz default now())")
    await connection.execute("insert into prepared default values")
    await connection.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    if TOPIC not in await admin.list_topics():
        await admin.create_topics([NewTopic(TOPIC, 4, 1)])
    await admin.close()


def main() -> None:
    options = UpOptions(state=Path(sys.argv[1]), port=int(sys.argv[2]), json=True)
    try:
        run_up(options, ServiceSet(NAMES, serve, preload=[__name__]), prepare)
    except LocalStackError as error:
        sys.exit(f"khop: {error}")
