"""The way of an event through the real parts: HTTP, outbox, daprd, Kafka, trigger, audit row.

`nox -s bench -- real-parts [SECONDS]` starts the stack of the integration tests with one process per function, then
measures with nothing else going on: commands at 50 a second until their audit row is committed, single publishes
through daprd, and how fast the relay drains 10,000 waiting events.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psycopg

from benchmarks.demo import percentiles
from shared.unit_of_work import new_id
from tests.stack.system import System, running

RATE = 50  # commands per second
WAITING = 10_000
_FILL = """
INSERT INTO outbox (topic, partition_key, event, created_at)
SELECT 'task-events', 'key-' || n %% 500, jsonb_set(event, '{id}', to_jsonb('drain-' || n)), now()
FROM (SELECT event FROM outbox WHERE event ->> 'type' = 'ebb.task.created.v1' LIMIT 1) AS one,
  generate_series(1, %s) AS n
"""
_OUT_OF_ORDER = """
SELECT count(*) FROM (
  SELECT o.position < lag(o.position) OVER (PARTITION BY o.partition_key ORDER BY a.position) AS wrong
  FROM audit a JOIN outbox o ON o.event ->> 'id' = a.event_id) AS pairs WHERE wrong
"""


async def main(seconds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="ebb-real-", ignore_cleanup_errors=True) as folder:
        async with running(Path(folder)) as system:
            await _way(system, 5)  # warm up
            print(f"  HTTP create to audit row, {RATE}/s for {seconds} s", percentiles(await _way(system, seconds)))
            print("  publish through daprd, one at a time", percentiles(await _publish(system)))
            await _drain(system)


async def _way(system: System, seconds: int) -> list[float]:
    """Return the seconds from each request to its audit row, seen from outside every 2 ms."""
    sent: dict[str, float] = {}
    seen: dict[str, float] = {}
    async with (
        httpx.AsyncClient(base_url=system.url, trust_env=False, timeout=30) as http,
        asyncio.TaskGroup() as group,
    ):
        watching = group.create_task(_watch(system, seen, RATE * seconds))
        begin = time.perf_counter()
        for number in range(RATE * seconds):
            await asyncio.sleep(max(0.0, begin + number / RATE - time.perf_counter()))
            group.create_task(_create(http, system.token, sent))
        await watching
    return [seen[task] - sent[task] for task in sent]


async def _create(http: httpx.AsyncClient, token: str, sent: dict[str, float]) -> None:
    began = time.perf_counter()
    answer = await http.post("/v1/tasks", json={"title": "way"}, headers={"authorization": f"Bearer {token}"})
    sent[answer.raise_for_status().json()["id"]] = began


async def _watch(system: System, seen: dict[str, float], count: int) -> None:
    async with await psycopg.AsyncConnection.connect(system.database_url, autocommit=True) as connection:
        row = await (await connection.execute("SELECT coalesce(max(position), 0) FROM audit")).fetchone()
        start = row[0] if row else 0
        while len(seen) < count:
            # Positions may become visible out of order, so the window stays open behind the newest.
            cursor = await connection.execute("SELECT task_id::text FROM audit WHERE position > %s", (start,))
            now = time.perf_counter()
            for (task,) in await cursor.fetchall():
                seen.setdefault(task, now)
            await asyncio.sleep(0.002)


async def _publish(system: System) -> list[float]:
    path = "/v1.0/publish/pubsub/nobody?metadata.rawPayload=true&metadata.partitionKey=k"
    path += "&metadata.content-type=application%2Fcloudevents%2Bjson"
    taken = []
    async with httpx.AsyncClient(base_url=system.dapr_url, trust_env=False) as http:
        for _ in range(300):
            # To a topic that nobody reads: only the publish is measured.
            event = {"specversion": "1.0", "id": str(new_id()), "type": "none", "source": "/bench", "data": {}}
            began = time.perf_counter()
            (
                await http.post(path, json=event, headers={"content-type": "application/cloudevents+json"})
            ).raise_for_status()
            taken.append(time.perf_counter() - began)
    return taken


async def _drain(system: System) -> None:
    tick = {"specversion": "1.0", "id": str(new_id()), "type": "dev.knative.sources.ping", "source": "/bench"}
    async with (
        await psycopg.AsyncConnection.connect(system.database_url, autocommit=True) as connection,
        httpx.AsyncClient(trust_env=False, timeout=60) as http,
    ):
        await connection.execute(_FILL, (WAITING,))
        began = time.perf_counter()
        headers = {"content-type": "application/cloudevents+json"}
        (await http.post(system.functions["relay-outbox"], json=tick, headers=headers)).raise_for_status()
        taken = time.perf_counter() - began
        print(f"  relay drains {WAITING} waiting events: {WAITING / taken:.0f} per second")
        while (row := await (await connection.execute(
            "SELECT count(*) FROM audit WHERE event_id LIKE 'drain-%'"
        )).fetchone()) and row[0] < WAITING:  # fmt: skip
            await asyncio.sleep(0.1)
        print(f"  and all of them are in the audit log after {time.perf_counter() - began:.1f} s")
        row = await (await connection.execute(_OUT_OF_ORDER)).fetchone()
        print(f"  out of order: {row[0] if row else '?'}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
