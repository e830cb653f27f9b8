"""The edge that every function has, once: health, body limit, errors to answers, jobs to events, one log line.

Event functions answer 204 with an empty body: a body that is no CloudEvent counts as a failed delivery behind a Knative
Broker. What errors are answered with stands in shared/answers.py, what is told about it in shared/invocation.py.
"""

import asyncio

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from shared import telemetry
from shared.answers import Answers, framework_error, nothing_there
from shared.errors import BodyTooLarge
from shared.invocation import Invocation
from shared.job_events import JobEvents
from shared.public_headers import PublicHeaders
from shared.runtime import Runtime

HEALTH = ("/health/liveness", "/health/readiness")
HEALTHY = PlainTextResponse("ok")


class Edge:
    """Wraps the framework's app of one function. `is_event` tells whether a broker calls it."""

    def __init__(self, app: Starlette, function: str, runtime: Runtime, *, is_event: bool, max_body_bytes: int) -> None:
        self._limit = max_body_bytes
        self._function, self._runtime, self._is_event = function, runtime, is_event
        self.settings = runtime.settings
        self._headers = PublicHeaders(runtime.settings)
        self._app = app
        # Innermost, so that the framework's own catch-all never sees what has an answer of ours.
        app.user_middleware.append(Middleware(Answers, is_event=is_event))
        if is_event:
            app.user_middleware.append(Middleware(JobEvents, clock=runtime.clock))
        app.add_exception_handler(HTTPException, framework_error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope: lifespan or http."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            request = dict(scope["headers"])
            answer = send if self._is_event else _Headed(send, scope, self._headers)
            preflight = None if self._is_event else self._headers.preflight(scope["method"], request)
            # HEAD goes with GET where the function takes it.
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            is_public = not self._is_event or scope["path"] in HEALTH
            at_once = preflight or (nothing_there(method, scope["path"]) if is_public else None)
            if at_once is not None:
                await at_once(scope, receive, answer)
            elif scope["path"] in HEALTH:
                await HEALTHY(scope, receive, answer)
            else:
                await self._invoke(scope, receive, answer)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        # The database connects while the pod becomes ready, not while the first request waits.
        connecting = asyncio.create_task(self._runtime.database.warm())
        await send({"type": "lifespan.startup.complete"})
        telemetry.started(self._function)
        await receive()
        connecting.cancel()
        await self._runtime.close()
        telemetry.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _invoke(self, scope: Scope, receive: Receive, send: Send) -> None:
        invocation = Invocation(self._function, scope, is_event=self._is_event)
        answer = _AnswerFilter(send, is_event=self._is_event)
        limited = _Limited(receive, dict(scope["headers"]), self._limit)
        scope["state"] = {"function": self._function}
        try:
            await self._app(scope, limited, answer)
        finally:
            invocation.done(answer.status)


class _Headed:
    """Gives every answer the headers for the outside, and what is left of the caller's allowance."""

    def __init__(self, send: Send, scope: Scope, headers: PublicHeaders) -> None:
        self._send, self._scope, self._headers = send, scope, headers

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", []))
            if allowance := (self._scope.get("state") or {}).get("allowance"):
                given += [(name.lower().encode(), value.encode()) for name, value in allowance.headers().items()]
            message = {**message, "headers": self._headers.of(given, dict(self._scope["headers"]))}
        await self._send(message)


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
