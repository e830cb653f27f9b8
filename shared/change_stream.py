"""Server-sent events (HTML Living Standard, section 9.2): the changes of a user as they are committed.

A stream reads when it is woken, and with each comment at the latest. It holds no connection while it waits, and reads
the next batch only when the reader has taken the one before. Where the database is away it waits for the next comment.
It ends by itself after `STREAM_SECONDS`, when the token is no longer valid, or when the process stops; the client's
EventSource comes back with the token of the last change it got.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from shared import log
from shared.change_signal import audience
from shared.changes import Batch, last_number, read_changes
from shared.errors import BackendAway, HistoryGone, ScopeMissing, Unauthenticated
from shared.runtime import Runtime

HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",  # nginx would collect events until its buffer is full
}
PAUSE = dt.timedelta(seconds=15)  # between two comments
COMMENT = b":\n\n"
_AWAY = (BackendAway, OperationalError, PoolTimeout)


class ChangeStream:
    """One stream, from the batch `first` on. `check` raises when the caller's token is no longer valid."""

    def __init__(self, parts: Runtime, user_id: str, first: Batch, check: Callable[[], Awaitable[object]]) -> None:
        self._parts, self._user_id, self._check = parts, user_id, check
        self._batch: Batch | None = first
        self._position, self._more = first.before, False
        now = parts.clock.now()
        self._ends_at = now + dt.timedelta(seconds=parts.settings.stream_seconds)
        self._comment_at = now + PAUSE

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the events and comments until the stream ends."""
        with self._parts.change_signal.following(self._user_id) as wake:
            yield f"retry: {_retry(self._user_id)}\n\n".encode()
            while True:
                for event in self._events():
                    yield event
                told = self._more or await self._rest(wake)
                if self._ended():
                    return
                if self._parts.clock.now() >= self._comment_at:
                    if not await self._allowed():
                        return
                    self._comment_at = self._parts.clock.now() + PAUSE
                    yield COMMENT
                wake.clear()
                if not await self._read(told):
                    return

    def _events(self) -> Iterator[bytes]:
        """Yield the events of the batch that was read, let go of it, and move on behind it."""
        batch, self._batch, self._more = self._batch, None, False
        if batch is None:
            return
        last = batch.before
        for change in batch.changes:
            last = batch.before.at(change.seq)
            yield f"id: {last}\ndata: {change.model_dump_json()}\n\n".encode()
        if last != batch.after:
            # No event, but the client's place moves on, behind what is there no more.
            yield f"id: {batch.after}\n\n".encode()
        self._position, self._more = batch.after, batch.more

    async def _rest(self, wake: asyncio.Event) -> bool:
        """Wait until there may be something to do; return whether it is a change."""
        timer = asyncio.create_task(self._parts.clock.wait_until(min(self._comment_at, self._ends_at)))
        timer.add_done_callback(lambda done: None if done.cancelled() else wake.set())
        try:
            await wake.wait()
            return not timer.done()
        finally:
            timer.cancel()

    def _ended(self) -> bool:
        return self._parts.change_signal.ended or self._parts.clock.now() >= self._ends_at

    async def _allowed(self) -> bool:
        try:
            await self._check()
        except (Unauthenticated, ScopeMissing):
            return False
        except _AWAY:
            log.bind(problem=BackendAway.slug)
        return True

    async def _read(self, told: bool) -> bool:
        """Read the next batch; False where the reader was so slow that its place is gone.

        Who was not `told` of a change asks for the user's number first: a thousand streams look four times a minute.
        """
        database = self._parts.database
        try:
            if told or await last_number(database, self._user_id) != self._position.seq:
                self._batch = await read_changes(database, self._user_id, self._position)
        except HistoryGone:
            return False
        except _AWAY:
            log.bind(problem=BackendAway.slug)
        return True


def _retry(user_id: str) -> int:
    """Return after how many milliseconds a client comes back: not all of them at once when a process has stopped."""
    return 500 + int(audience(user_id)[:4], 16) % 1500
