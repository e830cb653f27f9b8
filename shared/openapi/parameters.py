"""Query parameters and headers, with the limits that the functions check them by."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared import audit_export, paging, search, series_query, task_query
from shared.dead_letter_rows import STATES
from shared.input_types import A_DAY, AN_INSTANT, LOCAL_DATE_TIME
from shared.openapi.operation import Schema
from shared.scope import Scope
from shared.task import Priority, Status

UUID: Schema = {"type": "string", "format": "uuid"}
TEXT: Schema = {"type": "string", "pattern": r"^[^\x00]*$"}
FLAG: Schema = {"type": "boolean"}
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": paging.MAX_LIMIT, "default": paging.LIMIT}
CURSOR: Schema = {
    **TEXT,
    "format": "cursor",
    "description": "`next` of the page before, with the same filters and order.",
}
SCOPE: Schema = {
    "type": "string",
    "enum": list(Scope),
    "default": Scope.THIS,
    "description": "Of a recurring task: this occurrence, it and all that follow, or every one.",
}
COUNT: Schema = {"type": "integer", "minimum": 1, "maximum": series_query.MOST, "default": series_query.FEW}
CHANGE_TOKEN: Schema = {
    "type": "string",
    "format": "change-token",
    "pattern": r"^(\d{1,18}(-\d{1,18})?)?$",
    "description": "`next` of the answer before, or the `id` of an event. Without one it begins at the beginning.",
}
INSTANT: Schema = {**AN_INSTANT}
_DATE_OR_TIME: Schema = {
    "anyOf": [A_DAY, AN_INSTANT, LOCAL_DATE_TIME],
    "description": "A date of the task's own calendar, or an instant; both ends belong to the range.",
}


def _several(names: Iterable[str], description: str) -> Schema:
    """Return a list with commas between its values."""
    return {
        "type": "array",
        "items": {"type": "string", "enum": list(names)},
        "minItems": 1,
        "uniqueItems": True,
        "description": description,
    }


TASK_LIST: Mapping[str, Schema] = {
    "q": {
        "type": "string",
        "maxLength": search.LONGEST,
        "pattern": TEXT["pattern"],
        "examples": ['rent "last day" -car pa*'],
        "description": "Words in title, notes and tags; quoted phrases; `-word` is not there; `pre*` begins so.",
    },
    "status": _several(Status, "Any of these."),
    "priority": _several(Priority, "Any of these."),
    "tag": {"type": "array", "items": TEXT, "description": "All of these; it may be repeated."},
    "due_from": _DATE_OR_TIME,
    "due_to": _DATE_OR_TIME,
    "overdue": FLAG,
    "recurring": FLAG,
    "series": UUID,
    "sort": {
        **_several(
            [sign + name for name in task_query.SORTS for sign in ("", "-")],
            "In this order, with a minus the other way round; each name once.",
        ),
        "examples": [["-priority", "due"]],
    },
    "limit": LIMIT,
    "cursor": CURSOR,
    "filter": {**UUID, "description": "A saved filter; what is given itself wins."},
}
PAGE: Mapping[str, Schema] = {"limit": LIMIT, "cursor": CURSOR}
AUDIT: Mapping[str, Schema] = {
    "task": UUID,
    "type": {**TEXT, "examples": ["ebb.task.completed.v1"]},
    "actor": TEXT,
    "from": INSTANT,
    "to": INSTANT,
    **PAGE,
}
AUDIT_EXPORT: Mapping[str, Schema] = {
    **AUDIT,
    "format": {"type": "string", "enum": list(audit_export.CONTENT_TYPES), "default": "jsonl"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 999_999_999, "description": "All, where it is absent."},
}
NOTIFICATIONS: Mapping[str, Schema] = {"unread": FLAG, "task": UUID, **PAGE}
DEAD_LETTERS: Mapping[str, Schema] = {
    "state": {"type": "string", "enum": list(STATES)},
    "function": {**TEXT, "examples": ["write-audit"]},
    "type": TEXT,
    **PAGE,
}

REQUEST_HEADERS: Mapping[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "description": "Any text: the same request with the same key, within 24 hours, gets the first answer again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "format": "idempotency-key"},
    },
    "If-Match": {
        "description": "The version that the change is meant for, as in `ETag`; another one is 412. `*` for any.",
        "schema": {"type": "string", "format": "entity-tags", "examples": ['"1"']},
    },
    "If-None-Match": {
        "description": "The version that is known, as in `ETag`: 304 where it is still the newest.",
        "schema": {"type": "string", "format": "entity-tags", "examples": ['"1"']},
    },
    "Last-Event-ID": {
        "description": "The `id` of the last event; it wins over `since`.",
        "schema": {name: value for name, value in CHANGE_TOKEN.items() if name != "description"},
    },
}
_LIMIT_ITEM = '"user";r=199;t=1'
ANSWER_HEADERS: Mapping[str, dict[str, Any]] = {
    "ETag": {"description": "The version, in quotes.", "required": True, "schema": {"type": "string"}},
    "Location": {"description": "Where the new one is.", "required": True, "schema": {"type": "string"}},
    "Cache-Control": {"required": True, "schema": {"type": "string"}},
    "Content-Disposition": {"description": "The name of the file.", "required": True, "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "Where the answer is that of an earlier request with the same key.",
        "schema": {"type": "string", "const": "true"},
    },
    "RateLimit": {
        "description": "Requests that are left, and seconds until all are, where the installation sets a limit"
        " (draft-ietf-httpapi-ratelimit-headers-10).",
        "schema": {"type": "string", "examples": [_LIMIT_ITEM]},
    },
    "RateLimit-Policy": {
        "description": "How many requests in how many seconds.",
        "schema": {"type": "string", "examples": ['"user";q=200;w=2']},
    },
    "Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"required": True, "schema": {"type": "string", "examples": ['Bearer realm="ebb"']}},
    "Allow": {"required": True, "schema": {"type": "string", "examples": ["GET, POST"]}},
}


def query_parameter(name: str, schema: Schema) -> dict[str, Any]:
    """Return the parameter object; a list without a repeatable item has commas between its values."""
    description = schema.get("description")
    found: dict[str, Any] = {"name": name, "in": "query"}
    if description:
        found["description"] = description
    if schema.get("type") == "array":
        found |= {"style": "form", "explode": name == "tag"}
    return {**found, "schema": {key: value for key, value in schema.items() if key != "description"}}
