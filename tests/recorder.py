"""A function that writes down what reaches it and answers what the test says."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its path, content type and JSON body."""

    path: str
    content_type: str
    body: Any

    @property
    def name(self) -> str:
        """The id of an event or the name of a job."""
        return str(self.body["id"]) if self.path == "/" else self.path.removeprefix("/job/")


class Recorder:
    """ASGI app. `answer` gets each call and returns the response, or raises; the default is 204."""

    def __init__(self, answer: Callable[[Call], Response] | None = None) -> None:
        self.answer = answer or (lambda _call: Response(status_code=204))
        self.calls: list[Call] = []
        self._news = asyncio.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record one request and answer it."""
        request = Request(scope, receive)
        call = Call(scope["path"], request.headers["content-type"], await request.json())
        self.calls.append(call)
        async with self._news:
            self._news.notify_all()
        await self.answer(call)(scope, receive, send)

    async def received(self, count: int) -> list[str]:
        """Wait for this many calls and return the names of all so far, in their order."""
        async with self._news, asyncio.timeout(10):
            await self._news.wait_for(lambda: len(self.calls) >= count)
        return self.names

    async def received_name(self, name: str, count: int = 1) -> list[str]:
        """Wait until `name` came this often and return the names of all calls so far."""
        async with self._news, asyncio.timeout(10):
            await self._news.wait_for(lambda: self.names.count(name) >= count)
        return self.names

    @property
    def names(self) -> list[str]:
        """The names of all calls so far."""
        return [call.name for call in self.calls]
