"""A rule in plain English, for lists, mails and screen readers."""

from shared.recurrence.english import MONTHS, WEEKDAYS, listed, nth, spans
from shared.recurrence.grammar import parse
from shared.recurrence.rule import DAYS_IN_MONTH, FREQUENCIES, Rule

_UNITS = dict(zip(FREQUENCIES, ("second", "minute", "hour", "day", "week", "month", "year"), strict=True))
_WORKDAYS = ((0, 0), (0, 1), (0, 2), (0, 3), (0, 4))
_WEEKEND = ((0, 5), (0, 6))
_ALL_DAYS = tuple((0, day) for day in range(7))
_GROUPS = {_WORKDAYS: "weekday", _WEEKEND: "weekend day", _ALL_DAYS: "day"}
_MOST_TIMES = 6


def describe(rule: str) -> str:
    """Return the rule as words such as "every 2 weeks on Monday and Friday, 5 times"; raises `RuleError`."""
    parsed = parse(rule)
    return _every(parsed) + _times(parsed) + _picked(parsed) + _week_start(parsed) + _end(parsed)


def _every(rule: Rule) -> str:
    months = f" in {_months(rule)}" if rule.by_month else ""
    if rule.interval == 1 and _is_any_weekday(rule) and rule.freq in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}:
        return f"every {_weekday_names(rule)}{months}"
    unit = _UNITS[rule.freq]
    every = f"every {rule.interval} {unit}s" if rule.interval > 1 else f"every {unit}"
    if rule.freq == "YEARLY" and rule.by_month and rule.by_month_day and not (rule.by_day or rule.by_year_day):
        return every + f" on {_dates(rule)}" + _weeks(rule)
    return every + _days(rule) + _weeks(rule) + months + _skipped(rule)


def _is_any_weekday(rule: Rule) -> bool:
    """Return whether weekdays without numbers say all there is to say about the days."""
    numbered = any(number for number, _ in rule.by_day)
    others = rule.by_set_pos or rule.by_month_day or rule.by_year_day or rule.by_week_no
    return bool(rule.by_day) and not numbered and not others


def _days(rule: Rule) -> str:
    parts = []
    if rule.by_day and rule.by_month_day:
        parts.append(_weekdays_on_month_days(rule))
    elif rule.by_day:
        parts.append(_weekdays(rule))
    elif rule.by_month_day:
        parts.append(f"on {_month_days(rule)}")
    if rule.freq == "YEARLY" and rule.by_month_day and not (rule.by_month or rule.by_year_day or rule.by_week_no):
        parts.append("of the month it began in")
    if rule.by_year_day:
        late = {"BACKWARD": " or the last day", "FORWARD": " or the first day after"}.get(rule.skip, "")
        parts.append(f"on {listed(f'the {nth(day)}' for day in rule.by_year_day)} day of the year{late}")
    return "".join(f" {part}" for part in parts)


def _weekdays(rule: Rule) -> str:
    if _has_one_pick(rule):
        name = _GROUPS.get(rule.by_day) or listed((WEEKDAYS[day] for _, day in rule.by_day), "or")
        return f"on the {listed(map(nth, rule.by_set_pos))} {name}"
    if any(number for number, _ in rule.by_day):
        names = (
            f"the {nth(number)} {WEEKDAYS[day]}" if number else f"every {WEEKDAYS[day]}" for number, day in rule.by_day
        )
        return f"on {listed(names)}"
    several = rule.freq in {"MONTHLY", "YEARLY"} and not rule.by_week_no
    if rule.by_day in _GROUPS:
        return f"on {'every ' if several else ''}{_GROUPS[rule.by_day]}{'' if several else 's'}"
    return f"on {'every ' if several else ''}{_weekday_names(rule)}"


def _weekday_names(rule: Rule) -> str:
    return _GROUPS.get(rule.by_day) or listed(WEEKDAYS[day] for _, day in rule.by_day)


def _weekdays_on_month_days(rule: Rule) -> str:
    names = (f"the {nth(number)} {WEEKDAYS[day]}" if number else WEEKDAYS[day] for number, day in rule.by_day)
    weekdays = _GROUPS.get(rule.by_day) or listed(names, "or")
    return f"on {weekdays} {'the' if weekdays in WEEKDAYS else 'if it is the'} {_month_days(rule).removeprefix('the ')}"


def _month_days(rule: Rule) -> str:
    words = [
        f"the {nth(first, spelled=False)} to the {nth(last, spelled=False)}"
        if last > first
        else f"the {nth(first, spelled=False)}"
        for first, last in spans(day for day in rule.by_month_day if day > 0)
    ]
    words += [f"the {nth(day)} day" for day in rule.by_month_day if day < 0]
    last = "or" if rule.by_day else "and"
    return listed(words, last) + (_late(rule) if any(abs(day) > 28 for day in rule.by_month_day) else "")


def _dates(rule: Rule) -> str:
    dates = [
        f"{day} {MONTHS[month - 1]}" if day > 0 else f"the {nth(day)} day of {MONTHS[month - 1]}"
        for month in rule.by_month
        for day in rule.by_month_day
        if not _lists_picked(rule) or day <= DAYS_IN_MONTH[month - 1]
    ]
    dates = _left(rule, dates)
    late = _late(rule).replace("last day", "last day of the month")
    return listed(dates) + (late if any(abs(day) > 28 for day in rule.by_month_day) else "")


def _late(rule: Rule) -> str:
    """Return what becomes of a day that the month lacks."""
    return {"BACKWARD": " or the last day", "FORWARD": " or the first day after"}.get(rule.skip, "")


def _skipped(rule: Rule) -> str:
    if rule.skip == "OMIT" or rule.has_day_part:
        return ""
    return f" on the day it began{_late(rule)}"


def _weeks(rule: Rule) -> str:
    if not rule.by_week_no:
        return ""
    ends = [f"the {nth(number)} week" for number in rule.by_week_no if number < 0]
    counted = [str(number) for number in rule.by_week_no if number > 0]
    named = [f"week{'s' if len(counted) > 1 else ''} {listed(counted)}"] if counted else []
    return f" in {listed(named + ends)}"


def _months(rule: Rule) -> str:
    return listed(MONTHS[month - 1] for month in rule.by_month)


def _times(rule: Rule) -> str:
    if not _is_clock(rule):
        minutes = f" at minute {_numbers(rule.by_minute)}" if rule.by_minute else ""
        seconds = f" at second {_numbers(rule.by_second)}" if rule.by_second else ""
        hours = f" in the hour{'s' if len(rule.by_hour) > 1 else ''} {_numbers(rule.by_hour)}" if rule.by_hour else ""
        return minutes + seconds + hours
    times = [
        f"{hour:02}:{minute:02}" + (f":{second:02}" if rule.by_second else "")
        for hour in rule.by_hour
        for minute in rule.by_minute
        for second in rule.by_second or (0,)
    ]
    return f" at {listed(_left(rule, times) if rule.freq == 'DAILY' else times)}"


def _is_clock(rule: Rule) -> bool:
    """Return whether the rule names so few times of day that they can be listed."""
    expands = rule.freq not in {"SECONDLY", "MINUTELY"} and rule.by_hour and rule.by_minute
    picked = rule.freq == "DAILY" and rule.by_set_pos and min(rule.by_set_pos) > 0
    if expands and picked:
        return len(rule.by_set_pos) <= _MOST_TIMES
    return bool(expands) and len(rule.by_hour) * len(rule.by_minute) * len(rule.by_second or (0,)) <= _MOST_TIMES


def _numbers(numbers: tuple[int, ...]) -> str:
    return listed(f"{first} to {last}" if last > first else str(first) for first, last in spans(numbers))


def _has_one_pick(rule: Rule) -> bool:
    """Return whether BYSETPOS counts weekdays alone: one time a day, and no other part that says the days."""
    many = max(len(rule.by_hour), len(rule.by_minute), len(rule.by_second)) > 1
    numbered = any(number for number, _ in rule.by_day)
    others = many or numbered or rule.by_month_day or rule.by_year_day or rule.by_week_no
    return bool(rule.by_set_pos and rule.by_day) and not others and rule.freq in {"WEEKLY", "MONTHLY", "YEARLY"}


def _picked(rule: Rule) -> str:
    if not rule.by_set_pos or _has_one_pick(rule) or _lists_picked(rule):
        return ""
    return f", only the {listed(map(nth, rule.by_set_pos))} of these in each {_UNITS[rule.freq]}"


def _lists_picked(rule: Rule) -> bool:
    """Return whether the times of a day, or the dates of a year, can be listed without those BYSETPOS leaves out."""
    if not rule.by_set_pos or min(rule.by_set_pos) < 0:
        return False
    if rule.freq == "DAILY":
        return _is_clock(rule)
    dated = rule.freq == "YEARLY" and rule.by_month and rule.by_month_day and min(rule.by_month_day) > 0
    others = rule.by_day or rule.by_year_day or rule.by_week_no or rule.skip != "OMIT"
    leap = 2 in rule.by_month and 29 in rule.by_month_day
    return bool(dated) and not (others or leap) and max(map(len, (rule.by_hour, rule.by_minute, rule.by_second))) < 2


def _left(rule: Rule, listed: list[str]) -> list[str]:
    return [listed[place - 1] for place in rule.by_set_pos if place <= len(listed)] if _lists_picked(rule) else listed


def _week_start(rule: Rule) -> str:
    weekly = rule.freq == "WEEKLY" and (rule.interval > 1 or rule.by_set_pos)
    return f", weeks beginning on {WEEKDAYS[rule.wkst]}" if rule.wkst and (weekly or rule.by_week_no) else ""


def _end(rule: Rule) -> str:
    if rule.count is not None:
        return ", once" if rule.count == 1 else f", {rule.count} times"
    if rule.until is None:
        return ""
    last = rule.last
    time = f" {last:%H:%M}" + (f":{last:%S}" if last.second else "") if "T" in rule.until else ""
    zone = " UTC" if rule.until.endswith("Z") else ""
    return f", until {last.day} {MONTHS[last.month - 1]} {last.year}{time}{zone}"
