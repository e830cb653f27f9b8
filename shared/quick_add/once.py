"""The due value of a line that does not recur: one day, one time, or both."""

import datetime as dt

from shared.quick_add import dates, foreign, times
from shared.quick_add.calendar import When
from shared.quick_add.words import HOUR_OF, Scan, days_after


def day_and_time(scan: Scan, now: dt.datetime, locale: str) -> tuple[dt.date | None, dt.time | None]:
    """Return the day and the time of day that the words name; a time that has passed today is tomorrow's."""
    english = locale.lower().startswith("en")
    when, found = date_and_times(scan, now, locale, several=False)
    if when is None and not english:
        when = foreign.find(scan, now, locale)
    if when is None and not found and (part := times.part_alone(scan)):
        found = (dt.time(HOUR_OF[part]),)
    time = found[0] if found else when.time if when else None
    if when is None and time is None:
        return None, None
    day = when.date if when else now.date()
    # The small hours of tonight are those that come.
    night = when is not None and when.late and time is not None and time.hour < 6
    if (when is None or night) and time is not None and time <= now.time():
        day = days_after(day, 1) or day
    return day, time


def date_and_times(
    scan: Scan, now: dt.datetime, locale: str, *, several: bool
) -> tuple[When | None, tuple[dt.time, ...]]:
    """Take a date and a time, or with `several` a list of times; a weak date gets a second look.

    A time found after the first look may stand next to it: "friday 9am" at the beginning of a line.
    """
    when = dates.find(scan, now, locale)
    part = times.part_of_day(scan)
    said = "night" if when and when.late else part
    found = times.times(scan, several=several, part=said, exact=times.is_exact(locale))
    if when is None and found:
        when = dates.find(scan, now, locale)
    part = part or times.part_of_day(scan)
    if part and found and HOUR_OF[part] >= 12 > found[0].hour >= 6:
        found = tuple(time.replace(hour=(time.hour + 12) % 24) for time in found)
    return when, found or ((dt.time(HOUR_OF[part]),) if part else ())
