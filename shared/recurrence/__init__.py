"""Recurrence rules as text: check, next occurrence, plain English. Pure; local date-times are naive.

The stored form is RFC 5545 RRULE text with SKIP of RFC 7529. UNTIL as a date includes the whole local day; a UTC
UNTIL (`...Z`) is compared as it stands, because no zone is known here. COUNT is for the caller, who knows which
occurrence it is at (`limit`), except in `occurrences`. The cost of `next_after` does not grow with the distance
from the start.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from shared.recurrence import engine
from shared.recurrence.forms import Pattern, cron_rule, pattern_rule
from shared.recurrence.rule import DAYS_IN_MONTH, FIRST, Rule, RuleError, parse, text_of
from shared.recurrence.text import describe

__all__ = [
    "Pattern",
    "RuleError",
    "canonical",
    "describe",
    "first_from",
    "from_cron",
    "from_pattern",
    "iterate",
    "limit",
    "next_after",
    "occurrences",
]

_PROBE = dt.datetime.combine(dt.date(2001, 1, 1), dt.time())


def canonical(rule: str) -> str:
    """Return the one text of a rule: upper case, parts in fixed order, defaults left out.

    Raises `RuleError` for a rule that is malformed or can never fire.
    """
    parsed = parse(rule)
    _check_that_it_fires(parsed)
    return text_of(parsed)


def next_after(rule: str, start: dt.datetime, after: dt.datetime) -> dt.datetime | None:
    """Return the first occurrence strictly later than `after`; None when there is none before UNTIL.

    `start` is DTSTART: it anchors INTERVAL and what the rule leaves open, and counts only if it matches.
    """
    return engine.next_after(parse(rule), start, after)


def first_from(rule: str, start: dt.datetime) -> dt.datetime | None:
    """Return the first occurrence at or after `start`."""
    return next_after(rule, start, FIRST)


def iterate(rule: str, start: dt.datetime, after: dt.datetime | None = None) -> Iterator[dt.datetime]:
    """Yield what `next_after` returns, one after another without end; COUNT is for the caller."""
    return engine.iterate(parse(rule), start, FIRST if after is None else after)


def occurrences(rule: str, start: dt.datetime, count: int) -> list[dt.datetime]:
    """Return the first `count` occurrences, fewer when COUNT or UNTIL ends the rule before."""
    return list(islice(iterate(rule, start), min(count, limit(rule) or count)))


def limit(rule: str) -> int | None:
    """Return COUNT, None when the rule has none."""
    return parse(rule).count


def from_pattern(pattern: Pattern) -> str:
    """Return the canonical rule of a JSON pattern; raises `RuleError` where its fields contradict."""
    return canonical(text_of(pattern_rule(pattern)))


def from_cron(expression: str) -> str:
    """Return the canonical rule of a five-field cron line; raises `RuleError` where no one RRULE says the same."""
    return canonical(text_of(cron_rule(expression)))


def _check_that_it_fires(rule: Rule) -> None:
    if rule.by_month and rule.by_month_day and rule.skip == "OMIT":
        longest = max(DAYS_IN_MONTH[month - 1] for month in rule.by_month)
        if all(abs(day) > longest for day in rule.by_month_day):
            raise RuleError(
                f"never fires: BYMONTHDAY={_listed(rule.by_month_day)} does not exist in "
                f"BYMONTH={_listed(rule.by_month)}"
            )
    if not (rule.has_day_part or rule.by_month or rule.by_set_pos):
        return
    # 28 years hold every kind of year: leap or not, beginning on each weekday.
    probe = replace(rule, interval=1, until="20281231")
    if engine.next_after(probe, _PROBE, FIRST) is None:
        raise RuleError(f"never fires: no date fits all parts of {text_of(rule)}")


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
