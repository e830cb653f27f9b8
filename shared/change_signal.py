"""Who waits for changes of which user, and how they hear of them: PostgreSQL's LISTEN and NOTIFY.

One connection for each process listens for all of its streams. It is a hint and no more: what it does not bring,
because it was lost, or because a pooler in transaction mode (PgBouncer, many managed PostgreSQLs) lets nobody listen,
a stream finds by itself when it looks with its next comment.
"""

import asyncio
import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import Any

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import PoolTimeout

from shared.clock import Clock
from shared.database import Database
from shared.settings import Settings
from shared.soon import Soon

NOTIFY = "SELECT pg_notify('ebb_changes', audience) FROM unnest(%s::text[]) audience"
LISTEN = "LISTEN ebb_changes"
_PAUSE = dt.timedelta(seconds=2)  # before a lost connection is made again
# A firewall that forgets idle connections is found out about within a minute.
_ALIVE: dict[str, Any] = {
    "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "connect_timeout": 5,
}  # fmt: skip
_log = structlog.get_logger()


def audience(user_id: str) -> str:
    """Return what stands for a user in a notification: of bounded length, and no id for others that listen."""
    return hashlib.sha256(user_id.encode()).hexdigest()


class ChangeNotices:
    """Wakes the streams of all processes, in the background after commits: one statement for all that changed.

    In the transaction of a command it would make all of them wait for each other (docs/decisions/0008). What is lost
    costs a stream seconds.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed: set[str] = set()
        self.soon = Soon("change notices", self._notify)

    def tell(self, user_id: str) -> None:
        """Wake the streams of a user."""
        self._changed.add(audience(user_id))
        self.soon.ask()

    async def _notify(self) -> None:
        changed, self._changed = [*self._changed], set()
        with suppress(OperationalError, PoolTimeout):
            async with self._database.statements() as connection:
                await connection.execute(NOTIFY, (changed,))


class ChangeSignal:
    """Wakes the streams of this process. The connection is opened for the first of them."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._url, self._clock = settings.database_url, clock
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self.ended = False

    @contextmanager
    def following(self, user_id: str) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever there may be changes of a user, and when streams shall end."""
        self._listen()
        wake, key = asyncio.Event(), audience(user_id)
        self._waiting[key].add(wake)
        try:
            yield wake
        finally:
            self._waiting[key].discard(wake)
            if not self._waiting[key]:
                del self._waiting[key]

    def end(self) -> None:
        """Let every stream end: the process stops."""
        self.ended = True
        self._wake(*self._waiting)

    async def close(self) -> None:
        """Give the connection back."""
        self.end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _listen(self) -> None:
        if self._task is None or self._task.done():
            # In a context of its own: it listens for everybody, not for the request that came first.
            self._task = asyncio.create_task(self._run(), name="change signal", context=Context())

    async def _run(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True, **_ALIVE) as connection:
                    await connection.execute(LISTEN)
                    # What was committed before nobody has told us of.
                    self._wake(*self._waiting)
                    async for told in connection.notifies():
                        self._wake(told.payload)
            except OperationalError as error:
                _log.warning("listening for changes waits", reason=str(error))
            await self._clock.wait_until(self._clock.now() + _PAUSE)

    def _wake(self, *keys: str) -> None:
        for key in keys:
            for wake in self._waiting.get(key, ()):
                wake.set()
