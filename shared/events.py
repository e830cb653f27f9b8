"""Every event of the system: its type, topic and payload.

`type` is `ebb.<aggregate>.<past tense>.v1`. A breaking change of a payload is a new version with a new class; the
schemas and golden files in tests/events hold the present ones. shared/envelope.py puts them on the wire.
"""

import datetime as dt
from uuid import UUID

from shared.account_events import AccountDeleted, FeedCreated, FeedRevoked, TokenCreated, TokenRevoked
from shared.list_events import FilterDeleted, FilterSaved, TagCreated, TagDeleted, TagUpdated
from shared.payload import NO_CHANGES, NOTIFICATIONS, REMINDERS, Change, LocalDateTime, Payload


class TaskPayload(Payload):
    """A task changed: its new version, and every field that differs."""

    about = "task_id"

    task_id: UUID
    version: int
    series_id: UUID | None = None
    occurrence: LocalDateTime | None = None
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


class TaskRestored(TaskPayload):
    """A tombstone became a task again."""

    type = "ebb.task.restored.v1"


class SeriesPayload(Payload):
    """A recurring series changed: its new version, and every field that differs where a user edited it."""

    about = "series_id"

    series_id: UUID
    version: int
    rule: str
    changes: dict[str, Change] = NO_CHANGES


class SeriesCreated(SeriesPayload):
    """A task became recurring."""

    type = "ebb.series.created.v1"


class SeriesUpdated(SeriesPayload):
    """The template or the recurrence of a series changed."""

    type = "ebb.series.updated.v1"


class SeriesPaused(SeriesPayload):
    """No occurrence follows until the series is resumed."""

    type = "ebb.series.paused.v1"


class SeriesResumed(SeriesPayload):
    """A paused series goes on; an occurrence that was owed came with it."""

    type = "ebb.series.resumed.v1"


class SeriesEnded(SeriesPayload):
    """No occurrence follows: COUNT or UNTIL is reached, or the user stopped it."""

    type = "ebb.series.ended.v1"


class SeriesDeleted(SeriesPayload):
    """A series became a tombstone: nothing comes of it any more."""

    type = "ebb.series.deleted.v1"


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


class NotificationPayload(Payload):
    """Somebody is told about a reminder. `channel` is `in_app`, `email`, `webhook` or `push/<device>`."""

    topic = NOTIFICATIONS
    about = "notification_id"

    notification_id: UUID
    task_id: UUID
    channel: str
    attempts: int


class NotificationSent(NotificationPayload):
    """A notification has left through a channel, at the `attempts`-th attempt."""

    type = "ebb.notification.sent.v1"


class NotificationFailed(NotificationPayload):
    """A notification will never leave through a channel."""

    type = "ebb.notification.failed.v1"

    reason: str


class NotificationDue(NotificationPayload):
    """It is time to try again: quiet hours or a back-off are over, or a sender died. `attempts` were made before."""

    type = "ebb.notification.due.v1"


class SettingsUpdated(Payload):
    """A user changed settings; addresses are shown, secrets never."""

    type = "ebb.settings.updated.v1"
    about = "user_id"

    changes: dict[str, Change]


EVENT_TYPES: dict[str, type[Payload]] = {
    payload.type: payload
    for payload in (
        TaskCreated, TaskUpdated, TaskCompleted, TaskReopened, TaskSkipped, TaskSnoozed, TaskDeleted, TaskRestored,
        SeriesCreated, SeriesUpdated, SeriesPaused, SeriesResumed, SeriesEnded, SeriesDeleted,
        TagCreated, TagUpdated, TagDeleted, FilterSaved, FilterDeleted,
        ReminderDue, ReminderFired, NotificationSent, NotificationFailed, NotificationDue,
        SettingsUpdated, TokenCreated, TokenRevoked, FeedCreated, FeedRevoked, AccountDeleted,
    )
}  # fmt: skip
