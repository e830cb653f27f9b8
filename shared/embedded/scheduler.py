"""Dapr's scheduler: keeps jobs in PostgreSQL and calls `POST /job/<name>` of one app when they are due.

As Dapr does: any 2xx and a 404 end a job; everything else is a failure, and the failure policy decides.
"""

import asyncio
from datetime import datetime, timedelta

import psycopg
import structlog
from starlette.types import ASGIApp

from shared.clock import Clock
from shared.embedded.asgi import post
from shared.embedded.jobs import read_job
from shared.embedded.store import Job, Store

_AT_ONCE = 500  # calls: fire-reminder answers seconds later, at the instant of the reminder
_AWAY = timedelta(seconds=1)  # until PostgreSQL is asked again
_log = structlog.get_logger()


class Scheduler:
    """Rings one function. `host` is what the function sees as its own name."""

    def __init__(self, store: Store, app: ASGIApp, clock: Clock, host: str = "fire-reminder") -> None:
        self._store, self._app, self._clock, self._host = store, app, clock, host
        self._changed = asyncio.Event()
        self._running: dict[int, asyncio.Task[None]] = {}

    async def set(self, name: str, body: bytes) -> bool:
        """Store a job, durable on return; False when the name is taken. One that is overdue rings at once.

        `body` is that of Dapr's jobs API; raises `WrongJob` and `psycopg.OperationalError`.
        """
        job, overwrite = read_job(name, body, self._clock.now())
        stored = await self._store.set_job(job, overwrite)
        self._changed.set()
        return stored

    async def get(self, name: str) -> str | None:
        """Return the JSON the job was set with."""
        return await self._store.job(name)

    async def cancel(self, name: str) -> None:
        """Forget a job; a missing one is fine. A call under way is not broken off."""
        await self._store.cancel_job(name)
        self._changed.set()

    async def run(self) -> None:
        """Ring until cancelled; calls under way are finished first."""
        try:
            while True:
                self._changed.clear()
                await self._wait(await self._ring_due())
        finally:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _ring_due(self) -> datetime | None:
        """Start what is due and return when to look again; None is when something changes."""
        free = _AT_ONCE - len(self._running)
        if free <= 0:
            return None
        try:
            jobs = await self._store.next_jobs(self._running, free)
        except psycopg.OperationalError as error:
            _log.warning("database_away", error=str(error))
            return self._clock.now() + _AWAY
        for job in jobs:
            if job.due_at > self._clock.now():
                return job.due_at
            task = asyncio.create_task(self._ring(job))
            self._running[job.revision] = task
        # A full page of due jobs: the next one is read when a call has ended.
        return None

    async def _wait(self, until: datetime | None) -> None:
        waits: list[asyncio.Task[object]] = [asyncio.create_task(self._changed.wait())]
        if until is not None:
            waits.append(asyncio.create_task(self._clock.wait_until(until)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _ring(self, job: Job) -> None:
        try:
            answer = await post(self._app, self._host, f"/job/{job.name}", "application/json", job.data.encode())
            await self._settle(job, answer.status)
        except psycopg.OperationalError as error:
            # Nothing was written: the job is still there and rings again.
            _log.warning("database_away", job=job.name, error=str(error))
            await self._clock.wait_until(self._clock.now() + _AWAY)
        finally:
            del self._running[job.revision]
            self._changed.set()

    async def _settle(self, job: Job, status: int) -> None:
        if 200 <= status < 300:
            await self._store.finish_job(job)
        elif status == 404:
            _log.error("job_not_found", job=job.name, why="Dapr takes a 404 for an answer and drops the job")
            await self._store.finish_job(job)
        elif job.max_retries is not None and job.attempts >= job.max_retries:
            _log.error("job_dropped", job=job.name, status=status, attempts=job.attempts + 1)
            await self._store.finish_job(job)
        else:
            _log.warning("job_failed", job=job.name, status=status)
            await self._store.retry_job(job, self._next(job))

    def _next(self, job: Job) -> datetime:
        """Return the time of the next attempt.

        Dapr counts from the time the job was due, so an overdue job uses up a limit of retries at once. Without
        a limit this counts from now: the outcome is the same, and a failing function is not called in a tight loop.
        """
        start = self._clock.now() if job.max_retries is None else job.due_at
        return start + timedelta(seconds=job.interval_seconds)
