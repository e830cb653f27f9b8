"""The dates that a recurrence gives, before anything is stored. Pure but for a look at the time it takes."""

import datetime as dt
import time
from itertools import count

from shared import recurrence
from shared.occurrences import LAST
from shared.series import Recurrence

# Seconds of computing. A thousand dates of a usual rule take a fiftieth of it; a rule may also be made to find none.
PATIENCE = 1.0


class TooCostlyError(Exception):
    """The dates were not found within `PATIENCE`."""


def upcoming(
    wish: Recurrence, start: dt.datetime, zone: str, wanted: int, after: dt.datetime | None = None
) -> list[dt.datetime]:
    """Return up to `wanted` local date-times from `start` (DTSTART) on, with `after` only later ones.

    COUNT includes the dates that an EXDATE removes (RFC 5545, section 3.8.5.1), and those before `after`. A zone is
    needed for an UNTIL in UTC. Raises `TooCostlyError`.
    """
    limit = recurrence.limit(wish.rule)
    # A rule with COUNT must be counted from its start; any other is asked from `after` on.
    dates = recurrence.iterate(wish.rule, start, after if limit is None else None, zone)
    removed, found, end = frozenset(wish.exdates), list[dt.datetime](), time.thread_time() + PATIENCE
    for number, date in zip(count(1), dates, strict=False):
        if date >= LAST or (limit is not None and number > limit):
            break
        if date not in removed and (after is None or date > after):
            found.append(date)
        if len(found) == wanted:
            break
        if time.thread_time() > end:
            raise TooCostlyError
    return found
