from __future__ import annotations

import json

from services.asyncapi import document, documents, publishers
from services.topology import TOPICS


def test_the_documents_of_topics_are_current():
    written = {path: path.read_text(encoding="utf-8") if path.exists() else "" for path in documents()}
    stale = [path.name for path, text in documents().items() if written[path] != text]
    assert stale == [], "run `make docs`"


def test_every_topic_and_its_contract_stand_in_the_asyncapi_document():
    made = document()
    assert {channel["address"] for channel in made["channels"].values()} == {topic.name for topic in TOPICS}
    for message in made["components"]["messages"].values():
        assert message["payload"]["$ref"].rpartition("/")[2] in made["components"]["schemas"]


def test_every_reference_in_the_document_points_at_something():
    made = document()

    def references(node):
        if isinstance(node, dict):
            for key, value in node.items():
                yield from [value] if key == "$ref" else references(value)
        elif isinstance(node, list):
            for each in node:
                yield from references(each)

    for reference in references(json.loads(json.dumps(made))):
        place = made
        for step in reference.removeprefix("#/").split("/"):
            place = place[step.replace("~1", "/").replace("~0", "~")]


def test_each_entity_topic_has_one_publisher():
    assert all(len(publishers(topic)) == 1 for topic in TOPICS if topic.event is not None)
