"""Every contract holds what was promised: it may grow, and never break."""

from __future__ import annotations

import copy
import json

import pytest

from services.asyncapi import contract_of
from services.topology import TOPICS
from tests.contract.contracts import COMMAND, GOLDEN, breaking_changes, golden_of, golden_path, schema_of

EACH_TOPIC = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
CREDIT = next(topic for topic in TOPICS if topic.name == "payments.allocations.v1")


@EACH_TOPIC
def test_no_contract_breaks_what_was_promised(topic):
    broken = breaking_changes(golden_of(topic)["schema"], schema_of(topic))
    told = "; ".join(broken)
    assert broken == [], f"{topic.name} breaks its contract: {told}. A breaking change is a new topic (DESIGN §3 rule 4)."


@EACH_TOPIC
def test_what_was_added_is_held_too(topic):
    assert golden_of(topic)["schema"] == schema_of(topic), f"{topic.name} grew: run `{COMMAND}` and check in what it writes"


@EACH_TOPIC
def test_a_value_of_before_is_read_and_written_the_same(topic):
    sample = golden_of(topic)["sample"]
    value = contract_of(topic).model_validate_json(json.dumps(sample))
    written = json.loads(value.model_dump_json())
    assert {name: written[name] for name in sample} == sample
    assert contract_of(topic).model_validate_json(value.model_dump_json()) == value


@EACH_TOPIC
def test_every_field_stands_in_the_sample(topic):
    sample = golden_of(topic)["sample"]
    assert set(sample) == set(golden_of(topic)["schema"]["properties"])


def test_nothing_is_held_of_topics_that_never_were():
    assert {path.name for path in GOLDEN.glob("*.json")} == {golden_path(topic).name for topic in TOPICS}


def change(path: str, **values):
    """The credit's schema with some of a place in it replaced (None: removed)."""
    schema = copy.deepcopy(schema_of(CREDIT))
    place = schema
    for step in path.split("/") if path else ():
        place = place[step]
    for name, value in values.items():
        if value is None:
            del place[name]
        else:
            place[name] = value
    return schema


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (change("properties", suspense=None), "value.suspense is gone or renamed"),
        (change("properties/suspense", type="string"), "value.suspense was integer and is string"),
        (change("properties/amount", maximum=5), "value.amount: maximum is narrower"),
        (change("properties/status", enum=["matched"]), "value.status no longer takes 'suggested'"),
        (change("", required=[*schema_of(CREDIT)["required"], "colour"]), "value.colour is required now"),
        (change("", required=["credit_id"]), "may be missing now"),
        (change("properties/site_id", anyOf=[{"type": "string"}]), "value.site_id was null"),
        (change("$defs/Allocation/properties", amount=None), "each of value.allocations.amount is gone or renamed"),
    ],
)
def test_a_breaking_change_is_told_in_a_sentence(changed, told):
    found = breaking_changes(schema_of(CREDIT), changed)
    assert any(told in each for each in found), found


@pytest.mark.parametrize(
    "changed",
    [
        change("properties", colour={"type": "string"}),
        change("properties/status", enum=["matched", "suggested", "unmatched", "ignored", "parked"]),
        change("properties/amount", maximum=10**15),
    ],
)
def test_growing_is_no_breaking_change(changed):
    assert breaking_changes(schema_of(CREDIT), changed) == []
