"""A rule in plain English, for lists, mails and screen readers."""

from collections.abc import Iterable

from shared.recurrence.grammar import parse
from shared.recurrence.rule import Rule

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_UNITS = {
    "SECONDLY": "second",
    "MINUTELY": "minute",
    "HOURLY": "hour",
    "DAILY": "day",
    "WEEKLY": "week",
    "MONTHLY": "month",
    "YEARLY": "year",
}
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_WORKDAYS = ((0, 0), (0, 1), (0, 2), (0, 3), (0, 4))
_WEEKEND = ((0, 5), (0, 6))
_MOST_TIMES = 6


def describe(rule: str) -> str:
    """Return the rule as words such as "every 2 weeks on Monday and Friday, 5 times"; raises `RuleError`."""
    parsed = parse(rule)
    return _every(parsed) + _times(parsed) + _end(parsed)


def _every(rule: Rule) -> str:
    unit = _UNITS[rule.freq]
    if rule.interval == 1 and rule.freq in {"DAILY", "WEEKLY"} and not (rule.by_set_pos or rule.by_month_day):
        months = f" in {_months(rule)}" if rule.by_month else ""
        for days, name in ((_WORKDAYS, "weekday"), (_WEEKEND, "weekend day")):
            if rule.by_day == days:
                return f"every {name}{months}"
        if rule.by_day:
            return f"every {_listed(_DAYS[day] for _, day in rule.by_day)}{months}"
    every = f"every {rule.interval} {unit}s" if rule.interval > 1 else f"every {unit}"
    return every + _days(rule)


def _days(rule: Rule) -> str:
    plain = not (rule.by_day or rule.by_set_pos)
    if rule.freq == "YEARLY" and rule.by_month and rule.by_month_day and plain:
        return f" on {_dates(rule)}"
    parts = []
    if rule.by_day:
        parts.append(f"on {_weekdays(rule)}")
    if rule.by_month_day:
        parts.append(f"on {_month_days(rule)}")
    if rule.by_year_day:
        parts.append(f"on day {_listed(map(_plain, rule.by_year_day))} of the year")
    if rule.by_week_no:
        parts.append(f"in week {_listed(map(_plain, rule.by_week_no))}")
    if rule.by_month:
        parts.append(f"in {_months(rule)}")
    if rule.by_set_pos and not rule.by_day:
        parts.append(f"(only the {_listed(map(_nth, rule.by_set_pos))} of these)")
    return "".join(f" {part}" for part in parts)


def _weekdays(rule: Rule) -> str:
    if rule.by_set_pos:
        names = {_WORKDAYS: "weekday", _WEEKEND: "weekend day", tuple((0, day) for day in range(7)): "day"}
        name = names.get(rule.by_day) or _listed((_DAYS[day] for _, day in rule.by_day), "or")
        return f"the {_listed(map(_nth, rule.by_set_pos))} {name}"
    return _listed(f"the {_nth(nth)} {_DAYS[day]}" if nth else _DAYS[day] for nth, day in rule.by_day)


def _month_days(rule: Rule) -> str:
    words = [f"the {_nth(day, spelled=False)}" if day > 0 else f"the {_nth(day)} day" for day in rule.by_month_day]
    late = {"BACKWARD": " or the last day", "FORWARD": " or the first day after"}.get(rule.skip, "")
    return _listed(words) + (late if any(day > 28 for day in rule.by_month_day) else "")


def _dates(rule: Rule) -> str:
    dates = [
        f"{day} {_MONTHS[month - 1]}" if day > 0 else f"the {_nth(day)} day of {_MONTHS[month - 1]}"
        for month in rule.by_month
        for day in rule.by_month_day
    ]
    return _listed(dates)


def _months(rule: Rule) -> str:
    return _listed(_MONTHS[month - 1] for month in rule.by_month)


def _times(rule: Rule) -> str:
    if not rule.by_hour:
        minutes = f" at minute {_listed(map(str, rule.by_minute))}" if rule.by_minute else ""
        return minutes + (f" at second {_listed(map(str, rule.by_second))}" if rule.by_second else "")
    hours = _listed(map(str, rule.by_hour))
    if rule.freq in {"SECONDLY", "MINUTELY"} or len(rule.by_hour) * len(rule.by_minute or (0,)) > _MOST_TIMES:
        minutes = f" at minute {_listed(map(str, rule.by_minute))}" if rule.by_minute else ""
        return f"{minutes} in the hours {hours}"
    if not rule.by_minute:
        return f" in the hours {hours}" if len(rule.by_hour) > 1 else f" in the hour {hours}"
    return f" at {_listed(f'{hour:02}:{minute:02}' for hour in rule.by_hour for minute in rule.by_minute)}"


def _end(rule: Rule) -> str:
    if rule.count is not None:
        return ", once" if rule.count == 1 else f", {rule.count} times"
    if rule.until is None:
        return ""
    last = rule.last
    time = f" {last:%H:%M}" if "T" in rule.until else ""
    zone = " UTC" if rule.until.endswith("Z") else ""
    return f", until {last.day} {_MONTHS[last.month - 1]} {last.year}{time}{zone}"


def _nth(number: int, *, spelled: bool = True) -> str:
    if number < 0:
        return "last" if number == -1 else f"{_nth(-number, spelled=spelled)} to last"
    if spelled and number in _ORDINALS:
        return _ORDINALS[number]
    teen = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _plain(number: int) -> str:
    return str(number) if number > 0 else f"{-number} from the end"


def _listed(words: Iterable[str], last: str = "and") -> str:
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end
