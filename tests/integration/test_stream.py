"""The stream of changes over HTTP: a whole server, a client that is cut off and comes back, and a server that stops."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.support.server import Server, free_port
from tests.events_stream import EventSource

TASKS = 60


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start a server whose streams end after four seconds."""
    with tempfile.TemporaryDirectory(prefix="ebb-stream-") as directory:
        started = Server(Path(directory), environment={"STREAM_SECONDS": "4"})
        started.start()
        yield started
        started.stop()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Speak to it as the local user."""
    headers = {"Authorization": f"Bearer {server.token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=20) as opened:
        yield opened


async def follow(client: httpx.AsyncClient, source: EventSource, since: str) -> AsyncGenerator[dict[str, Any], None]:
    """Yield changes for ever, as an EventSource does: whenever the stream ends it comes back."""
    while True:
        known = {"Last-Event-ID": source.last_id} if source.last_id else {}
        async with client.stream("GET", f"/v1/stream?since={since}", headers=known) as answer:
            assert 200 == answer.status_code
            async for change in source.read(answer.aiter_lines()):
                yield change
        source.ends += 1


async def latest(client: httpx.AsyncClient) -> str:
    """Return the token after everything that has happened."""
    page = (await client.get("/v1/changes")).json()
    while page["more"]:
        page = (await client.get("/v1/changes", params={"since": page["next"]})).json()
    return str(page["next"])


async def test_a_client_that_is_cut_off_and_comes_back_gets_every_number_once_and_in_order(
    client: httpx.AsyncClient,
) -> None:
    """Cut by its own end twice at least, and by us after every tenth change."""
    token = await latest(client)
    source = EventSource()
    seen: list[int] = []

    async def read() -> None:
        while len(seen) < TASKS * 2:
            async for change in follow(client, source, token):
                seen.append(change["seq"])
                if len(seen) % 10 == 0 or len(seen) >= TASKS * 2:
                    break

    reading = asyncio.create_task(read())
    for n in range(TASKS):
        (await client.post("/v1/tasks", json={"title": f"task {n}", "tags": [f"{token} {n}"]})).raise_for_status()
        await asyncio.sleep(0.15)
    async with asyncio.timeout(30):
        await reading
    assert list(range(int(token) + 1, int(token) + 1 + TASKS * 2)) == seen


async def test_a_stream_that_ends_by_itself_is_taken_up_without_a_gap(client: httpx.AsyncClient) -> None:
    token, source = await latest(client), EventSource()
    changes = follow(client, source, token)
    arrived = []
    for n in range(6):
        asked = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(1.5)
        (await client.post("/v1/tasks", json={"title": str(n)})).raise_for_status()
        async with asyncio.timeout(20):
            arrived.append((await asked)["seq"])
    assert [int(token) + n for n in range(1, 7)] == arrived
    assert source.ends >= 1
    await changes.aclose()


async def test_the_first_byte_comes_at_once_although_nothing_has_changed(client: httpx.AsyncClient) -> None:
    token = await latest(client)
    began = time.perf_counter()
    async with client.stream("GET", f"/v1/stream?since={token}") as answer:
        first = await anext(answer.aiter_raw())
    assert first.startswith(b"retry: ")
    assert time.perf_counter() - began < 1


async def test_a_server_that_is_told_to_stop_ends_its_streams_and_does_not_wait_for_them() -> None:
    with tempfile.TemporaryDirectory(prefix="ebb-stream-") as directory:
        server = Server(Path(directory))
        server.start()
        headers = {"Authorization": f"Bearer {server.token}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=20) as client:
            async with client.stream("GET", "/v1/stream") as answer:
                lines = answer.aiter_lines()
                assert (await anext(lines)).startswith("retry: ")
                began = time.perf_counter()
                stopping = asyncio.create_task(asyncio.to_thread(server.stop))
                with suppress(StopAsyncIteration):
                    while True:
                        await anext(lines)  # an end that was cut off would raise RemoteProtocolError
                ended = time.perf_counter() - began
            assert 0 == await stopping
    assert ended < 3


async def test_a_stream_in_a_process_of_its_own_hears_of_commands_elsewhere_and_ends_at_sigterm(
    server: Server, client: httpx.AsyncClient
) -> None:
    port, token = free_port(), await latest(client)
    environment = {
        "FUNCTION_TARGET": "stream_changes", "DATABASE_URL": server.database_url, "PORT": str(port),
        "DAPR_HTTP_ENDPOINT": "http://sidecar.invalid", "HOST": "127.0.0.1",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.bootstrap", env=os.environ | environment
    )
    try:
        await answering(client, f"http://127.0.0.1:{port}/health/readiness")
        async with client.stream("GET", f"http://127.0.0.1:{port}/v1/stream?since={token}") as answer:
            changes = EventSource().read(answer.aiter_lines())
            (await client.post("/v1/tasks", json={"title": "elsewhere"})).raise_for_status()
            async with asyncio.timeout(10):  # well before the first comment
                assert "elsewhere" == (await anext(changes))["value"]["title"]
            process.terminate()
            assert [] == [change async for change in changes], "an end that was cut off would raise"
        async with asyncio.timeout(10):
            assert -signal.SIGTERM == await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def answering(client: httpx.AsyncClient, url: str) -> None:
    """Return when a URL answers."""
    async with asyncio.timeout(30):
        while True:
            with suppress(httpx.ConnectError):
                await client.get(url)
                return
            await asyncio.sleep(0.05)
