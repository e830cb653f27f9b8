"""Faults of the real parts under load: each part is killed and started again, and every effect is accounted for.

`nox -s bench -- faults [ROUNDS] [PART …]` starts the stack of the integration tests afresh for each part (Kafka, the
two sidecars, the scheduler, and functions that events depend on), kills it ROUNDS times (3) under load with SIGKILL,
starts it again after a second, waits until nothing moves, and prints the account. Exits with 1 when something was
lost or doubled.
"""

import asyncio
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.demo import OWN_LINES
from benchmarks.support.account import Account, account, settled
from benchmarks.support.load import Load, read_lines
from tests.stack.system import System, running

PARTS = ("kafka", "daprd-ebb", "daprd-ebb-bridge", "scheduler", "create_task", "spawn_recurrence", "write_audit")
DOWN = 1.0  # seconds


async def main(rounds: int, parts: tuple[str, ...]) -> int:
    """Run through all parts; return the exit status."""
    wrong = 0
    for part in parts:
        with tempfile.TemporaryDirectory(prefix="ebb-faults-", ignore_cleanup_errors=True) as folder:
            async with running(Path(folder)) as system:
                result, commands, retries = await _under_load(system, part, rounds)
        wrong += not result.balanced
        figures = f"lost {len(result.lost)}, duplicated {len(result.duplicated)}, out of order {result.out_of_order}"
        print(f"  {part} killed {rounds} times: {commands} commands, {retries} repeated; {figures}", flush=True)
        for line in (result.lost + result.duplicated)[:5]:
            print(f"    wrong: {line}")
    return 1 if wrong else 0


async def _under_load(system: System, part: str, rounds: int) -> tuple[Account, int, int]:
    load = Load(system.url, system.token, clients=4, pause=0.1)
    running_load = asyncio.create_task(load.run(read_lines([OWN_LINES])))
    chance = random.Random(part)
    for _ in range(rounds):
        await asyncio.sleep(chance.uniform(1, 3))
        await asyncio.to_thread(system.stack.kill, part)
        await asyncio.sleep(DOWN)
        await asyncio.to_thread(system.stack.restart, part)
    ledger = await running_load
    await settled(system.database_url, patience=180)
    return await account(system.database_url, ledger), ledger.commands, ledger.retries


if __name__ == "__main__":
    chosen = tuple(sys.argv[2:]) or PARTS
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, chosen)))
