"""The OpenAPI 3.1 document of the public paths, made of what the functions themselves parse, check and answer with.

A new path is an `Operation` in one of the modules here and its line in shared/paths.py. No function but describe_api
imports this package: it needs the parts of all of them.
"""

import inspect
from itertools import chain
from typing import Any

from pydantic import BaseModel

from shared import __version__
from shared.errors import InvalidInput
from shared.openapi import account, files, lists, problems, schemas, service, tasks
from shared.openapi.operation import JSON, Operation, Reply
from shared.openapi.parameters import ANSWER_HEADERS, REQUEST_HEADERS, query_parameter
from shared.parsing import parse

OPERATIONS: tuple[Operation, ...] = tuple(
    chain.from_iterable(module.OPERATIONS for module in (tasks, lists, files, account, service))
)
_DESCRIPTION = """\
Tasks that recur, remind and never get lost.

Bodies are JSON in UTF-8; instants are RFC 3339 in UTC. Who calls is told by `Authorization: Bearer` with a personal
access token (`POST /v1/tokens`) or a JWT of the installation's OIDC issuer; what belongs to another user looks exactly
like what is not there. A token has the scopes `read`, `write` and `admin`; each operation says which it needs.

Errors are problem details (RFC 9457) whose `type` stays the same; 422 names each wrong value in `errors`. A method that
a path does not take is 405 (`method-not-allowed`) with `Allow`. Commands take an `Idempotency-Key`, so that repeating
one is safe, and those of tasks and series an `If-Match`, so that nothing is overwritten unseen."""


def document() -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ebb",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in dict.fromkeys(operation.tag for operation in OPERATIONS)],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "headers": ANSWER_HEADERS,
            "schemas": schemas.components(OPERATIONS),
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    scope = f"Needs the scope `{operation.scope}`." if operation.scope else "Needs no token."
    found: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"{operation.description} {scope}".strip(),
        "tags": [operation.tag],
        "parameters": _parameters(operation),
    }
    if operation.scope is None:
        found["security"] = []
    if operation.body is not None:
        content: dict[str, Any] = {"schema": schemas.ref(operation.body)}
        if operation.examples:
            content["examples"] = {name: {"value": value} for name, value in operation.examples.items()}
        # An empty body counts as `{}`.
        found["requestBody"] = {"required": not _takes_nothing(operation.body), "content": {JSON: content}}
    if operation.files:
        files = {media: {"schema": schema} for media, schema in operation.files.items()}
        found["requestBody"] = {"required": True, "content": files}
    limited = ("RateLimit", "RateLimit-Policy") if operation.scope else ()
    replayed = ("Idempotent-Replayed",) if "Idempotency-Key" in operation.headers else ()
    replies = {str(status): _reply(one, (*limited, *replayed)) for status, one in operation.replies.items()}
    found["responses"] = replies | problems.answers(problems.common(operation))
    return found


def _takes_nothing(body: type[BaseModel]) -> bool:
    try:
        parse(body, b"")
    except InvalidInput:
        return False
    return True


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found = [query_parameter(name, schema) for name, schema in operation.query.items()]
    for parameter in found:
        if parameter["name"] in operation.required:
            parameter["required"] = True
    if "{id}" in operation.path:
        found.insert(0, {"name": "id", "in": "path", "required": True, "schema": operation.names})
    return found + [{"name": name, "in": "header", **REQUEST_HEADERS[name]} for name in operation.headers]


def _reply(reply: Reply, headers: tuple[str, ...]) -> dict[str, Any]:
    told = reply.description or (inspect.getdoc(reply.model) if reply.model else None)
    found: dict[str, Any] = {"description": told or "Done."}
    content = dict(reply.media) or ({JSON: schemas.ref(reply.model)} if reply.model else {})
    if content:
        found["content"] = {media: {"schema": schema} for media, schema in content.items()}
    if names := (*reply.headers, *headers):
        found["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if reply.links:
        found["links"] = {
            name: {"operationId": link.operation, "parameters": dict(link.parameters)}
            for name, link in reply.links.items()
        }
    return found
