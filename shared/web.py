"""The HTTP side of a function: who calls, what they send, and one transaction for each command.

A command with an `Idempotency-Key` keeps its answer in the same transaction as its effect, so a repeated request finds
either both or neither. Only successful answers are kept: an error had no effect, and trying again may succeed.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from shared import log
from shared.errors import (
    Fault,
    IdempotencyKeyReused,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    ScopeMissing,
    StaleVersion,
)
from shared.events import TaskPayload
from shared.identity import Caller
from shared.parsing import parse
from shared.reminder import Owner
from shared.runtime import runtime
from shared.storable import storable
from shared.task import Task
from shared.task_view import view
from shared.unit_of_work import UnitOfWork

Body = TypeVar("Body", bound=BaseModel)

FIND_ANSWER = "SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE user_id = %s AND key = %s"
KEEP_ANSWER = """
INSERT INTO idempotency_keys (user_id, key, fingerprint, status, headers, body, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """Return the response to send."""
        return Response(self.body, self.status, self.headers, "application/json" if self.body else None)


def task_answer(task: Task, owner: Owner, status: int = 200) -> Answer:
    """Return a task with its ETag, and its Location when it is new."""
    headers = {"ETag": f'"{task.version}"'}
    if status == 201:
        headers["Location"] = f"/v1/tasks/{task.id}"
    return Answer(status, view(task, owner).model_dump_json().encode(), headers)


async def saved(work: UnitOfWork, before: Task, after: Task, event: type[TaskPayload]) -> Answer:
    """Write what a command made of a task, emit its event, and answer with the task."""
    await work.save_task(before, after, event)
    return task_answer(after, work.owner)


async def caller(request: Request, scope: str) -> Caller:
    """Return who calls; raises `Unauthenticated` or `ScopeMissing`."""
    found = await runtime().identity.caller(request.headers.get("authorization"))
    log.bind(user_id=found.user_id)
    if scope not in found.scopes:
        raise ScopeMissing(f"the token lacks the scope {scope!r}")
    return found


async def run_command(
    request: Request,
    model: type[Body],
    handle: Callable[[UnitOfWork, Request, Body], Awaitable[Answer]],
    scope: str = "write",
) -> Response:
    """Run one command in one transaction: parse, lock the user's row, handle, keep the answer, commit."""
    who = await caller(request, scope)
    key = idempotency_key(request)
    raw = await request.body()
    body = parse(model, raw)
    fingerprint = fingerprint_of(request, raw)
    async with UnitOfWork(runtime(), source(request)) as work:
        work.actor = who.user_id
        await work.lock(who.user_id)
        if key and (earlier := await earlier_answer(work, key, fingerprint)):
            return earlier.response()
        answer = await handle(work, request, body)
        if key:
            await keep_answer(work, key, fingerprint, answer)
        await work.commit()
    return answer.response()


def source(request: Request) -> str:
    """Return the CloudEvents source of this function."""
    return f"/ebb/{request.state.function}"


def path_id(request: Request) -> tuple[UUID, str | None]:
    """Return the id in `/v1/<collection>/<id>[/<action>]`, and the action. What is no id is not found."""
    match request.url.path.strip("/").split("/"):
        case ["v1", _]:
            raise MethodNotAllowed("this works on one resource: give its id", headers={"Allow": "GET, POST"})
        case ["v1", _, text]:
            return given_id(text), None
        case ["v1", _, text, action]:
            return given_id(text), action
    raise NotFound("there is nothing at this path")


def given_id(text: str) -> UUID:
    """Return the id that stands in a path. What is no id is not found."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("there is nothing at this path") from None


def allow(request: Request, *methods: str) -> None:
    """Raise `MethodNotAllowed` unless the request has one of the methods."""
    if request.method not in methods:
        allowed = ", ".join(methods)
        raise MethodNotAllowed(f"use {allowed}", headers={"Allow": allowed})


def query(request: Request, *names: str) -> dict[str, list[str]]:
    """Return the query parameters by name; raises `InvalidInput` for unknown ones and NUL characters."""
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name not in names:
            raise InvalidInput(Fault(f"?{name}", f"unknown parameter; known are {', '.join(names) or 'none'}"))
        if not storable(value):
            raise InvalidInput(Fault(f"?{name}", "must not contain NUL characters or lone surrogates"))
        given.setdefault(name, []).append(value)
    return given


async def the_task(work: UnitOfWork, request: Request) -> Task:
    """Return the task of the path, at the version that If-Match names; raises `NotFound` or `StaleVersion`."""
    task_id, _ = path_id(request)
    log.bind(task_id=str(task_id))
    task = await work.tasks.get(work.owner.id, task_id)
    if task is None:
        raise NotFound("there is no such task")
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted != "*" and f'"{task.version}"' not in [tag.strip() for tag in wanted.split(",")]:
        raise StaleVersion(f"the task is at version {task.version}; read it again and repeat the change")
    return task


async def earlier_answer(work: UnitOfWork, key: str, fingerprint: bytes) -> Answer | None:
    """Return what the same request was answered before; raises `IdempotencyKeyReused` for another one."""
    row = await (await work.connection.execute(FIND_ANSWER, (work.owner.id, key))).fetchone()
    if row is None:
        return None
    if row[0] != fingerprint:
        raise IdempotencyKeyReused("use a new Idempotency-Key for another request")
    return Answer(row[1], row[3], {**row[2], "Idempotent-Replayed": "true"})


async def keep_answer(work: UnitOfWork, key: str, fingerprint: bytes, answer: Answer) -> None:
    """Keep an answer for the same request, in the transaction of its effect."""
    row = (work.owner.id, key, fingerprint, answer.status, Jsonb(answer.headers), answer.body, work.now)
    await work.connection.execute(KEEP_ANSWER, row)


def fingerprint_of(request: Request, raw: bytes) -> bytes:
    """Return what tells a request from another under the same key."""
    return hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query} ".encode() + raw).digest()


def idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key of a request; raises `InvalidInput`."""
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= 255 and storable(key)):
        raise InvalidInput(Fault("Idempotency-Key", "must have 1 to 255 characters, none of them NUL"))
    return key
