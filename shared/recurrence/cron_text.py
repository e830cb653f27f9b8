"""A rule as a five-field cron line, where one means the same whatever DTSTART is."""

from shared.recurrence.cron import DAY_OF_MONTH, HOUR, MINUTE, MONTH, CronField, cron_rule
from shared.recurrence.rule import Rule, RuleError

_LONGEST = 490


def cron_of(rule: Rule) -> str | None:
    """Return the line, None where cron has none: it knows no INTERVAL, end, week numbers or days of the year."""
    if rule.interval > 1 or rule.count or rule.until or rule.by_year_day or rule.by_week_no or rule.by_second:
        return None
    if rule.by_set_pos:
        return _edge_workday(rule)
    if not _is_complete(rule):
        return None
    days, week = _month_days(rule), _weekdays(rule)
    return None if days is None or week is None else _line(rule, days, week)


def _is_complete(rule: Rule) -> bool:
    """Return whether DTSTART has nothing to add, so that the rule alone says when it fires."""
    timed = bool(rule.by_minute and rule.by_hour)
    on_days = bool(rule.by_day or (rule.by_month_day and rule.skip == "OMIT"))
    return {
        "MINUTELY": True,
        "HOURLY": bool(rule.by_minute),
        "DAILY": timed,
        "WEEKLY": timed and bool(rule.by_day),
        "MONTHLY": timed and on_days,
        # Without BYMONTH the month would come from DTSTART, and numbers of weekdays would count in the year.
        "YEARLY": timed
        and on_days
        and bool(rule.by_month or not (rule.by_month_day or any(nth for nth, _ in rule.by_day))),
    }.get(rule.freq, False)


def _line(rule: Rule, days: str, week: str) -> str | None:
    minutes, hours, months = _field(MINUTE, rule.by_minute), _field(HOUR, rule.by_hour), _field(MONTH, rule.by_month)
    line = f"{minutes} {hours} {days} {months} {week}"
    return line if len(line) <= _LONGEST else None


def _edge_workday(rule: Rule) -> str | None:
    for days in ("LW", "1W"):
        line = _line(rule, days, "*")
        try:
            if line and cron_rule(line) == rule:
                return line
        except RuleError:
            continue
    return None


def _month_days(rule: Rule) -> str | None:
    days = rule.by_month_day
    if rule.by_day and days:
        # Both fields have to fit only where one begins with a star.
        steps = (step for step in range(1, 31) if days == tuple(range(1, 32, step)))
        return next((f"*/{step}" for step in steps), None)
    ends = ["L" if day == -1 else f"L{day + 1}" for day in days if day < 0]
    plain = tuple(day for day in days if day > 0)
    return ",".join(([_field(DAY_OF_MONTH, plain)] if plain or not ends else []) + ends)


def _weekdays(rule: Rule) -> str | None:
    if any(nth not in {0, -1, 1, 2, 3, 4, 5} for nth, _ in rule.by_day):
        return None
    weekly = sorted((day + 1) % 7 for nth, day in rule.by_day if not nth)
    numbered = [f"{(day + 1) % 7}{'L' if nth == -1 else f'#{nth}'}" for nth, day in rule.by_day if nth]
    return ",".join(([_listed(weekly)] if weekly else []) + numbered) or "*"


def _field(field: CronField, values: tuple[int, ...]) -> str:
    if not values or len(values) == field.high - field.low + 1:
        return "*"
    step = values[1] - values[0] if len(values) > 1 else 0
    if step > 1 and values == tuple(range(field.low, field.high + 1, step)):
        return f"*/{step}"
    return _listed(values)


def _listed(values: tuple[int, ...] | list[int]) -> str:
    if len(values) > 2 and values[-1] - values[0] == len(values) - 1:
        return f"{values[0]}-{values[-1]}"
    return ",".join(map(str, values))
