"""What is done to the running system, and how it is undone: the table of all scenarios, by name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.support.disk import full_disk, refusing_trigger
from benchmarks.support.poison import poisoned
from benchmarks.support.scenario import Fault, Scenario
from shared.bootstrap import FUNCTIONS
from tests.stack.system import System

PARTS = ("kafka", "daprd-ebb", "daprd-ebb-bridge", "scheduler", "postgres")
AT_ONCE = (
    ("kafka", "postgres"),
    ("daprd-ebb", "daprd-ebb-bridge"),
    ("daprd-ebb", "scheduler"),
    ("create_task", "relay_outbox"),
    ("fire_reminder", "daprd-ebb"),
    ("write_audit", "spawn_recurrence"),
    ("postgres", "fire_reminder"),
    ("postgres", "send_notification"),
)
PAUSES = {"kafka": 30.0, "daprd-ebb": 5.0, "daprd-ebb-bridge": 5.0}
ANSWERING_500 = (
    "create_task", "fire_reminder", "schedule_reminder", "send_notification", "spawn_recurrence", "write_audit",
)  # fmt: skip


def functions() -> list[str]:
    """Return the names of all functions there are, as the stack calls them."""
    return sorted(path.parent.name for path in FUNCTIONS.glob("*/main.py"))


def table() -> dict[str, Scenario[System]]:
    """Return all scenarios; every function in functions/ is killed in one of them."""
    share = 1 / len(ANSWERING_500)
    return {
        "nothing": Scenario(_nothing),
        **{f"kill-{part}": Scenario(_killed(part)) for part in PARTS},
        **{f"kill-{function}": Scenario(_killed(function)) for function in functions()},
        **{f"kill-{'+'.join(pair)}": Scenario(_killed(*pair)) for pair in AT_ONCE},
        **{f"pause-{part}": Scenario(_paused(part), seconds, seconds / 5) for part, seconds in PAUSES.items()},
        **{f"500-{one}": Scenario(_answering_500(one), 20.0, 3.0, share, answers=(500,)) for one in ANSWERING_500},
        "poison": Scenario(poisoned),
        "disk-full": Scenario(full_disk, 10.0, 2.0, felt=True),
        "disk-full-simulated": Scenario(refusing_trigger, 10.0, 2.0, felt=True),
    }


@asynccontextmanager
async def _nothing(_system: System) -> AsyncIterator[str]:
    yield ""


def _killed(*names: str) -> Fault[System]:
    @asynccontextmanager
    async def fault(system: System) -> AsyncIterator[str]:
        await asyncio.gather(*(asyncio.to_thread(system.stack.kill, name) for name in names))
        try:
            yield ""
        finally:
            await asyncio.gather(*(asyncio.to_thread(system.stack.restart, name) for name in names))

    return fault


def _paused(name: str) -> Fault[System]:
    @asynccontextmanager
    async def fault(system: System) -> AsyncIterator[str]:
        system.stack.pause(name)
        try:
            yield ""
        finally:
            system.stack.resume(name)

    return fault


def _answering_500(name: str) -> Fault[System]:
    @asynccontextmanager
    async def fault(system: System) -> AsyncIterator[str]:
        system.remotes[name.replace("_", "-")].broken = True
        try:
            yield ""
        finally:
            system.remotes[name.replace("_", "-")].broken = False

    return fault
