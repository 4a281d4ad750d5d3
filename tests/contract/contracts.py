"""The contracts as they were promised: tests/contract/golden/TOPIC.json holds a topic's JSON schema and a sample value.

`python -m tests.contract.contracts --write` takes up what was added; it refuses what would break a reader or writer of
today.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from services.asyncapi import contract_of
from services.topology import TOPICS, Topic

GOLDEN = Path(__file__).parent / "golden"
COMMAND = "python -m tests.contract.contracts --write"
_FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def schema_of(topic: Topic) -> dict[str, Any]:
    """The contract as JSON schema, without its prose."""
    return _bare(contract_of(topic).model_json_schema())


def _bare(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: {name: _bare(each) for name, each in value.items()} if key in {"properties", "$defs"} else _bare(value)
            for key, value in schema.items()
            if key not in {"title", "description"}
        }
    return [_bare(each) for each in schema] if isinstance(schema, list) else schema


def golden_path(topic: Topic) -> Path:
    return GOLDEN / f"{topic.name}.json"


def golden_of(topic: Topic) -> dict[str, Any]:
    return json.loads(golden_path(topic).read_text(encoding="utf-8"))


def breaking_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What of a contract no longer holds, in sentences; nothing where it only grew."""
    return _compare(old, new, old.get("$defs", {}), new.get("$defs", {}), "value")


def _compare(old: Any, new: Any, old_parts: Any, new_parts: Any, where: str) -> list[str]:
    old, new = _resolved(old, old_parts), _resolved(new, new_parts)
    if "anyOf" in old or "anyOf" in new:
        return _compare_kinds(old, new, old_parts, new_parts, where)
    if old.get("type") != new.get("type") or old.get("format") != new.get("format"):
        return [f"{where} was {_kind(old)} and is {_kind(new)}"]
    found = [f"{where} no longer takes {value!r}" for value in _values(old) if _values(new) and value not in _values(new)]
    if _values(new) and not _values(old):
        found.append(f"{where} takes only certain values now")
    found += [f"{where}: {limit} is narrower" for limit in _FLOORS if _narrower(old, new, limit, 1)]
    found += [f"{where}: {limit} is narrower" for limit in _CEILINGS if _narrower(old, new, limit, -1)]
    if "items" in old and "items" in new:
        found += _compare(old["items"], new["items"], old_parts, new_parts, f"each of {where}")
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, field in before.items():
        if name not in after:
            found.append(f"{where}.{name} is gone or renamed")
        else:
            found += _compare(field, after[name], old_parts, new_parts, f"{where}.{name}")
    was, required = set(old.get("required", ())), set(new.get("required", ()))
    found += [f"{where}.{name} is required now: values of before lack it" for name in sorted(required - was)]
    found += [f"{where}.{name} may be missing now: readers rely on it" for name in sorted((was - required) & set(after))]
    return found


def _compare_kinds(old: Any, new: Any, old_parts: Any, new_parts: Any, where: str) -> list[str]:
    """Each kind that was taken must be taken still, by some kind."""
    found = []
    for kind in old.get("anyOf", [old]):
        outcomes = [_compare(kind, each, old_parts, new_parts, where) for each in new.get("anyOf", [new])]
        if all(outcomes):
            found += min(outcomes, key=len)
    return found


def _resolved(schema: Any, parts: Any) -> Any:
    return parts[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _values(schema: Any) -> list[Any]:
    return [schema["const"]] if "const" in schema else schema.get("enum", [])


def _kind(schema: Any) -> str:
    return schema.get("format") or schema.get("type") or "anything"


def _narrower(old: Any, new: Any, limit: str, sign: int) -> bool:
    return limit in new and (limit not in old or (new[limit] - old[limit]) * sign > 0)


def main() -> int:
    if sys.argv[1:] != ["--write"]:
        sys.stderr.write(f"usage: {COMMAND}\n")
        return 2
    GOLDEN.mkdir(exist_ok=True)
    for topic in TOPICS:
        path = golden_path(topic)
        known = golden_of(topic) if path.exists() else {"sample": None}
        broken = breaking_changes(known["schema"], schema_of(topic)) if "schema" in known else []
        if broken:
            sys.stderr.write(f"{topic.name}: {'; '.join(broken)}. A breaking change is a new topic.\n")
            return 1
        golden = {"sample": known["sample"], "schema": schema_of(topic)}
        path.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
