"""The whole system on the real parts: one process per function, as in production."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import httpx

from benchmarks.support.load import LIMITS
from benchmarks.support.server import free_port
from shared.bootstrap import FUNCTIONS
from shared.clock import SystemClock
from shared.embedded import manifests
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

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class System:
    """Where it can be reached."""

    url: str
    token: str
    database_url: str
    dapr_url: str
    functions: dict[str, str]  # name -> URL
    remotes: dict[str, Remote]  # the same, as the gateway, the ingress and the sidecar reach them
    stack: Stack


@asynccontextmanager
async def running(
    folder: Path,
    port: int = 0,
    *,
    secrets: Mapping[str, Mapping[str, str]] | None = None,
    settings: Mapping[str, str] | None = None,
    retries: Mapping[str, object] | None = None,
) -> AsyncIterator[System]:
    """Start everything in `folder`, reachable at `port` (0 takes a free one), and end it.

    A folder that was used before goes on where it was. `secrets` are those of Dapr's components, `settings` go to every
    function, `retries` change the retry policies of dapr/resiliency.yaml. Raises `SettingError` and `PartFailed`.
    """
    folder = folder.resolve()
    wiring = manifests.load(FUNCTIONS.parent)
    async with AsyncExitStack() as exits:
        # First of all: a port that is taken is told before anything starts. Jobs too go through a gateway, as in a
        # cluster.
        ingress, gateway, jobs = Listener(0), Listener(port), Listener(0)
        for listener in (ingress, gateway, jobs):
            exits.callback(listener.close)
        stack = Stack(await _finished(build), folder, secrets, retries)
        exits.push_async_callback(_finished, stack.__exit__, None, None, None)
        await _finished(stack.__enter__)
        database_url = await _finished(stack.start_postgres)
        await _finished(upgrade, database_url)
        dapr_port = free_port()
        dapr_url = f"http://127.0.0.1:{dapr_port}"
        # One user does here what many do elsewhere.
        unlimited = {"RATE_LIMIT_PER_SECOND": "0"}
        parts = {"DATABASE_URL": database_url, "DAPR_HTTP_ENDPOINT": dapr_url}
        environment = {**parts, **unlimited, **(settings or {})}
        ports = await _functions(stack, environment | {"DATABASE_POOL_SIZE": "4"})
        http = await exits.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30, limits=LIMITS))
        urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        apps = {name: Remote(http, url) for name, url in urls.items()}
        await exits.enter_async_context(ingress.serving(Ingress(wiring.triggers, apps)))
        await exits.enter_async_context(gateway.serving(Router(wiring.routes, apps)))
        await exits.enter_async_context(jobs.serving(apps["fire-reminder"]))
        await _finished(stack.start_daprd, "ebb", jobs.port, dapr_port)
        await _finished(stack.start_daprd, "ebb-bridge", ingress.port)
        ticks = asyncio.create_task(Ticks(wiring.ticks, apps, SystemClock()).run())
        exits.push_async_callback(_cancelled, ticks)
        token = await _token(environment, folder)
        yield System(gateway.url, token, database_url, dapr_url, urls, apps, stack)


async def _finished(function: Callable[Arguments, Result], *given: Arguments.args, **named: Arguments.kwargs) -> Result:
    """Run it in a thread, to its end even when cancelled meanwhile: what it has started must be known to be ended."""
    call = asyncio.create_task(asyncio.to_thread(function, *given, **named))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        await asyncio.wait({call})
        raise


async def _functions(stack: Stack, settings: dict[str, str]) -> dict[str, int]:
    targets = sorted(path.parent.name for path in FUNCTIONS.glob("*/main.py"))
    ports = {target: stack.start_function(target, settings) for target in targets}
    for target, port in ports.items():
        await _finished(stack.wait_for, target, port)
    return {target.replace("_", "-"): port for target, port in ports.items()}


async def _token(settings: dict[str, str], folder: Path) -> str:
    parts = Runtime(Settings.from_environment(settings))
    await prepare_local_user(parts, folder / "token", None)
    await parts.close()
    return (folder / "token").read_text().strip()


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
