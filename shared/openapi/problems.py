"""Problems (RFC 9457): a schema for each `type` there is, and the answers that operations have in common."""

import inspect
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import Any

from shared import errors
from shared.answers import PROBLEM_PREFIX
from shared.errors import EbbError
from shared.openapi.operation import Operation

MEDIA_TYPE = "application/problem+json"
# What no client is ever told: events that a function refuses, and settings that stop its start.
NOT_FOR_CLIENTS = (errors.EventRejected, errors.SettingError)
ALWAYS = (errors.InvalidInput, EbbError)
WITH_TOKEN = (errors.Unauthenticated, errors.ScopeMissing, errors.TooManyRequests, errors.BackendAway)
WITH_BODY = (errors.MalformedBody, errors.BodyTooLarge)
COMMAND = (errors.IdempotencyKeyReused, errors.AccountClosed)
_HEADERS = {
    errors.Unauthenticated: ("WWW-Authenticate",),
    errors.MethodNotAllowed: ("Allow",),
    errors.TooManyRequests: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    errors.BackendAway: ("Retry-After",),
    errors.AccountClosed: ("Retry-After",),
}
_MEMBERS: dict[type[EbbError], dict[str, Any]] = {
    errors.InvalidInput: {"errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}}},
    errors.BatchRefused: {"results": {"type": "array", "items": {"$ref": "#/components/schemas/Result"}}},
}


def kinds() -> list[type[EbbError]]:
    """Return every kind of problem that a client may be told of."""
    found: list[type[EbbError]] = [
        one for one in vars(errors).values() if inspect.isclass(one) and issubclass(one, EbbError)
    ]
    by_slug = {one.slug: one for one in found if one not in NOT_FOR_CLIENTS and one is not errors.BindingMissing}
    return [by_slug[slug] for slug in sorted(by_slug)]


def name(kind: type[EbbError]) -> str:
    """Return the name of its schema."""
    return "InternalError" if kind is EbbError else kind.__name__


def schemas() -> dict[str, Any]:
    """Return a schema for each kind: the common one, with its own type, status and members."""
    return {name(kind): _schema(kind) for kind in kinds()}


def common(operation: Operation) -> set[type[EbbError]]:
    """Return the kinds of problem that an operation has."""
    found = {*operation.problems}
    if operation.scope is not None:
        found |= {*ALWAYS, *WITH_TOKEN}
    if operation.body is not None:
        found |= {*WITH_BODY}
    if operation.files:
        found.add(errors.BodyTooLarge)
    if "Idempotency-Key" in operation.headers:
        found |= {*COMMAND}
    if "If-Match" in operation.headers:
        found.add(errors.StaleVersion)
    if "{id}" in operation.path:
        found.add(errors.NotFound)
    return found


def answers(found: Iterable[type[EbbError]]) -> dict[str, Any]:
    """Return the answers to problems, by status."""
    by_status = defaultdict(list)
    for kind in sorted(found, key=lambda kind: kind.slug):
        by_status[kind.status].append(kind)
    return {str(status): _answer(by_status[status]) for status in sorted(by_status)}


def _answer(same_status: list[type[EbbError]]) -> dict[str, Any]:
    refs = [{"$ref": f"#/components/schemas/{name(kind)}"} for kind in same_status]
    headers = dict.fromkeys(chain.from_iterable(_HEADERS.get(kind, ()) for kind in same_status))
    found: dict[str, Any] = {
        "description": "; ".join(f"{kind.title} (`{kind.slug}`)" for kind in same_status),
        "content": {MEDIA_TYPE: {"schema": refs[0] if len(refs) == 1 else {"oneOf": refs}}},
    }
    if headers:
        found["headers"] = {header: {"$ref": f"#/components/headers/{header}"} for header in headers}
    return found


def _schema(kind: type[EbbError]) -> dict[str, Any]:
    members = _MEMBERS.get(kind, {})
    told = {
        "type": {"const": PROBLEM_PREFIX + kind.slug},
        "title": {"const": kind.title},
        "status": {"const": kind.status},
    }
    found: dict[str, Any] = {
        "title": kind.title,
        "description": inspect.getdoc(kind) if kind is not EbbError else "A fault of ours; the log has it.",
        "allOf": [{"$ref": "#/components/schemas/Problem"}],
        "properties": {**told, **members},
    }
    return found | ({"required": [*members]} if members else {})
