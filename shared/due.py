"""What a due value means: a date (all day), a floating local time, or a local time in an IANA zone.

Local times become instants as RFC 5545 section 3.3.5 says: a time in a gap moves forward by the gap, one in an overlap
is the first of the two. Python's `fold=0` has exactly this meaning.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


@cache
def _zone_names() -> frozenset[str]:
    """Return the names of the IANA database; a system's folder of zones holds other files too (localtime, right/…)."""
    return frozenset((files("tzdata") / "zones").read_text().split()) - {"Factory"}


def zone(name: str) -> ZoneInfo:
    """Return the IANA zone; raises `ValueError` for a name that is none."""
    if name not in _zone_names():
        raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Berlin")
    return ZoneInfo(name)


def instant(local: dt.datetime, zone_name: str) -> dt.datetime:
    """Return the UTC instant of a naive local date-time."""
    return local.replace(tzinfo=zone(zone_name), fold=0).astimezone(dt.UTC)


def local(at: dt.datetime, zone_name: str) -> dt.datetime:
    """Return the naive local date-time of an instant."""
    return at.astimezone(zone(zone_name)).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Due:
    """A date, with a time or all day, in a zone or floating (in whatever zone the user is)."""

    date: dt.date
    time: dt.time | None = None
    zone: str | None = None

    @property
    def local(self) -> dt.datetime:
        """The naive local date-time; midnight for all day."""
        return dt.datetime.combine(self.date, self.time or dt.time())

    def instant(self, user_zone: str) -> dt.datetime:
        """Return the instant in UTC: of the time, or of the start of an all-day date."""
        return instant(self.local, self.zone or user_zone)

    def over(self, user_zone: str) -> dt.datetime:
        """Return the instant from which the task is overdue: its time, or the end of an all-day date."""
        if self.time is not None:
            return self.instant(user_zone)
        return instant(self.local + dt.timedelta(days=1), user_zone)

    def moved_to(self, at: dt.datetime, user_zone: str) -> "Due":
        """Return the timed due value of an instant, in the zone of this one."""
        moved = local(at, self.zone or user_zone)
        return Due(moved.date(), moved.time(), self.zone)
