"""The notifications of a user as the HTTP interface shows them, each with its state in every channel."""

import datetime as dt
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from shared.errors import Fault, InvalidInput, NotFound
from shared.listing import Listing
from shared.paging import Key, Order, single
from shared.task_view import View

PARAMETERS = ("unread", "task", "limit", "cursor")
ORDER = Order((Key("n.created_at", "timestamptz", descending=True), Key("n.id", "uuid", descending=True)))
COLUMNS = """
n.id, n.task_id AS task, n.reminder_id AS reminder, n.title, n.text, n.fire_at, n.created_at, n.read_at,
(SELECT json_agg(json_build_object('channel', d.channel, 'state', d.state, 'attempts', d.attempts, 'reason', d.reason,
   'finished_at', d.finished_at) ORDER BY d.channel) FROM deliveries d WHERE d.notification_id = n.id) AS deliveries
"""
GET = f"SELECT {COLUMNS} FROM notifications n WHERE n.user_id = %s AND n.id = %s"
MARK_READ = """
UPDATE notifications SET read_at = %s, change_seq = %s WHERE user_id = %s AND id = %s AND read_at IS NULL
"""


class DeliveryView(View):
    """How far a notification got through one channel: pending, sending, sent, failed or cancelled."""

    channel: str
    state: str
    attempts: int
    reason: str | None
    finished_at: dt.datetime | None


class NotificationView(View):
    """What a user was told about a reminder."""

    id: UUID
    task: UUID
    reminder: UUID
    title: str
    text: str
    fire_at: dt.datetime
    created_at: dt.datetime
    read_at: dt.datetime | None
    deliveries: tuple[DeliveryView, ...]


class NotificationPage(View):
    """One page of notifications, and the cursor of the next."""

    notifications: tuple[NotificationView, ...]
    next: str | None


async def list_notifications(
    connection: AsyncConnection, user_id: str, given: dict[str, list[str]]
) -> NotificationPage:
    """Return one page, newest first. Raises `InvalidInput` for wrong values."""
    listing = Listing(COLUMNS, "notifications n", ORDER)
    listing.where("n.user_id = %s", user_id)
    _filter(listing, given)
    rows, following = await listing.page(connection, given)
    page = tuple(NotificationView.model_validate(row) for row in rows)
    return NotificationPage(notifications=page, next=following)


async def get_notification(connection: AsyncConnection, user_id: str, notification_id: UUID) -> NotificationView:
    """Return one notification; raises `NotFound` when it is missing or another user's."""
    cursor = connection.cursor(row_factory=dict_row)
    row = await (await cursor.execute(GET, (user_id, notification_id))).fetchone()
    if row is None:
        raise NotFound("there is no such notification")
    return NotificationView.model_validate(row)


def _filter(listing: Listing, given: dict[str, list[str]]) -> None:
    if (text := single(given, "unread")) is not None:
        if text not in ("true", "false"):
            raise InvalidInput(Fault("?unread", "must be true or false"))
        listing.where(f"n.read_at IS {'' if text == 'true' else 'NOT '}NULL")
    if (text := single(given, "task")) is not None:
        try:
            listing.where("n.task_id = %s", UUID(text))
        except ValueError:
            raise InvalidInput(Fault("?task", "must be the id of a task")) from None
