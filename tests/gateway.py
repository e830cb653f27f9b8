"""A sidecar that records what it is asked to send, and answers as it is told; and a parcel to send."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from shared.errors import BackendAway
from shared.outputs import Reply
from shared.sending import Parcel
from shared.wording import Message

NOW = dt.datetime(2026, 12, 31, 8, 0, 0, 250_000, tzinfo=dt.UTC)
PARCEL = Parcel(
    delivery_id=UUID("01a1fb8a-0000-7000-8000-000000000001"),
    notification_id=UUID("01a1fb8a-0000-7000-8000-000000000002"),
    task_id=UUID("01a1fb8a-0000-7000-8000-000000000003"),
    reminder_id=UUID("01a1fb8a-0000-7000-8000-000000000004"),
    user_id="alice",
    title="Pay rent",
    fire_at=dt.datetime(2026, 12, 31, 8, tzinfo=dt.UTC),
    fired_at=NOW,
    message=Message("Reminder: Pay rent", "Due: Thursday", "<p>Pay rent</p>"),
    url="https://ebb.example.org/tasks/3",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `where` is the binding or the URL, `how` the metadata or the headers."""

    where: str
    sent: Any
    how: dict[str, str]


@dataclass
class RecordingGateway:
    """Gives the replies one after another, the last one for ever; without any it is away."""

    replies: list[Reply] = field(default_factory=lambda: [Reply(200)])
    calls: list[Call] = field(default_factory=list)

    async def bind(self, binding: str, operation: str, data: JsonValue, metadata: Mapping[str, str]) -> Reply:
        """Record the use of a binding."""
        return self._answer(Call(f"{binding} {operation}", data, dict(metadata)))

    async def invoke(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Record the request."""
        return self._answer(Call(url, body, dict(headers)))

    def _answer(self, call: Call) -> Reply:
        if not self.replies:
            raise BackendAway("Dapr does not answer")
        self.calls.append(call)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


async def public(host: str, port: int) -> list[str]:
    """Resolve every name to a public address."""
    return ["93.184.216.34"]
