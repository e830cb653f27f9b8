"""The parts of Ebb's own file (shared/json_read.py) as JSON. Pure."""

import datetime as dt
import json

from shared.reminder import Owner
from shared.series import Series
from shared.task import Task
from shared.task_view import view

FORMAT, VERSION = "ebb-tasks", 1  # a new version is a file that older code must refuse


def write_task(task: Task, uid: str, series_uid: str | None, extra: tuple[str, ...], owner: Owner) -> str:
    """Return the JSON of one task."""
    shown = view(task, owner).model_dump(mode="json")
    place = {"series_uid": series_uid, "ordinal": task.occurrence.ordinal} if task.occurrence else {}
    gone = {"deleted": True} if task.deleted_at else {}
    return json.dumps({"uid": uid, **shown, **place, **gone, "extra": extra}, ensure_ascii=False)


def write_series(series: Series, uid: str) -> str:
    """Return the JSON of one series. One that was deleted, and left tasks that were done, has ended."""
    template, ended_at = series.template, series.ended_at or series.deleted_at
    told = {
        "uid": uid,
        "recurrence": {
            "rule": series.rule, "text": series.text, "mode": series.mode, "skip_overdue": series.skip_overdue,
            "exdates": [date.isoformat() for date in series.exdates],
        },
        "start": series.starts_at.isoformat(), "time_zone": series.zone, "all_day": series.all_day,
        "template": {
            "title": template.title, "notes": template.notes, "priority": template.priority, "tags": template.tags,
            "reminders": [{"minutes_before": minutes} for minutes in template.minutes_before],
        },
        "is_active": series.is_active, "resumed_at": _utc(series.resumed_at), "last_ordinal": series.last_ordinal,
        "ended_at": _utc(ended_at),
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False)


def _utc(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(dt.UTC).isoformat()
