"""Clients that keep a copy: eight writers at once, four followers that are cut off at random, one truth at the end."""

import asyncio
import random
import tempfile
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from benchmarks.support.server import Server
from tests.events_stream import EventSource

WRITERS, COMMANDS = 8, 60
# Tables by the kind of change; what a copy has to hold of them.
TABLES = {"task": "tasks", "series": "series"}
# Two writers may meet at one task: it is gone, or done already.
_MET = (404, 409, 422)
LIVE = "WHERE deleted_at IS NULL"
WAITING = """
SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) + (SELECT count(*) FROM tasks WHERE awaits_successor)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start a server whose streams end after three seconds."""
    with tempfile.TemporaryDirectory(prefix="ebb-sync-") as directory:
        started = Server(Path(directory), environment={"STREAM_SECONDS": "3"})
        started.start()
        yield started
        started.stop()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Speak to it as the local user."""
    headers = {"Authorization": f"Bearer {server.token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30) as opened:
        yield opened


class Follower(ABC):
    """A copy kept by the changes that arrive: `copy` by kind and id, `numbers` in the order of arrival."""

    def __init__(self, client: httpx.AsyncClient, seed: int) -> None:
        self.copy: dict[tuple[str, str], dict[str, Any]] = {}
        self.numbers: list[int] = []
        self.cuts = 0
        self.position = ""
        self._client, self._chance = client, random.Random(seed)

    async def follow(self) -> None:
        """Go on for ever; give each attempt some time, then cut it off and begin where it was."""
        while True:
            with suppress(TimeoutError, httpx.TransportError):
                async with asyncio.timeout(self._chance.uniform(0.005, 0.4)):
                    await self.attempt()
            self.cuts += 1

    @abstractmethod
    async def attempt(self) -> None:
        """Read what comes after `position`, until it ends or is cut off."""

    def take(self, change: dict[str, Any]) -> None:
        """Apply one change."""
        key = (change["kind"], change["value"]["id"])
        self.numbers.append(change["seq"])
        if change["op"] == "delete":
            self.copy.pop(key, None)
        else:
            self.copy[key] = change["value"]


class TokenFollower(Follower):
    """Asks again and again for what comes after its token."""

    async def attempt(self) -> None:
        """Take one page."""
        answer = await self._client.get("/v1/changes", params={"since": self.position} if self.position else {})
        page = answer.raise_for_status().json()
        for change in page["changes"]:
            self.take(change)
        self.position = page["next"]


class StreamFollower(Follower):
    """Listens, as an EventSource does."""

    async def attempt(self) -> None:
        """Take what one stream brings."""
        source = EventSource(self.position)
        known = {"Last-Event-ID": self.position} if self.position else {}
        async with self._client.stream("GET", "/v1/stream", headers=known) as answer:
            answer.raise_for_status()
            async for change in source.read(answer.aiter_lines()):
                self.take(change)
                self.position = source.last_id


class Writer:
    """Does what users do, on tasks that all writers share."""

    def __init__(self, client: httpx.AsyncClient, seed: int, shared: list[str]) -> None:
        self._client, self._chance, self._shared = client, random.Random(seed), shared

    async def write(self) -> None:
        """Give one command after another."""
        for n in range(COMMANDS):
            method, path, body = self._command(n)
            answer = await self._client.request(method, path, json=body)
            assert answer.is_success or answer.status_code in _MET, answer.text
            if path == "/v1/tasks":
                self._shared.append(answer.json()["id"])

    def _command(self, n: int) -> tuple[str, str, dict[str, Any] | None]:
        what = self._chance.choice(("create", "create", "update", "update", "tag", "complete", "delete"))
        if what == "create" or not self._shared:
            repeated = " every day" if self._chance.random() < 0.3 else ""
            return "POST", "/v1/tasks", {"text": f"Water plant {n}{repeated} #tag{self._chance.randrange(12)}"}
        task = f"/v1/tasks/{self._chance.choice(self._shared)}"
        match what:
            case "update":
                return "PATCH", task, {"notes": f"note {self._chance.random()}"}
            case "tag":
                return "PATCH", task, {"tags": [f"tag{self._chance.randrange(12)}"]}
            case "complete":
                return "POST", f"{task}/complete", {}
            case _:
                return "DELETE", task, None


@asynccontextmanager
async def following(followers: list[Follower]) -> AsyncIterator[None]:
    """Let them follow until the block is left."""
    tasks = [asyncio.create_task(follower.follow()) for follower in followers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [] == [end for end in ended if not isinstance(end, asyncio.CancelledError)]


async def listed(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """Return every task there is, by its id."""
    found: dict[str, dict[str, Any]] = {}
    cursor = None
    while True:
        page = (await client.get("/v1/tasks", params={"limit": 200} | ({"cursor": cursor} if cursor else {}))).json()
        found |= {task["id"]: task for task in page["tasks"]}
        cursor = page["next"]
        if cursor is None:
            return found


async def last_number(database: psycopg.AsyncConnection) -> int:
    """Return the number of the last change, once no successor is owed and no event waits."""
    async with asyncio.timeout(60):
        while True:
            if await (await database.execute(WAITING)).fetchone() == (0,):
                row = await (await database.execute("SELECT max(change_seq) FROM tasks")).fetchone()
                assert row is not None
                return int(row[0])
            await asyncio.sleep(0.1)


async def test_every_copy_equals_the_database_with_nothing_missed_and_nothing_twice(
    server: Server, client: httpx.AsyncClient
) -> None:
    followers: list[Follower] = [kind(client, seed) for seed in (1, 2) for kind in (TokenFollower, StreamFollower)]
    database = await psycopg.AsyncConnection.connect(server.database_url, autocommit=True)
    async with database, following(followers):
        shared: list[str] = []
        async with asyncio.TaskGroup() as group:
            for seed in range(WRITERS):
                group.create_task(Writer(client, seed, shared).write())
        last = await last_number(database)
        async with asyncio.timeout(60):
            while any(follower.numbers[-1:] < [last] for follower in followers):
                await asyncio.sleep(0.05)
        held = {
            (kind, str(row[0])): row[1]
            for kind, table in TABLES.items()
            async for row in await database.execute(
                f"SELECT id, version FROM {table} WHERE deleted_at IS NULL".encode()
            )
        }
    tasks = await listed(client)
    for follower in followers:
        assert sorted(set(follower.numbers)) == follower.numbers, "nothing twice, and in order"
        assert tasks == {id_: value for (kind, id_), value in follower.copy.items() if kind == "task"}
        assert held == {key: value["version"] for key, value in follower.copy.items() if key[0] in TABLES}
        assert follower.cuts > 10
