"""A task as a file holds it, whatever the format: what readers make, what writers take. Pure.

A recurring one is the series as it goes on from its open occurrence: the fields are those of the template, `due` is the
date that occurrence was scheduled for, and `changed` holds what is different about it. What has been is tasks of its
own. So an occurrence that is edited in one place and not in another keeps its date (RFC 5545, RECURRENCE-ID).
"""

import datetime as dt
import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from operator import itemgetter

from shared.due import Due
from shared.filed_series import FiledSeries, Place
from shared.reminder import Alarm
from shared.series import SCHEDULED
from shared.tags import tag_key
from shared.task import Priority, Status

MOST_ALARMS = 20  # of one task, as in shared/inputs.py


@dataclass(frozen=True, slots=True)
class Repeats:
    """How a series goes on: a rule anchored at the due value of its task. `exdates` are naive local date-times."""

    rule: str
    mode: str = SCHEDULED
    skip_overdue: bool = False
    exdates: tuple[dt.datetime, ...] = ()
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledTask:
    """One task. Instants are UTC; `modified` and `sequence` tell which of two files is newer (None, 0: not known)."""

    uid: str
    index: int = 0  # of the component in its file
    title: str
    notes: str = ""
    status: Status = Status.OPEN
    priority: Priority = Priority.NONE
    tags: tuple[str, ...] = ()
    due: Due | None = None
    alarms: tuple[Alarm, ...] = ()
    repeats: Repeats | None = None
    changed: "FiledTask | None" = None
    completed_at: dt.datetime | None = None
    created_at: dt.datetime | None = None
    modified: dt.datetime | None = None
    sequence: int = 0
    # The file cannot tell what is newer: what is here already stays as it is.
    only_new: bool = False
    # Its occurrence of a series, where the file has the series as well.
    place: Place | None = None
    # An occurrence that was deleted: it stands in its place, and its series goes on after it.
    gone: bool = False
    # What Ebb has no field for, as the file wrote it: it goes out again with the next export.
    extra: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of what the task means: equal for two files that say the same."""
        return hashlib.sha256(repr(self.meaning()).encode("utf-8", "surrogatepass")).digest()

    def meaning(self) -> "FiledTask":
        """Return the task without what two files that say the same may differ in."""
        kept = most_alarms(self.alarms)
        # Files keep whole seconds; two spellings of a tag are one tag.
        return replace(
            self,
            uid="", index=0, created_at=None, modified=None, sequence=0, extra=(), place=None, only_new=False,
            gone=False,
            title=plain_name(self.title),
            notes=plain(self.notes),
            tags=tuple(tag_key(plain_name(tag)) for tag in self.tags),
            due=self.due and Due(self.due.date, self.due.time and self.due.time.replace(microsecond=0), self.due.zone),
            alarms=tuple(sorted({Alarm(a.minutes_before, whole_second(a.at)) for a in kept}, key=repr)),
            completed_at=whole_second(self.completed_at),
            changed=self.changed and self.changed.meaning(),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be told about one component: why it was left out, or what of it was not kept."""

    index: int
    uid: str | None
    reason: str


@dataclass(slots=True)
class Reading:
    """What was read of a file."""

    tasks: list[FiledTask] = field(default_factory=list)
    series: dict[str, FiledSeries] = field(default_factory=dict)
    tags: dict[str, str | None] = field(default_factory=dict)  # colours by name
    filters: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    rejected: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)


class Unreadable(ValueError):
    """A component that cannot be taken; the message says why."""


def most_alarms(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """Return as many as a task may have: of instants the latest, for each snooze has left one."""
    wanted = list(enumerate(alarms))
    late_first = sorted(wanted, key=lambda one: one[1].at.timestamp() if one[1].at else math.inf, reverse=True)
    return tuple(alarm for _, alarm in sorted(late_first[:MOST_ALARMS], key=itemgetter(0)))


def whole_second(at: dt.datetime | None) -> dt.datetime | None:
    """Return the instant without fractions of a second, in UTC."""
    return at and at.astimezone(dt.UTC).replace(microsecond=0)


def plain(text: str) -> str:
    """Return the text without the control characters that a file has no place for; only new lines and tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char >= " " or char in "\n\t")


def plain_name(text: str) -> str:
    """Return a title or the name of a tag without those; what has nothing else is told by the replacement character."""
    return plain(text).strip() or "\ufffd"
