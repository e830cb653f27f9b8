"""Where Ebb answers a phrase otherwise than its case on purpose: by the form of the text, never by the text itself."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from shared import quick_add

_NTH = re.compile(
    r"\bevery (\d+(st|nd|rd|th)|second|third|fourth|fifth) (mon|tue|wed|thu|fri|sat|sun)\w*\b(?! (of|in)\b)",
    re.IGNORECASE,
)
_ONCE = re.compile(r"\bonce an? (day|week|month|year)\b", re.IGNORECASE)


def reason(text: str, now: dt.datetime, wanted: Any) -> str | None:
    """Return why a case that Ebb answers otherwise is not counted, None for one that it gets wrong."""
    return next((why for holds, why in _REASONS if holds(text, now, wanted)), None)


def _is_nth_weekday(text: str, _now: dt.datetime, wanted: Any) -> bool:
    return isinstance(wanted, dict) and wanted["freq"] == "weekly" and _NTH.search(text) is not None


def _is_once_a(text: str, _now: dt.datetime, wanted: Any) -> bool:
    return wanted is None and _ONCE.search(text) is not None


def _is_early_hour(text: str, now: dt.datetime, wanted: Any) -> bool:
    time = quick_add.parse(text, now).time
    if time is None or re.search(r"\d\s?[ap]\b|[ap]\.?m\b", text, re.IGNORECASE):
        return False
    hour = int(wanted["byhour"]) if isinstance(wanted, dict) and "byhour" in wanted else None
    hour = int(wanted[11:13] or 0) if isinstance(wanted, str) else hour
    return 13 <= (hour or 0) <= 19 and hour == time.hour + 12


_REASONS: tuple[tuple[Callable[[str, dt.datetime, Any], bool], str], ...] = (
    (_is_nth_weekday, '"every 3rd friday" is the third Friday of each month, as in Todoist, not every third week'),
    (_is_once_a, '"once a month" says as much as "monthly"; the same cases read "once a week on sunday" so'),
    (_is_early_hour, '"at 3:15" without am or pm is read on the clock of 24 hours'),
)
