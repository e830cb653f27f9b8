"""Dates and times in English sentences, from the public test suite of a library that recognises them.

A row has `text`, `now` and `entities` with every accepted value, or `sets` (recurrences) with a TIMEX value. Rows with
more than one entity are left out: a task has one due value. The locale is the suite's, American English.
"""

import datetime as dt
import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.quick_add import QuickAdd, parse
from tests.conformance import timex
from tests.conformance.score import Score

UNRESOLVED = "not resolved"
# Words for the present as a state: nothing is due "at present".
_STATE = re.compile(r"(?:present|present time|this time|minute|moment)$")
_SECONDS = re.compile(r":\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence; `kind` is date, datetime, time, set or none, `said` the words that mean it."""

    text: str
    now: dt.datetime
    kind: str
    said: str
    values: tuple[str, ...]


def scores(path: Path) -> list[Score]:
    """Score sentences with one date or time, with one recurrence, and with neither."""
    cases = [case for row in json.loads(path.read_text("utf-8")) if (case := _case(row))]
    return [
        _score("dates: one date or time", [case for case in cases if case.kind in {"date", "datetime", "time"}], 0.9),
        _score("dates: one recurrence", [case for case in cases if case.kind == "set"], 0.9),
        _score("dates: none", [case for case in cases if case.kind == "none"], 1.0),
    ]


def _case(row: dict[str, Any]) -> Case | None:
    now = dt.datetime.fromisoformat(row["now"]).replace(tzinfo=None)
    found = [(item["text"], "set", [item["timex"]]) for item in row.get("sets", ())]
    found += [(item["text"], item["type"], item["values"]) for item in row.get("entities", ())]
    if len(found) > 1:
        return None
    said, kind, values = found[0] if found else ("", "none", [])
    if values == [UNRESOLVED]:
        kind, values = "none", []
    return Case(row["text"], now, kind, said.lower(), tuple(values))


def _score(name: str, cases: list[Case], aim: float) -> Score:
    disputed, wrong, right, other = [], [], 0, 0
    for case in cases:
        found = parse(case.text, case.now, "en-US")
        shown = f"{case.text!r} at {case.now}: {_shown(found)}, not {' or '.join(case.values) or 'nothing'}"
        if _is_right(case, found):
            right += 1
        elif reason := _dispute(case):
            disputed.append(f"{shown} ({reason})")
            continue
        else:
            wrong.append(shown)
        other += _dateparser_is_right(case)
    return Score(name, right, right + len(wrong), aim, tuple(wrong), tuple(disputed), {"dateparser": other})


def _shown(found: QuickAdd) -> str:
    return " ".join(str(part) for part in (found.date, found.time, found.rule) if part is not None) or "nothing"


def _is_right(case: Case, found: QuickAdd) -> bool:
    if case.kind == "none":
        return (found.date, found.rule, found.title) == (None, None, case.text.strip())
    if case.kind == "set":
        return found.rule is not None and timex.means(case.values[0], found.rule, found.time)
    return found.rule is None and found.date is not None and _is_moment(case, found.date, found.time)


def _is_moment(case: Case, day: dt.date, time: dt.time | None) -> bool:
    """Whether it is one of the values; seconds count only where the words state them."""
    if case.kind == "date":
        return time is None and day.isoformat() in case.values
    if time is None:
        return False
    read = time.isoformat() if case.kind == "time" else f"{day} {time.isoformat()}"
    if _SECONDS.search(case.said):
        return read in case.values
    return read[:-3] in {value[:-3] for value in case.values}


def _dispute(case: Case) -> str | None:
    """Return why Ebb does not want the answer of the row."""
    start = case.text.lower().find(case.said)
    before, after = case.text[:start], case.text[start + len(case.said) :]
    if case.kind == "none":
        return None
    if re.search(r"[\w/-]$", before) or re.match(r"[\w/-]", after):
        return "part of a longer word, a file name or an address is no date of its own"
    if case.kind == "set" and " " not in case.said and re.match(r"\s[a-z]", after):
        return "an adjective before a noun names the thing: an annual review is no yearly task"
    if _STATE.search(case.said):
        return "the present as a state is no point in time"
    if re.fullmatch("the day( before| after)?", case.said):
        return "a day that the words do not name is no date"
    if re.match("(?:this|next) ", case.said) and max(case.values) < case.now.date().isoformat():
        return "this and next never mean a day that has passed"
    return None


def _dateparser_is_right(case: Case) -> bool:
    from dateparser.search import search_dates

    chosen = {"RELATIVE_BASE": case.now, "PREFER_DATES_FROM": "future", "DATE_ORDER": "MDY"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = search_dates(case.text, languages=["en"], settings=chosen)
    if not found or case.kind in {"none", "set"}:
        return not found and case.kind == "none"
    moment = found[0][1].replace(tzinfo=None, microsecond=0)
    # It has no dates without a time: any time of the right day counts as the day.
    return _is_moment(case, moment.date(), None if case.kind == "date" else moment.time())
