"""The interface on a hundred thousand tasks of one user among a million, beside its limit and a yardstick.

`nox -s bench -- api [--tasks 100000] [--rounds 200] [--seconds 10]` fills a fresh database (nine other users have as
many tasks each), measures each operation of one worker, the same statements by pgbench, and a FastAPI and SQLModel
twin, in the same run, and prints the plans of the queries.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.demo import percentiles
from benchmarks.support import limit
from benchmarks.support.api_parts import app
from benchmarks.support.filling import COMMON, RARE, fill
from benchmarks.support.function import Function
from benchmarks.support.statements import PAGE, cursor_of, plans, statements
from benchmarks.support.wire import Wire, latencies, rate
from shared.embedded import postgres
from shared.migrate import upgrade

CLIENTS = 8
TWIN = """
CREATE TABLE twin_tasks (id uuid PRIMARY KEY, user_id text NOT NULL, title text NOT NULL, notes text NOT NULL,
  status text NOT NULL, priority int NOT NULL, due_at timestamptz, created_at timestamptz NOT NULL,
  completed_at timestamptz);
INSERT INTO twin_tasks SELECT id, user_id, title, notes, status, priority, due_at, created_at, completed_at FROM tasks;
CREATE INDEX ON twin_tasks (user_id);
CREATE INDEX ON twin_tasks (created_at);
ANALYZE twin_tasks
"""
Call = Callable[[Wire, int], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table: how it is asked for here and there, and its statements."""

    name: str
    function: str
    ours: Call
    twins: Call
    script: str
    throughput: bool = False


async def operations(url: str, tasks: int) -> list[Operation]:
    """Return what is measured."""
    deep = max(2, min(500, tasks // PAGE // 2))
    cursor = await cursor_of(url, deep)
    offset = (deep - 1) * PAGE
    with psycopg.connect(url) as connection:
        ids = [str(i) for (i,) in connection.execute("SELECT id FROM bench_ids ORDER BY n LIMIT 20000").fetchall()]
    queries = {
        "list, page 1": {}, f"list, page {deep}": {"cursor": [cursor]}, "search, common": {"q": [COMMON]},
        "search, rare": {"q": [RARE]}, "search, two words": {"q": ["invoice contract"]},
        "open by due": {"status": ["open"], "sort": ["due"]},
    }  # fmt: skip
    texts = {name: await statements(url, given) for name, given in queries.items()}
    plans(url, texts)
    scripts = {name: ";\n".join(parts) + ";\n" for name, parts in texts.items()}
    # What reads comes first: thousands of new tasks are another list than the one that is asked for.
    get_one, create, complete = _on_one_task(ids)
    common = f"/v1/tasks?q={COMMON}"
    return [
        get_one,
        *(
            Operation(name, "query_tasks", _getting(ours), _getting(theirs), scripts[name])
            for name, ours, theirs in (
                ("list, page 1", "/v1/tasks", "/v1/tasks"),
                (f"list, page {deep}", f"/v1/tasks?cursor={cursor}", f"/v1/tasks?offset={offset}"),
                ("search, common", common, common),
                ("search, rare", f"/v1/tasks?q={RARE}", f"/v1/tasks?q={RARE}"),
                ("search, two words", "/v1/tasks?q=invoice+contract", "/v1/tasks?q=invoice"),
                ("open by due", "/v1/tasks?status=open&sort=due", "/v1/tasks"),
            )
        ),
        create,
        complete,
        # And once more behind all that was created, none of which has the word.
        Operation("search, common, late", "query_tasks", _getting(common), _getting(common), scripts["search, common"]),
    ]


def _getting(path: str) -> Call:
    return lambda wire, _: wire.call("GET", path)


def _on_one_task(ids: list[str]) -> list[Operation]:
    """Return what both interfaces are asked in the same words."""
    calls: dict[str, Call] = {
        "get": lambda wire, n: wire.call("GET", f"/v1/tasks/{ids[n * 7 % len(ids)]}"),
        "create": lambda wire, n: wire.call("POST", "/v1/tasks", {"title": f"buy lamp {n}", "notes": ""}),
        "complete": lambda wire, n: wire.call("POST", f"/v1/tasks/{ids[n * 7]}/complete"),
    }
    functions = {"create": "create_task", "get": "query_tasks", "complete": "complete_task"}
    scripts = {"create": limit.CREATE, "get": limit.GET, "complete": limit.COMPLETE}
    return [
        Operation(name, functions[name], call, call, scripts[name], throughput=name == "create")
        for name, call in calls.items()
    ]


async def measured(url: str, token: str, call: Call, rounds: int, seconds: float) -> tuple[str, float]:
    """Return percentiles of one client, and the rate of several where seconds are given."""
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(Wire(url, token)) for _ in range(CLIENTS)]
        shown = percentiles(await latencies(partial(call, wires[0]), rounds))
        return shown, await rate([partial(call, wire) for wire in wires], seconds) if seconds else 0.0


def run(url: str, token: str, options: argparse.Namespace) -> None:
    """Measure each operation on all three and print the table."""
    found = asyncio.run(operations(url, options.tasks))
    print(f"\n{'p50 / p95 of one client':<24}{'Ebb':>22}{'twin':>22}{'pgbench':>22}")
    with app("benchmarks.support.api_parts:sink", url) as sidecar, app("benchmarks.support.twin:app", url) as twin:
        for one in found:
            seconds = options.seconds if one.throughput else 0.0
            with Function(one.function, url, sidecar) as served:
                here, our_rate = asyncio.run(measured(served.url, token, one.ours, options.rounds, seconds))
            there, twin_rate = asyncio.run(measured(twin, token, one.twins, options.rounds, seconds))
            best = limit.measure(url, one.script, options.tasks)
            print(f"{one.name:<24}{here:>22}{there:>22}{percentiles(best.seconds):>22}", flush=True)
            if one.throughput:
                most = limit.measure(url, one.script, options.tasks, clients=CLIENTS, duration=int(seconds)).rate
                name = f"  per second, {CLIENTS} clients"
                print(f"{name:<24}{our_rate:>22.0f}{twin_rate:>22.0f}{most:>22.0f}")
                print(f"  {our_rate / twin_rate:.1f} times the twin, {our_rate / most:.2f} of pgbench", flush=True)


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- api", description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000, help="of each of the ten users")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement with several clients")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ebb-api-", ignore_cleanup_errors=True) as directory:
        url = postgres.start(Path(directory))
        try:
            upgrade(url)
            token = fill(url, options.tasks)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(limit.NUMBER.encode())
                connection.execute(TWIN.encode())
                connection.execute("CHECKPOINT")
            run(url, token, options)
        finally:
            postgres.stop(Path(directory))


if __name__ == "__main__":
    main()
