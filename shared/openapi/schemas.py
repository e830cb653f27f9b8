"""The schemas of what comes in and goes out, made of the very models that the functions parse and answer with."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import TypeAdapter

from shared.answers import Problem
from shared.batch import Result
from shared.errors import Fault
from shared.openapi import problems
from shared.openapi.operation import REF, Operation
from shared.openapi.parameters import TASK_LIST
from shared.task_query import FILTERS

ALWAYS = (Problem, Fault, Result)
Mode = Literal["validation", "serialization"]


def components(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return every schema by name."""
    requests = {one.body for one in operations if one.body}
    answers = {reply.model for one in operations for reply in one.replies.values() if reply.model} | {*ALWAYS}
    wanted: list[tuple[str, Mode, TypeAdapter[Any]]] = [
        *((model.__name__, "validation", TypeAdapter(model)) for model in requests),
        *((model.__name__, "serialization", TypeAdapter(model)) for model in answers),
    ]
    wanted.sort(key=lambda one: one[:2])
    _, found = TypeAdapter.json_schemas(wanted, ref_template=REF + "{model}")
    schemas = {name: _short(schema) for name, schema in found["$defs"].items()} | problems.schemas()
    for name in schemas:
        if name.endswith("Patch"):  # what is absent stays, whatever the model has in its place
            for one in schemas[name]["properties"].values():
                one.pop("default", None)
    for name in ("NewFilter", "FilterPatch"):
        schemas[name]["properties"]["query"] = SAVED_QUERY
    return dict(sorted(schemas.items()))


def ref(model: type) -> dict[str, str]:
    """Return a reference to the schema of a model."""
    return {"$ref": REF + model.__name__}


def _short(schema: Any) -> Any:
    """Return a schema without the titles that only repeat the names of its properties."""
    if isinstance(schema, list):
        return [_short(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    short = {name: _short(value) for name, value in schema.items() if name != "properties"}
    if isinstance(schema.get("properties"), dict):
        short["properties"] = {name: _untitled(_short(value)) for name, value in schema["properties"].items()}
    return short


def _untitled(schema: Any) -> Any:
    return {key: value for key, value in schema.items() if key != "title"} if isinstance(schema, dict) else schema


def _saved(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of one parameter in a saved filter: as in the URL, alone or in a list."""
    if schema.get("type") == "boolean":
        one: dict[str, Any] = {"type": "string", "enum": ["true", "false"]}
        return {"anyOf": [{"type": "boolean"}, one, {"type": "array", "items": one, "minItems": 1, "maxItems": 1}]}
    if schema.get("type") == "array" and "enum" in schema["items"]:
        names = "|".join(schema["items"]["enum"])
        one = {"type": "string", "pattern": f"^({names})(,({names}))*$"}
    else:
        one = dict(schema.get("items", schema))
    most = 50 if schema.get("type") == "array" and "enum" not in schema["items"] else 1
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": most}]}


SAVED_QUERY: dict[str, Any] = {
    "description": "The parameters of `GET /v1/tasks`, as they stand in a URL or by name.",
    "anyOf": [
        {"type": "string", "format": "url-query", "examples": ["status=open&tag=home"]},
        {
            "type": "object",
            "properties": {name: _saved(TASK_LIST[name]) for name in FILTERS},
            "additionalProperties": False,
            "examples": [{"status": "open", "tag": ["home", "garden"]}],
        },
    ],
}
