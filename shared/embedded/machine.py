"""Puts the whole system together in one process: database, functions, routes, and the stand-in for Dapr and Kafka.

The functions reach the stand-in over HTTP on a port of its own, as they would reach a real sidecar; only its address
differs. Every start goes on where the last run was stopped or killed: all state is in PostgreSQL.
"""

import asyncio
import fcntl
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType

import structlog
from psycopg_pool import AsyncConnectionPool
from starlette.routing import Route

from shared import log, runtime, telemetry
from shared.bootstrap import FUNCTIONS, function_app
from shared.edge import Edge
from shared.embedded import manifests, postgres
from shared.embedded.bindings import connect
from shared.embedded.broker import Broker
from shared.embedded.listener import Listener
from shared.embedded.local_secrets import LocalSecrets
from shared.embedded.local_settings import local_settings
from shared.embedded.local_user import prepare_local_user
from shared.embedded.output_api import OutputApi, outgoing_client
from shared.embedded.routes import Router
from shared.embedded.scheduler import Scheduler
from shared.embedded.sidecar import Sidecar
from shared.embedded.store import Store
from shared.embedded.ticks import Ticks
from shared.embedded.wiring import Manifests
from shared.errors import SettingError
from shared.migrate import upgrade
from shared.runtime import Runtime

ROOT = FUNCTIONS.parent
SERVICE = "ebb-local"  # all functions in one process: `faas.name` of a span tells which one it is of


def progress(text: str) -> None:
    """Tell the person at the terminal what is going on."""
    print(f"ebb: {text}", flush=True)


class OneAtATime:
    """Holds a data directory: a second server on the same one would deliver events twice and out of order."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self._lock = (data_dir / "lock").open("w")

    def __enter__(self) -> None:
        """Take the lock; the kernel gives it back when the process is killed."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingError("another server runs on this --data-dir; stop it or choose another") from None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Give the lock back."""
        self._lock.close()


class Machine:
    """Everything in one process, for one data directory."""

    def __init__(self, data_dir: Path, port: int, dapr_port: int, time_zone: str | None) -> None:
        self._data_dir, self._port, self._dapr_port, self._time_zone = data_dir, port, dapr_port, time_zone

    async def run(self, environment: Mapping[str, str]) -> None:
        """Serve until SIGTERM or SIGINT. Raises `SettingError` when it cannot start."""
        log.configure(environment.get("LOG_LEVEL", "info"), log.open_file(self._data_dir / "ebb.log"))
        wiring = manifests.load(ROOT)
        database_url = self._database(environment)
        async with AsyncExitStack() as stack:
            sidecar = Listener(self._dapr_port)
            stack.callback(sidecar.close)
            public = Listener(self._port)
            stack.callback(public.close)
            settings = local_settings(environment, self._data_dir, database_url, sidecar.url, public.url)
            telemetry.configure(settings, SERVICE)
            stack.callback(telemetry.close)
            parts = Runtime(settings)
            runtime.use(parts)
            apps = _functions(parts)
            pool = await stack.enter_async_context(
                AsyncConnectionPool(database_url, min_size=2, max_size=12, timeout=5, open=False)
            )
            store = Store(pool)
            await store.prepare()
            broker = Broker(store, wiring, apps, parts.clock)
            scheduler = Scheduler(store, apps["fire-reminder"], parts.clock)
            ticks = Ticks(wiring.ticks, apps, parts.clock)
            await prepare_local_user(parts, self._data_dir / "token", self._time_zone)
            outputs = await self._outputs(stack, wiring, parts, environment)
            # Left in reverse order: requests end first, then the loops, and the sidecar stays for their last words.
            await stack.enter_async_context(
                sidecar.serving(Sidecar(broker, scheduler, wiring.pubsubs, settings.dapr_api_token, outputs))
            )
            await stack.enter_async_context(_looping(broker, scheduler, ticks))
            stack.push_async_callback(parts.close)
            await stack.enter_async_context(public.serving(Router(wiring.routes, apps)))
            stack.callback(parts.change_signal.end)
            progress(f"token in {self._data_dir / 'token'}, log in {self._data_dir / 'ebb.log'}")
            print(f"ready {public.url}", flush=True)
            await _told_to_stop()
            progress("stopping: finishing what has begun")

    async def _outputs(
        self, stack: AsyncExitStack, wiring: Manifests, parts: Runtime, environment: Mapping[str, str]
    ) -> list[Route]:
        """Return the sidecar's routes for bindings and invocations."""
        http = await stack.enter_async_context(outgoing_client())
        secrets = LocalSecrets(environment, self._data_dir / "secrets.json")
        outputs = connect(wiring.bindings, secrets, self._data_dir / "outbox", http, parts.clock, progress)
        return OutputApi(outputs, http).routes()

    def _database(self, environment: Mapping[str, str]) -> str:
        database_url = environment.get("DATABASE_URL")
        if database_url:
            progress("database: DATABASE_URL is set, using it")
        else:
            new = not (self._data_dir / "postgres").exists()
            progress(f"database: {'making a' if new else 'starting the'} PostgreSQL in {self._data_dir}")
            database_url = postgres.start(self._data_dir)
        progress("migrations: bringing the database to the newest one")
        upgrade(database_url)
        return database_url


def _functions(parts: Runtime) -> dict[str, Edge]:
    targets = sorted(main.parent.name for main in FUNCTIONS.glob("*/main.py"))
    return {target.replace("_", "-"): function_app(target, parts) for target in targets}


@asynccontextmanager
async def _looping(*loops: Broker | Scheduler | Ticks) -> AsyncIterator[None]:
    """Run the loops; one that dies takes the process with it, to be started again from what is stored."""
    tasks = [asyncio.create_task(loop.run(), name=type(loop).__name__) for loop in loops]
    for task in tasks:
        task.add_done_callback(_end_with)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _end_with(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        progress(f"{task.get_name()} failed: {error!r}; stopping. The log has the details")
        structlog.get_logger().error("loop failed", loop=task.get_name(), exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
