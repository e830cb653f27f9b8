"""Faults of the real parts under load: what goes wrong costs time, never an effect.

`nox -s bench -- faults [ROUNDS] [SCENARIO …]` starts the stack of the integration tests and runs through the scenarios
of benchmarks/support/scenarios.py, all of them by default, each ROUNDS times (10; a fifth of that for each function
that answers 500) under one load that never ends: commands, recurring tasks, reminders that are set, moved and
cancelled. After each scenario everything settles and is accounted for. Exits with 1 when something was lost, doubled
or out of order, when a reminder fired at an old time, or when the system was not well afterwards. At the end it
compares what was to be told by mail and webhook with what reached a mail server and a receiver.

`recovery` is the longest time (seconds) from the end of a fault until the events of until then had been through
everything, `settled` the time from the end of the load until no reminder was due any more either.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.support.far_sides import SETTINGS, far_sides
from benchmarks.support.load import Load
from benchmarks.support.scenario import Scenario
from benchmarks.support.scenarios import table
from benchmarks.support.trial import HEADINGS, Outcome, Trial
from tests.stack.system import System, running

Scenarios = Iterator[tuple[str, Scenario[System]]]


async def main(rounds: int, chosen: list[str]) -> int:
    """Run the scenarios; return the exit status."""
    scenarios = table()
    if unknown := set(chosen) - scenarios.keys():
        sys.exit(f"ebb: there is no scenario {', '.join(sorted(unknown))}; there are {', '.join(scenarios)}")
    names = chosen or list(scenarios)
    waiting, failed, began = iter([(name, scenarios[name]) for name in names]), list[str](), time.monotonic()
    while await _one_system(waiting, rounds, failed, began):
        pass
    minutes = (time.monotonic() - began) / 60
    print(f"{len(names)} scenarios in {minutes:.0f} minutes; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


async def _one_system(waiting: Scenarios, rounds: int, failed: list[str], began: float) -> bool:
    """Run scenarios on a fresh system until there are no more, or one has broken it: then True."""
    with tempfile.TemporaryDirectory(prefix="ebb-faults-", ignore_cleanup_errors=True) as folder:
        async with (
            far_sides() as far,
            running(Path(folder), secrets=far.secrets, settings=SETTINGS) as system,
        ):
            await far.subscribe(system.url, system.token)
            load = Load(system.url, system.token, clients=2, pause=0.1, reminders=float("inf"), changes=True)
            trial = Trial(system, load)
            print(f"elapsed {HEADINGS}")
            for name, scenario in waiting:
                outcome, broken = await _run(trial, {name: scenario}, rounds)
                minutes, seconds = divmod(int(time.monotonic() - began), 60)
                print(f"{minutes:>4}:{seconds:02} {outcome.line(name)}", flush=True)
                for line in outcome.wrong[:20]:
                    print(f"        wrong: {line}")
                failed += [name] if outcome.wrong else []
                if broken:
                    return True
            await load.close()
            told = await far.account(system.database_url)
            print(f"told: {told}")
            for line in told.wrong[:20]:
                print(f"        wrong: {line}")
            failed += ["notifications"] if told.wrong else []
    return False


async def _run(trial: Trial[System], scenario: dict[str, Scenario[System]], rounds: int) -> tuple[Outcome, bool]:
    try:
        return await trial.run(scenario, rounds), False
    except (TimeoutError, RuntimeError, ExceptionGroup) as error:
        return Outcome(unhealthy=[f"the system did not get well again: {error!r}"]), True


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10, sys.argv[2:])))
