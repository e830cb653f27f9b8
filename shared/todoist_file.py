"""Todoist's CSV, both ways. Pure: `now` is an argument, because its dates are words.

Columns are found by their names. Priority 1 is the highest and 4 is none (in Todoist's API it is the other way round).
A section becomes a tag, a note a paragraph of the task before it, a subtask a task of its own. A row says nothing about
when it was changed, so a task that is here already stays as it is; without a UID, which only our own files have, a row
is known by its words and its place. Files of ours hold the open tasks: Todoist would open the others again.
"""

import csv
import datetime as dt
import io
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import sha256

from shared import quick_add
from shared.due import Due, local, zone
from shared.errors import Fault, InvalidInput
from shared.filed_task import FiledTask, Note, Reading, Repeats
from shared.reminder import Owner
from shared.task import Priority, Task

COLUMNS = (
    "TYPE", "CONTENT", "DESCRIPTION", "PRIORITY", "INDENT", "AUTHOR", "RESPONSIBLE", "DATE", "DATE_LANG", "TIMEZONE",
    "DURATION", "DURATION_UNIT", "UID",
)  # fmt: skip
_PRIORITY = {"": Priority.NONE, "1": Priority.URGENT, "2": Priority.HIGH, "3": Priority.MEDIUM, "4": Priority.NONE}
_WRITTEN = {Priority.URGENT: "1", Priority.HIGH: "2", Priority.MEDIUM: "3", Priority.LOW: "4", Priority.NONE: "4"}
_LABEL = re.compile(r"(?<!\S)@(\S+)")


@dataclass(slots=True)
class _Reader:
    owner: Owner
    now: dt.datetime
    reading: Reading = field(default_factory=Reading)
    section: str = ""
    parents: list[str] = field(default_factory=list)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def row(self, index: int, row: dict[str, str]) -> None:
        """Take one row."""
        match row["TYPE"].strip().lower():
            case "section":
                self.section, self.parents = row["CONTENT"].strip(), []
            case "note":
                self._note(index, row["CONTENT"])
            case "task":
                self._task(index, row)

    def _note(self, index: int, text: str) -> None:
        tasks = self.reading.tasks
        if not tasks:
            self.reading.warnings.append(Note(index, None, "a note before the first task is not kept"))
            return
        tasks[-1] = replace(tasks[-1], notes=f"{tasks[-1].notes}\n\n{text.strip()}".strip())

    def _task(self, index: int, row: dict[str, str]) -> None:
        content = row["CONTENT"].strip().removeprefix("* ")
        labels = _LABEL.findall(content)
        title = " ".join(_LABEL.sub("", content).split())
        uid = row["UID"].strip() or self._uid(row, content)
        depth = int(row["INDENT"]) if row["INDENT"].strip() in {"1", "2", "3", "4", "5"} else 1
        self.parents = [*self.parents[: depth - 1], title]
        priority = _PRIORITY.get(row["PRIORITY"].strip())
        if not title or priority is None:
            reason = "PRIORITY is from 1 to 4" if title else "it has no CONTENT"
            self.reading.rejected.append(Note(index, uid, reason))
            return
        task = FiledTask(
            uid=uid, index=index, title=title, notes=row["DESCRIPTION"].strip(), priority=priority,
            tags=tuple(filter(None, (*labels, self.section))), only_new=True,
        )  # fmt: skip
        self.reading.tasks.append(self._dated(task, row))

    def _dated(self, task: FiledTask, row: dict[str, str]) -> FiledTask:
        """Return the task with what its DATE says, in the language of DATE_LANG and the zone of TIMEZONE."""
        words = row["DATE"].strip()
        if not words:
            return task
        zone_name = _zone(row["TIMEZONE"].strip())
        here = local(self.now, zone_name or self.owner.zone)
        read = quick_add.parse(words[:500], here, row["DATE_LANG"].strip() or self.owner.locale)
        if read.date is None and read.rule is None:
            self.reading.warnings.append(Note(task.index, task.uid, f"DATE: {words[:60]!r} is no date; see its notes"))
            return replace(task, notes=f"{task.notes}\n\n{words}".strip())
        due = Due(read.date, read.time, zone_name if read.time else None) if read.date else None
        return replace(task, due=due, repeats=Repeats(read.rule, read.mode) if read.rule else None)

    def _uid(self, row: dict[str, str], content: str) -> str:
        words = (self.section, *self.parents[:4], content, row["DESCRIPTION"], row["DATE"])
        self.seen[words] += 1
        return f"todoist-{sha256(repr((words, self.seen[words])).encode('utf-8', 'replace')).hexdigest()}"


def read_todoist(data: bytes, owner: Owner, now: dt.datetime) -> Reading:
    """Return the tasks of a file. Raises `InvalidInput` for what is no such file."""
    reader = _Reader(owner, now)
    try:
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        names = [name.strip().upper() for name in next(rows, [])]
        if not {"TYPE", "CONTENT"} <= set(names):
            raise InvalidInput(Fault("", "the first line names no columns TYPE and CONTENT"))
        for index, values in enumerate(rows):
            reader.row(index, dict.fromkeys(COLUMNS, "") | dict(zip(names, values, strict=False)))
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidInput(Fault("", f"this is no CSV file in UTF-8: {error}")) from None
    once: dict[str, FiledTask] = {}
    for task in reader.reading.tasks:
        if once.setdefault(task.uid, task) is not task:
            reader.reading.rejected.append(Note(task.index, task.uid, "this UID stands twice in the file"))
    reader.reading.tasks[:] = once.values()
    return reader.reading


def write_rows(rows: list[tuple[Task, str]]) -> str:
    """Return lines for open tasks with their UIDs; the columns are `COLUMNS`."""
    text = io.StringIO()
    csv.writer(text).writerows(_cells(task, uid) for task, uid in rows)
    return text.getvalue()


def write_head() -> str:
    """Return the first line."""
    return ",".join(COLUMNS) + "\r\n"


def _cells(task: Task, uid: str) -> tuple[str, ...]:
    labels = "".join(f" @{'_'.join(tag.split())}" for tag in task.tags)
    dated = ("", "", "") if task.due is None else (_words(task, task.due), "en", task.due.zone or "")
    return ("task", f"{task.title}{labels}", task.notes, _WRITTEN[task.priority], "1", "", "", *dated, "", "", uid)


def _words(task: Task, due: Due) -> str:
    time = "" if due.time is None else f"{due.time:%H:%M}"
    if task.occurrence is None:
        return f"{due.date} {time}".strip()
    return f"{task.occurrence.series.text}{time and ' at '}{time} starting {due.date}"


def _zone(name: str) -> str | None:
    try:
        return zone(name).key
    except ValueError:
        return None
