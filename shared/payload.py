"""What the payloads of all events share, and the topics they travel on. The events themselves: shared/events.py."""

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, JsonValue, WithJsonSchema

TASK_EVENTS = "task-events"
REMINDERS = "reminders"
NOTIFICATIONS = "notifications"
# JSON Schema's date-time is RFC 3339's, which has an offset; a local date-time has none.
LocalDateTime = Annotated[
    dt.datetime, WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$"})
]


class Payload(BaseModel):
    """What all payloads share: frozen, closed, and who did it (`actor`: a user id, or the function's source)."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    type: ClassVar[str]
    topic: ClassVar[str] = TASK_EVENTS
    about: ClassVar[str]  # the field with the id of the aggregate

    user_id: str
    actor: str

    @property
    def subject(self) -> str:
        """The id of the aggregate that the event is about."""
        return str(getattr(self, self.about))

    @property
    def partition_key(self) -> str:
        """Events with the same key stay in order: the task's id where there is a task."""
        return str(getattr(self, "task_id", self.subject))


class Change(BaseModel):
    """One changed field, before and after, in the form of the HTTP interface."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    before: JsonValue
    after: JsonValue


NO_CHANGES: dict[str, Change] = {}
