"""The deliveries of one trigger: in order per partition key, several keys at once, at least once.

The table is the queue and memory a window on it. A key has one worker at a time; while its first event waits
to be tried again, nothing more of that key is read, so it holds back nobody else.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import psycopg
import structlog
from starlette.types import ASGIApp

from shared.clock import Clock
from shared.embedded.asgi import Answer, post
from shared.embedded.records import CLOUDEVENTS_JSON
from shared.embedded.store import Delivery, Store
from shared.embedded.wiring import Trigger

_AT_ONCE = 8  # keys, as eight partitions would allow
_WINDOW = 256  # deliveries read at a time
_AWAY = timedelta(seconds=1)  # until PostgreSQL is asked again
_RETRIED = frozenset({404, 408, 409, 429})
_Result = TypeVar("_Result")
Bury = Callable[[Trigger, Delivery, Answer], Awaitable[None]]
_log = structlog.get_logger()


class Lane:
    """Delivers to one function until cancelled, finishing what it has begun; `bury` makes a delivery a dead letter."""

    def __init__(self, store: Store, trigger: Trigger, app: ASGIApp, clock: Clock, bury: Bury) -> None:
        self._store, self._trigger, self._app, self._clock, self._bury = store, trigger, app, clock, bury
        self._queues: dict[str, deque[Delivery]] = {}
        self._held: set[str] = set()
        self._known: set[int] = set()
        self._delivered: list[int] = []
        self._workers: set[asyncio.Task[None]] = set()
        self._pausing: set[asyncio.Task[None] | None] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._wake = asyncio.Event()
        self._crash: BaseException | None = None
        self._more = self._stopping = False

    def notify(self) -> None:
        """Say that there are new deliveries in the table."""
        self._more = True
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled, starting with what an earlier run left."""
        self.notify()
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._insist(self._turn)
                if self._crash is not None:
                    raise self._crash
        finally:
            await self._stop()

    async def _turn(self) -> None:
        """Remove what was delivered, read what is new."""
        await self._flush()
        waiting = sum(len(queue) for key, queue in self._queues.items() if key not in self._held)
        if not self._more or waiting > _WINDOW:
            return
        self._more = False
        rows = await self._store.waiting(self._trigger.name, self._known, self._held, _WINDOW)
        self._more = self._more or len(rows) == _WINDOW
        for row in rows:
            self._enqueue(row)
        if self._more:
            self._wake.set()

    def _enqueue(self, delivery: Delivery) -> None:
        # Without a key an event is in nobody's order: a key of its own, which no other event can have.
        key = f"\0{delivery.id}" if delivery.partition_key is None else delivery.partition_key
        self._known.add(delivery.id)
        if key in self._queues:
            self._queues[key].append(delivery)
            return
        self._queues[key] = deque([delivery])
        worker = asyncio.create_task(self._work(key))
        self._workers.add(worker)
        worker.add_done_callback(self._ended)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and worker.exception() is not None:
            self._crash = worker.exception()
        self._wake.set()

    async def _work(self, key: str) -> None:
        queue = self._queues[key]
        while queue and not self._stopping:
            await self._settle(key, queue[0])
            queue.popleft()
            self._wake.set()
        del self._queues[key]

    async def _settle(self, key: str, delivery: Delivery) -> None:
        """Try until the event is delivered or is a dead letter."""
        attempts, at = delivery.attempts, delivery.next_attempt_at
        while True:
            if at is not None:
                self._held.add(key)
                await self._pause(partial(self._clock.wait_until, at))
            answer = await self._attempt(delivery)
            if (reason := _refusal(answer)) is None:
                self._delivered.append(delivery.id)
                if answer.body:
                    _log.warning("reply_dropped", trigger=self._trigger.name, why="a Broker would route it")
                break
            attempts += 1
            if self._gives_up(answer, attempts):
                await self._insist(partial(self._bury, self._trigger, delivery, answer))
                self._known.discard(delivery.id)
                _log.error("dead_letter", trigger=self._trigger.name, delivery=delivery.id, reason=reason)
                break
            at = self._clock.now() + self._trigger.retry.after(min(attempts, self._trigger.retry.limit))
            _log.warning("delivery_failed", trigger=self._trigger.name, delivery=delivery.id, reason=reason)
            await self._insist(partial(self._store.postpone, delivery.id, attempts, at))
        if key in self._held:
            self._held.discard(key)
            self._more = True

    async def _attempt(self, delivery: Delivery) -> Answer:
        await self._pause(self._slots.acquire)
        try:
            return await post(self._app, self._trigger.function, "/", CLOUDEVENTS_JSON, delivery.event.encode())
        finally:
            self._slots.release()

    def _gives_up(self, answer: Answer, attempts: int) -> bool:
        if self._trigger.dead_letters is None:
            return False
        return not _may_retry(answer) or attempts > self._trigger.retry.limit

    async def _flush(self) -> None:
        if done := list(self._delivered):
            await self._store.delivered(done)
            del self._delivered[: len(done)]
            self._known.difference_update(done)

    async def _insist(self, action: Callable[[], Awaitable[_Result]]) -> _Result:
        """Do it, however long PostgreSQL is away."""
        while True:
            try:
                return await action()
            except psycopg.OperationalError as error:
                _log.warning("database_away", trigger=self._trigger.name, error=str(error))
                self._more = True
                await self._pause(partial(self._clock.wait_until, self._clock.now() + _AWAY))

    async def _pause(self, wait: Callable[[], Awaitable[object]]) -> None:
        """Wait in a way that `_stop` may break off; between pauses a worker is left to finish."""
        if self._stopping:
            raise asyncio.CancelledError
        me = asyncio.current_task()
        self._pausing.add(me)
        try:
            await wait()
        finally:
            self._pausing.discard(me)

    async def _stop(self) -> None:
        self._stopping = True
        for worker in self._workers & self._pausing:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        try:
            await self._flush()
        except psycopg.OperationalError as error:
            # They will come once more; every function must be able to take that.
            _log.warning("database_away", trigger=self._trigger.name, error=str(error))


def _refusal(answer: Answer) -> str | None:
    """Say why an answer is no success: an answer with a body succeeds only when the body is a CloudEvent."""
    if not 200 <= answer.status < 300:
        return f"status {answer.status}"
    if answer.body and not _is_event(answer):
        return "a body that is no CloudEvent"
    return None


def _may_retry(answer: Answer) -> bool:
    return answer.status >= 500 or answer.status in _RETRIED


def _is_event(answer: Answer) -> bool:
    return answer.headers.get("content-type", "").startswith(CLOUDEVENTS_JSON) or "ce-id" in answer.headers
