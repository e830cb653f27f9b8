"""Tasks to iCalendar (RFC 5545): VTODO components, their time zones, and the frame around them. Pure.

A recurring task is a master at its open occurrence, whose rule goes on from there, and an override where that
occurrence differs. Closed occurrences are to-dos of their own: few programs read the past from overrides, and those
that read none show what is to be done now.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

from shared.due import Due
from shared.filed_task import FiledTask, plain, plain_name
from shared.ical_alarms import write_alarm
from shared.reminder import Owner
from shared.series import SCHEDULED
from shared.task import Priority, Status

HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Ebb//Ebb//EN\r\nCALSCALE:GREGORIAN\r\n"
END = b"END:VCALENDAR\r\n"
_STATUS = {Status.OPEN: "NEEDS-ACTION", Status.COMPLETED: "COMPLETED", Status.SKIPPED: "CANCELLED"}
_PRIORITY = {Priority.URGENT: 1, Priority.HIGH: 3, Priority.MEDIUM: 5, Priority.LOW: 9}
_WIDTH = 75  # bytes of a line; section 3.1
_YEARS_BACK, _YEARS_AHEAD = 10, 30
Lines = Iterator[tuple[str, str]]


def write_task(task: FiledTask, owner: Owner, now: dt.datetime) -> bytes:
    """Return the VTODO of a task, and the one that overrides its open occurrence where there is something to say."""
    lines = list(_todo(task, owner, now))
    if task.changed is not None and task.due is not None:
        lines += _todo(task.changed, owner, now, overrides=task)
    return b"".join(_folded(f"{name}:{value}") for name, value in lines)


def write_event(task: FiledTask, owner: Owner, now: dt.datetime) -> bytes:
    """Return a task as an event at its due value, for calendars that show no to-dos; nothing for one without."""
    here = task.changed or task
    if task.due is None or here.due is None:
        return b""
    lines = list(_todo(task, owner, now))
    if task.changed is not None:
        lines += _todo(task.changed, owner, now, overrides=task)
    return b"".join(_folded(f"{name}:{value}") for name, value in map(_of_event, lines) if name)


def _of_event(line: tuple[str, str]) -> tuple[str, str]:
    name, value = line
    kind, semicolon, parameters = name.partition(";")
    if kind in {"STATUS", "COMPLETED", "DTSTART"}:
        return "", ""
    kind = "DTSTART" if kind == "DUE" else kind
    return f"{kind}{semicolon}{parameters}".replace(";RELATED=END", ""), "VEVENT" if kind in {
        "BEGIN",
        "END",
    } and value == "VTODO" else value


def write_zones(names: Iterable[str], now: dt.datetime) -> bytes:
    """Return a VTIMEZONE for each IANA zone."""
    from icalendar import Timezone

    first, last = dt.date(now.year - _YEARS_BACK, 1, 1), dt.date(now.year + _YEARS_AHEAD, 1, 1)
    made = (Timezone.from_tzid(name, first_date=first, last_date=last) for name in sorted(names) if name != "UTC")
    return b"".join(zone.to_ical() for zone in made)


def zones_of(task: FiledTask) -> set[str]:
    """Return the zones that a task names."""
    dues = (task.due, task.changed.due if task.changed else None)
    return {due.zone for due in dues if due is not None and due.zone is not None}


def _todo(task: FiledTask, owner: Owner, now: dt.datetime, overrides: FiledTask | None = None) -> Lines:
    yield "BEGIN", "VTODO"
    yield "UID", _escaped((overrides or task).uid)
    yield "DTSTAMP", _utc(now)
    if overrides is not None and overrides.due is not None:
        yield _moment("RECURRENCE-ID", overrides.due)
    yield "SUMMARY", _escaped(plain_name(task.title))
    if task.notes:
        yield "DESCRIPTION", _escaped(task.notes)
    yield "STATUS", _STATUS[task.status]
    if task.priority is not Priority.NONE:
        yield "PRIORITY", str(_PRIORITY[task.priority])
    if task.tags:
        yield "CATEGORIES", ",".join(_escaped(plain_name(tag)) for tag in task.tags)
    if task.due is not None:
        yield _moment("DUE", task.due)
    yield from _repeats(task)
    for name, at in (("CREATED", task.created_at), ("LAST-MODIFIED", task.modified), ("COMPLETED", task.completed_at)):
        if at is not None:
            yield name, _utc(at)
    yield "SEQUENCE", str(task.sequence)
    for raw in task.extra:
        name, _, value = raw.partition(":")
        yield name, value
    for alarm in task.alarms:
        yield from write_alarm(alarm, task.due, owner)
    yield "END", "VTODO"


def _repeats(task: FiledTask) -> Lines:
    repeats, due = task.repeats, task.due
    if repeats is None or due is None:
        return
    yield _moment("DTSTART", due)
    # RFC 7529, section 4.1: SKIP needs RSCALE.
    yield "RRULE", f"{'RSCALE=GREGORIAN;' if 'SKIP=' in repeats.rule else ''}{repeats.rule}"
    for date in repeats.exdates:
        yield _moment("EXDATE", Due(date.date(), None if due.time is None else date.time(), due.zone))
    if repeats.mode != SCHEDULED:
        yield "X-EBB-MODE", repeats.mode
    for name, said in (("X-EBB-SKIP-OVERDUE", repeats.skip_overdue), ("X-EBB-PAUSED", repeats.paused)):
        if said:
            yield name, "TRUE"


def _moment(name: str, due: Due) -> tuple[str, str]:
    if due.time is None:
        return f"{name};VALUE=DATE", f"{due.date:%Y%m%d}"
    text = f"{due.local:%Y%m%dT%H%M%S}"
    if due.zone == "UTC":
        return name, f"{text}Z"
    return (name if due.zone is None else f"{name};TZID={due.zone}"), text


def _utc(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Return TEXT (section 3.3.11)."""
    return plain(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    data = line.encode()
    if len(data) <= _WIDTH:
        return data + b"\r\n"
    parts, start, width = [], 0, _WIDTH
    while start < len(data):
        end = min(start + width, len(data))
        # A character is not cut in two, though readers have to put up with it.
        while end < len(data) and data[end] & 0b1100_0000 == 0b1000_0000:
            end -= 1
        parts.append(data[start:end])
        start, width = end, _WIDTH - 1
    return b"\r\n ".join(parts) + b"\r\n"
