"""Notifications and their deliveries in storage. Every change of a delivery depends on what it was."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from shared.notification import LEASE, Delivery, DeliveryState, Settled

ADD = """
INSERT INTO notifications
  (id, user_id, event_id, task_id, reminder_id, title, text, fire_at, fired_at, change_seq, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
ADD_DELIVERY = """
INSERT INTO deliveries (id, notification_id, channel, kind, state, attempts, acts_at, finished_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
GET = "SELECT id, user_id, task_id, reminder_id, fire_at, fired_at, created_at FROM notifications WHERE id = %s"
_DELIVERY = "d.id, d.notification_id, d.channel, d.kind, d.state, d.attempts, d.acts_at"
CLAIM = f"""
UPDATE deliveries d SET state = 'sending', attempts = d.attempts + 1, acts_at = %s
WHERE d.notification_id = %s AND d.channel = %s AND d.attempts = %s AND d.state = 'pending' RETURNING {_DELIVERY}
"""
RENEW = "UPDATE deliveries SET acts_at = %s WHERE id = %s AND attempts = %s AND state = 'sending' RETURNING true"
# What left has left, whoever claimed it meanwhile; that it did not is only for the holder of the attempt to say.
SETTLE = """
UPDATE deliveries SET state = %(state)s, acts_at = %(acts_at)s, reason = %(reason)s,
  finished_at = CASE WHEN %(state)s <> 'pending' THEN %(now)s::timestamptz END
WHERE id = %(id)s AND state IN ('pending', 'sending') AND (attempts = %(attempts)s OR %(state)s = 'sent') RETURNING true
"""
TOUCH = "UPDATE notifications SET change_seq = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Notification:
    """What a delivery has to know of its notification; all instants are UTC."""

    id: UUID
    user_id: str
    task_id: UUID
    reminder_id: UUID
    fire_at: dt.datetime
    fired_at: dt.datetime
    created_at: dt.datetime


class NotificationRows:
    """The notifications of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, n: Notification, event_id: str, title: str, text: str, change_seq: int) -> None:
        """Add a notification; a second one of the same event is refused by its key."""
        row = (n.id, n.user_id, event_id, n.task_id, n.reminder_id, title, text, n.fire_at, n.fired_at, change_seq)
        await self._connection.execute(ADD, (*row, n.created_at))

    async def add_delivery(self, d: Delivery) -> None:
        """Add a delivery."""
        finished_at = d.acts_at if d.state is DeliveryState.SENT else None
        row = (d.id, d.notification_id, d.channel, d.kind, d.state, d.attempts, d.acts_at, finished_at)
        await self._connection.execute(ADD_DELIVERY, row)

    async def get(self, notification_id: UUID) -> Notification | None:
        """Return a notification."""
        cursor = self._connection.cursor(row_factory=class_row(Notification))
        return await (await cursor.execute(GET, (notification_id,))).fetchone()

    async def claim(self, notification_id: UUID, channel: str, attempts: int, now: dt.datetime) -> Delivery | None:
        """Claim the attempt after `attempts`; None when somebody has it, or the delivery is finished."""
        cursor = self._connection.cursor(row_factory=class_row(Delivery))
        await cursor.execute(CLAIM, (now + LEASE, notification_id, channel, attempts))
        return await cursor.fetchone()

    async def renew(self, delivery: Delivery, now: dt.datetime) -> bool:
        """Begin the lease of a claimed attempt anew; False when it was lost meanwhile."""
        cursor = await self._connection.execute(RENEW, (now + LEASE, delivery.id, delivery.attempts))
        return await cursor.fetchone() is not None

    async def settle(self, delivery: Delivery, settled: Settled, now: dt.datetime) -> bool:
        """Note what became of an attempt; False when that is known already or no longer ours to say."""
        values = {"id": delivery.id, "attempts": delivery.attempts, "now": now}
        values |= {"state": settled.state, "acts_at": settled.acts_at, "reason": settled.reason}
        return await (await self._connection.execute(SETTLE, values)).fetchone() is not None

    async def touch(self, notification_id: UUID, change_seq: int) -> None:
        """Let followers see a notification again."""
        await self._connection.execute(TOUCH, (change_seq, notification_id))
