"""What words and rules mean, as the HTTP interface shows it: the same fields that a task would get of them."""

import datetime as dt

from shared.due import Due, local, zone
from shared.errors import Fault, InvalidInput
from shared.parse_inputs import PreviewInput, TextInput
from shared.payload import LocalDateTime
from shared.plan import placed, recurrence_of
from shared.preview import TooCostlyError, upcoming
from shared.reminder import Owner
from shared.series import Recurrence
from shared.series_view import RecurrenceView, TemplateReminderView, recurrence_view
from shared.task_view import DueView, View, due_view

_FIRST_DATES = 5
_LONGEST_TITLE = 500


class SpanView(View):
    """What was recognised: characters [start, end) of the text as Unicode code points, not UTF-16 units or bytes."""

    start: int
    end: int
    kind: str


class ParsedView(View):
    """What a text says; `occurrences` are the first local date-times of a recurrence, `due` is the first of them.

    `due` floats, as that of a task made of the text does; its instant is that of `time_zone`.
    """

    title: str
    due: DueView | None
    recurrence: RecurrenceView | None
    reminders: tuple[TemplateReminderView, ...]
    priority: str
    tags: tuple[str, ...]
    spans: tuple[SpanView, ...]
    occurrences: tuple[LocalDateTime, ...]


class PreviewView(View):
    """The stored form of a recurrence, its plain English, and its local date-times."""

    recurrence: RecurrenceView
    text: str
    occurrences: tuple[LocalDateTime, ...]


def parsed(wish: TextInput, now: dt.datetime) -> ParsedView:
    """Return what the words say, whatever they are: also what no task can be made of, such as a series that is over."""
    from shared import quick_add, recurrence

    owner = Owner("", wish.time_zone, wish.locale)
    read = quick_add.parse(wish.text, local(wish.now or now, owner.zone), owner.locale, zone(owner.zone))
    due = None if read.date is None else Due(read.date, read.time)
    repeats, dates = None, list[dt.datetime]()
    if read.rule is not None and due is not None:
        repeats = Recurrence(read.rule, recurrence.describe(read.rule), read.mode, exdates=read.exdates)
        dates = _dates(repeats, due.local, owner.zone, _FIRST_DATES, None, "/text")
        timed = due.time is not None or repeats.is_timed
        due = Due(dates[0].date(), dates[0].time() if timed else None) if dates else due
    return ParsedView(
        title=read.title[:_LONGEST_TITLE],
        due=due_view(due, owner) if due else None,
        recurrence=recurrence_view(repeats) if repeats else None,
        reminders=tuple(TemplateReminderView(minutes_before=minutes) for minutes in read.reminders),
        priority=read.priority,
        tags=read.tags,
        spans=tuple(SpanView(start=span.start, end=span.end, kind=span.kind) for span in read.spans),
        occurrences=tuple(dates),
    )


def previewed(wish: PreviewInput, now: dt.datetime) -> PreviewView:
    """Return the dates of a recurrence; raises `InvalidInput` for a rule that is wrong or takes too long."""
    owner = Owner("", wish.time_zone)
    repeats = recurrence_of(wish.recurrence, owner, now)
    assert repeats is not None  # noqa: S101  (none only for no input)
    start, repeats = _start(wish, repeats, local(now, owner.zone))
    after = wish.after
    if after is not None and after.tzinfo is not None:
        after = local(after, owner.zone)
    dates = _dates(repeats, start, owner.zone, wish.count, after, "/recurrence")
    return PreviewView(recurrence=recurrence_view(repeats), text=repeats.text, occurrences=tuple(dates))


def _start(wish: PreviewInput, repeats: Recurrence, here: dt.datetime) -> tuple[dt.datetime, Recurrence]:
    """Return DTSTART: the given one, else what the words say, else today; words may name the time of a date."""
    given = wish.start
    due = Due(given.date(), given.time() if given.time() > dt.time() else None) if given else None
    due, repeats = placed(due, repeats)
    if due is not None:
        return due.local, repeats
    start = here.replace(second=0, microsecond=0) if repeats.is_timed else dt.datetime.combine(here.date(), dt.time())
    return start, repeats


def _dates(
    repeats: Recurrence, start: dt.datetime, zone: str, count: int, after: dt.datetime | None, pointer: str
) -> list[dt.datetime]:
    try:
        return upcoming(repeats, start, zone, count, after)
    except TooCostlyError:
        raise InvalidInput(Fault(pointer, f"finding {count} dates of {repeats.rule} takes too long")) from None
