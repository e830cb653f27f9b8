"""Phrases to rules and dates, after the test expressions of kvh/recurrent: recurring, single dates, and neither.

A rule is right when it gives the same first dates as the case. Ebb begins a rule with its first occurrence, and one of
hours, minutes or seconds one step from now; where a case names no DTSTART, its own rule is begun there too. Times count
where the case names them, and for such short steps.
"""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from dateutil import rrule

from shared import quick_add, recurrence
from shared.recurrence.rule import WEEKDAYS
from tests.conformance.disputes import reason
from tests.conformance.score import Score

_MOST = 30
_SHORT = {"secondly": "seconds", "minutely": "minutes", "hourly": "hours"}
_BY = ("byday", "bymonthday", "byyearday", "byweekno", "bymonth", "bysetpos", "byhour", "byminute")
_LONGEST = dt.timedelta(days=366 * 40)

Case = dict[str, Any]
Judge = Callable[[str, dt.datetime, Any], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """One score: which cases it counts, its aim, when Ebb is right, and who else is asked."""

    name: str
    counts: type
    aim: float
    is_right: Judge
    others: dict[str, Judge]


def scores(path: Path) -> list[Score]:
    """Return one score each for the recurring phrases, the single dates, and those that are neither."""
    rows = json.loads(path.read_text("utf-8"))
    return [_score(kind, [row for row in rows if isinstance(row["expected"], kind.counts)]) for kind in _KINDS]


def _score(kind: Kind, rows: list[Case]) -> Score:
    right, wrong, disputed = 0, [], []
    others = dict.fromkeys(kind.others, 0)
    for row in rows:
        text, now, wanted = row["text"], dt.datetime.fromisoformat(row["now"]), row["expected"]
        is_right = kind.is_right(text, now, wanted)
        why = None if is_right else reason(text, now, wanted)
        if why:
            disputed.append(f"disputed: {text!r}: {why}")
            continue
        right += is_right
        if not is_right:
            wrong.append(f"{text!r}: wanted {wanted}, found {_told(quick_add.parse(text, now))}")
        for name, judge in kind.others.items():
            others[name] += judge(text, now, wanted)
    of = len(rows) - len(disputed)
    return Score(f"phrases, {kind.name}", right, of, kind.aim, tuple(wrong), tuple(disputed), others)


def _told(found: quick_add.QuickAdd) -> str:
    skipped = f" except {', '.join(map(str, found.exdates))}" if found.exdates else ""
    return f"{found.rule} {found.date} {found.time}{skipped}, title {found.title!r}"


def _recurs(text: str, now: dt.datetime, wanted: Case) -> bool:
    found = quick_add.parse(text, now)
    if found.rule is None or found.date is None:
        return False
    first = dt.datetime.combine(found.date, found.time or dt.time())
    expected = _dates(wanted, now, first)
    dates = recurrence.occurrences(found.rule, first, _MOST + len(found.exdates))
    got = [date for date in dates if date not in found.exdates and date - first <= _LONGEST][:_MOST]
    timed = wanted["freq"] in _SHORT or "byhour" in wanted
    return bool(expected) and _seen(expected, timed) == _seen(got, timed)


def _seen(dates: list[dt.datetime], timed: bool) -> list[object]:
    return [date if timed else date.date() for date in dates]


def _dates(parts: Case, now: dt.datetime, first: dt.datetime) -> list[dt.datetime]:
    """Return the first dates of a case by dateutil; its exclusions of whole days and months reach every hour."""
    base = dt.datetime.strptime(parts["dtstart"], "%Y%m%d") if "dtstart" in parts else now  # noqa: DTZ007  (local)
    short = _SHORT.get(parts["freq"])
    if short and base == now and "byhour" not in parts:
        base += dt.timedelta(**{short: parts["interval"]})
    # A week without a weekday: the case leaves open which one.
    by = {"byday": WEEKDAYS[first.weekday()]} if "byweekno" in parts and "byday" not in parts else {}
    probe = _rrule({**parts, **by, "interval": 1, "count": None}, base)
    begin = probe.after(now, inc="byhour" not in parts) if base == now else probe.after(base, inc=True)
    if begin is None:
        return []
    dates = _rrule({**parts, **by}, begin)
    kept = (date for date in dates if not _is_excluded(date, parts, base))
    return list(islice(takewhile(lambda date: date - begin <= _LONGEST, kept), _MOST))


def _rrule(parts: Case, start: dt.datetime) -> rrule.rrule:
    text = [f"FREQ={parts['freq'].upper()}", f"INTERVAL={parts['interval']}"]
    text += [f"{name.upper()}={parts[name]}" for name in _BY if name in parts]
    text += [f"COUNT={parts['count']}"] if parts.get("count") else []
    # A day in UNTIL is meant whole.
    text += [f"UNTIL={parts['until']}T235959"] if "until" in parts else []
    found = rrule.rrulestr(";".join(text), dtstart=start)
    if not isinstance(found, rrule.rrule):
        raise TypeError(f"{text} is more than one rule")
    return found


def _is_excluded(date: dt.datetime, parts: Case, base: dt.datetime) -> bool:
    for item in parts.get("exdate", ()):
        whole = len(str(item)) == len("2010-01-01") and str(date.date()) == item
        if whole or item == [date.month, date.year] or date.isoformat() == item:
            return True
    if "exrule" not in parts:
        return False
    start = dt.datetime.combine(base.date(), dt.time() if "BYHOUR" in parts["exrule"] else date.time())
    found = rrule.rrulestr(parts["exrule"], dtstart=start)
    return bool(found.between(date, date, inc=True))


def _recurs_for_recurrent(text: str, now: dt.datetime, wanted: Case) -> bool:
    from recurrent import RecurringEvent

    reader = RecurringEvent(now_date=now)
    reader.parse(text)
    if not reader.is_recurring:
        return False
    parts = reader.get_params()
    parts["exdate"] = [
        str(item).replace(" ", "T") if isinstance(item, dt.date) else item for item in parts.get("exdate", ())
    ]
    return _dates(parts, now, now) == _dates(wanted, now, now)


def _is_at(text: str, now: dt.datetime, wanted: str) -> bool:
    found = quick_add.parse(text, now)
    if found.date is None or found.rule is not None:
        return False
    return _same(dt.datetime.combine(found.date, found.time or dt.time()), wanted)


def _same(moment: dt.datetime, wanted: str) -> bool:
    return moment == dt.datetime.fromisoformat(wanted)


def _is_at_for_recurrent(text: str, now: dt.datetime, wanted: str) -> bool:
    from recurrent import RecurringEvent

    found = RecurringEvent(now_date=now).parse(text)
    return isinstance(found, dt.datetime) and _same(found, wanted)


def _is_at_for_dateparser(text: str, now: dt.datetime, wanted: str) -> bool:
    from dateparser.search import search_dates

    settings: Any = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": "future", "RETURN_AS_TIMEZONE_AWARE": False}
    found = search_dates(text, languages=["en"], settings=settings)
    return found is not None and _same(found[0][1], wanted)


def _is_text(text: str, now: dt.datetime, _wanted: None) -> bool:
    found = quick_add.parse(text, now)
    return found.rule is None and found.date is None


def _is_text_for_recurrent(text: str, now: dt.datetime, _wanted: None) -> bool:
    from recurrent import RecurringEvent

    return RecurringEvent(now_date=now).parse(text) is None


_KINDS = (
    Kind("recurring", dict, 0.95, _recurs, {"recurrent": _recurs_for_recurrent}),
    Kind("single dates", str, 0.95, _is_at, {"recurrent": _is_at_for_recurrent, "dateparser": _is_at_for_dateparser}),
    Kind("neither", type(None), 0.95, _is_text, {"recurrent": _is_text_for_recurrent}),
)
