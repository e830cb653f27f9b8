"""From a fired reminder to what is to be sent: the notification, its deliveries, and the errands that carry them out.

Everything here happens in the transaction of the event. A channel that may speak at once is claimed as its row is made,
so that the sending after the commit needs no second look.
"""

import datetime as dt
from dataclasses import dataclass

from shared.channel_rows import Channel, ChannelRows
from shared.events import NotificationDue, NotificationSent, ReminderFired
from shared.firing import LATE
from shared.notification import IN_APP, LEASE, Delivery, DeliveryState, Settled, may_speak_at
from shared.notification_rows import Notification, NotificationRows
from shared.sending import Parcel
from shared.task import Task
from shared.unit_of_work import UnitOfWork, new_id
from shared.wording import Message, Occasion, compose


@dataclass(frozen=True, slots=True)
class Errand:
    """One claimed attempt: a parcel for an address."""

    notification: Notification
    delivery: Delivery
    channel: Channel
    parcel: Parcel


async def tell(work: UnitOfWork, event_id: str, fired: ReminderFired, public_url: str | None) -> list[Errand]:
    """Make the notification of a fired reminder; return the errands for the channels that may speak now.

    A task that was closed or deleted meanwhile needs no reminder any more.
    """
    owner = await work.lock(fired.user_id)
    task = await work.tasks.get(owner.id, fired.task_id)
    if task is None or task.closed:
        return []
    told = Notification(new_id(), owner.id, task.id, fired.reminder_id, fired.fire_at, fired.fired_at, work.now)
    message = _message(work, task, told, public_url)
    rows = NotificationRows(work.connection)
    await rows.add(told, event_id, task.title, message.text, work.next_change())
    await rows.add_delivery(_delivery(told, IN_APP, IN_APP, DeliveryState.SENT, work.now, 1))
    work.emit(sent(work, told, IN_APP, 1))
    speaks_at = may_speak_at(owner, work.now)
    errands = []
    for channel in (await ChannelRows(work.connection).all(owner.id)).values():
        if channel.problem is not None:
            continue
        if speaks_at > work.now:
            await rows.add_delivery(_delivery(told, channel.name, channel.kind, DeliveryState.PENDING, speaks_at, 0))
            continue
        claimed = _delivery(told, channel.name, channel.kind, DeliveryState.SENDING, work.now + LEASE, 1)
        await rows.add_delivery(claimed)
        errands.append(Errand(told, claimed, channel, _parcel(claimed, told, task, message, public_url)))
    return errands


async def tell_again(work: UnitOfWork, due: NotificationDue, public_url: str | None) -> list[Errand]:
    """Claim the next attempt of one delivery; cancel it where nobody needs it any more, put it off in quiet hours."""
    owner = await work.lock(due.user_id)
    rows = NotificationRows(work.connection)
    claimed = await rows.claim(due.notification_id, due.channel, due.attempts, work.now)
    told = await rows.get(due.notification_id)
    if claimed is None or told is None:
        return []
    task = await work.tasks.get(owner.id, due.task_id)
    channel = (await ChannelRows(work.connection).all(owner.id)).get(due.channel)
    reason = "the task was closed" if task is None or task.closed else "the channel was removed"
    if task is None or task.closed or channel is None or channel.problem is not None:
        await rows.settle(claimed, Settled(DeliveryState.CANCELLED, work.now, reason), work.now)
        await rows.touch(told.id, work.next_change())
        return []
    speaks_at = may_speak_at(owner, work.now)
    if speaks_at > work.now:
        await rows.settle(claimed, Settled(DeliveryState.PENDING, speaks_at, None), work.now)
        return []
    message = _message(work, task, told, public_url)
    return [Errand(told, claimed, channel, _parcel(claimed, told, task, message, public_url))]


def sent(work: UnitOfWork, told: Notification, channel: str, attempts: int) -> NotificationSent:
    """Return the event of a notification that has left."""
    return NotificationSent(
        user_id=told.user_id,
        actor=work.actor,
        notification_id=told.id,
        task_id=told.task_id,
        channel=channel,
        attempts=attempts,
    )


def _delivery(
    told: Notification, channel: str, kind: str, state: DeliveryState, acts_at: dt.datetime, attempts: int
) -> Delivery:
    return Delivery(new_id(), told.id, channel, kind, state, attempts, acts_at)


def _message(work: UnitOfWork, task: Task, told: Notification, public_url: str | None) -> Message:
    late = told.fired_at - told.fire_at > LATE
    occasion = Occasion(task.title, task.due, task.priority, told.fire_at, late, _url(task, public_url))
    return compose(occasion, work.owner, work.now)


def _parcel(delivery: Delivery, told: Notification, task: Task, message: Message, public_url: str | None) -> Parcel:
    return Parcel(
        delivery_id=delivery.id,
        notification_id=told.id,
        task_id=task.id,
        reminder_id=told.reminder_id,
        user_id=told.user_id,
        title=task.title,
        fire_at=told.fire_at,
        fired_at=told.fired_at,
        message=message,
        url=_url(task, public_url),
    )


def _url(task: Task, public_url: str | None) -> str | None:
    return f"{public_url.rstrip('/')}/#/tasks/{task.id}" if public_url else None
