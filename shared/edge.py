"""The edge that every function has, once: health, body limit, errors to answers, jobs to events, one log line.

Event functions answer 204 with an empty body: a body that is no CloudEvent counts as a failed delivery behind a Knative
Broker. What errors are answered with stands in shared/answers.py.
"""

import asyncio
import time

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from shared import log, trace
from shared.answers import Answers, framework_error
from shared.errors import BodyTooLarge
from shared.runtime import Runtime

HEALTH = ("/health/liveness", "/health/readiness")
JOB_PREFIX = "/job/"
_log = structlog.get_logger()


class Edge:
    """Wraps the framework's app of one function. `is_event` tells whether it takes CloudEvents."""

    def __init__(self, app: Starlette, function: str, runtime: Runtime, *, is_event: bool) -> None:
        self._function, self._runtime, self._is_event = function, runtime, is_event
        self.settings = runtime.settings
        self._app = app
        # Innermost, so that the framework's own catch-all never sees what has an answer of ours.
        app.user_middleware.append(Middleware(Answers, is_event=is_event))
        app.add_exception_handler(HTTPException, framework_error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope: lifespan or http."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["path"] in HEALTH:
            await Response("ok")(scope, receive, send)
        elif scope["type"] == "http":
            await self._invoke(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        # The database connects while the pod becomes ready, not while the first request waits.
        connecting = asyncio.create_task(self._runtime.database.warm())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        connecting.cancel()
        await self._runtime.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _invoke(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        headers = dict(scope["headers"])
        trace.begin(headers.get(b"traceparent", b"").decode("latin-1"))
        context = log.begin(function=self._function, method=scope["method"], trace_id=trace.trace_id())
        scope = dict(scope, state={"function": self._function})
        if self._is_event and scope["path"].startswith(JOB_PREFIX):
            scope = _job_as_event(scope, self._runtime)
        answer = _AnswerFilter(send, is_event=self._is_event)
        await self._app(scope, _Limited(receive, headers, self.settings.max_body_bytes), answer)
        duration = round((time.perf_counter() - began) * 1000, 2)
        _log.info("invocation", **context, status=answer.status, duration_ms=duration)


class _AnswerFilter:
    """Passes an answer on; the framework's `200 OK` to an event becomes 204 without a body."""

    def __init__(self, send: Send, *, is_event: bool) -> None:
        self._send, self._is_event = send, is_event
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._is_event and self.status == 200:
                self.status = 204
                message = {"type": "http.response.start", "status": 204, "headers": []}
        elif self.status == 204:
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)


class _Limited:
    """Receives a body up to the limit, then raises `BodyTooLarge`."""

    def __init__(self, receive: Receive, headers: dict[bytes, bytes], limit: int) -> None:
        self._receive, self._left, self._limit = receive, limit, limit
        declared = headers.get(b"content-length", b"0")
        self._declared = int(declared) if declared.isdigit() else 0

    async def __call__(self) -> Message:
        if self._declared > self._limit:
            raise self._too_large()
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._too_large()
        return message

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"the body is larger than {self._limit} bytes; send less at a time")


def _job_as_event(scope: Scope, runtime: Runtime) -> Scope:
    """Make `POST /job/<name>` of Dapr's scheduler a CloudEvent in binary mode; the body is its data as it is."""
    name = scope["path"].removeprefix(JOB_PREFIX)
    attributes = {
        "specversion": "1.0",
        "id": name,  # the job's name holds id and version: a second delivery of it is the same event
        "type": "ebb.reminder.due.v1",
        "source": "/ebb/scheduler",
        "time": runtime.clock.now().isoformat(),
    }
    headers = [(b"ce-" + key.encode(), value.encode()) for key, value in attributes.items()]
    kept = [
        (name, value) for name, value in scope["headers"] if name != b"content-type" and not name.startswith(b"ce-")
    ]
    return dict(scope, path="/", raw_path=b"/", headers=[*kept, (b"content-type", b"application/json"), *headers])
