"""Recurring VTODOs: the rule of the master, and the overrides of its occurrences (RFC 5545, sections 3.8.4.4, 3.8.5).

Ebb keeps one open occurrence of a series. What a file says about it becomes that occurrence; every other override is a
task of its own, and its date an EXDATE of the series: nothing is lost, and nothing comes twice.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace

from shared import recurrence
from shared.due import Due, local
from shared.filed_task import FiledTask, Note, Reading, Repeats, Unreadable
from shared.ical_lines import Block
from shared.ical_zones import Zones, local_in
from shared.reminder import Owner
from shared.series import AFTER_COMPLETION, SCHEDULED
from shared.task import Status

_COUNT = re.compile(r"COUNT=(\d+)")
_UNTIL_UTC = re.compile(r"(?<=UNTIL=)\d{8}T\d{6}Z")
_MOST_PASSED = 1_000  # occurrences that are looked through for the open one


@dataclass(slots=True)
class Component:
    """A VTODO with its DTSTART; `dates` are its EXDATEs, `recurrence_id` what it overrides."""

    task: FiledTask
    start: Due | None
    dates: "Dates"


@dataclass(slots=True)
class Dates:
    """The dates that lines of a VTODO name."""

    excluded: tuple[Due, ...] = ()
    overrides: Due | None = None


def read_repeats(
    block: Block, start: Due | None, due: Due | None, zones: Zones
) -> tuple[Repeats | None, Dates, list[str]]:
    """Return the rule, the dates that are excluded or overridden, and what is not kept. Raises `Unreadable`."""
    rules = block.lines.get("RRULE", [])
    override = block.first("RECURRENCE-ID")
    dates = Dates(overrides=zones.due(override) if override else None)
    lost = ["RDATE is not kept: a series has no dates beside its rule"] if block.first("RDATE") else []
    if override is not None and override.parameters.get("RANGE"):
        lost.append("RANGE=THISANDFUTURE is not kept: the change is that of one occurrence")
    if not rules or override is not None:
        return None, dates, lost
    if len(rules) > 1:
        raise Unreadable("RRULE: it stands more than once")
    if start is None and due is None:
        raise Unreadable("RRULE: there is neither DTSTART nor DUE to count from")
    try:
        rule = recurrence.canonical(rules[0].value.replace(" ", ""))
    except recurrence.RuleError as error:
        raise Unreadable(f"RRULE: {error}") from None
    dates.excluded = tuple(
        zones.moment(text, line.parameters.get("TZID"), "EXDATE")
        for line in block.lines.get("EXDATE", ())
        for text in line.value.split(",")
        if text.strip()
    )
    return (
        Repeats(rule, _mode(block), _said(block, "X-EBB-SKIP-OVERDUE"), (), _said(block, "X-EBB-PAUSED")),
        dates,
        lost,
    )


def join(components: list[Component], reading: Reading, owner: Owner) -> None:
    """Put masters and their overrides together into the tasks of `reading`."""
    masters: dict[str, Component] = {}
    overrides: dict[str, dict[str, Component]] = {}
    for component in components:
        uid = component.task.uid
        if component.dates.overrides is not None:
            overrides.setdefault(uid, {}).setdefault(_own(component, owner).uid, component)
            if component not in overrides[uid].values():
                reading.rejected.append(Note(component.task.index, uid, "this RECURRENCE-ID stands twice in the file"))
        elif uid in masters:
            reading.rejected.append(Note(component.task.index, uid, "this UID stands twice in the file"))
        else:
            masters[uid] = component
    for uid, master in masters.items():
        try:
            reading.tasks += _joined(master, [*overrides.pop(uid, {}).values()], owner)
        except Unreadable as error:
            reading.rejected.append(Note(master.task.index, uid, str(error)))
    for alone in overrides.values():
        reading.tasks += [_own(component, owner) for component in alone.values()]
    _keep_one_each(reading)


def _keep_one_each(reading: Reading) -> None:
    once: dict[str, FiledTask] = {}
    for task in sorted(reading.tasks, key=lambda task: task.index):
        if once.setdefault(task.uid, task) is not task:
            reading.rejected.append(Note(task.index, task.uid, "this occurrence stands twice in the file"))
    reading.tasks[:] = once.values()


def _joined(master: Component, changed: list[Component], owner: Owner) -> list[FiledTask]:
    task, repeats = master.task, master.task.repeats
    if repeats is None or task.due is None:
        return [task, *(_own(component, owner) for component in changed)]
    anchor, moved = _anchor(master, repeats)
    excluded = {local_in(moment, anchor, owner.zone) for moment in master.dates.excluded}
    by_date = {local_in(c.dates.overrides, anchor, owner.zone): c for c in changed if c.dates.overrides}
    closed = {date for date, component in by_date.items() if component.task.status is not Status.OPEN}
    first, passed = _open_one(_local(repeats.rule, anchor.zone or owner.zone), anchor.local, excluded | closed)
    if first is None and not changed:
        raise Unreadable("RRULE: no occurrence is left that is not excluded")
    if first is None:  # every occurrence is done
        return [_own(component, owner) for component in changed]
    own = [component for date, component in by_date.items() if date != first]
    later = {date for date in excluded | by_date.keys() if date > first}
    current = by_date.get(first)
    series = replace(
        task,
        due=Due(first.date(), None if anchor.time is None else first.time(), anchor.zone),
        repeats=replace(repeats, rule=_counted(repeats.rule, passed), exdates=tuple(sorted(later))),
        changed=current.task if current else None,
    )
    if series.changed is not None and series.changed.due is None:
        series = replace(series, changed=replace(series.changed, due=series.due))
    if moved is not None and current is None and first == anchor.local:
        series = replace(series, changed=replace(series, due=moved, repeats=None))
    return [series, *(_own(component, owner) for component in own)]


def _anchor(master: Component, repeats: Repeats) -> tuple[Due, Due | None]:
    """Return the date-time the rule counts from, and where the first task is due if that is another.

    A to-do that begins on Monday and is due on Friday recurs on Mondays; Ebb knows only when it is due. Where the rule
    fits the due value as well it is counted from there; otherwise from the start.
    """
    due, start = master.task.due, master.start
    if due is None or start is None or start == due:
        return due or start or Due(dt.date.min), None
    fits = recurrence.first_from(repeats.rule, due.local) == due.local
    return (due, None) if fits else (start, due)


def _open_one(rule: str, start: dt.datetime, passed: set[dt.datetime]) -> tuple[dt.datetime | None, int]:
    """Return the first occurrence that is neither excluded nor closed, and how many stand before it."""
    limit = recurrence.limit(rule)
    found = recurrence.first_from(rule, start)
    count = 0
    while found is not None and found in passed and count < _MOST_PASSED:
        found, count = recurrence.next_after(rule, start, found), count + 1
    return (None if limit is not None and count >= limit else found), count


def _local(rule: str, zone_name: str) -> str:
    """Return the rule with an UNTIL in UTC as local time: the engine knows no zones."""
    return _UNTIL_UTC.sub(lambda m: f"{local(dt.datetime.fromisoformat(m[0]), zone_name):%Y%m%dT%H%M%S}", rule)


def _counted(rule: str, passed: int) -> str:
    return _COUNT.sub(lambda match: f"COUNT={int(match[1]) - passed}", rule)


def _own(component: Component, owner: Owner) -> FiledTask:
    """Return an override as a task of its own; its UID is that of the series with its date."""
    task, moment = component.task, component.dates.overrides
    if moment is None:
        return task
    at = moment.instant(owner.zone) if moment.time is not None else moment.local
    return replace(task, uid=f"{task.uid}#{at:%Y%m%dT%H%M%S}", repeats=None)


def _mode(block: Block) -> str:
    line = block.first("X-EBB-MODE")
    return AFTER_COMPLETION if line is not None and line.value.strip() == AFTER_COMPLETION else SCHEDULED


def _said(block: Block, name: str) -> bool:
    line = block.first(name)
    return line is not None and line.value.strip().upper() == "TRUE"
