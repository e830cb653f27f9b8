"""Holds events against the CloudEvents format and against their own schema, formats such as date-time included.

`ENVELOPE` says as a JSON Schema what the CloudEvents 1.0.2 specification asks of an event in its JSON format, and what
Ebb promises beyond it. Own schemas are those beside this file.
"""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from shared.envelope import SCHEMA_PREFIX
from tests.events.generate import FOLDER

_TEXT = {"type": "string", "minLength": 1}  # "MUST be a non-empty string"
ENVELOPE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        # Required attributes: CloudEvents, "REQUIRED Attributes".
        "specversion": {"const": "1.0"},
        "id": _TEXT,
        "source": {**_TEXT, "format": "uri-reference"},
        "type": _TEXT,
        # Optional ones: CloudEvents, "OPTIONAL Attributes".
        "datacontenttype": {"const": "application/json"},
        "dataschema": {**_TEXT, "format": "uri"},
        "subject": _TEXT,
        "time": {"type": "string", "format": "date-time"},
        # Extensions: "Partitioning", and "Distributed Tracing" as in W3C Trace Context, section 3.2.
        "partitionkey": _TEXT,
        "traceparent": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
        # JSON format, section 3.1: a JSON value where datacontenttype is JSON. Ebb's are objects.
        "data": {"type": "object"},
    },
    # What the specification leaves open, Ebb always sends, and nothing else.
    "required": [
        *("specversion", "id", "source", "type", "datacontenttype", "dataschema", "subject", "time"),
        *("partitionkey", "traceparent", "data"),
    ],
    # CloudEvents, "Naming Conventions"; 20 characters are a SHOULD.
    "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
    "additionalProperties": False,
}


def faults(event: dict[str, Any]) -> list[str]:
    """Return what is wrong with an event on the wire, each with its place; an empty list for a valid one."""
    found = [f"{error.json_path}: {error.message}" for error in _validator("").iter_errors(event)]
    event_type = str(event.get("type"))
    if not (FOLDER / f"{event_type}.schema.json").exists():
        return [*found, f"$.type: {event_type} has no schema"]
    own = _validator(event_type)
    if event.get("dataschema") != SCHEMA_PREFIX + event_type:
        found.append(f"$.dataschema: is not {SCHEMA_PREFIX + event_type}")
    return found + [f"$.data{error.json_path[1:]}: {error.message}" for error in own.iter_errors(event.get("data"))]


@cache
def _validator(event_type: str) -> Draft202012Validator:
    """Return the validator of an event's data, or that of the envelope for an empty type."""
    schema = json.loads((FOLDER / f"{event_type}.schema.json").read_text()) if event_type else ENVELOPE
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
