"""When a reminder may ring: what was asked for it over time, held against how it fired.

The last wish counts: the reminder fires exactly once at its time, or not at all when it was cancelled. An earlier wish
may still be followed where it was a race: only when the wish that replaced it was acknowledged less than HEAD_START
before the old time, or after it.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

HEAD_START = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, and when the answer came. `at` is an instant, or None when it shall not ring."""

    at: dt.datetime | None
    acknowledged: dt.datetime


@dataclass(frozen=True, slots=True)
class Firing:
    """One firing: the time it was meant for, and the time it happened."""

    fire_at: dt.datetime
    fired_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What went wrong with one reminder, in words. `stale` is a firing that nobody wished for any more, or yet."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)


def judge(wishes: Sequence[Wish], firings: Sequence[Firing]) -> Verdict:
    """Hold the firings of one reminder against its wishes, which stand in their order."""
    verdict, last = Verdict(), wishes[-1].at
    times = Counter(firing.fire_at for firing in firings)
    raced = {old.at for old, new in pairwise(wishes) if old.at is not None and new.acknowledged > old.at - HEAD_START}
    if last is not None and not times[last]:
        verdict.lost.append(f"never fired at {last}")
    verdict.duplicated.extend(f"fired {number} times at {time}" for time, number in times.items() if number > 1)
    for firing in firings:
        if firing.fire_at != last and firing.fire_at not in raced:
            verdict.stale.append(f"fired at {firing.fire_at}, when it no longer should")
        if firing.fired_at < firing.fire_at:
            verdict.stale.append(f"fired at {firing.fired_at}, before its time")
    return verdict
