"""Every event of the system: its type, topic and payload.

`type` is `ebb.<aggregate>.<past tense>.v1`. A breaking change of a payload is a new version with a new class; the
schemas and golden files in tests/events hold the present ones. shared/envelope.py puts them on the wire.
"""

import datetime as dt
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

TASK_EVENTS = "task-events"
REMINDERS = "reminders"


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


class TaskPayload(Payload):
    """A task changed: its new version, and every field that differs."""

    about = "task_id"

    task_id: UUID
    version: int
    series_id: UUID | None = None
    occurrence: dt.datetime | None = None
    changes: dict[str, Change]


class TaskCreated(TaskPayload):
    """A task came into being, by a user or as the next occurrence of a series."""

    type = "ebb.task.created.v1"


class TaskUpdated(TaskPayload):
    """Fields of a task were edited."""

    type = "ebb.task.updated.v1"


class TaskCompleted(TaskPayload):
    """A task was completed."""

    type = "ebb.task.completed.v1"


class TaskReopened(TaskPayload):
    """A closed task was opened again."""

    type = "ebb.task.reopened.v1"


class TaskSkipped(TaskPayload):
    """An occurrence was skipped: used up without being done."""

    type = "ebb.task.skipped.v1"


class TaskSnoozed(TaskPayload):
    """A task was put off: its due value moved and its reminder rings then."""

    type = "ebb.task.snoozed.v1"


class TaskDeleted(TaskPayload):
    """A task became a tombstone."""

    type = "ebb.task.deleted.v1"


class SeriesPayload(Payload):
    """A recurring series changed."""

    about = "series_id"

    series_id: UUID
    version: int
    rule: str

    @property
    def subject(self) -> str:
        """The series' id."""
        return str(self.series_id)


class SeriesCreated(SeriesPayload):
    """A task became recurring."""

    type = "ebb.series.created.v1"


class SeriesUpdated(SeriesPayload):
    """The template or the state of a series changed."""

    type = "ebb.series.updated.v1"


class SeriesEnded(SeriesPayload):
    """No occurrence follows: COUNT or UNTIL is reached, or the user stopped it."""

    type = "ebb.series.ended.v1"


class TagCreated(Payload):
    """A tag was used for the first time."""

    type = "ebb.tag.created.v1"
    about = "tag_id"

    tag_id: UUID
    name: str


class ReminderDue(Payload):
    """The alarm of one version of a reminder rings. Made of the Dapr job, never published."""

    type = "ebb.reminder.due.v1"
    topic = REMINDERS
    about = "reminder_id"

    task_id: UUID
    reminder_id: UUID
    version: int


class ReminderFired(Payload):
    """A reminder fired, once. `late` when sweep had to do it because its alarm never rang."""

    type = "ebb.reminder.fired.v1"
    topic = REMINDERS
    about = "reminder_id"

    task_id: UUID
    reminder_id: UUID
    fire_at: dt.datetime
    fired_at: dt.datetime
    late: bool


EVENT_TYPES: dict[str, type[Payload]] = {
    payload.type: payload
    for payload in (
        TaskCreated, TaskUpdated, TaskCompleted, TaskReopened, TaskSkipped, TaskSnoozed, TaskDeleted,
        SeriesCreated, SeriesUpdated, SeriesEnded, TagCreated, ReminderDue, ReminderFired,
    )
}  # fmt: skip
