"""What every sender takes and gives: a parcel in, an outcome out, and Dapr as the only way between."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from shared.outputs import Reply
from shared.wording import Message

_LONGEST_PAUSE = dt.timedelta(days=1)


class Verdict(StrEnum):
    """What became of one attempt, as the caller has to act on it."""

    SENT = "sent"
    LATER = "later"  # transient, or a fault of this installation that its operator can repair: try again
    REFUSED = "refused"  # permanent for this message; the next one may pass
    GONE = "gone"  # the address, subscription, token or hook exists no more: switch the channel off


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, its reason (never a secret or an endpoint), and the pause that the far side asks for."""

    verdict: Verdict
    reason: str = ""
    retry_after: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One notification on its way through one channel. Instants are UTC; each attempt has the same `delivery_id`."""

    delivery_id: UUID
    notification_id: UUID
    task_id: UUID
    reminder_id: UUID
    user_id: str
    title: str
    fire_at: dt.datetime
    fired_at: dt.datetime
    message: Message
    url: str | None


class Gateway(Protocol):
    """The sidecar. Both raise `BackendAway` when it is away; an error of the far side is a reply."""

    async def bind(self, binding: str, operation: str, data: JsonValue, metadata: Mapping[str, str]) -> Reply:
        """Invoke an output binding once. Of the HTTP binding, status and headers are the far side's."""

    async def invoke(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """POST to exactly this URL, query and trailing slash included; redirects are not followed."""


SENT = Outcome(Verdict.SENT)


def by_status(reply: Reply, now: dt.datetime, gone: frozenset[int], who: str) -> Outcome:
    """Return what an HTTP status means (RFC 9110, section 15); `who` names the far side in the reason."""
    reason = f"{who} answers {reply.status}"
    if 200 <= reply.status <= 299:
        return SENT
    if reply.status in gone:
        return Outcome(Verdict.GONE, reason)
    if reply.status in {408, 425, 429} or reply.status >= 500:
        return Outcome(Verdict.LATER, reason, retry_after(reply.headers.get("retry-after"), now))
    return Outcome(Verdict.REFUSED, reason)


def retry_after(value: str | None, now: dt.datetime) -> dt.timedelta | None:
    """Return the pause that `Retry-After` asks for, at most a day; None if there is none (RFC 9110, section 10.2.3)."""
    from email.utils import parsedate_to_datetime

    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return dt.timedelta(seconds=min(int(value[:9]), _LONGEST_PAUSE.total_seconds()))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    # A date without a zone is not an HTTP date, but its meaning is clear.
    pause = (at if at.tzinfo else at.replace(tzinfo=dt.UTC)) - now
    return min(max(pause, dt.timedelta()), _LONGEST_PAUSE)
