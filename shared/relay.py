"""The relay: publishes what commands left in the outbox, in order, whatever happens in between.

One relay publishes at a time in the whole installation (an advisory lock, held for the transaction of a batch), so the
order of the outbox is the order in Kafka. Those who wait for the lock find their events gone with the batch before:
under load, batches grow by themselves. A crash after publishing and before the mark publishes again; consumers know
each event by its id.
"""

import asyncio

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import PoolTimeout

from shared.clock import Clock
from shared.dapr import Dapr, Entry
from shared.database import Database
from shared.errors import BackendAway

_log = structlog.get_logger()
BATCH = 500
LOCK = 6_222_002  # any constant nobody else uses

_WAITING = """
SELECT position, topic, partition_key, event FROM outbox
WHERE published_at IS NULL ORDER BY position LIMIT %s
"""


class Relay:
    """Publishes in the background after each commit (`wake`) and on demand (`drain`)."""

    def __init__(self, database: Database, dapr: Dapr, clock: Clock) -> None:
        self._database, self._dapr, self._clock = database, dapr, clock
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Publish soon, without keeping the caller waiting. Call it after a commit."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="relay")
            self._task.add_done_callback(_tell)

    async def drain(self) -> int:
        """Publish everything that waits; return how many. Raises `BackendAway`, losing nothing."""
        total = 0
        while published := await self._publish_batch():
            total += published
            if published < BATCH:
                break
        return total

    async def close(self, patience: float) -> None:
        """Let the running publish finish within `patience` seconds; what is left waits in the outbox."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=patience)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)  # it gives its connection back

    async def _run(self) -> None:
        while self._wanted:
            self._wanted = False
            try:
                await self.drain()
            except (BackendAway, OperationalError, PoolTimeout) as error:
                _log.warning("publishing waits", reason=str(error), retry_in=self._dapr.publishing.retry_after)
                self._wanted = True
                await asyncio.sleep(self._dapr.publishing.retry_after)

    async def _publish_batch(self) -> int:
        if self._dapr.publishing.is_open:
            raise BackendAway("publishing is away (circuit open)")
        async with self._database.connection() as connection, connection.transaction():
            # A relay that froze must not hold the lock for ever.
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '20s'")
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            rows = await (await connection.execute(_WAITING, (BATCH,))).fetchall()
            done = [position for topic in _topics(rows) for position in await self._publish(topic, rows)]
            await self._mark(connection, done)
        if len(done) < len(rows):
            raise BackendAway(f"{len(rows) - len(done)} of {len(rows)} events were not accepted")
        return len(rows)

    async def _publish(self, topic: str, rows: list[tuple[int, str, str, dict[str, object]]]) -> list[int]:
        entries = [Entry(position, key, event) for position, its_topic, key, event in rows if its_topic == topic]
        failed = await self._dapr.publish(topic, entries)
        # What follows a failed event of the same key goes out again after it: order before economy.
        held: set[str] = set()
        done = []
        for entry in entries:
            if entry.position in failed:
                held.add(entry.partition_key)
            elif entry.partition_key not in held:
                done.append(entry.position)
        return done

    async def _mark(self, connection: AsyncConnection, positions: list[int]) -> None:
        if positions:
            await connection.execute(
                "UPDATE outbox SET published_at = %s WHERE position = ANY(%s)", (self._clock.now(), positions)
            )


def _tell(task: asyncio.Task[None]) -> None:
    """Log what ended the relay unexpectedly: its events go out after the next commit or tick."""
    if not task.cancelled() and (error := task.exception()):
        _log.error("relay ended", exc_info=error)


def _topics(rows: list[tuple[int, str, str, dict[str, object]]]) -> list[str]:
    return list(dict.fromkeys(row[1] for row in rows))
