"""What has served its time goes: each kind in a transaction of its own, so nobody waits for all of them."""

import datetime as dt

from shared.runtime import Runtime
from shared.task import KEPT

PURGES = (
    ("DELETE FROM outbox WHERE published_at < %(before)s", dt.timedelta(days=7)),
    # Longer than any broker keeps what it might deliver again.
    ("DELETE FROM inbox WHERE received_at < %(before)s", dt.timedelta(days=30)),
    # Only replayed ones: a waiting one is an effect that is still owed, so nobody but a person may let it go.
    ("DELETE FROM dead_letters WHERE replayed_at < %(before)s", dt.timedelta(days=30)),
    ("DELETE FROM idempotency_keys WHERE created_at < %(before)s", dt.timedelta(hours=24)),
    # As long as late events are known as such (the inbox); nothing of an erased account is left but its id.
    ("DELETE FROM users WHERE state = 'erased' AND closed_at < %(before)s", dt.timedelta(days=30)),
    ("DELETE FROM tokens WHERE expires_at < %(before)s", dt.timedelta(days=30)),
)


def _purge_of(table: str, old: str) -> str:
    """Return the purge of rows with change numbers: who has not seen their last change is not told of it any more.

    Users are locked first, as by commands, and in one order.
    """
    return f"""
WITH owner AS (
  SELECT id FROM users WHERE id IN (SELECT user_id FROM {table} WHERE {old}) ORDER BY id FOR UPDATE
), gone AS (
  DELETE FROM {table} USING owner WHERE user_id = owner.id AND {old} RETURNING user_id, change_seq
), newest AS (SELECT user_id, max(change_seq) AS seq FROM gone GROUP BY user_id
), noted AS (
  UPDATE users SET purged_seq = greatest(purged_seq, newest.seq) FROM newest WHERE users.id = newest.user_id
)
SELECT count(*) FROM gone
"""


CHANGE_PURGES = (
    (_purge_of("notifications", "created_at < %(before)s"), dt.timedelta(days=90)),
    (_purge_of("tasks", "deleted_at < %(before)s AND NOT awaits_successor"), KEPT),
    # What was done of a deleted series stays, and shows of which series it was.
    (
        _purge_of(
            "series", "deleted_at < %(before)s AND NOT EXISTS (SELECT FROM tasks t WHERE t.series_id = series.id)"
        ),
        KEPT,
    ),
    (_purge_of("tags", "deleted_at < %(before)s AND owes_after IS NULL"), KEPT),
    (_purge_of("filters", "deleted_at < %(before)s"), KEPT),
)


async def purge(parts: Runtime, _source: str) -> int:
    """Delete what is old enough; return how many rows."""
    total = 0
    async with parts.database.statements() as connection:
        for statement, age in PURGES:
            total += (await connection.execute(statement, {"before": parts.clock.now() - age})).rowcount
        for statement, age in CHANGE_PURGES:
            cursor = await connection.execute(statement, {"before": parts.clock.now() - age})
            total += sum(count for (count,) in await cursor.fetchall())
    return total
