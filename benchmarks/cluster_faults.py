"""Faults on a real cluster under load: `nox -s bench -- cluster-faults [ROUNDS] [SCENARIO …]`.

Makes an installation (tests/cluster/installation.py says what that needs) and runs through the scenarios of
benchmarks/support/cluster_scenarios.py, all of them by default, each ROUNDS times (3), as benchmarks/faults.py does on
one machine: one load, an account after each scenario, the same columns. Behind a line stand the answers that clients
got from a proxy while what it leads to was away. How late reminders rang is not judged.
"""

import asyncio
import sys
import time

from benchmarks.support.cluster_load import AT_ONCE, PATIENCE, cluster_load
from benchmarks.support.cluster_scenarios import CUT_NETWORK, Cluster, table
from benchmarks.support.trial import HEADINGS, Outcome, Trial
from tests.cluster.installation import Installation


async def main(rounds: int, chosen: list[str]) -> int:
    """Run the scenarios on an installation of their own; return the exit status."""
    scenarios = table()
    if unknown := set(chosen) - scenarios.keys():
        sys.exit(f"ebb: there is no scenario {', '.join(sorted(unknown))}; there are {', '.join(scenarios)}")
    if "cut-network" not in scenarios:
        print(f"without cut-network: {CUT_NETWORK} is not set")
    installation = Installation.fresh()
    installation.prepare()
    try:
        installation.deploy()
        return await _run(installation, rounds, chosen or list(scenarios))
    finally:
        installation.remove()


async def _run(installation: Installation, rounds: int, names: list[str]) -> int:
    scenarios, failed, began = table(), list[str](), time.monotonic()
    async with cluster_load(installation, installation.token("local")) as load:
        trial = Trial(Cluster(installation), load, at_once=AT_ONCE, patience=PATIENCE)
        print(f"elapsed {HEADINGS}", flush=True)
        for name in names:
            try:
                outcome = await trial.run({name: scenarios[name]}, rounds)
            except (TimeoutError, AssertionError, ExceptionGroup) as error:
                outcome = Outcome(unhealthy=[f"the system did not get well again: {error!r}"])
            minutes, seconds = divmod(int(time.monotonic() - began), 60)
            print(f"{minutes:>4}:{seconds:02} {outcome.line(name)}", flush=True)
            for line in outcome.wrong[:20]:
                print(f"        wrong: {line}", flush=True)
            failed += [name] if outcome.wrong else []
    print(f"failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, sys.argv[2:])))
