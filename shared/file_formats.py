"""The formats of task files, and what a request says about them. What reads one is imported when one comes."""

import datetime as dt

from starlette.requests import Request

from shared.errors import Fault, InvalidInput
from shared.filed_task import Reading
from shared.paging import single
from shared.reminder import Owner

MEDIA_TYPES = {"ics": "text/calendar", "json": "application/json", "csv": "text/csv"}
MOST = 10_000  # tasks in one file


def content_type(name: str) -> str:
    """Return the Content-Type of a format."""
    return f"{MEDIA_TYPES[name]}; charset=utf-8"


def format_wanted(given: dict[str, list[str]]) -> str | None:
    """Return the format that `?format=` names. Raises `InvalidInput` for an unknown one."""
    name = single(given, "format")
    if name is not None and name not in MEDIA_TYPES:
        raise InvalidInput(Fault("?format", f"is one of {', '.join(MEDIA_TYPES)}"))
    return name


def format_of(request: Request, given: dict[str, list[str]]) -> str:
    """Return the format of a body: that of `?format=`, else of its Content-Type. Raises `InvalidInput`."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    name = format_wanted(given) or next((name for name, kind in MEDIA_TYPES.items() if kind == sent), None)
    if name is None:
        kinds = ", ".join(MEDIA_TYPES.values())
        raise InvalidInput(Fault("Content-Type", f"is one of {kinds}, or name the format by ?format="))
    return name


def read_file(name: str, body: bytes, owner: Owner, now: dt.datetime) -> Reading:
    """Return what a file holds. Raises `InvalidInput` for one that is not of this format, or holds too much."""
    reading = _read(name, body, owner, now)
    count = len(reading.tasks) + len(reading.rejected)
    if count > MOST:
        raise InvalidInput(Fault("", f"it holds {count:,} tasks; send at most {MOST:,} at a time"))
    return reading


def _read(name: str, body: bytes, owner: Owner, now: dt.datetime) -> Reading:
    if name == "json":
        from shared.json_read import read_json

        return read_json(body)
    if name == "csv":
        from shared.todoist_file import read_todoist

        return read_todoist(body, owner, now)
    from shared.ical_read import read_ical

    return read_ical(body, owner)
