"""The HTTP side of a function: who calls, what they send, and one transaction for each command."""

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from shared import log
from shared.errors import (
    Fault,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    ScopeMissing,
    StaleVersion,
)
from shared.events import TaskPayload
from shared.idempotency import Answer, earlier_answer, fingerprint_of, idempotency_key, keep_answer
from shared.identity import Caller
from shared.parsing import parse
from shared.reminder import Owner
from shared.runtime import runtime
from shared.storable import storable
from shared.task import Task
from shared.task_view import view
from shared.unit_of_work import UnitOfWork

Body = TypeVar("Body", bound=BaseModel)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


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
    """Return who calls; raises `Unauthenticated`, `TooManyRequests` or `ScopeMissing`."""
    identity, limit, given = runtime().identity, runtime().rate_limit, _authorization(request)
    # Once for each request: a stream asks again and again whether its token is still valid. A flood of one token is
    # turned away before its look-ups take the connections of all others.
    counts = limit is not None and not hasattr(request.state, "allowance")
    if limit and counts and (likely := identity.likely(given)):
        request.state.allowance, counts = limit.take(likely), False
    found = await identity.caller(given)
    log.bind(user_id=found.user_id)
    if limit and counts:
        request.state.allowance = limit.take(found.user_id)
    request.state.caller = found
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
        await work.lock(who.user_id, commands=True)
        if key and (earlier := await earlier_answer(work, key, fingerprint)):
            return earlier.response()
        answer = await handle(work, request, body)
        if key:
            await keep_answer(work, key, fingerprint, answer)
        await work.commit()
    return answer.response()


def _authorization(request: Request) -> str | None:
    """Return the header as one value (RFC 9110, section 5.3): of two tokens, none is taken."""
    given = request.headers.getlist("authorization")
    return ", ".join(given) if given else None


def source(request: Request) -> str:
    """Return the CloudEvents source of this function."""
    return f"/ebb/{request.state.function}"


def path_id(request: Request) -> tuple[UUID, str | None]:
    """Return the id in `/v1/<collection>/<id>[/<action>]`, and the action. What is no id is not found."""
    match request.scope["path"].strip("/").split("/"):
        case ["v1", _, text]:
            return given_id(text), None
        case ["v1", _, text, action]:
            return given_id(text), action
    raise NotFound("there is nothing at this path")


def resource_id(request: Request) -> UUID:
    """Return the id that the path ends with; where more follows, nothing is found."""
    found, action = path_id(request)
    if action is not None:
        raise NotFound("there is nothing at this path")
    return found


def given_id(text: str) -> UUID:
    """Return the id that stands in a path. What is no id is not found."""
    # One form, that of RFC 9562: UUID() would also take braces, a URN and hyphens anywhere.
    if not _ID.fullmatch(text):
        raise NotFound("there is nothing at this path")
    return UUID(text)


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


async def the_task(work: UnitOfWork, request: Request, *, even_deleted: bool = False) -> Task:
    """Return the task of the path, at the version that If-Match names; raises `NotFound` or `StaleVersion`."""
    task_id, _ = path_id(request)
    log.bind(task_id=str(task_id))
    return await task_at(work, task_id, request.headers.get("if-match"), even_deleted=even_deleted)


async def task_at(work: UnitOfWork, task_id: UUID, wanted: str | None, *, even_deleted: bool = False) -> Task:
    """Return a task at one of the versions that are wanted, as in If-Match; raises `NotFound` or `StaleVersion`."""
    get = work.tasks.get_even_deleted if even_deleted else work.tasks.get
    task = await get(work.owner.id, task_id)
    if task is None:
        raise NotFound("there is no such task")
    check_version(wanted, task.version, "task")
    return task


def check_version(wanted: str | None, version: int, what: str) -> None:
    """Raise `StaleVersion` unless the version of the resource is one that If-Match names, where it names any."""
    if wanted is not None and wanted != "*" and f'"{version}"' not in [tag.strip() for tag in wanted.split(",")]:
        raise StaleVersion(f"the {what} is at version {version}; read it again and repeat the change")
