"""RRULE cases in libical's form: `rule`, `dtstart`, `instances`, and `start_at` for a search that begins later."""

import datetime as dt
import json
from itertools import islice
from pathlib import Path
from typing import Any

from dateutil.rrule import rrulestr

from shared import recurrence
from shared.recurrence import RecurrenceSet, RuleError
from tests.conformance.score import Score

_ERROR = "*** error"
# More than any case lists: a rule that goes on is wrong all the same.
_MORE = 5


def scores(path: Path) -> list[Score]:
    """Score Ebb, and python-dateutil beside it: a case is right when all its instances are, from every start."""
    rows = json.loads(path.read_text())
    wrong = [f"{row['rule']} from {row['dtstart']}: {told}" for row in rows if (told := _miss(row)) is not None]
    others = {"dateutil": sum(_dateutil_is_right(row) for row in rows)}
    return [Score("rrule", len(rows) - len(wrong), len(rows), 1.0, tuple(wrong), others=others)]


def _miss(row: dict[str, Any]) -> str | None:
    """Return what Ebb found instead, None when it is right."""
    expected, start = _expected(row), _moment(row["dtstart"])
    try:
        found = recurrence.occurrences(recurrence.canonical(row["rule"]), start, len(expected) + _MORE)
    except RuleError as error:
        return None if row["instances"] == _ERROR else f"refused: {error}"
    if found != expected:
        return f"found {_listed(found)}"
    if "start_at" not in row:
        return None
    at = _moment(row["start_at"])
    following = RecurrenceSet(row["rule"], start).next_after(at - dt.timedelta(seconds=1))
    later = next((moment for moment in expected if moment >= at), None)
    return None if following == later else f"found {following} from {at} on, not {later}"


def _dateutil_is_right(row: dict[str, Any]) -> bool:
    expected, start = _expected(row), _moment(row["dtstart"])
    # dateutil wants UNTIL to have a zone exactly when DTSTART has one; these have none that matters.
    rule = ";".join(part.rstrip("Z") if part.startswith("UNTIL=") else part for part in row["rule"].split(";"))
    try:
        found = list(islice(rrulestr(rule, dtstart=start), len(expected) + _MORE))
    except (ValueError, TypeError):
        return bool(row["instances"] == _ERROR)
    return found == expected


def _expected(row: dict[str, Any]) -> list[dt.datetime]:
    return [_moment(text) for text in row["instances"].split(",") if text and row["instances"] != _ERROR]


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.removesuffix("Z"))


def _listed(found: list[dt.datetime]) -> str:
    return ", ".join(f"{moment:%Y%m%dT%H%M%S}" for moment in found) or "nothing"
