"""Faults under load on a cluster: the scenarios of `nox -s bench -- cluster-faults`, one round of each."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from benchmarks.support.cluster_load import AT_ONCE, PATIENCE, cluster_load
from benchmarks.support.cluster_scenarios import PARTS, Cluster, table
from benchmarks.support.load import Load
from benchmarks.support.trial import HEADINGS, Trial
from deploy.functions import names
from tests.cluster.installation import ROOT, Installation

pytestmark = pytest.mark.cluster
SCENARIOS = table()


def group_of(name: str) -> str:
    """Return the test in which a scenario runs: an account takes longer than most faults, so that some share one."""
    return "kill-each-function" if name.removeprefix("kill-") in names(ROOT) else name


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def load(installation: Installation, token: str) -> AsyncIterator[Load]:
    """Yield the one load, whose ledger knows every task there is."""
    async with cluster_load(installation, token) as started:
        yield started


@pytest.fixture(scope="module")
def trial(installation: Installation, load: Load) -> Trial[Cluster]:
    """Return what runs the scenarios under the load."""
    return Trial(Cluster(installation), load, at_once=AT_ONCE, patience=PATIENCE)


@pytest.mark.parametrize("group", sorted({group_of(name) for name in SCENARIOS}))
async def test_a_fault_loses_nothing_doubles_nothing_and_the_system_gets_well(
    group: str, trial: Trial[Cluster]
) -> None:
    chosen = {name: scenario for name, scenario in SCENARIOS.items() if group_of(name) == group}
    outcome = await trial.run(chosen, 1, short=True)
    print(f"\n{HEADINGS}\n{outcome.line(group)}")
    assert [] == outcome.wrong


def test_every_function_and_every_part_is_killed() -> None:
    assert {f"kill-{name}" for name in (*names(ROOT), *PARTS)} <= SCENARIOS.keys()
