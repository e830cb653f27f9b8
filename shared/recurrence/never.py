"""Rules that can never fire, and which of their parts keep each other from it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shared.recurrence.engine import Prepared
from shared.recurrence.rule import BY_PARTS, FREQUENCIES, Rule, RuleError, part_of, text_of

# A Monday in a month of 31 days. With INTERVAL=1, 28 years from here hold every kind of year, month and week.
_PROBE = dt.datetime.combine(dt.date(2001, 1, 1), dt.time())
_PROBE_END = "20281231"
_FREE: dict[str, tuple[str, Any]] = {
    "INTERVAL": ("interval", 1),
    **{name: (field, ()) for name, field in BY_PARTS.items()},
    "UNTIL": ("until", None),
}


def check_that_it_fires(rule: Rule) -> None:
    """Raise `RuleError`, naming the parts, for a rule that has no occurrence from any DTSTART on.

    INTERVAL does not matter here: a DTSTART that is an occurrence itself suits every INTERVAL.
    """
    if not (rule.has_day_part or rule.by_month or rule.by_set_pos):
        return
    if _never_fires(rule):
        least = _least(rule, tuple(BY_PARTS), _never_fires)
        raise RuleError(f"never fires: {_conflict(rule, least)}")


def reason_from(rule: Rule, start: dt.datetime) -> str | None:
    """Return why a rule has no occurrence from a DTSTART on, None when it has one."""

    def is_silent(candidate: Rule) -> bool:
        return Prepared(candidate, start).first() is None

    if not is_silent(rule):
        return None
    least = _least(rule, tuple(_FREE), is_silent)
    parts = [f"INTERVAL={least.interval}"] if least.interval > 1 else []
    parts += _parts(least) + ([f"UNTIL={least.until}"] if least.until else [])
    return (
        f"never fires: {_listed([f'FREQ={rule.freq}', *parts])} leave no occurrence from {start:%Y-%m-%d %H:%M:%S} on"
    )


def _never_fires(rule: Rule) -> bool:
    probe = replace(rule, interval=1, count=None, until=_PROBE_END)
    # Weeks without a day take the weekday of DTSTART: any of the seven may do.
    starts = 7 if rule.by_week_no and not (rule.by_day or rule.by_month_day or rule.by_year_day) else 1
    return all(Prepared(probe, _PROBE + dt.timedelta(days)).first() is None for days in range(starts))


def _least(rule: Rule, names: tuple[str, ...], is_silent: Callable[[Rule], bool]) -> Rule:
    """Return the rule without the parts that can go and leave it as silent as before."""
    for name in names:
        field, free = _FREE[name]
        without = replace(rule, **{field: free})
        # The last part that says the day has to stay: a day of DTSTART's would take its place.
        stays = rule.rank > FREQUENCIES.index("DAILY") and rule.has_day_part and not without.has_day_part
        if without != rule and not stays and is_silent(without):
            rule = without
    return rule


def _parts(rule: Rule) -> list[str]:
    return [part for name in BY_PARTS if (part := part_of(rule, name))]


def _conflict(rule: Rule, least: Rule) -> str:
    parts = _parts(least)
    if least.by_set_pos:
        rest = text_of(replace(rule, by_set_pos=(), interval=1, count=None, until=None))
        return f"{part_of(rule, 'BYSETPOS')} picks nothing, no period of {rest} has so many occurrences"
    if len(parts) == 1:
        return f"FREQ={rule.freq} has no {parts[0]}"
    return f"{_listed(parts)} have no day in common"


def _listed(parts: list[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
