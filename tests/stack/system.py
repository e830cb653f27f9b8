"""The whole system on the real parts: one process per function, as in production."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.support.server import free_port
from shared.bootstrap import FUNCTIONS
from shared.clock import SystemClock
from shared.embedded import manifests, postgres
from shared.embedded.listener import Listener
from shared.embedded.local_user import prepare_local_user
from shared.embedded.routes import Router
from shared.embedded.ticks import Ticks
from shared.migrate import upgrade
from shared.runtime import Runtime
from shared.settings import Settings
from tests.stack.build import build
from tests.stack.cluster import Ingress, Remote
from tests.stack.processes import Stack


@dataclass(frozen=True, slots=True)
class System:
    """Where it can be reached."""

    url: str
    token: str
    database_url: str
    dapr_url: str
    functions: dict[str, str]  # name -> URL
    stack: Stack


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[System]:
    """Start everything in `folder`, and end it."""
    binaries = await asyncio.to_thread(build)
    database_url = await asyncio.to_thread(postgres.start, folder)
    await asyncio.to_thread(upgrade, database_url)
    wiring = manifests.load(FUNCTIONS.parent)
    async with AsyncExitStack() as exits:
        stack = Stack(binaries, folder)
        await asyncio.to_thread(stack.__enter__)
        exits.push_async_callback(asyncio.to_thread, stack.__exit__, None, None, None)
        dapr_port = free_port()
        settings = {"DATABASE_URL": database_url, "DAPR_HTTP_ENDPOINT": f"http://127.0.0.1:{dapr_port}"}
        ports = await _functions(stack, settings | {"DATABASE_POOL_SIZE": "4"})
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        http = await exits.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30, limits=limits))
        urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        apps = {name: Remote(http, url) for name, url in urls.items()}
        ingress, gateway = Listener(0), Listener(0)
        await exits.enter_async_context(ingress.serving(Ingress(wiring.triggers, urls, http)))
        await exits.enter_async_context(gateway.serving(Router(wiring.routes, apps)))
        await asyncio.to_thread(stack.start_daprd, "ebb", ports["fire-reminder"], dapr_port)
        await asyncio.to_thread(stack.start_daprd, "ebb-bridge", int(ingress.url.rpartition(":")[2]))
        ticks = asyncio.create_task(Ticks(wiring.ticks, apps, SystemClock()).run())
        exits.push_async_callback(_cancelled, ticks)
        token = await _token(settings, folder)
        yield System(gateway.url, token, database_url, settings["DAPR_HTTP_ENDPOINT"], urls, stack)


async def _functions(stack: Stack, settings: dict[str, str]) -> dict[str, int]:
    targets = sorted(path.parent.name for path in FUNCTIONS.glob("*/main.py"))
    ports = {target: stack.start_function(target, settings) for target in targets}
    for target, port in ports.items():
        await asyncio.to_thread(stack.wait_for, target, port)
    return {target.replace("_", "-"): port for target, port in ports.items()}


async def _token(settings: dict[str, str], folder: Path) -> str:
    parts = Runtime(Settings.from_environment(settings))
    await prepare_local_user(parts, folder / "token", None)
    await parts.close()
    return (folder / "token").read_text().strip()


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
