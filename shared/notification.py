"""Telling a user something, channel by channel: when each may be tried, and what an attempt makes of it. Pure.

A delivery is claimed by counting its attempts up before anything leaves, so two senders never hold the same attempt.
Where a sender dies between the sending and the note of it nobody knows whether it left; it is then sent again, because
a reminder that comes twice is better than one that never comes.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.due import instant, local
from shared.reminder import Owner
from shared.sending import Outcome, Verdict

IN_APP = "in_app"
LEASE = dt.timedelta(seconds=90)  # a claimed attempt that is older has died
_FIRST_PAUSE = dt.timedelta(seconds=30)
_LONGEST_PAUSE = dt.timedelta(hours=1)
_PATIENCE = dt.timedelta(hours=24)  # a reminder of yesterday helps nobody


class DeliveryState(StrEnum):
    """`sent`, `failed` and `cancelled` are final."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notification through one channel; `id` is what a receiver can tell a repetition by."""

    id: UUID
    notification_id: UUID
    channel: str
    kind: str
    state: DeliveryState
    attempts: int
    acts_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What an attempt made of a delivery. `acts_at` counts only while it is pending."""

    state: DeliveryState
    acts_at: dt.datetime
    reason: str | None


def may_speak_at(owner: Owner, now: dt.datetime) -> dt.datetime:
    """Return `now`, or the end of the owner's quiet hours while they last (UTC)."""
    begin, end = owner.quiet_from, owner.quiet_until
    if begin is None or end is None:
        return now
    here = local(now, owner.zone)
    overnight = begin > end
    evening, morning = here.time() >= begin, here.time() < end
    if not (evening or morning if overnight else evening and morning):
        return now
    day = here.date() + dt.timedelta(days=1 if overnight and evening else 0)
    # In the hour that comes twice the end may lie behind us already.
    return max(now, instant(dt.datetime.combine(day, end), owner.zone))


def settled(outcome: Outcome, attempts: int, created_at: dt.datetime, now: dt.datetime) -> Settled:
    """Return what the outcome of the `attempts`-th attempt makes of a delivery.

    `created_at` is that of its notification: what did not leave within a day is given up.
    """
    if outcome.verdict is Verdict.SENT:
        return Settled(DeliveryState.SENT, now, None)
    if outcome.verdict is not Verdict.LATER:
        return Settled(DeliveryState.FAILED, now, outcome.reason)
    pause = min(_FIRST_PAUSE * 2 ** min(attempts - 1, 10), _LONGEST_PAUSE)
    again = now + max(pause, outcome.retry_after or dt.timedelta())
    if again > created_at + _PATIENCE:
        return Settled(DeliveryState.FAILED, now, f"given up after {attempts} attempts: {outcome.reason}")
    return Settled(DeliveryState.PENDING, again, outcome.reason)
