"""Dapr's jobs as CloudEvents: `POST /job/<name>` brings back the event that the job was set with.

A job's data is the whole event in structured JSON mode (see shared/alarms.py), so its trace comes back with it. A job
that an earlier version has set holds only the data of an `ebb.reminder.due.v1`, and is made one here.
"""

import json

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import Clock
from shared.envelope import CLOUDEVENTS_JSON
from shared.events import ReminderDue

JOB_PREFIX = "/job/"
_REPLACED = {b"content-type", b"content-length"}


class JobEvents:
    """ASGI middleware: a call of Dapr's scheduler becomes the delivery of an event; all others pass."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(JOB_PREFIX):
            await self._app(scope, receive, send)
            return
        body = self._event(scope["path"].removeprefix(JOB_PREFIX), await Request(scope, receive).body())
        headers = [(name, value) for name, value in scope["headers"] if name not in _REPLACED]
        scope = dict(scope, path="/", raw_path=b"/", headers=[*headers, (b"content-type", CLOUDEVENTS_JSON.encode())])
        await self._app(scope, _once(body, receive), send)

    def _event(self, name: str, body: bytes) -> bytes:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            return body  # refused like every event that is no JSON
        if isinstance(data, dict) and "specversion" in data:
            return body
        event = {
            "specversion": "1.0",
            "id": name,  # the job's name holds id and version: a second delivery of it is the same event
            "type": ReminderDue.type,
            "source": "/ebb/scheduler",
            "time": self._clock.now().isoformat(),
            "data": data,
        }
        return json.dumps(event).encode()


def _once(body: bytes, receive: Receive) -> Receive:
    """Return what receives a body that is read already, and then goes on as before."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again
