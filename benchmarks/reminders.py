"""Reminders by the real scheduler: how late they are, and what happens when the scheduler is gone.

`nox -s bench -- reminders [COUNT]` starts the stack of the integration tests, sets COUNT (2,000) reminders that come
due within one minute, and prints their lateness. Then it kills the scheduler, lets 50 more come due, and starts it
again: sweep must have fired all of them, and the scheduler none a second time.
"""

import asyncio
import datetime as dt
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks.demo import percentiles
from tests.stack.system import System, running

AHEAD = dt.timedelta(seconds=75)  # until the first one is due: time to set them all
FIRED = """
SELECT changes ->> 'reminder_id',
  extract(epoch FROM (changes ->> 'fired_at')::timestamptz - (changes ->> 'fire_at')::timestamptz)::float
FROM audit WHERE type = 'ebb.reminder.fired.v1'
"""


async def main(count: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="ebb-reminders-", ignore_cleanup_errors=True) as folder:
        async with running(Path(folder)) as system:
            print(f"  setting {count} reminders that come due within one minute …", flush=True)
            begin = dt.datetime.now(dt.UTC) + AHEAD
            wanted = await _set(system, [begin + dt.timedelta(seconds=60 * n / count) for n in range(count)])
            fired = await _fired(system, wanted)
            _print(f"{count} within one minute", wanted, fired)
            print("  killing the scheduler; 50 reminders come due while it is gone …", flush=True)
            soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=20)
            gone = await _set(system, [soon + dt.timedelta(seconds=n / 10) for n in range(50)])
            await asyncio.to_thread(system.stack.kill, "scheduler")
            await _fired(system, gone)
            await asyncio.to_thread(system.stack.restart, "scheduler")
            await asyncio.sleep(20)  # long enough for every overdue job to come again
            _print("50 without a scheduler, and 20 s after its return", gone, await _fired(system, gone))


async def _set(system: System, instants: list[dt.datetime]) -> set[str]:
    """Create a task with a reminder for each instant; return the ids of the reminders."""
    ids: set[str] = set()
    waiting = iter(instants)
    headers = {"authorization": f"Bearer {system.token}"}
    async with httpx.AsyncClient(base_url=system.url, trust_env=False, timeout=30, headers=headers) as http:

        async def work() -> None:
            for at in waiting:
                body = {"title": "ring", "reminders": [{"at": at.isoformat()}]}
                answer = await http.post("/v1/tasks", json=body)
                ids.add(answer.raise_for_status().json()["reminders"][0]["id"])

        await asyncio.gather(*(work() for _ in range(4)))
    return ids


async def _fired(system: System, wanted: set[str]) -> list[tuple[str, float]]:
    """Wait until all have fired, at most three minutes; return id and lateness (seconds) of every firing."""
    async with await psycopg.AsyncConnection.connect(system.database_url, autocommit=True) as connection:
        for _ in range(900):
            rows: list[Any] = await (await connection.execute(FIRED)).fetchall()
            if wanted <= {row[0] for row in rows}:
                return rows
            await asyncio.sleep(0.2)
    return rows


def _print(what: str, wanted: set[str], fired: list[tuple[str, float]]) -> None:
    times = Counter(reminder for reminder, _ in fired if reminder in wanted)
    lateness = [late for reminder, late in fired if reminder in wanted]
    print(f"  {what}: lost {len(wanted - times.keys())}, fired twice {sum(n > 1 for n in times.values())}")
    print(f"    lateness p50 / p99 {percentiles(lateness, 50, 99)}, max {max(lateness, default=0) * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
