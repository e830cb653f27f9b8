"""Faults under load cost the real parts time, never an effect: the scenarios of `nox -s bench -- faults`, briefly."""

import datetime as dt
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.reminders import moved_and_cancelled
from benchmarks.support.alarms import KINDS, now
from benchmarks.support.far_sides import SETTINGS, far_sides
from benchmarks.support.load import Load
from benchmarks.support.scenarios import functions, table
from benchmarks.support.trial import HEADINGS, Trial
from tests.stack.system import System, running

pytestmark = pytest.mark.stack
SCENARIOS = table()
KILLS = {f"kill-{function}" for function in functions()}


def group_of(name: str) -> str:
    """Return the test in which a scenario runs: an account takes longer than most faults, so that some share one."""
    if name in KILLS:
        return "kill-each-function"
    kinds = ("scheduler", "500", "pause-daprd", "disk-full")
    return next((kind for kind in kinds if kind in name), name)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system() -> AsyncIterator[System]:
    """Yield the whole system on the real parts: one for all tests, as it must get well after each."""
    with tempfile.TemporaryDirectory(prefix="ebb-faults-", ignore_cleanup_errors=True) as folder:
        async with far_sides() as far, running(Path(folder), secrets=far.secrets, settings=SETTINGS) as started:
            await far.subscribe(started.url, started.token)
            yield started
            # Once, after all faults: a sender that died is found after its lease only.
            told = await far.account(started.database_url)
            print(f"\ntold: {told}")
            assert [] == told.wrong


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def load(system: System) -> AsyncIterator[Load]:
    """Yield the one load, whose ledger knows every task there is."""
    started = Load(system.url, system.token, clients=3, pause=0.1, reminders=float("inf"), changes=True)
    yield started
    await started.close()


@pytest.fixture(scope="module")
def trial(system: System, load: Load) -> Trial[System]:
    """Return what runs the scenarios under the load."""
    return Trial(system, load)


@pytest.mark.parametrize("group", sorted({group_of(name) for name in SCENARIOS}))
async def test_a_fault_loses_nothing_doubles_nothing_and_the_system_gets_well(group: str, trial: Trial[System]) -> None:
    chosen = {name: scenario for name, scenario in SCENARIOS.items() if group_of(name) == group}
    outcome = await trial.run(chosen, 1, short=True)
    print(f"\n{HEADINGS}\n{outcome.line(group)}")
    assert [] == outcome.wrong


async def test_moved_and_cancelled_reminders_never_fire_at_the_old_time(system: System, load: Load) -> None:
    instants = [now() + dt.timedelta(seconds=9 + n / 20) for n in range(30)]
    alarms = await moved_and_cancelled(system, instants, shift=dt.timedelta(seconds=3))
    load.ledger.created |= {task: {} for task in alarms.tasks.values()}
    assert {kind: [] for kind in KINDS} == alarms.wrong()
    assert 27 == len(alarms.lateness())
