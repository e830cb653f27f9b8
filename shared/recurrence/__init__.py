"""Recurrence rules as text: check, next occurrence, plain English. Pure; local date-times are naive.

The stored form is RFC 5545 RRULE text with SKIP of RFC 7529. All counting is in local time, as section 3.3.10 has it:
09:00 stays 09:00, and "every 2 hours" are hours of the clock on the wall, also on the day that has 23 or 25 of them.
`due.instant` says which instant a local time in a gap or an overlap is. UNTIL as a date includes the whole local day;
one in UTC (`...Z`) is compared as an instant where the zone is given, as it stands otherwise. COUNT is for the caller,
who knows which occurrence it is at (`limit`), except in `occurrences` and `RecurrenceSet`. The cost of `next_after`
does not grow with the distance from the start.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import islice

from shared.recurrence.engine import prepared
from shared.recurrence.grammar import parse
from shared.recurrence.never import check_that_it_fires, reason_from
from shared.recurrence.pattern import Pattern, pattern_of, pattern_rule
from shared.recurrence.recurrence_set import RecurrenceSet
from shared.recurrence.rule import FIRST, RuleError, text_of
from shared.recurrence.text import describe
from shared.recurrence.zones import after_in_zone

__all__ = [
    "Pattern",
    "RecurrenceSet",
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
    "to_cron",
    "to_pattern",
    "why_never",
]


def canonical(rule: str) -> str:
    """Return the one text of a rule: upper case, parts in fixed order, defaults left out.

    Raises `RuleError` for a rule that is malformed or can never fire, whatever its DTSTART.
    """
    parsed = parse(rule)
    check_that_it_fires(parsed)
    return text_of(parsed)


def next_after(rule: str, start: dt.datetime, after: dt.datetime, zone: str | None = None) -> dt.datetime | None:
    """Return the first occurrence strictly later than `after`; None when there is none before UNTIL.

    `start` is DTSTART: it anchors INTERVAL and what the rule leaves open, and counts only if it matches. `zone` is the
    IANA zone in which an UNTIL in UTC is understood.
    """
    if zone is None:
        return prepared(rule, start).after(after)
    return after_in_zone(rule, start, after, zone)


def first_from(rule: str, start: dt.datetime, zone: str | None = None) -> dt.datetime | None:
    """Return the first occurrence at or after `start`."""
    return next_after(rule, start, FIRST, zone)


def iterate(
    rule: str, start: dt.datetime, after: dt.datetime | None = None, zone: str | None = None
) -> Iterator[dt.datetime]:
    """Yield what `next_after` returns, one after another without end; COUNT is for the caller."""
    following = next_after(rule, start, FIRST if after is None else after, zone)
    while following is not None:
        yield following
        following = next_after(rule, start, following, zone)


def occurrences(rule: str, start: dt.datetime, count: int) -> list[dt.datetime]:
    """Return the first `count` occurrences, fewer when COUNT or UNTIL ends the rule before."""
    return list(islice(iterate(rule, start), min(count, limit(rule) or count)))


def limit(rule: str) -> int | None:
    """Return COUNT, None when the rule has none."""
    return parse(rule).count


def why_never(rule: str, start: dt.datetime) -> str | None:
    """Return why a rule has no occurrence from this DTSTART on, naming the parts; None when it has one."""
    return reason_from(parse(rule), start)


def from_pattern(pattern: Pattern) -> str:
    """Return the canonical rule of a JSON pattern; raises `RuleError` where its fields contradict."""
    return canonical(text_of(pattern_rule(pattern)))


def to_pattern(rule: str) -> Pattern | None:
    """Return the JSON pattern that means the same as the rule, None where there is none."""
    return pattern_of(parse(rule))


def from_cron(expression: str) -> str:
    """Return the canonical rule of a five-field cron line; raises `RuleError` where no one RRULE says the same."""
    # Here and below: a cold start that reads no cron line does not pay for them.
    from shared.recurrence.cron import cron_rule

    return canonical(text_of(cron_rule(expression)))


def to_cron(rule: str) -> str | None:
    """Return the five-field cron line that means the same as the rule from any DTSTART on, None where there is none."""
    from shared.recurrence.cron_text import cron_of

    return cron_of(parse(rule))
