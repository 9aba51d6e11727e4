"""Finds in a pydantic model's JSON schema what may stand at a place: bounds, choices, keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema

Location = tuple[str | int, ...]
Schema = Mapping[str, Any]


def schema_of(model: type[BaseModel]) -> Schema:
    """The JSON schema of a model; empty where a parameter has a type that JSON cannot describe."""
    try:
        return model.model_json_schema()
    except PydanticInvalidForJsonSchema:
        return {}


def bounds_at(schema: Schema, loc: Location) -> str:
    """The interval a number must keep to: ``must lie in [0, 1]``; empty if it has none."""
    for node in _nodes(schema, loc):
        low, high = node.get("minimum"), node.get("maximum")
        above, below = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
        start = low if low is not None else above
        end = high if high is not None else below
        if start is not None and end is not None:
            opening, closing = "[" if low is not None else "(", "]" if high is not None else ")"
            return f"must lie in {opening}{start:.15g}, {end:.15g}{closing}"
        if start is not None:
            return f"must be {'at least' if low is not None else 'greater than'} {start:.15g}"
        if end is not None:
            return f"must be {'at most' if high is not None else 'less than'} {end:.15g}"
    return ""


def choices_at(schema: Schema, loc: Location) -> list[Any]:
    """The values of a closed list; empty if any value may stand there."""
    for node in _nodes(schema, loc):
        if "const" in node:
            return [node["const"]]
        if "enum" in node:
            return list(node["enum"])
    return []


def keys_at(schema: Schema, loc: Location) -> list[str]:
    """The keys that a table may have."""
    return [key for node in _nodes(schema, loc) for key in node.get("properties", {})]


def _nodes(schema: Schema, loc: Location) -> list[Schema]:
    """Every part of a JSON schema that may describe the value at a place."""
    nodes = list(_variants(schema, schema))
    for part in loc:
        steps = [_step(node, part) for node in nodes]
        nodes = [variant for step in steps if step for variant in _variants(schema, step)]
    return nodes


def _step(node: Schema, part: str | int) -> Schema | None:
    if isinstance(part, int):
        return node.get("items")
    other = node.get("additionalProperties")
    return node.get("properties", {}).get(part) or (other if isinstance(other, dict) else None)


def _variants(schema: Schema, node: Schema) -> Iterator[Schema]:
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    yield node
    for key in ("anyOf", "oneOf", "allOf"):
        for option in node.get(key, ()):
            yield from _variants(schema, option)
