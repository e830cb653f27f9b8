"""Live push: how soon a change is at an open stream, and what 1,000 open streams cost.

`nox -s bench -- stream` starts a fresh server in one process (`python -m shared.embedded`), opens a stream, posts 200
tasks one after another and measures from each answer to its event; then it opens 1,000 streams, lets them idle, reads
the server's resident memory and its connections to PostgreSQL, and times one change until all of them have it.
"""

import asyncio
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import psutil
import psycopg

from benchmarks.demo import percentiles
from benchmarks.support.server import Server

TASKS, STREAMS = 200, 1_000
BACKENDS = (
    "SELECT count(*), count(*) FILTER (WHERE query LIKE 'LISTEN%%') FROM pg_stat_activity WHERE backend_type = %s"
)


class Reader:
    """One stream on a socket of its own, as thin as can be; `seen` is set when an event has come."""

    def __init__(self, server: Server, since: str) -> None:
        self._port, self._since, self._token = server.port, since, server.token
        self.seen = asyncio.Event()
        self.arrived: dict[str, float] = {}  # by the id of the task

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Read until the block is left."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(
            f"GET /v1/stream?since={self._since} HTTP/1.1\r\nHost: ebb\r\nAuthorization: Bearer {self._token}\r\n\r\n"
            .encode()
        )  # fmt: skip
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        await reader.readuntil(b"retry: ")
        reading = asyncio.create_task(self._read(reader))
        try:
            yield
        finally:
            reading.cancel()
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        async for line in reader:
            if b'"kind":"task"' in line:
                self.arrived[line.partition(b'"value":{"id":"')[2][:36].decode()] = time.perf_counter()
                self.seen.set()


async def post(client: httpx.AsyncClient, title: str) -> tuple[str, float, float]:
    """Post a task; return its id, when the answer was there, and how long it took."""
    began = time.perf_counter()
    answer = await client.post("/v1/tasks", json={"title": title})
    ended = time.perf_counter()
    return answer.raise_for_status().json()["id"], ended, ended - began


async def latency(server: Server, client: httpx.AsyncClient) -> None:
    """Print how long events take from the answer of their command."""
    reader, answered, commands = Reader(server, "0"), {}, []
    async with reader.open():
        for n in range(TASKS + 10):
            reader.seen.clear()
            task_id, ended, seconds = await post(client, f"task {n}")
            answered[task_id] = ended
            commands.append(seconds)
            async with asyncio.timeout(20):
                await reader.seen.wait()
    waits = [reader.arrived[task_id] - ended for task_id, ended in answered.items()][10:]
    print(f"  answer of POST /v1/tasks to its event, p50 / p95 of {len(waits)}: {percentiles(waits)}")
    print(f"  slowest {max(waits) * 1000:.1f} ms; there before the answer: {sum(wait < 0 for wait in waits)}")
    print(f"  the command itself, p50 / p95: {percentiles(commands[10:])}")


async def crowd(server: Server, client: httpx.AsyncClient) -> None:
    """Print what many streams cost."""
    since = str((await client.get("/v1/changes")).json()["next"])
    process = psutil.Process(server.pid)
    before = 0
    opened: list[tuple[Reader, AbstractAsyncContextManager[None]]] = []
    for count in (100, STREAMS):
        while len(opened) < count:
            reader = Reader(server, since)
            stream = reader.open()
            await stream.__aenter__()
            opened.append((reader, stream))
        await asyncio.sleep(20)  # a comment later, so that nothing is under way
        memory = process.memory_info().rss
        if before:
            each = (memory - before) / (STREAMS - 100)
            print(f"  memory per open stream: {each / 1024:.1f} KiB ({STREAMS} open, {memory / 2**20:.0f} MiB in all)")
        before = memory
    spent = sum(process.cpu_times()[:2])
    await asyncio.sleep(30)
    print(f"  CPU while they idle: {(sum(process.cpu_times()[:2]) - spent) / 30:.0%} of one core")
    with psycopg.connect(server.database_url) as connection:
        backends, listeners = connection.execute(BACKENDS, ("client backend",)).fetchone() or (0, 0)
    print(f"  connections to PostgreSQL: {backends - 1}, of them listening for streams: {listeners}")
    began = time.perf_counter()
    _, ended, _ = await post(client, "for all")
    await asyncio.gather(*(reader.seen.wait() for reader, _ in opened))
    print(f"  one change at all {STREAMS} streams of its user: {(time.perf_counter() - began) * 1000:.0f} ms")
    print(f"    of that the command itself: {(ended - began) * 1000:.0f} ms")
    before_stop = time.perf_counter()
    server.stop()
    print(f"  SIGTERM until the server has ended, all streams open: {time.perf_counter() - before_stop:.1f} s")
    for _, one in opened:
        await one.__aexit__(None, None, None)


async def measure(server: Server) -> None:
    """Run both."""
    headers = {"Authorization": f"Bearer {server.token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30) as client:
        await latency(server, client)
        await crowd(server, client)


def main() -> None:
    """Start a server, measure, and stop it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    with tempfile.TemporaryDirectory(prefix="ebb-stream-") as directory:
        server = Server(Path(directory))
        server.start()
        try:
            asyncio.run(measure(server))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
