"""Scenarios one after another on one running system, under one load, with an account after each."""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Generic
from uuid import UUID

import psycopg

from benchmarks.demo import OWN_LINES
from benchmarks.support.account import account, settled
from benchmarks.support.load import Load, read_lines
from benchmarks.support.scenario import AnySystem, Scenario

_PATIENCE = 180.0  # seconds until everything has had its effect, or it counts as lost
_BETWEEN = (0.2, 1.2)  # seconds between two rounds
# Seconds of rounds in a row, until what waits gets the time to go through: Dapr tries an event for some 50 seconds, and
# after a kill its scheduler takes some jobs only when etcd has given up the killed one, which takes 20.
_IN_A_ROW = 15.0
_AT_ONCE = 2.0  # seconds within which the events of a healthy system have been through everything
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COLUMNS = ("rounds", "commands", "repeated", "lost", "doubled", "stale", "disorder", "recovery", "settled")
HEADINGS = f"{'scenario':<32}" + "".join(f"{column:>10}" for column in _COLUMNS)
_BEHIND = """
SELECT count(*) FROM outbox o LEFT JOIN audit a ON a.event_id = o.event ->> 'id'
WHERE o.position > %s AND o.position <= %s AND a.event_id IS NULL
"""


@dataclass
class Outcome:
    """What scenarios did. `recovery`: seconds from the end of a fault until the events of until then are through."""

    rounds: int = 0
    commands: int = 0
    repeated: int = 0
    recovery: float = 0.0  # the longest
    settled: float = 0.0  # seconds from the end of the load until nothing moved
    notes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    out_of_order: int = 0
    unhealthy: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """Everything that is wrong, in words."""
        disorder = [f"{self.out_of_order} events out of order"] if self.out_of_order else []
        return self.lost + self.duplicated + self.stale + disorder + self.unhealthy

    def line(self, name: str) -> str:
        """Return one line for a table with HEADINGS."""
        figures = [self.rounds, self.commands, self.repeated, len(self.lost), len(self.duplicated), len(self.stale)]
        figures.append(self.out_of_order)
        row = "".join(f"{figure:>10}" for figure in figures) + f"{self.recovery:>10.1f}{self.settled:>10.1f}"
        return f"{name:<32}{row}  {', '.join(dict.fromkeys(filter(None, self.notes)))}"


class Trial(Generic[AnySystem]):
    """One system, one load, one ledger: what an earlier scenario left wrong is not told again.

    The events of a healthy system have been through everything `at_once` (seconds).
    """

    def __init__(
        self, system: AnySystem, load: Load, *, at_once: float = _AT_ONCE, patience: float = _PATIENCE
    ) -> None:
        self._system, self._load, self._at_once, self._patience = system, load, at_once, patience
        self._chance = random.Random(1)
        lines = read_lines([OWN_LINES])
        self._chance.shuffle(lines)  # in the file those that recur stand together
        self._lines = cycle(lines)
        self._begun: list[tuple[float, str]] = []  # when which scenario began (seconds since 1970)
        self._known: set[str] = set()
        self._out_of_order = 0

    async def run(self, scenarios: Mapping[str, Scenario[AnySystem]], rounds: int, *, short: bool = False) -> Outcome:
        """Run scenarios one after another under load, let everything settle, and account for it."""
        ledger = self._load.ledger
        outcome, commands, retries = Outcome(), ledger.commands, ledger.retries.copy()
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._load.run_until(self._lines, over.is_set))
            first = await self._position()
            for name, scenario in scenarios.items():
                await self._rounds(name, scenario, scenario.rounds(rounds), first, outcome, short=short)
            over.set()
            await self._recovered(first, outcome)
        began = time.perf_counter()
        await settled(self._system.database_url, self._patience)
        outcome.settled = time.perf_counter() - began
        outcome.unhealthy += await self._unhealthy()
        outcome.commands, refused = ledger.commands - commands, ledger.retries - retries
        outcome.repeated = refused.total()
        expected = {answer for scenario in scenarios.values() for answer in scenario.answers}
        outcome.unhealthy += [f"{n} answers {status}" for status, n in refused.items() if status not in expected]
        foreign = [f"{n} times {answer}" for answer, n in ledger.foreign.items()]
        if any(scenario.foreign for scenario in scenarios.values()):
            outcome.notes += foreign
        else:
            outcome.unhealthy += [f"{one}, without Retry-After" for one in foreign]
        ledger.foreign.clear()
        if not refused and any(scenario.felt for scenario in scenarios.values()):
            outcome.unhealthy.append("no command was refused: the fault did not take place")
        await self._account(outcome)
        return outcome

    async def _rounds(
        self, name: str, scenario: Scenario[AnySystem], rounds: int, first: int, outcome: Outcome, *, short: bool
    ) -> None:
        self._begun.append((time.time(), name))
        seconds, calm = scenario.short if short else scenario.seconds, time.perf_counter()
        for _ in range(rounds):
            await asyncio.sleep(self._chance.uniform(*_BETWEEN))
            async with scenario.fault(self._system) as note:
                outcome.notes.append(note)
                await asyncio.sleep(seconds)
                self._ended = time.perf_counter()
            outcome.rounds += 1
            if time.perf_counter() - calm > _IN_A_ROW:
                await self._recovered(first, outcome)
                calm = time.perf_counter()

    async def _recovered(self, first: int, outcome: Outcome) -> None:
        await self._caught_up(first)
        outcome.recovery = max(outcome.recovery, time.perf_counter() - self._ended)

    async def _caught_up(self, first: int) -> None:
        """Return when every event since `first` that waits now is through; raises `TimeoutError`."""
        last = await self._position()
        async with asyncio.timeout(self._patience), self._connection() as connection:
            while (await _number(connection, _BEHIND, first, last)) > 0:
                await asyncio.sleep(0.1)

    async def _position(self) -> int:
        async with self._connection() as connection:
            return await _number(connection, "SELECT coalesce(max(position), 0) FROM outbox")

    async def _unhealthy(self) -> list[str]:
        """Return what is wrong with the system: every part runs and answers, and a command's events leave at once."""
        await asyncio.to_thread(self._system.stack.await_ready)
        seconds = await self._way_of_a_probe()
        # The circuit breaker of a function closes with its first probe after at most eight seconds.
        for _ in range(5):
            if seconds < self._at_once:
                return []
            seconds = await self._way_of_a_probe()
        return [f"the events of a command needed {seconds:.1f} s"]

    async def _way_of_a_probe(self) -> float:
        task = await self._load.probe()
        began = time.perf_counter()
        async with asyncio.timeout(self._patience), self._connection() as connection:
            while (await _number(connection, "SELECT count(*) FROM audit WHERE task_id = %s", task)) < 4:
                await asyncio.sleep(0.02)
        return time.perf_counter() - began

    async def _account(self, outcome: Outcome) -> None:
        ledger = self._load.ledger
        result = await account(self._system.database_url, ledger)
        outcome.lost, outcome.duplicated, outcome.stale = map(self._new, (result.lost, result.duplicated, result.stale))
        outcome.out_of_order = result.out_of_order - self._out_of_order
        outcome.unhealthy += [f"refused: {what}: {why}" for what, why in ledger.refused]
        ledger.refused.clear()
        self._known.update(result.wrong)
        self._out_of_order = result.out_of_order

    def _new(self, wrong: list[str]) -> list[str]:
        """Return what was not known to be wrong, with the scenario during which it came into being."""
        return [f"{one} (made during {self._scenario_of(one)})" for one in wrong if one not in self._known]

    def _scenario_of(self, wrong: str) -> str:
        # Ids are UUIDv7, which begins with the milliseconds since 1970 (RFC 9562, section 5.7).
        made = min((UUID(one).int >> 80 for one in _UUID.findall(wrong)), default=0) / 1000
        return next((name for began, name in reversed(self._begun) if began <= made), "an unknown scenario")

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection]:
        async with await psycopg.AsyncConnection.connect(self._system.database_url, autocommit=True) as connection:
            yield connection


async def _number(connection: psycopg.AsyncConnection, statement: str, *parameters: object) -> int:
    row = await (await connection.execute(statement.encode(), parameters)).fetchone()
    assert row is not None
    return int(row[0])
