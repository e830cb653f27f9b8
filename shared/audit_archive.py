"""Old audit entries leave the database for an object store, through Dapr's binding `archive`.

A chunk is planned first, in a row of its own; then its object is written and read back, and only when it has been
proved do the entries go, in the transaction that notes that it is stored. Whoever dies in between leaves a plan, and
the next tick carries out the very same one: it writes the same object again. Nothing is lost, nothing is there twice.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from shared.audit_chain import COLUMNS, ChainBroken, Chunk, entry_of
from shared.audit_chunk import BINDING, LARGEST, MOST, as_text, fetch, key, packed, prove
from shared.audit_restore import put_away
from shared.errors import BackendAway
from shared.runtime import Runtime

CHUNKS = 100  # in one tick; the rest waits for the next
OWNERS = """
SELECT DISTINCT user_id FROM audit LEFT JOIN (
  SELECT user_id, max(last_seq) AS seq FROM audit_chunks GROUP BY user_id) AS archived USING (user_id)
WHERE recorded_at < %s AND audit.seq > coalesce(archived.seq, 0) ORDER BY user_id LIMIT %s
"""
NEXT = """
SELECT seq, previous, hash, time, octet_length(changes::text) AS size, recorded_at < %s AS old FROM audit
WHERE user_id = %s AND seq > coalesce((SELECT max(last_seq) FROM audit_chunks WHERE user_id = %s), 0)
ORDER BY seq LIMIT %s
"""
PLAN = """
INSERT INTO audit_chunks (user_id, first_seq, last_seq, previous, hash, first_time, last_time, planned_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (user_id, first_seq) DO NOTHING
"""
PLANNED = """
SELECT user_id, first_seq, last_seq, previous, hash FROM audit_chunks WHERE stored_at IS NULL
ORDER BY planned_at, user_id, first_seq LIMIT %s
"""
HELD = f"SELECT {COLUMNS} FROM audit WHERE user_id = %s AND seq BETWEEN %s AND %s ORDER BY seq"
STORED = "UPDATE audit_chunks SET stored_at = %s WHERE user_id = %s AND first_seq = %s AND stored_at IS NULL"
PURGE = "DELETE FROM audit WHERE user_id = %s AND seq BETWEEN %s AND %s"


async def archive(parts: Runtime) -> dict[str, int]:
    """Move what is old enough; return how many chunks and entries went. Where it is not set up, nothing goes.

    Users whose entries cannot be archived keep nobody else's from it; what failed is raised at the end
    (`ExceptionGroup` of `ChainBroken` and `BackendAway`).
    """
    await put_away(parts)
    found, failures = {"chunks": 0, "entries": 0}, list[Exception]()
    age = parts.settings.audit_archive_after_days
    if age is None:
        return found
    await _plan(parts, _cutoff(parts.clock.now(), age))
    for chunk in await _planned(parts):
        try:
            await _store(parts, chunk)
        except ChainBroken as error:
            failures.append(error)
        except BackendAway as error:
            failures.append(error)
            break  # the next one would wait for it as long
        else:
            found["chunks"] += 1
            found["entries"] += chunk.last_seq - chunk.first_seq + 1
    if failures:
        raise ExceptionGroup(f"{len(failures)} chunks of the audit log could not be archived", failures)
    return found


def _cutoff(now: dt.datetime, age: int) -> dt.datetime:
    """Return the beginning of the month that is `age` days ago: whole months make few objects."""
    return (now - dt.timedelta(days=age)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


async def _plan(parts: Runtime, cutoff: dt.datetime) -> None:
    """Plan as many chunks as one tick may store, those counted that an earlier one left behind."""
    left = CHUNKS - len(await _planned(parts))
    async with parts.database.statements() as connection:
        while left > 0:
            owners = await (await connection.execute(OWNERS, (cutoff, left))).fetchall()
            for (user_id,) in owners:
                await _plan_one(connection, user_id, cutoff, parts.clock.now())
            left -= len(owners)
            if not owners:
                return


async def _plan_one(connection: AsyncConnection, user_id: str, cutoff: dt.datetime, now: dt.datetime) -> None:
    reading = connection.cursor(row_factory=dict_row)
    rows = await (await reading.execute(NEXT, (cutoff, user_id, user_id, MOST))).fetchall()
    count = _count(rows)
    if count:
        first, last = rows[0], rows[count - 1]
        times = [row["time"] for row in rows[:count]]
        ends = (first["seq"], last["seq"], first["previous"], last["hash"])
        await connection.execute(PLAN, (user_id, *ends, min(times), max(times), now))


def _count(rows: Sequence[dict[str, Any]]) -> int:
    """Return how many rows, from the first on, are old and fit one object: a chunk has no gap, like the chain."""
    size = 0
    for n, row in enumerate(rows):
        size += row["size"]
        if not row["old"] or (n and size > LARGEST):
            return n
    return len(rows)


async def _planned(parts: Runtime) -> list[Chunk]:
    async with parts.database.statements() as connection:
        reading = connection.cursor(row_factory=class_row(Chunk))
        return await (await reading.execute(PLANNED, (CHUNKS,))).fetchall()


async def _store(parts: Runtime, chunk: Chunk) -> None:
    """Write the object, read it back, and let the entries go."""
    span = (chunk.user_id, chunk.first_seq, chunk.last_seq)
    async with parts.database.statements() as connection:
        reading = connection.cursor(row_factory=dict_row)
        entries = [entry_of(row) for row in await (await reading.execute(HELD, span)).fetchall()]
    if not entries:
        return  # another tick has stored it meanwhile
    prove(chunk, entries)
    reply = await parts.dapr.bind(BINDING, "create", as_text(packed(entries)), {"key": key(chunk)})
    if reply.status >= 400:
        raise BackendAway(f"the archive does not take {key(chunk)}: {reply.text[:200]}")
    if await fetch(parts.dapr, chunk) != entries:
        raise ChainBroken(chunk.user_id, chunk.first_seq, None, "comes back from the archive as something else")
    async with parts.database.connection() as connection:
        await connection.execute(STORED, (parts.clock.now(), chunk.user_id, chunk.first_seq))
        await connection.execute(PURGE, span)
        await connection.commit()
