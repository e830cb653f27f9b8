"""Ebb's own file: JSON with all tasks, series with their closed occurrences, tags, saved filters, reminders. Pure.

`{"format": "ebb-tasks", "version": 1, "exported_at", "tags": [{"name", "colour"}], "filters": [{"name", "query"}],
"series": […], "tasks": […]}`. A task is what the HTTP interface shows of it, with `uid`, and `series_uid` and `ordinal`
where it is an occurrence. A deleted occurrence is among them while its successor is owed, for its series goes on from
there. What is unknown is ignored, so a list of tasks as the interface gives it is read too.
"""

import json
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from shared.errors import Fault, InvalidInput, MalformedBody
from shared.filed_series import FiledSeries, Place
from shared.filed_task import FiledTask, Note, Reading, Repeats, most_alarms
from shared.input_types import Expression, Instant, LocalDateTime, Notes, TagName, Tags, Text, Title, ZoneName
from shared.inputs import DueInput, Input, RecurrenceInput, ReminderInput, Reminders
from shared.json_write import FORMAT, VERSION
from shared.list_inputs import Colour, NewFilter
from shared.parsing import parse
from shared.reminder import Alarm
from shared.series import Template
from shared.task import Priority, Status

MOST = 10_000  # of each kind
Uid = Annotated[Text, Field(min_length=1, max_length=150)]
_Ordinal = Annotated[int, Field(ge=1, le=10_000_000)]


class _InFile(Input):
    model_config = ConfigDict(extra="ignore")


class _SeriesRef(_InFile):
    rule: Text
    mode: Text = "scheduled"


class _Task(_InFile):
    uid: Uid | None = None
    id: Uid | None = None
    title: Title
    notes: Notes = ""
    status: Status = Status.OPEN
    priority: Priority = Priority.NONE
    tags: Tags = ()
    due: DueInput | None = None
    reminders: Annotated[tuple[ReminderInput, ...], Field(max_length=1_000)] = ()
    series: _SeriesRef | None = None
    series_uid: Uid | None = None
    ordinal: _Ordinal | None = None
    occurrence: LocalDateTime | None = None
    completed_at: Instant | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None
    deleted: bool = False
    extra: Annotated[tuple[Text, ...], Field(max_length=200)] = ()


class _Tag(_InFile):
    name: TagName
    colour: Colour | None = None


class _Template(_InFile):
    title: Title
    notes: Notes = ""
    priority: Priority = Priority.NONE
    tags: Tags = ()
    reminders: Reminders = ()


class _Recurrence(_InFile):
    rule: Expression
    mode: Literal["scheduled", "after_completion"] = "scheduled"
    skip_overdue: bool = False
    exdates: Annotated[tuple[LocalDateTime, ...], Field(max_length=1_000)] = ()


class _Series(_InFile):
    uid: Uid
    recurrence: _Recurrence
    start: LocalDateTime
    time_zone: ZoneName | None = None
    all_day: bool
    template: _Template
    is_active: bool = True
    resumed_at: Instant | None = None
    last_ordinal: _Ordinal
    ended_at: Instant | None = None


def read_json(data: bytes) -> Reading:
    """Return what a file holds; a damaged part is left out and named. Raises `InvalidInput` for no such file."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        raise InvalidInput(Fault("", "this is no JSON file")) from None
    if not isinstance(whole, dict) or not isinstance(whole.get("tasks"), list):
        raise InvalidInput(Fault("/tasks", "the file has no list of tasks"))
    if whole.get("format", FORMAT) != FORMAT or whole.get("version", VERSION) != VERSION:
        raise InvalidInput(Fault("/version", f"only {FORMAT} of version {VERSION} is read here"))
    reading = Reading()
    for name, read in (("tags", _read_tag), ("filters", _read_filter), ("series", _read_series)):
        for value in whole[name][:MOST] if isinstance(whole.get(name), list) else ():
            try:
                read(value, reading)
            except (InvalidInput, MalformedBody) as error:
                reading.warnings.append(Note(0, None, f"{name}: {json.dumps(value)[:60]}: {error}"))
    seen: set[str] = set()
    for index, value in enumerate(whole["tasks"]):
        _read_task(index, value, reading, seen)
    return reading


def _read_tag(value: object, reading: Reading) -> None:
    found = parse(_Tag, json.dumps({"name": value} if isinstance(value, str) else value).encode())
    reading.tags.setdefault(found.name, found.colour)


def _read_filter(value: object, reading: Reading) -> None:
    found = parse(NewFilter, json.dumps(value).encode())
    reading.filters.append((found.name, found.query))


def _read_series(value: object, reading: Reading) -> None:
    found = parse(_Series, json.dumps(value).encode())
    template = found.template
    minutes = tuple(r.minutes_before for r in template.reminders if r.minutes_before is not None)
    reading.series[found.uid] = FiledSeries(
        found.uid, RecurrenceInput(**found.recurrence.model_dump()), found.start, found.time_zone, found.all_day,
        Template(template.title, template.notes, template.priority, template.tags, minutes),
        found.is_active, found.resumed_at, found.last_ordinal, found.ended_at,
    )  # fmt: skip


def _read_task(index: int, value: object, reading: Reading, seen: set[str]) -> None:
    given = value.get("uid", value.get("id")) if isinstance(value, dict) else None
    uid = given if isinstance(given, str) else None
    try:
        found = parse(_Task, json.dumps(value).encode())
    except (InvalidInput, MalformedBody) as error:
        reading.rejected.append(Note(index, uid, str(error)))
        return
    if uid is None or uid in seen:
        reading.rejected.append(Note(index, uid, "it has no uid" if uid is None else "this uid stands twice"))
        return
    seen.add(uid)
    reading.tasks.append(_task(index, uid, found, reading))


def _task(index: int, uid: str, found: _Task, reading: Reading) -> FiledTask:
    place = None
    if found.series_uid in reading.series and found.ordinal is not None and found.occurrence is not None:
        place = Place(reading.series[found.series_uid], found.ordinal, found.occurrence)
    lone = found.series if place is None and found.status is Status.OPEN else None
    return FiledTask(
        uid=uid, index=index, title=found.title, notes=found.notes, status=found.status, priority=found.priority,
        tags=found.tags, due=found.due.value() if found.due else None,
        alarms=most_alarms(Alarm(r.minutes_before, r.at) for r in found.reminders),
        repeats=Repeats(lone.rule, lone.mode) if lone else None, completed_at=found.completed_at,
        created_at=found.created_at, modified=found.updated_at, extra=found.extra, place=place,
        gone=found.deleted,
    )  # fmt: skip
