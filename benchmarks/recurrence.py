"""Recurrence rules: the next occurrence near DTSTART and far from it, and python-dateutil's beside it.

`nox -s bench -- recurrence` asks both, in one run, for the first occurrence after DTSTART and after a day, a year and
20 years, with the rule already parsed by both, and prints microseconds and the ratio. Then it times how long rules take
that can never fire. Each figure is the least of several repeats.
"""

import datetime as dt
import time
from collections.abc import Callable
from functools import partial

from dateutil.rrule import rrulestr

from shared import recurrence
from shared.recurrence import RuleError
from shared.recurrence.engine import prepared
from shared.recurrence.grammar import parse

START = dt.datetime.fromisoformat("2006-01-02T09:00:00")
RULES = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY;BYDAY=MO,FR",
    "monthly by day": "FREQ=MONTHLY;BYDAY=2TU",
    "monthly by date": "FREQ=MONTHLY;BYMONTHDAY=15",
    "yearly": "FREQ=YEARLY",
    "every 7 minutes": "FREQ=MINUTELY;INTERVAL=7",
    "every 7 minutes, mornings": "FREQ=MINUTELY;INTERVAL=7;BYHOUR=9,10;BYDAY=MO,WE",
}
DISTANCES = {"at DTSTART": 0, "1 day": 1, "1 year": 365, "20 years": 7_305}
# Refused without a DTSTART, and from one on by INTERVAL.
NEVER = (
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1,2;BYSETPOS=3",
    "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    "FREQ=SECONDLY;BYMONTH=4;BYMONTHDAY=31",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=1,2,3;BYSETPOS=-366",
)
NEVER_FROM_START = (
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
    "FREQ=DAILY;INTERVAL=371;BYDAY=SU",
    "FREQ=WEEKLY;INTERVAL=20871;BYMONTH=7",
    "FREQ=MONTHLY;INTERVAL=2;BYMONTH=2;BYDAY=MO;BYSETPOS=1",
    "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3",
    "FREQ=SECONDLY;INTERVAL=86413;BYHOUR=3;BYMINUTE=7;BYSECOND=11;BYMONTH=2;BYMONTHDAY=29",
)
REPEATS = 5
# What one repeat takes at least, in seconds, so that the clock's own steps do not show.
LONG_ENOUGH = 0.002


def main() -> None:
    """Measure and print."""
    print(f"{'next occurrence':28}{'':12}{'Ebb, us':>10}{'dateutil, us':>14}{'ratio':>10}")
    for name, rule in RULES.items():
        other = rrulestr(rule, dtstart=START)
        for distance, days in DISTANCES.items():
            after = START + dt.timedelta(days=days, hours=1 if days else 0)
            if recurrence.next_after(rule, START, after) != other.after(after):
                raise SystemExit(f"{rule} after {after}: the two do not agree")
            own = least(partial(recurrence.next_after, rule, START, after))
            theirs = least(partial(other.after, after))
            print(f"{name:28}{distance:12}{own * 1e6:10.2f}{theirs * 1e6:14.1f}{theirs / own:10,.0f}")
    print(f"\n{'never fires':90}{'ms':>8}")
    for rule in NEVER:
        print(f"{rule:90}{least(partial(refused, rule)) * 1e3:8.2f}")
    for rule in NEVER_FROM_START:
        print(f"{rule:90}{least(partial(silent, rule)) * 1e3:8.2f}")


def refused(rule: str) -> None:
    """Have a rule refused, from its text."""
    parse.cache_clear()
    try:
        recurrence.canonical(rule)
    except RuleError:
        return
    raise SystemExit(f"{rule} was not refused")


def silent(rule: str) -> None:
    """Find that a rule has no occurrence from DTSTART on, from its text."""
    parse.cache_clear()
    prepared.cache_clear()
    if recurrence.first_from(rule, START) is not None:
        raise SystemExit(f"{rule} fires")


def least(call: Callable[[], object]) -> float:
    """Return the seconds of one call: the least of several repeats, each long enough to be measured."""
    began = time.perf_counter()
    call()
    calls = max(1, int(LONG_ENOUGH / (time.perf_counter() - began)))
    best = float("inf")
    for _ in range(REPEATS):
        began = time.perf_counter()
        for _ in range(calls):
            call()
        best = min(best, (time.perf_counter() - began) / calls)
    return best


if __name__ == "__main__":
    main()
