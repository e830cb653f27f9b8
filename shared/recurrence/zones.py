"""UNTIL in UTC for rules that are counted in the local time of a zone (RFC 5545 section 3.3.10)."""

import datetime as dt
from dataclasses import replace

from shared.due import instant, local
from shared.recurrence.engine import prepared
from shared.recurrence.grammar import parse
from shared.recurrence.rule import LAST, text_of

# No zone has ever turned its clocks by more; near the end of the calendar there is no room for it.
_LARGEST_TURN = dt.timedelta(days=1)
_ROOM = LAST - dt.timedelta(days=2)


def after_in_zone(rule: str, start: dt.datetime, after: dt.datetime, zone: str) -> dt.datetime | None:
    """Return the first occurrence later than `after` whose instant in the zone is not past an UNTIL in UTC.

    Instants decide, not local times: those of an overlap come first although the clock shows less afterwards, and those
    of a gap come later than the clock says.
    """
    parsed = parse(rule)
    if parsed.until is None or not parsed.until.endswith("Z") or parsed.last > _ROOM:
        return prepared(rule, start).after(after)
    last = parsed.last.replace(tzinfo=dt.UTC)
    shown = local(last, zone)
    roomy = text_of(replace(parsed, until=(shown + _LARGEST_TURN).strftime("%Y%m%dT%H%M%S").rjust(15, "0")))
    found = prepared(roomy, start).after(after)
    while found is not None and instant(found, zone) > last:
        found = prepared(roomy, start).after(found) if found <= shown else None
    return found
