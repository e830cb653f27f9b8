"""iCalendar (RFC 5545) to tasks: VTODO components, each on its own. Pure: no storage, no clock.

What Ebb has no field for is kept as it was written and goes out again. A damaged component is left out and named; what
of a good one could not be kept is a warning.
"""

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256

from shared.due import Due
from shared.errors import Fault, InvalidInput
from shared.filed_task import FiledTask, Note, Reading, Unreadable, plain, whole_second
from shared.ical_alarms import read_alarms
from shared.ical_lines import Block, Line, blocks, split_list
from shared.ical_series import Component, join, read_repeats
from shared.ical_zones import Zones, duration, later
from shared.reminder import Owner
from shared.task import Priority, Status

_STATUS = {
    "NEEDS-ACTION": Status.OPEN, "IN-PROCESS": Status.OPEN, "COMPLETED": Status.COMPLETED, "CANCELLED": Status.SKIPPED,
}  # fmt: skip
# Section 3.8.1.9: 1 is the highest, 5 normal, 9 the lowest, 0 undefined.
_PRIORITY = {0: Priority.NONE, 1: Priority.URGENT, 5: Priority.MEDIUM} | dict.fromkeys((2, 3, 4), Priority.HIGH)
# Fields of a task, and what every export writes anew.
_OURS = frozenset({
    "UID", "SUMMARY", "DESCRIPTION", "STATUS", "PRIORITY", "CATEGORIES", "DUE", "DTSTART", "DURATION", "COMPLETED",
    "CREATED", "LAST-MODIFIED", "DTSTAMP", "SEQUENCE", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID",
    "X-EBB-MODE", "X-EBB-SKIP-OVERDUE", "X-EBB-PAUSED",
})  # fmt: skip
_EXTRA = 8_000  # characters of it in all
_LONGEST_UID = 600  # bytes: it is a key
TITLE = 500


@dataclass(slots=True)
class _Reader:
    zones: Zones
    owner: Owner
    reading: Reading

    def component(self, index: int, block: Block) -> Component:
        """Return a VTODO. Raises `Unreadable`."""
        if block.name != "VTODO":
            raise Unreadable(f"{block.name[:40]}: only VTODO components are tasks")
        if block.fault is not None:
            raise Unreadable(block.fault)
        self.zones.odd.clear()
        uid = _uid(block)
        start, due, lost = self._times(block)
        repeats, dates, more = read_repeats(block, start, due, self.zones)
        alarms, silent = read_alarms(block, start, due, self.zones, self.owner, recurs=repeats is not None)
        title, notes = _texts(block)
        status, modified = _status(block), self._instant(block, "LAST-MODIFIED", "DTSTAMP")
        task = FiledTask(
            uid=uid, index=index, title=title, notes=notes, status=status, priority=_priority(block),
            tags=tuple(tag for line in block.lines.get("CATEGORIES", ()) for tag in split_list(line.value)), due=due,
            alarms=alarms, repeats=None if status is not Status.OPEN else repeats,
            completed_at=None if status is Status.OPEN else self._instant(block, "COMPLETED") or modified,
            created_at=self._instant(block, "CREATED"), modified=modified,
            sequence=_number(block, "SEQUENCE"), extra=_extra(block),
        )  # fmt: skip
        for reason in dict.fromkeys([*lost, *more, *silent, *self.zones.odd]):
            self.reading.warnings.append(Note(index, uid, reason))
        return Component(task, start, dates)

    def _times(self, block: Block) -> tuple[Due | None, Due | None, list[str]]:
        """Return DTSTART, and what the task is due at; a start alone is a due value."""
        start = self._due(block, "DTSTART")
        due = self._due(block, "DUE")
        length = block.first("DURATION")
        if due is None and start is not None:
            due = start if length is None else later(start, duration(length.value, "DURATION"), self.owner.zone)
        lost = ["DTSTART is not kept beside DUE"] if start and start != due and not block.first("RRULE") else []
        return start, due, lost

    def _due(self, block: Block, name: str) -> Due | None:
        line = block.first(name)
        return None if line is None or not line.value.strip() else self.zones.due(line)

    def _instant(self, block: Block, *names: str) -> dt.datetime | None:
        """Return the first of these that is an instant; a damaged one is no reason to leave a task out."""
        for name in names:
            line = block.first(name)
            if line is None:
                continue
            try:
                return whole_second(self.zones.due(line).instant(self.owner.zone))
            except Unreadable as error:
                self.zones.odd.append(str(error))
        return None


def read_ical(data: bytes, owner: Owner) -> Reading:
    """Return the tasks of a file, its damaged components, and what was not kept. `index` counts all but time zones.

    Raises `InvalidInput` for what is no calendar at all.
    """
    reading = Reading()
    reader = _Reader(Zones(owner.zone), owner, reading)
    found = list(blocks(data))
    if not found and b"BEGIN:VCALENDAR" not in data[:1_000].upper():
        raise InvalidInput(Fault("", "this is no iCalendar file: it does not begin with BEGIN:VCALENDAR"))
    for block in found:
        if block.name == "VTIMEZONE":
            reader.zones.define(block)
    components: list[Component] = []
    for index, block in enumerate(block for block in found if block.name != "VTIMEZONE"):
        try:
            components.append(reader.component(index, block))
        except Unreadable as error:
            uid = block.first("UID")
            reading.rejected.append(Note(index, uid.text.strip()[:_LONGEST_UID] if uid else None, str(error)))
    join(components, reading, owner)
    return reading


def _uid(block: Block) -> str:
    line = block.first("UID")
    uid = line.text.strip() if line else ""
    if not uid:
        # The same component gets the same one again: only what an export stamps anew is left aside.
        told = sorted(line.raw for name, lines in block.lines.items() if name != "DTSTAMP" for line in lines)
        return f"ebb-{sha256(repr(told).encode()).hexdigest()}"
    if len(uid.encode("utf-8", "surrogatepass")) > _LONGEST_UID:
        raise Unreadable(f"UID is longer than {_LONGEST_UID} bytes")
    return uid


def _texts(block: Block) -> tuple[str, str]:
    """Return title and notes: what does not fit into a title stays in the notes."""
    summary, description = block.first("SUMMARY"), block.first("DESCRIPTION")
    title = summary.text.strip() if summary else ""
    notes = description.text.replace("\r\n", "\n") if description else ""
    if not title:
        title = next((line.strip() for line in notes.splitlines() if line.strip()), "")[:TITLE]
    if not title:
        raise Unreadable("it has neither SUMMARY nor DESCRIPTION")
    if len(title) > TITLE:
        title, notes = title[: TITLE - 1].rstrip() + "…", f"{title}\n\n{notes}".rstrip()
    return title, notes


def _status(block: Block) -> Status:
    line = block.first("STATUS")
    if line is None:
        done = block.first("COMPLETED") or _number(block, "PERCENT-COMPLETE") >= 100
        return Status.COMPLETED if done else Status.OPEN
    status = _STATUS.get(line.value.strip().upper())
    if status is None:
        raise Unreadable(f"STATUS: {line.value[:40]!r} is none of {', '.join(_STATUS)}")
    return status


def _priority(block: Block) -> Priority:
    return _PRIORITY.get(_number(block, "PRIORITY"), Priority.LOW)


def _number(block: Block, name: str) -> int:
    line = block.first(name)
    text = line.value.strip() if line else "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Unreadable(f"{name}: {text[:40]!r} is no number")
    if name == "PRIORITY" and int(text) > 9:
        raise Unreadable(f"PRIORITY: {text} is not from 0 to 9")
    return int(text)


def _extra(block: Block) -> tuple[str, ...]:
    lines = [line for name, found in block.lines.items() if name not in _OURS for line in found if _keeps(line)]
    kept, size = [], 0
    for line in lines:
        size += len(line.raw)
        if size > _EXTRA:
            break
        kept.append(line.raw)
    return tuple(kept)


def _keeps(line: Line) -> bool:
    if line.name == "PERCENT-COMPLETE" or plain(line.raw) != line.raw:
        return False
    # Quoted-printable is not of this standard, and a TZID would need its VTIMEZONE.
    return "TZID" not in line.parameters and "QUOTED-PRINTABLE" not in line.raw.upper()
