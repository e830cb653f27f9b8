"""Several dates of a year, or times of a day, in one RRULE: BYSETPOS picks them out of the product of the BY parts.

"Every day at 9:00 and 17:30" is BYHOUR=9,17;BYMINUTE=0,30;BYSETPOS=1,4 (RFC 5545 section 3.3.10).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from shared.recurrence.rule import DAYS_IN_MONTH, Rule

# Of one rule; nobody means more.
_MOST_PICKED = 100


def on_dates(dates: Iterable[tuple[int, int]]) -> Rule | None:
    """Return the yearly rule of some (month, day); days from the end are negative. None where no RRULE says it."""
    wanted = set(dates)
    months = tuple(sorted({month for month, _ in wanted}))
    days = tuple(sorted({day for _, day in wanted}, key=lambda day: (day < 0, day)))
    made = Rule("YEARLY", by_month=months, by_month_day=days)
    product = [(month, day) for month in months for day in days if day <= DAYS_IN_MONTH[month - 1]]
    if len(wanted) == len(months) * len(days):
        return made
    # The places of the others must be the same in every year: no 29 February, and nothing counted from the end.
    if min(days) < 0 or (2, 29) in product:
        return None
    return replace(made, by_set_pos=tuple(place for place, date in enumerate(product, 1) if date in wanted))


def at_times(rule: Rule, times: Iterable[dt.time]) -> Rule | None:
    """Return the rule at these times of each of its days; None where no RRULE says it."""
    wanted = sorted(set(times))
    hours = tuple(sorted({time.hour for time in wanted}))
    minutes = tuple(sorted({time.minute for time in wanted}))
    made, size = replace(rule, by_hour=hours, by_minute=minutes), len(hours) * len(minutes)
    if len(wanted) == size and not rule.by_set_pos:
        return made
    if rule.freq == "WEEKLY" and rule.interval == 1 and rule.by_day and not rule.by_set_pos:
        made = replace(made, freq="DAILY")
    # A place too many picks nothing, so the number of days may be the greatest that there can be.
    days = rule.by_set_pos or range(1, _most_days(made) + 1)
    places = [hours.index(time.hour) * len(minutes) + minutes.index(time.minute) for time in wanted]
    picked = [(day - (day > 0)) * size + place + (day > 0) for day in days for place in places]
    if len(picked) > _MOST_PICKED:
        return None
    return replace(made, by_set_pos=tuple(sorted(picked, key=lambda place: (place < 0, place))))


def _most_days(rule: Rule) -> int:
    """Return how many days a period of the rule has at most."""
    if rule.freq == "DAILY":
        return 1
    months = (len(rule.by_month) or 12) if rule.freq == "YEARLY" else 1
    if rule.by_week_no or rule.by_year_day:
        return max(1, len(rule.by_week_no)) * max(len(rule.by_day), len(rule.by_year_day), 1)
    if rule.by_day and rule.freq != "WEEKLY":
        return months * sum(1 if number else 5 for number, _ in rule.by_day)
    return months * max(len(rule.by_day), len(rule.by_month_day)) or 1
