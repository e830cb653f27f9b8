"""The stand-in's own tables, in the PostgreSQL schema `standin`: what Kafka and Dapr's scheduler would keep.

Rows are removed without waiting for the disk: losing a removal means one more delivery, which at-least-once
allows. Nothing else here may be lost, so all other statements wait.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

_TABLES: tuple[LiteralString, ...] = (
    "CREATE SCHEMA IF NOT EXISTS standin",
    # Text, not jsonb: a function receives the event exactly as it was published.
    """CREATE TABLE IF NOT EXISTS standin.deliveries (
         id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, trigger text NOT NULL, partition_key text,
         event text NOT NULL, attempts integer NOT NULL DEFAULT 0, next_attempt_at timestamptz)""",
    "CREATE INDEX IF NOT EXISTS deliveries_in_order ON standin.deliveries (trigger, id)",
    # A job set again gets a new revision: the end of an older call must not remove it.
    """CREATE TABLE IF NOT EXISTS standin.jobs (
         name text PRIMARY KEY, revision bigint GENERATED ALWAYS AS IDENTITY, request text NOT NULL,
         data text NOT NULL, due_at timestamptz NOT NULL, interval_seconds float8 NOT NULL, max_retries integer,
         attempts integer NOT NULL DEFAULT 0)""",
    "CREATE INDEX IF NOT EXISTS jobs_by_time ON standin.jobs (due_at)",
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one trigger. `partition_key` None means that order does not matter."""

    id: int
    partition_key: str | None
    event: str
    attempts: int
    next_attempt_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event to keep for one trigger."""

    trigger: str
    partition_key: str | None
    event: str


@dataclass(frozen=True, slots=True)
class Job:
    """One alarm: the JSON it was set with, the JSON to deliver; `max_retries` None is no limit."""

    name: str
    request: str
    data: str
    due_at: datetime
    interval_seconds: float
    max_retries: int | None
    attempts: int = 0
    revision: int = 0


class Store:
    """Statements over a pool, one transaction each. They raise `psycopg.OperationalError` when it is away."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self._pool = pool

    async def prepare(self) -> None:
        """Create what is missing."""
        async with self._pool.connection() as connection:
            for statement in _TABLES:
                await connection.execute(statement)

    async def keep(self, outgoing: Sequence[Outgoing]) -> None:
        """Store all of them, in this order, or none; they are durable on return."""
        async with self._pool.connection() as connection:
            await _insert(connection, outgoing)

    async def waiting(self, trigger: str, known: Collection[int], held: Collection[str], limit: int) -> list[Delivery]:
        """Return the oldest deliveries that are neither known already nor behind a key that is held back."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Delivery))
            await cursor.execute(
                "SELECT id, partition_key, event, attempts, next_attempt_at FROM standin.deliveries"
                " WHERE trigger = %s AND id <> ALL(%s) AND (partition_key <> ALL(%s) OR partition_key IS NULL)"
                " ORDER BY id LIMIT %s",
                (trigger, list(known), list(held), limit),
            )
            return await cursor.fetchall()

    async def delivered(self, ids: Sequence[int]) -> None:
        """Remove deliveries."""
        await self._remove("DELETE FROM standin.deliveries WHERE id = ANY(%s)", (list(ids),))

    async def postpone(self, delivery: int, attempts: int, until: datetime) -> None:
        """Remember how often a delivery failed and when it may be tried again."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE standin.deliveries SET attempts = %s, next_attempt_at = %s WHERE id = %s",
                (attempts, until, delivery),
            )

    async def bury(self, delivery: int, letters: Sequence[Outgoing]) -> None:
        """Replace a delivery by those of its dead letter."""
        async with self._pool.connection() as connection:
            await _insert(connection, letters)
            await connection.execute("DELETE FROM standin.deliveries WHERE id = %s", (delivery,))

    async def set_job(self, job: Job, overwrite: bool) -> bool:
        """Store a job; False when the name is taken and may not be overwritten."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "INSERT INTO standin.jobs (name, request, data, due_at, interval_seconds, max_retries)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (name) DO UPDATE SET revision = DEFAULT,"
                " request = excluded.request, data = excluded.data, due_at = excluded.due_at, attempts = 0,"
                " interval_seconds = excluded.interval_seconds, max_retries = excluded.max_retries WHERE %s",
                (
                    job.name,
                    job.request,
                    job.data,
                    job.due_at,
                    job.interval_seconds,
                    job.max_retries,
                    overwrite,
                ),
            )
            return cursor.rowcount == 1

    async def job(self, name: str) -> str | None:
        """Return the JSON a job was set with."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT request FROM standin.jobs WHERE name = %s", (name,))
            row = await cursor.fetchone()
            return None if row is None else str(row[0])

    async def next_jobs(self, running: Collection[int], limit: int) -> list[Job]:
        """Return the jobs that are due first, without the revisions that are running."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Job))
            await cursor.execute(
                "SELECT name, request, data, due_at, interval_seconds, max_retries, attempts, revision"
                " FROM standin.jobs WHERE revision <> ALL(%s) ORDER BY due_at LIMIT %s",
                (list(running), limit),
            )
            return await cursor.fetchall()

    async def retry_job(self, job: Job, due_at: datetime) -> None:
        """Set the time of the next attempt, unless the job was set anew meanwhile."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE standin.jobs SET attempts = attempts + 1, due_at = %s WHERE revision = %s",
                (due_at, job.revision),
            )

    async def finish_job(self, job: Job) -> None:
        """Remove a job that was delivered or given up, unless it was set anew meanwhile."""
        await self._remove("DELETE FROM standin.jobs WHERE revision = %s", (job.revision,))

    async def cancel_job(self, name: str) -> None:
        """Remove a job; a missing one is fine. This waits for the disk: cancelled must stay cancelled."""
        async with self._pool.connection() as connection:
            await connection.execute("DELETE FROM standin.jobs WHERE name = %s", (name,))

    async def _remove(self, statement: LiteralString, parameters: Sequence[object]) -> None:
        async with self._pool.connection() as connection:
            await connection.execute("SET LOCAL synchronous_commit = off")
            await connection.execute(statement, parameters)


async def _insert(connection: AsyncConnection, outgoing: Sequence[Outgoing]) -> None:
    rows = [(one.trigger, one.partition_key, one.event) for one in outgoing]
    await connection.execute(
        "INSERT INTO standin.deliveries (trigger, partition_key, event)"
        " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[])",
        [list(column) for column in zip(*rows, strict=True)],
    )
