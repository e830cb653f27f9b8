"""On the real Kafka and daprd: poison is kept and holds up nobody; what was refused has its effect after a replay."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio

from tests.stack.system import System, running

pytestmark = pytest.mark.stack

PATH = "/v1/admin/dead-letters"
# Two seconds in place of two minutes until a dead letter.
QUICK = {"maxRetries": 3, "maxInterval": "500ms"}
JSON_EVENT = "application/cloudevents+json"
POISON: dict[str, bytes] = {
    "no JSON": b"\xff\x00 garbage",
    "no object": b"[1]",
    "null": b"null",
    "empty": b"",
    "no event": b'{"a": 1}',
    "no known type": b'{"specversion": "1.0", "id": "p1", "source": "/x", "type": "ebb.task.exploded.v1", "data": {}}',
    "no schema": b'{"specversion": "1.0", "id": "p2", "source": "/x", "type": "ebb.task.created.v1", "data": {}}',
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system() -> AsyncIterator[System]:
    """Yield the whole system on the real parts."""
    with tempfile.TemporaryDirectory(prefix="ebb-dead-", ignore_cleanup_errors=True) as folder:
        async with running(Path(folder), retries=QUICK) as started:
            yield started


@pytest_asyncio.fixture
async def http(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the local user, who is its administrator."""
    headers = {"authorization": f"Bearer {system.token}"}
    async with httpx.AsyncClient(base_url=system.url, headers=headers, trust_env=False, timeout=30) as client:
        yield client


async def eventually(look: Callable[[], Awaitable[Any]]) -> Any:
    """Return what `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + 60
    while not (found := await look()):
        assert time.monotonic() < deadline, "waited 60 s in vain"
        await asyncio.sleep(0.1)
    return found


async def publish(system: System, record: bytes, key: str, **metadata: str) -> None:
    """Publish bytes as a record of its own, straight through daprd."""
    params = {"metadata.rawPayload": "true", "metadata.content-type": JSON_EVENT, "metadata.partitionKey": key}
    params |= metadata
    async with httpx.AsyncClient(base_url=system.dapr_url, trust_env=False) as client:
        path = "/v1.0/publish/pubsub/task-events"
        answer = await client.post(path, params=params, content=record, headers={"content-type": JSON_EVENT})
    assert 204 == answer.status_code, answer.text


async def sql(system: System, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(system.database_url, autocommit=True) as connection:
        await connection.execute(statement.encode())


async def waiting(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await http.get(PATH, params={"state": "waiting", "limit": 200})
    return list(answer.raise_for_status().json()["dead_letters"])


async def entries(http: httpx.AsyncClient, task: str) -> list[str]:
    """Return the types in the audit log of a task."""
    answer = await http.get("/v1/audit", params={"task": task})
    return [entry["type"] for entry in answer.raise_for_status().json()["entries"]]


async def bodies(system: System) -> set[bytes]:
    async with await psycopg.AsyncConnection.connect(system.database_url) as connection:
        rows = await (await connection.execute("SELECT body FROM dead_letters")).fetchall()
    return {bytes(body) for (body,) in rows}


@pytest.mark.parametrize("name", POISON)
async def test_poison_is_kept_and_what_follows_under_its_key_flows(
    system: System, http: httpx.AsyncClient, name: str
) -> None:
    task = (await http.post("/v1/tasks", json={"title": "a"})).json()["id"]
    await publish(system, POISON[name], task)
    await http.post(f"/v1/tasks/{task}/complete")

    async def kept() -> bool:
        return POISON[name] in await bodies(system)

    async def flowed() -> bool:
        return "ebb.task.completed.v1" in await entries(http, task)

    await eventually(kept)
    await eventually(flowed)
    assert any("from the topic task-events" in letter["reason"] for letter in await waiting(http))


async def test_a_key_and_a_header_that_http_cannot_spell_hold_up_nothing(
    system: System, http: httpx.AsyncClient
) -> None:
    records = {f"odd {number}".encode() for number in range(12)}  # of one key, so that each would wait for those before
    for record in sorted(records):
        await publish(system, record, "a\nb", **{"metadata.bad name": "a\nb", "metadata.x-good": "\x01"})

    async def kept() -> bool:
        return records <= await bodies(system)

    await eventually(kept)


async def test_an_event_refused_too_long_has_its_effect_once_after_the_replay(
    system: System, http: httpx.AsyncClient
) -> None:
    await sql(system, "ALTER TABLE audit RENAME TO audit_away")
    try:
        task = (await http.post("/v1/tasks", json={"title": "a"})).json()["id"]

        async def letter() -> list[str]:
            found = [one for one in await waiting(http) if one["event"] and one["event"].get("subject") == task]
            return [one["id"] for one in found]

        (dead,) = await eventually(letter)
    finally:
        await sql(system, "ALTER TABLE audit_away RENAME TO audit")
    assert [] == await entries(http, task)
    assert {"replayed": 1, "kept": 0} == (await http.post(f"{PATH}/{dead}/replay")).json()
    await eventually(lambda: entries(http, task))
    assert {"replayed": 0, "kept": 0} == (await http.post(f"{PATH}/{dead}/replay")).json()
    await http.post(f"/v1/tasks/{task}/complete")

    async def flowed() -> bool:
        return 2 <= len(await entries(http, task))

    await eventually(flowed)
    assert ["ebb.task.completed.v1", "ebb.task.created.v1"] == await entries(http, task)
    assert [] == await letter()
