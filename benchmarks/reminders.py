"""Reminders by the real scheduler: how late they are, moved and cancelled ones, and a scheduler that is gone.

`nox -s bench -- reminders [COUNT]` starts the stack of the integration tests, sets COUNT (2,000) reminders that come
due within one minute, moves a tenth of them later, a tenth earlier, cancels a tenth (removed, its task completed, or
its task deleted), and prints how late they fired and whether any fired at its old time. Then it kills the scheduler,
lets 50 more come due, and starts it again: sweep must have fired all of them, and the scheduler none a second time.
"""

import asyncio
import datetime as dt
import sys
import tempfile
from pathlib import Path

from benchmarks.demo import percentiles
from benchmarks.support.alarms import KINDS, Alarms, now
from tests.stack.system import System, running

AHEAD = dt.timedelta(seconds=90)  # until the first one is due: time to set and change them all
SHIFT = dt.timedelta(seconds=10)
# What becomes of each of ten.
CHANGES = ("later", "earlier", "cancelled", "", "", "", "", "", "", "")


async def main(count: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="ebb-reminders-", ignore_cleanup_errors=True) as folder:
        async with running(Path(folder)) as system:
            print(f"  setting {count} reminders that come due within one minute, and changing some …", flush=True)
            begin = now() + AHEAD
            instants = [begin + dt.timedelta(seconds=60 * n / count) for n in range(count)]
            _print(f"{count} within one minute", await moved_and_cancelled(system, instants, SHIFT))
            print("  killing the scheduler; 50 reminders come due while it is gone …", flush=True)
            soon = now() + dt.timedelta(seconds=20)
            async with Alarms(system) as gone:
                await gone.add([soon + dt.timedelta(seconds=n / 10) for n in range(50)])
                await asyncio.to_thread(system.stack.kill, "scheduler")
                await gone.rung()
                await asyncio.to_thread(system.stack.restart, "scheduler")
                await asyncio.sleep(20)  # long enough for every overdue job to come again
                await gone.rung()
            _print("50 without a scheduler, and 20 s after its return", gone)


async def moved_and_cancelled(system: System, instants: list[dt.datetime], shift: dt.timedelta) -> Alarms:
    """Set a reminder for each instant, change three of ten, and wait until none can ring any more at any time."""
    async with Alarms(system) as alarms:
        await alarms.add(instants)
        ways = 0
        for number, reminder in enumerate(list(alarms.wishes)):
            match CHANGES[number % len(CHANGES)]:
                case "later":
                    await alarms.move(reminder, shift)
                case "earlier":
                    await alarms.move(reminder, -shift)
                case "cancelled":
                    ways += 1
                    await alarms.cancel(reminder, ways)
        await alarms.rung()
        await asyncio.sleep(max(0.0, (max(instants) + shift - now()).total_seconds()) + 1)
        await alarms.rung()
    return alarms


def _print(what: str, alarms: Alarms) -> None:
    wrong, late = alarms.wrong(), alarms.lateness()
    print(f"  {what}: " + ", ".join(f"{kind} {len(wrong[kind])}" for kind in KINDS))
    for line in [line for kind in KINDS for line in wrong[kind]][:10]:
        print(f"    wrong: {line}")
    slowest = max(late, default=0) * 1000
    print(f"    {len(late)} fired, lateness p50 / p99 {percentiles(late, 50, 99)}, max {slowest:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
