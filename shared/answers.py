"""Errors to answers: the one table, and the outermost edge of every function that uses it.

HTTP functions answer `application/problem+json` (RFC 9457). Event functions answer 400 for what can never succeed and
503 for what may succeed later, never 404 or 409, which a Broker would take for "try again".
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import log
from shared.errors import (
    AccountClosed,
    BackendAway,
    EbbError,
    EventRejected,
    Fault,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
)
from shared.paths import allowed

PROBLEM_PREFIX = "urn:ebb:problem:"
_log = structlog.get_logger()


def problem(error: EbbError, instance: str) -> Response:
    """Return the RFC 9457 answer to an error; `instance` is the path."""
    return Response(json.dumps(details(error, instance)), error.status, error.headers, "application/problem+json")


def nothing_there(method: str, path: str) -> Response | None:
    """Return the answer where there is no such public path, or where it does not take the method; None where it does.

    Several functions serve one path, so none of them could name all that it takes; and what looks for the id in its
    path must not act on `/v1/tasks/<id>/nothing`.
    """
    methods = allowed(path)
    if method in methods:
        return None
    if not methods:
        return problem(NotFound("there is nothing at this path"), path)
    told = ", ".join(methods)
    return problem(MethodNotAllowed(f"use {told}", headers={"Allow": told}), path)


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem details (RFC 9457): `type` says which rule was broken, and stays; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


def details(error: EbbError, instance: str) -> dict[str, object]:
    """Return the problem details of an error, with the members that its kind has besides."""
    told = Problem(PROBLEM_PREFIX + error.slug, error.title, error.status, error.detail, instance)
    return {**asdict(told), **error.members}


def known(error: Exception) -> EbbError:
    """Return what an exception means to a caller. The one table from exceptions to answers."""
    if isinstance(error, EbbError):
        return error
    if isinstance(error, HTTPException):  # the framework's own: wrong method, no CloudEvent, no such route
        by_status: dict[int, Callable[[str], EbbError]] = {404: NotFound, 405: MethodNotAllowed}
        return by_status.get(error.status_code, EventRejected)(error.detail)
    if isinstance(error, (psycopg.OperationalError, PoolTimeout)):
        # Also deadlocks, serialization failures and a server that restarts: nothing was committed, so try again.
        return BackendAway("the database does not answer or asks to try again")
    if isinstance(error, psycopg.DataError):
        return InvalidInput(Fault("", "a value lies outside of what can be stored"))
    return EbbError("an unexpected error; it is in the log under this trace")


class Answers:
    """Turns what the function raises into its answer. `is_event` tells which kind of caller waits for it."""

    def __init__(self, app: ASGIApp, *, is_event: bool) -> None:
        self._app, self._is_event = app, is_event

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. An answer that fails on its way is broken off, so that nobody takes it for whole."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001  (the outermost edge: everything becomes an answer and a log line)
            answer = known(error)
            if type(answer) is EbbError:
                _log.exception("unexpected error")
            elif answer.status != 404:
                log.bind(problem=answer.slug, detail=answer.detail if self._is_event else None)
            if begun:
                return  # without an end: the server breaks it off
            response = self._event_answer(answer, scope) if self._is_event else problem(answer, scope["path"])
            await response(scope, receive, send)

    @staticmethod
    def _event_answer(error: EbbError, scope: Scope) -> Response:
        if isinstance(error, AccountClosed):
            return Response(status_code=204)  # the effect that is wanted is none
        response = problem(error, scope["path"])
        response.status_code = 503 if error.status >= 500 else 400
        return response


async def framework_error(request: Request, error: Exception) -> Response:
    """Answer an exception that the framework itself raises."""
    return problem(known(error), request.scope["path"])
