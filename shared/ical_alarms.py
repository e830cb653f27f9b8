"""VALARM (RFC 5545, section 3.6.6) and reminders, both ways. Pure.

A reminder counts minutes back from the due value, for an all-day date from the user's hour; a relative TRIGGER counts
from DTSTART or DUE, for a date from its midnight. What rings after the due value becomes an instant.
"""

import datetime as dt
import math
from collections.abc import Iterator

from shared.due import Due, instant
from shared.filed_task import Unreadable, most_alarms, whole_second
from shared.ical_lines import Block
from shared.ical_zones import Zones, duration
from shared.input_types import A_YEAR_OF_MINUTES
from shared.reminder import Alarm, Owner


def read_alarms(
    block: Block, start: Due | None, due: Due | None, zones: Zones, owner: Owner, *, recurs: bool
) -> tuple[tuple[Alarm, ...], list[str]]:
    """Return the reminders of a VTODO, and what could not be kept of its alarms."""
    alarms: list[Alarm] = []
    lost: list[str] = []
    for inner in block.inside:
        if inner.name != "VALARM" or _is_silent(inner):
            continue
        try:
            alarm = _alarm(inner, start, due, zones, owner, recurs=recurs)
        except Unreadable as error:
            lost.append(f"VALARM: {error}")
            continue
        if inner.first("REPEAT") is not None:
            lost.append("VALARM: it rings once, REPEAT is not kept")
        alarms.append(alarm)
    kept = most_alarms(dict.fromkeys(alarms))
    if len(kept) < len(set(alarms)):
        lost.append(f"VALARM: only {len(kept)} reminders are kept")
    return kept, lost


def write_alarm(alarm: Alarm, due: Due | None, owner: Owner) -> Iterator[tuple[str, str]]:
    """Yield the lines of a VALARM, each as name with parameters, and value."""
    yield "BEGIN", "VALARM"
    yield "ACTION", "DISPLAY"
    yield "DESCRIPTION", "Reminder"
    if alarm.at is not None:
        yield "TRIGGER;VALUE=DATE-TIME", f"{alarm.at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    else:
        offset = -(alarm.minutes_before or 0)
        if due is not None and due.time is None:
            offset += owner.all_day_reminder_time.hour * 60 + owner.all_day_reminder_time.minute
        yield "TRIGGER;RELATED=END", f"{'-' if offset < 0 else ''}PT{abs(offset)}M"
    yield "END", "VALARM"


def _is_silent(block: Block) -> bool:
    """Tell whether an alarm never rings: Apple writes such ones to switch a default off."""
    action = block.first("ACTION")
    return action is not None and action.value.strip().upper() == "NONE"


def _alarm(block: Block, start: Due | None, due: Due | None, zones: Zones, owner: Owner, *, recurs: bool) -> Alarm:
    trigger = block.first("TRIGGER")
    if block.fault or trigger is None:
        raise Unreadable(block.fault or "it has no TRIGGER")
    if "P" not in trigger.value.upper():
        at = zones.due(trigger)
        return Alarm(at=whole_second(_rings(at, owner)))
    length = duration(trigger.value, "TRIGGER")
    from_end = trigger.parameters.get("RELATED", "START").strip().upper() == "END"
    anchor = (due or start) if from_end else (start or due)
    if anchor is None or due is None:
        raise Unreadable("it counts from a date, and the task has none")
    fires = instant(anchor.local, anchor.zone or owner.zone) + length
    before = _rings(due, owner) - fires
    if anchor.time is None and due.time is None:
        # By the clock on the wall: a day on which clocks change has its midnight and its morning like any other.
        before = dt.datetime.combine(due.date, owner.all_day_reminder_time) - (anchor.local + length)
    minutes = math.ceil(before.total_seconds() / 60)
    if 0 <= minutes <= A_YEAR_OF_MINUTES:
        return Alarm(minutes_before=minutes)
    if recurs:
        raise Unreadable("it rings after the due value, or more than a year before it")
    return Alarm(at=whole_second(fires))


def _rings(due: Due, owner: Owner) -> dt.datetime:
    """Return the instant that a reminder counts back from."""
    return instant(dt.datetime.combine(due.date, due.time or owner.all_day_reminder_time), due.zone or owner.zone)
