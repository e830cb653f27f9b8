"""What an audit entry costs, with the chain of hashes and without it: `nox -s bench -- audit`.

In a PostgreSQL of its own, events as commands emit them are appended one after another, and by several at a time for
many users and for one. Then the same with the tables as they were before the chain.
"""

import asyncio
import datetime as dt
import tempfile
import time
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from psycopg import AsyncConnection
from pydantic import JsonValue

from benchmarks.demo import percentiles
from shared.audit import append
from shared.embedded import postgres
from shared.envelope import Event
from shared.events import TaskCreated
from shared.migrate import config, upgrade
from shared.payload import Change
from shared.unit_of_work import new_id

ENTRIES = 4_000
AT_ONCE = 4  # as many as the topics have partitions
CHAIN = "0007"  # the migration that brought it
DUE: JsonValue = {"date": "2026-12-31", "time": "09:00:00", "time_zone": "Europe/Berlin", "at": "2026-12-31T08:00:00Z"}
SERIES: JsonValue = {
    "id": str(new_id()),
    "rule": "FREQ=MONTHLY;BYMONTHDAY=-1",
    "mode": "scheduled",
    "text": "every month",
}


def main() -> None:
    """Measure both and print them."""
    with tempfile.TemporaryDirectory(prefix="ebb-") as folder:
        url = postgres.start(Path(folder))
        try:
            upgrade(url)
            asyncio.run(_measure(url, "with the chain"))
            command.downgrade(config(url), _before(url))
            asyncio.run(_measure(url, "without"))
        finally:
            postgres.stop(Path(folder))


def _before(url: str) -> str:
    return str(ScriptDirectory.from_config(config(url)).get_revision(CHAIN).down_revision)


async def _measure(url: str, name: str) -> None:
    for users, at_once in ((200, 1), (200, AT_ONCE), (1, AT_ONCE)):
        began = time.perf_counter()
        each = await asyncio.gather(*(_append(url, users, ENTRIES // at_once, n) for n in range(at_once)))
        rate = ENTRIES / (time.perf_counter() - began)
        figures = percentiles([seconds for one in each for seconds in one])
        print(f"  {name}, {at_once} at once, {users} users: {figures}, {rate:,.0f}/s", flush=True)


async def _append(url: str, users: int, count: int, number: int) -> list[float]:
    taken = []
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        for n in range(count):
            event = _event(f"user {(n * AT_ONCE + number) % users}")
            began = time.perf_counter()
            await append(connection, event, event.time)
            taken.append(time.perf_counter() - began)
    return taken


def _event(user: str) -> Event:
    after: dict[str, JsonValue] = {
        "title": "Pay rent",
        "priority": "high",
        "tags": ["home"],
        "due": DUE,
        "series": SERIES,
    }
    changes = {name: Change(before=None, after=value) for name, value in after.items()}
    payload = TaskCreated(user_id=user, actor=user, task_id=new_id(), version=1, changes=changes)
    return Event(str(new_id()), "/ebb/create-task", dt.datetime.now(dt.UTC), payload, "")


if __name__ == "__main__":
    main()
