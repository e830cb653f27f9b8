"""Archived audit entries come back into the database for some days, so that lists and exports show them again."""

import datetime as dt

from psycopg import AsyncConnection
from psycopg.rows import class_row
from pydantic import Field

from shared.audit_chain import Chunk, canonical
from shared.audit_chunk import fetch
from shared.input_types import Instant, Text
from shared.inputs import Input
from shared.runtime import Runtime
from shared.task_view import View

MOST = 20  # chunks at a time: 100,000 entries at most
STAY = dt.timedelta(days=7)
WANTED = """
SELECT user_id, first_seq, last_seq, previous, hash FROM audit_chunks
WHERE user_id = %s AND stored_at IS NOT NULL AND first_time <= %s AND last_time >= %s
  AND (restored_until IS NULL OR restored_until < %s) ORDER BY first_seq DESC LIMIT %s
"""
# Who restores and who puts away take turns.
LOCK = "SELECT restored_until FROM audit_chunks WHERE user_id = %s AND first_seq = %s FOR UPDATE"
# The trigger takes only what an archived chunk covers and what has its own hash.
PUT_BACK = """
INSERT INTO audit (position, event_id, user_id, type, source, time, actor, task_id, changes, recorded_at, seq, previous,
  hash)
OVERRIDING SYSTEM VALUE VALUES (%(position)s, %(event_id)s, %(user)s, %(type)s, %(source)s, %(time)s, %(actor)s,
  %(task)s, %(changes)s, %(recorded_at)s, %(seq)s, decode(%(previous)s, 'hex'), decode(%(hash)s, 'hex'))
ON CONFLICT (event_id) DO NOTHING
"""
STAYS = "UPDATE audit_chunks SET restored_until = %s WHERE user_id = %s AND first_seq = %s"
OVER = "SELECT user_id, first_seq, last_seq, previous, hash FROM audit_chunks WHERE restored_until < %s"
TAKE_OUT = "DELETE FROM audit WHERE user_id = %s AND seq BETWEEN %s AND %s"


class Restore(Input):
    """`POST /v1/admin/audit/restore`: whose entries, and of which time."""

    user: Text
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")


class Restored(View):
    """What came back, until when it stays, and whether the archive has more chunks of that time."""

    chunks: int
    entries: int
    until: dt.datetime
    more: bool


async def restore(parts: Runtime, wanted: Restore) -> Restored:
    """Bring back the chunks with entries of that time that are not back yet, newest first, for seven days.

    Raises `ChainBroken` and `BackendAway`; what came before stays.
    """
    now = parts.clock.now()
    stays = now + STAY
    async with parts.database.statements() as connection:
        reading = connection.cursor(row_factory=class_row(Chunk))
        row = (wanted.user, wanted.until, wanted.since, now, MOST + 1)
        chunks = await (await reading.execute(WANTED, row)).fetchall()
    entries = 0
    for chunk in chunks[:MOST]:
        entries += await _put_back(parts, chunk, stays)
    return Restored(chunks=len(chunks[:MOST]), entries=entries, until=stays, more=len(chunks) > MOST)


async def put_away(parts: Runtime) -> None:
    """Take out again what has been back long enough; the archive has it."""
    async with parts.database.statements() as connection:
        reading = connection.cursor(row_factory=class_row(Chunk))
        over = await (await reading.execute(OVER, (parts.clock.now(),))).fetchall()
    for chunk in over:
        async with parts.database.connection() as connection:
            until = await _locked(connection, chunk)
            if until is not None and until < parts.clock.now():
                await connection.execute(TAKE_OUT, (chunk.user_id, chunk.first_seq, chunk.last_seq))
                await connection.execute(STAYS, (None, chunk.user_id, chunk.first_seq))
                await connection.commit()


async def _put_back(parts: Runtime, chunk: Chunk, stays: dt.datetime) -> int:
    rows = [{**entry, "changes": canonical(entry["changes"])} for entry in await fetch(parts.dapr, chunk)]
    async with parts.database.connection() as connection:
        await _locked(connection, chunk)
        await connection.cursor().executemany(PUT_BACK, rows)
        await connection.execute(STAYS, (stays, chunk.user_id, chunk.first_seq))
        await connection.commit()
    return len(rows)


async def _locked(connection: AsyncConnection, chunk: Chunk) -> dt.datetime | None:
    row = await (await connection.execute(LOCK, (chunk.user_id, chunk.first_seq))).fetchone()
    return row[0] if row else None
