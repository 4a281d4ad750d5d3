"""The contracts of all topics for people and programs: docs/asyncapi.json (also at {portal}/asyncapi) and docs/topics.md.

Both are made from services/topology.py and shared/events: `make docs` writes them, and a test
holds that what is checked in is what the code says.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from faststream.kafka import KafkaBroker
from faststream.specification import AsyncAPI
from pydantic import BaseModel

from services.topology import MAX_COMPACTION_LAG, SERVICES, TOPICS, Topic
from shared.events import DeadLetter
from shared.events.base import Part

DOCS = Path(__file__).parents[1] / "docs"
CONTRACT_VERSION = "1"

CLOUD_EVENT_HEADERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "description": "key@version"},
        "ce_type": {"type": "string", "description": "vn.khop. and the topic"},
        "ce_source": {"type": "string", "description": "/khop/ and the publishing service"},
        "ce_time": {"type": "string", "format": "date-time", "description": "when the change was committed"},
        "traceparent": {"type": "string", "description": "W3C trace context, from the bank's message on"},
    },
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time"],
}


def contract_of(topic: Topic) -> type[BaseModel]:
    """The model of a topic's values."""
    return topic.event or DeadLetter


def publishers(topic: Topic) -> list[str]:
    """Who may write the topic: its owner; any service its dead letters."""
    if topic.event is None:
        return [service.name for service in SERVICES if service.consumes]
    return [service.name for service in SERVICES if topic.event in service.publishes]


def consumers(topic: Topic) -> list[str]:
    """Who reads the topic."""
    return [service.name for service in SERVICES if topic.event in service.consumes]


def retention(topic: Topic) -> str:
    """How long the topic keeps what."""
    if topic.expires_after is not None:
        return f"deleted after {topic.expires_after // timedelta(days=1)} days"
    return f"the newest version of each key, for ever (compacted within {MAX_COMPACTION_LAG // timedelta(days=1)} days)"


@cache
def document() -> dict[str, Any]:
    """The AsyncAPI document of all topics, made by FastStream."""
    broker = KafkaBroker("kafka:9092")
    for topic in TOPICS:
        broker.publisher(topic.name, schema=contract_of(topic), title=topic.name, description=_description(topic))
    made: dict[str, Any] = json.loads(
        AsyncAPI(
            broker,
            title="Khớp",
            version=CONTRACT_VERSION,
            description="Payment reconciliation for Viet Nam's public payees. Every value is a whole entity at a version.",
        )
        .to_specification()
        .to_json()
    )
    # FastStream's defaults name a broker and a header that are not ours.
    bootstrap = {"bootstrap": {"description": "KHOP_KAFKA_BOOTSTRAP"}}
    made["servers"] = {"kafka": {"host": "{bootstrap}", "protocol": "kafka", "variables": bootstrap}}
    for channel in made["channels"].values():
        channel["servers"] = [{"$ref": "#/servers/kafka"}]
    for message in made["components"]["messages"].values():
        message.pop("correlationId", None)
        message["headers"] = {"$ref": "#/components/schemas/CloudEventHeaders"}
    schemas: dict[str, Any] = made["components"]["schemas"]
    for name, schema in schemas.items():
        for field, text in _field_texts()[name].items():
            schema["properties"][field]["description"] = text
    schemas["CloudEventHeaders"] = CLOUD_EVENT_HEADERS
    # FastStream keeps publishers in a set without an order.
    parts = made["components"]
    for parent, name in ((made, "channels"), (made, "operations"), (parts, "messages"), (parts, "schemas")):
        parent[name] = dict(sorted(parent[name].items()))
    return made


def _description(topic: Topic) -> str:
    return (
        f"{_first_line(contract_of(topic))} Key: {topic.key}; partition by: {topic.partitioned_by}. "
        f"Keeps {retention(topic)}. Published by {', '.join(publishers(topic))}; "
        f"consumed by {', '.join(consumers(topic)) or 'operators (khop dlq)'}."
    )


def _first_line(model: type[BaseModel]) -> str:
    return (inspect.getdoc(model) or "").partition("\n")[0]


@cache
def _field_texts() -> dict[str, dict[str, str]]:
    """For each class of the contracts, what stands under its fields (attribute docstrings), by the name in JSON."""
    models: list[type[BaseModel]] = [*_below(Part), DeadLetter]
    return {model.__name__: _texts_under(model) for model in models}


def _below(model: type[BaseModel]) -> list[type[BaseModel]]:
    return [each for direct in model.__subclasses__() for each in (direct, *_below(direct))]


def _texts_under(model: type[BaseModel]) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef)
    texts = {}
    for statement, follower in pairwise(body.body):
        match statement, follower:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                texts[model.model_fields[name].serialization_alias or name] = " ".join(text.split())
    return texts


def topics_page() -> str:
    """docs/topics.md: the topics, then the fields of each."""
    lines = [
        "# Topics",
        "",
        "Made from services/topology.py and shared/events by `make docs`; the same for programs:",
        "[asyncapi.json](asyncapi.json), served at `{portal}/asyncapi`.",
        "",
        "Every value is JSON and a whole entity at a `version`: a consumer keeps the newest. Amounts are whole đồng, times",
        "ISO 8601 with offset. CloudEvents attributes stand in the headers (`ce_id`, `ce_type`, `ce_source`, `ce_time`),",
        "with `traceparent`. A contract only grows; a breaking change is a new topic.",
        "",
        "| topic | key | partition by | keeps | published by | consumed by |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| [{topic.name}](#{topic.name.replace('.', '')}) | {topic.key} | {topic.partitioned_by} | {retention(topic)} "
        f"| {', '.join(publishers(topic))} | {', '.join(consumers(topic)) or 'operators (`khop dlq`)'} |"
        for topic in TOPICS
    ]
    for topic in TOPICS:
        schema = contract_of(topic).model_json_schema(mode="serialization")
        lines += ["", f"## {topic.name}", "", schema["description"], *_field_table(contract_of(topic).__name__, schema)]
        for name, part in schema.get("$defs", {}).items():
            lines += ["", f"### {topic.name}: {name}", "", part.get("description", ""), *_field_table(name, part)]
    return "\n".join(lines) + "\n"


def _field_table(model: str, schema: dict[str, Any]) -> list[str]:
    lines = ["", "| field | type | meaning |", "|---|---|---|"]
    for name, field in schema["properties"].items():
        meaning = _field_texts()[model].get(name, "").replace("|", "\\|")
        lines.append(f"| `{name}` | {_type_words(field)} | {meaning} |")
    return lines


def _type_words(field: dict[str, Any]) -> str:
    """A field's type in words, such as "list of Allocation" or "date, or null"."""
    if "anyOf" in field:
        kinds = [_type_words(each) for each in field["anyOf"]]
        return ", or ".join(kinds)
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if field.get("type") == "array":
        return f"list of {_type_words(field['items'])}"
    return str(field.get("format") or field.get("type") or "any")


def documents() -> dict[Path, str]:
    """Each document and what it must hold."""
    return {
        DOCS / "asyncapi.json": json.dumps(document(), ensure_ascii=False, indent=1) + "\n",
        DOCS / "topics.md": topics_page(),
    }
