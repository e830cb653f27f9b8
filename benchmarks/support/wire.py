"""A client that costs next to nothing: HTTP/1.1 on one kept connection, as much of it as a measurement needs."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self
from urllib.parse import urlsplit


class Wire:
    """One connection to a server. `call` returns status and parsed body."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """Send a request and return the parsed body; fails on any answer but a good one."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answer.partition("content-length:")[2].partition("\r\n")[0])
        found = await self._reader.readexactly(length)
        assert answer.startswith("http/1.1 2"), (method, path, answer, found)
        return json.loads(found)


async def latencies(call: Callable[[int], Awaitable[object]], rounds: int) -> list[float]:
    """Return the seconds that each of so many calls took, one after another; the first tenth warms up."""
    seconds = []
    for number in range(rounds + rounds // 10):
        began = time.perf_counter()
        await call(number)
        seconds.append(time.perf_counter() - began)
    return seconds[rounds // 10 :]


async def rate(calls: list[Callable[[int], Awaitable[object]]], duration: float) -> float:
    """Return how many calls a second are answered to as many clients as there are calls."""
    done, began = 0, time.perf_counter()

    async def work(call: Callable[[int], Awaitable[object]]) -> None:
        nonlocal done
        while time.perf_counter() - began < duration:
            await call(done)
            done += 1

    await asyncio.gather(*(work(call) for call in calls))
    return done / (time.perf_counter() - began)
