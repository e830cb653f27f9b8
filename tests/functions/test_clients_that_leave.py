"""Whoever leaves in the middle of a file, or before it begins, leaves no connection to the database behind."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message

from tests.harness import Ebb

PATHS = {
    "/v1/export?format=ics": "export-tasks",
    "/v1/export?format=json": "export-tasks",
    "/v1/export?format=csv": "export-tasks",
    "/v1/account/export": "manage-account",
    "feed": "manage-feeds",
}
FEW = 4  # connections in the pool
ROWS = """
INSERT INTO tasks (id, user_id, title, notes, status, priority, awaits_successor, version, change_seq, created_at,
  updated_at) SELECT uuidv7(), 'alice', 'x', repeat('y', 500), 'open', 0, false, 1, n, now(), now()
FROM generate_series(1, 5000) n
"""


class Client:
    """Asks for a path, takes some pieces of the answer and is gone."""

    def __init__(self, pieces: int) -> None:
        self.left, self.status, self._pieces = asyncio.Event(), 0, pieces
        if not pieces:
            self.left.set()

    async def receive(self) -> Message:
        """Tell that it is gone, once it is."""
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a piece."""
        self.status = message.get("status", self.status)
        if message["type"] == "http.response.body":
            self._pieces -= 1
            if self._pieces <= 0:
                self.left.set()
                await asyncio.Event().wait()  # nobody reads any more


async def ask(ebb: Ebb, path: str, function: str, client: Client) -> None:
    name, _, query = path.partition("?")
    headers = [(b"authorization", f"Bearer {await ebb.token('alice')}".encode())]
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": name, "raw_path": name.encode(), "query_string": query.encode(), "headers": headers,
        "server": ("ebb", 80), "client": ("client", 1), "root_path": "",
    }  # fmt: skip
    await asyncio.wait_for(ebb.functions[function](scope, client.receive, client.send), 20)


async def lent(ebb: Ebb) -> int:
    """Return how many connections are out, once what has been cancelled had its turns."""
    pool = ebb.parts.database._pool
    assert pool is not None
    for _ in range(500):
        stats = pool.get_stats()
        if stats["pool_size"] == stats["pool_available"]:
            break
        await asyncio.sleep(0.01)
    return int(stats["pool_size"] - stats["pool_available"])


@pytest.mark.parametrize("pieces", [0, 1, 2])
@pytest.mark.parametrize("path", PATHS)
async def test_a_client_that_leaves_gives_its_connection_back(migrated_url: str, path: str, pieces: int) -> None:
    ebb = Ebb(migrated_url, DATABASE_POOL_SIZE=str(FEW))
    await ebb.sql("DELETE FROM users")
    await ebb.token("alice")
    await ebb.sql(ROWS)
    made = (await ebb.call("POST", "/v1/feeds", {})).json()["path"]
    for _ in range(2 * FEW):
        client = Client(pieces)
        await ask(ebb, made if path == "feed" else path, PATHS[path], client)
    assert 0 == await lent(ebb)
    assert pieces == 0 or client.status == 200
    assert 200 == (await ebb.call("GET", made, user="")).status_code
    await ebb.close()
