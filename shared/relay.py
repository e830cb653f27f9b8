"""The relay: publishes what commands left in the outbox, in order, whatever happens in between.

One relay publishes at a time in the whole installation (an advisory lock, held for the transaction of a batch). A batch
holds one event of each key at most, because what is sent together may arrive in part, or in another order where the
client of Kafka had to try again: an event leaves when the one before it has arrived. Those who wait for the lock find
their events gone with the batch before: under load, batches grow by themselves. A crash after publishing and before the
mark publishes again; consumers know each event by its id.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg.rows import class_row
from psycopg_pool import PoolTimeout

from shared import metrics, telemetry, trace
from shared.clock import Clock
from shared.dapr import Dapr, Entry
from shared.database import Database
from shared.errors import BackendAway
from shared.soon import Soon

_log = structlog.get_logger()
BATCH = 500
# Half of what a sidecar takes in one request (4 MiB, `--max-body-size`): one event, alone if need be, is far below.
BATCH_BYTES = 2 * 1024 * 1024
LOCK = 6_222_002  # any constant nobody else uses

# The oldest of each key, as many as fit, but one at least. `waiting` counts also those that are not chosen.
_WAITING = """
WITH oldest AS (
  SELECT * FROM outbox WHERE published_at IS NULL AND partition_key <> ALL(%s) ORDER BY position LIMIT %s
), first AS (SELECT DISTINCT ON (topic, partition_key) * FROM oldest ORDER BY topic, partition_key, position),
measured AS (
  SELECT *, octet_length(event::text) AS size, sum(octet_length(event::text)) OVER (ORDER BY position) AS until_here
  FROM first)
SELECT position, topic, partition_key, event, created_at, (SELECT count(*) FROM oldest) AS waiting FROM measured
WHERE until_here <= %s OR until_here = size ORDER BY position
"""
_BACKLOG = """
SELECT count(*), (SELECT created_at FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT 1)
FROM outbox WHERE published_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class _Row:
    position: int
    topic: str
    partition_key: str
    event: dict[str, Any]
    created_at: dt.datetime
    waiting: int  # how many the batch was chosen from


class Relay:
    """Publishes in the background, asked after each commit (`soon`), and on demand (`drain`)."""

    def __init__(self, database: Database, dapr: Dapr, clock: Clock) -> None:
        self._database, self._dapr, self._clock = database, dapr, clock
        self.soon = Soon("relay", self._try)

    async def drain(self) -> int:
        """Publish everything that waits; return how many. Raises `BackendAway`, losing nothing.

        An event that is not accepted holds back what follows it under its key, and nothing else.
        """
        total, more = 0, True
        held: set[str] = set()
        while more:
            published, more = await self._publish_batch(held)
            total += published
        if held:
            raise BackendAway(f"events of {len(held)} keys were not accepted")
        return total

    async def backlog(self) -> tuple[int, float]:
        """Return how many events wait and the age of the oldest in seconds."""
        async with self._database.statements() as connection:
            waiting, oldest = await (await connection.execute(_BACKLOG)).fetchone() or (0, None)
        return waiting, self._tell_backlog(waiting, oldest)

    async def _try(self) -> float | None:
        try:
            await self.drain()
        except (BackendAway, OperationalError, PoolTimeout) as error:
            _log.warning("publishing waits", reason=str(error), retry_in=self._dapr.publishing.retry_after)
            return self._dapr.publishing.retry_after
        return None

    async def _publish_batch(self, held: set[str]) -> tuple[int, bool]:
        """Publish the oldest events; return how many, and whether there are more. Keys that fail join `held`."""
        if self._dapr.publishing.is_open:
            raise BackendAway("publishing is away (circuit open)")
        async with self._database.connection() as connection, connection.transaction():
            # A relay that froze must not hold the lock for ever.
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '20s'")
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            cursor = connection.cursor(row_factory=class_row(_Row))
            rows = await (await cursor.execute(_WAITING, (list(held), BATCH, BATCH_BYTES))).fetchall()
            waiting = rows[0].waiting if rows else 0
            self._tell_backlog(waiting, rows[0].created_at if rows else None)
            failed = {position for topic in _topics(rows) for position in await self._publish(topic, rows)}
            await self._mark(connection, [row.position for row in rows if row.position not in failed])
        held.update(row.partition_key for row in rows if row.position in failed)
        more = len(rows) < waiting or waiting == BATCH
        if not (more or held):
            self._tell_backlog(0, None)
        return len(rows) - len(failed), more

    async def _publish(self, topic: str, rows: list[_Row]) -> set[int]:
        """Publish the rows of a topic; return the positions of those that were not accepted."""
        its_rows = [row for row in rows if row.topic == topic]
        entries = [Entry(row.position, row.partition_key, row.event) for row in its_rows]
        attributes: telemetry.Attributes = {
            "messaging.system": "cloudevents",
            "messaging.operation.type": "send",
            "messaging.destination.name": topic,
            "messaging.batch.message_count": len(entries),
        }
        # A batch belongs to as many traces as it has events, so it is linked to them and a child of none.
        links = filter(trace.valid, (row.event.get("traceparent", "") for row in its_rows))
        with telemetry.span(f"send {topic}", telemetry.Kind.PRODUCER, attributes, links):
            failed = await self._dapr.publish(topic, entries)
        for row in its_rows:
            if row.position not in failed:
                telemetry.record(metrics.EVENTS_PUBLISHED, 1, row.event.get("type", ""))
        return failed

    def _tell_backlog(self, waiting: int, oldest: dt.datetime | None) -> float:
        lag = (self._clock.now() - oldest).total_seconds() if oldest else 0.0
        telemetry.record(metrics.OUTBOX_WAITING, waiting)
        telemetry.record(metrics.OUTBOX_LAG, lag)
        return lag

    async def _mark(self, connection: AsyncConnection, positions: list[int]) -> None:
        if positions:
            await connection.execute(
                "UPDATE outbox SET published_at = %s WHERE position = ANY(%s)", (self._clock.now(), positions)
            )


def _topics(rows: list[_Row]) -> list[str]:
    return list(dict.fromkeys(row.topic for row in rows))
