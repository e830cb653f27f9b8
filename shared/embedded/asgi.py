"""Calls a function's ASGI app in this process, as the network would: one request, one complete answer."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import quote

import structlog
from starlette.types import ASGIApp, Message, Scope

_log = structlog.get_logger()


@dataclass(slots=True)
class Answer:
    """What came back: the status, the headers (lower-case names) and the whole body."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


async def post(app: ASGIApp, host: str, path: str, content_type: str, body: bytes) -> Answer:
    """POST `body` to `path` (decoded) of the app that serves `host`.

    An app that raises answers 500, as it would under uvicorn. It runs in a task of its own, so that nothing it
    binds to its context reaches the next request.
    """
    answer = Answer()
    scope = _scope(host, path, content_type, body)
    (crash,) = await asyncio.gather(asyncio.create_task(_exchange(app, scope, body, answer)), return_exceptions=True)
    if crash is None:
        return answer
    _log.error("function_crashed", function=host, path=path, exc_info=crash)
    return Answer(500)


async def _exchange(app: ASGIApp, scope: Scope, body: bytes, answer: Answer) -> None:
    pending = [body]
    answered = asyncio.Event()

    async def receive() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")
            if not message.get("more_body", False):
                answered.set()

    await app(scope, receive, send)


def _scope(host: str, path: str, content_type: str, body: bytes) -> Scope:
    headers = {"host": host, "content-type": content_type, "content-length": str(len(body))}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 0),
        "server": (host, 80),
        "state": {},
    }
