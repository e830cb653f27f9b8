"""What the times of an iCalendar file mean: dates, floating, UTC, and local times of whatever zone the file names.

A TZID that is no IANA name may be one of Windows, an IANA name behind a vendor's prefix, or one that only the file
defines (VTIMEZONE, RFC 5545 section 3.6.5). The last becomes the user's own zone where both agree all year round, and a
fixed offset otherwise: a made-up name tells no place, and a guessed place would move the task one day.
"""

import datetime as dt
import re
from collections.abc import Callable

from shared.due import Due, instant, local, zone
from shared.filed_task import Unreadable
from shared.ical_lines import Block, Line
from shared.input_types import YEARS

_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?(Z)?)?", re.ASCII)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?", re.ASCII
)
_A_LIFETIME = dt.timedelta(days=36_525)
_SAMPLES = 24  # months over which two zones must agree


class Zones:
    """The zones of one file. `user_zone` is that of its reader; `odd` collects what could not be kept as it was."""

    def __init__(self, user_zone: str) -> None:
        self.user_zone = user_zone
        self.odd: list[str] = []
        self._definitions: dict[str, Block] = {}
        self._known: dict[str, str | None] = {}
        self._offsets: dict[str, Callable[[dt.datetime], dt.timedelta] | None] = {}

    def define(self, block: Block) -> None:
        """Take a VTIMEZONE of the file."""
        name = block.first("TZID")
        if name is not None and block.fault is None:
            self._definitions[name.value] = block

    def due(self, line: Line) -> Due:
        """Return what a DATE or DATE-TIME line means. Raises `Unreadable`."""
        return self.moment(line.value, line.parameters.get("TZID"), line.name)

    def moment(self, text: str, tzid: str | None, what: str) -> Due:
        """Return what one value means. Raises `Unreadable`."""
        match = _MOMENT.fullmatch(text.strip())
        if match is None:
            raise Unreadable(f"{what}: {text[:40]!r} is neither a date nor a date-time")
        try:
            day = dt.date(int(match[1]), int(match[2]), int(match[3]))
            # RFC 5545, section 3.3.12: a leap second counts as the second before it.
            time = None if match[4] is None else dt.time(int(match[4]), int(match[5]), min(int(match[6] or 0), 59))
        except ValueError as error:
            raise Unreadable(f"{what}: {text[:40]!r}: {error}") from None
        if not YEARS[0] <= day.year < YEARS[1]:
            raise Unreadable(f"{what}: the year must lie between {YEARS[0]} and {YEARS[1]}")
        if time is None:
            return Due(day)
        if match[7]:
            return Due(day, time, "UTC")
        return Due(day, time) if not tzid else self._zoned(dt.datetime.combine(day, time), tzid)

    def _zoned(self, here: dt.datetime, tzid: str) -> Due:
        if tzid not in self._known:
            self._known[tzid] = _iana(tzid) or self._described(tzid)
        name = self._known[tzid]
        if name is not None:
            return Due(here.date(), here.time(), name)
        offset = self._offset(tzid)
        if offset is None:
            self.odd.append(f"the time zone {tzid[:60]!r} is unknown: the time is kept without one")
            return Due(here.date(), here.time())
        self.odd.append(f"the time zone {tzid[:60]!r} is kept as its offset from UTC")
        return _fixed(here, offset(here))

    def _described(self, tzid: str) -> str | None:
        """Return the IANA zone that the definition names, or that of the user where it is the same."""
        block = self._definitions.get(tzid)
        if block is None:
            return None
        for name in ("X-LIC-LOCATION", "TZID-ALIAS-OF"):
            line = block.first(name)
            if line is not None and (found := _iana(line.value)):
                return found
        offset, year = self._offset(tzid), 2026
        if offset is None:
            return None
        mine = zone(self.user_zone)
        months = (dt.datetime(year + n // 12, n % 12 + 1, 15, 12) for n in range(_SAMPLES))  # noqa: DTZ001  (local)
        return self.user_zone if all(offset(at) == at.replace(tzinfo=mine).utcoffset() for at in months) else None

    def _offset(self, tzid: str) -> Callable[[dt.datetime], dt.timedelta] | None:
        if tzid not in self._offsets:
            block = self._definitions.get(tzid)
            self._offsets[tzid] = None if block is None else _offset_of(block)
        return self._offsets[tzid]


def duration(text: str, what: str) -> dt.timedelta:
    """Return a DURATION (RFC 5545, section 3.3.6). Raises `Unreadable`."""
    match = _DURATION.fullmatch(text.strip().upper())
    if match is None or not any(match.groups()[1:]):
        raise Unreadable(f"{what}: {text[:40]!r} is no duration such as PT15M")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if length > _A_LIFETIME:
        raise Unreadable(f"{what}: {text[:40]!r} is longer than a hundred years")
    return -length if match[1] == "-" else length


def later(start: Due, length: dt.timedelta, user_zone: str) -> Due:
    """Return the due value so much later: days are days of the calendar, hours are hours that pass (section 3.3.6)."""
    days, rest = dt.timedelta(days=length.days), dt.timedelta(seconds=length.seconds)
    try:
        moved = start.local + days
        if start.time is None and not rest:
            return Due(moved.date())
        here = Due(moved.date(), moved.time(), start.zone)
        if start.zone is not None:
            return here.moved_to(here.instant(user_zone) + rest, user_zone)
        return Due((moved + rest).date(), (moved + rest).time())
    except OverflowError:
        raise Unreadable("DURATION: ends after the calendar does") from None


def local_in(moment: Due, series: Due, user_zone: str) -> dt.datetime:
    """Return the local date-time of the series that a moment (EXDATE, RECURRENCE-ID) names."""
    if moment.time is None or series.time is None:
        # A date stands for the occurrence on that day: files of all kinds mix the two forms.
        return dt.datetime.combine(moment.date, series.time or dt.time())
    if moment.zone == series.zone:
        return moment.local
    return local(moment.instant(user_zone), series.zone or user_zone)


def _iana(tzid: str) -> str | None:
    parts = tzid.strip().strip("/").split("/")
    for size in (3, 2, 1):
        name = "/".join(parts[-size:]).replace(" ", "_")
        try:
            zone(name)
        except ValueError:
            continue
        return name
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return WINDOWS_TO_OLSON.get(tzid.strip())


def _fixed(here: dt.datetime, offset: dt.timedelta) -> Due:
    hours, rest = divmod(offset, dt.timedelta(hours=1))
    if not rest and -12 <= hours <= 14 and hours:
        return Due(here.date(), here.time(), f"Etc/GMT{-hours:+d}")  # POSIX: west of Greenwich counts up
    at = instant(here - offset, "UTC")
    return Due(at.date(), at.time(), "UTC")


def _offset_of(block: Block) -> Callable[[dt.datetime], dt.timedelta] | None:
    """Return the offset from UTC at a local date-time, as the definition has it; None where it makes no sense."""
    from icalendar import Timezone

    inner = (f"BEGIN:{b.name}\r\n{_text(b)}END:{b.name}\r\n" for b in block.inside)
    try:
        parsed = Timezone.from_ical(f"BEGIN:VTIMEZONE\r\n{_text(block)}{''.join(inner)}END:VTIMEZONE\r\n")
        made = parsed.to_tz() if isinstance(parsed, Timezone) else None
        if made is None or dt.datetime(2026, 1, 1, tzinfo=made).utcoffset() is None:
            return None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        return None  # the library's own ways to say that a definition is damaged
    return lambda here: here.replace(tzinfo=made).utcoffset() or dt.timedelta()


def _text(block: Block) -> str:
    return "".join(f"{line.raw}\r\n" for lines in block.lines.values() for line in lines)
