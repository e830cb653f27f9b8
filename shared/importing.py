"""A file into tasks: each of its tasks once, however often it comes.

What a UID became is noted in the transaction that makes it, under the lock of the user's row, so two imports of one
file at once make each task once. A file that says something new changes a task only if nobody has changed it here
since, or if the file's change is the later one; an import rings no reminder.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from shared.errors import InvalidInput
from shared.filed_series import FiledSeries
from shared.filed_task import FiledTask, Note, Reading, Unreadable
from shared.filing import filed, stands_for_series
from shared.import_changes import bury, change, make
from shared.import_lists import catch_up, take_filters, take_tags
from shared.import_rows import Imported, find_imported, native_id
from shared.series import Series
from shared.tag_rows import Seen, look_up
from shared.tags import tag_key
from shared.task import Task
from shared.unit_of_work import UnitOfWork

CHUNK = 100  # tasks in one transaction: others of this user wait for no longer
Value = TypeVar("Value")


class Outcome(StrEnum):
    """What became of one task of a file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class Report:
    """What became of a file."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    def note(self, outcome: Outcome) -> None:
        """Count one more."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def view(self) -> dict[str, Any]:
        """Return it as the answer shows it, in the order of the file."""
        self.rejected.sort(key=lambda note: note.index)
        self.warnings.sort(key=lambda note: note.index)
        return asdict(self)


# What is done in one transaction. The user's row is locked.
Part = Callable[[UnitOfWork, Report], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Here:
    """What is here of a UID: a task, and the series that it stands for."""

    task: Task
    series: Series | None


def begun(reading: Reading) -> Report:
    """Return the report of a file of which nothing is stored yet."""
    return Report(rejected=list(reading.rejected), warnings=list(reading.warnings))


def parts_of(reading: Reading) -> list[Part]:
    """Return what is to be done for a file, in parts for one transaction each; at least one part."""

    async def tags(some: Sequence[tuple[str, str | None]], work: UnitOfWork, _report: Report) -> None:
        await take_tags(work, some)

    async def filters(some: Sequence[tuple[str, dict[str, list[str]]]], work: UnitOfWork, report: Report) -> None:
        report.warnings += await take_filters(work, some)

    async def series(some: Sequence[FiledSeries], work: UnitOfWork, _report: Report) -> None:
        await catch_up(work, some)

    return [
        *(partial(tags, some) for some in _in_parts([*reading.tags.items()])),
        *(partial(filters, some) for some in _in_parts(reading.filters)),
        *(partial(series, some) for some in _in_parts([*reading.series.values()])),
        *(partial(take_tasks, some) for some in _in_parts(reading.tasks)),
    ] or [partial(take_tasks, ())]


def _in_parts(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


async def take_tasks(items: Sequence[FiledTask], work: UnitOfWork, report: Report) -> None:
    """Store what is new in some tasks of a file. The user's row is locked.

    What a task is refused for is found out before anything of it is written, so one that is refused leaves no trace.
    """
    known = await find_imported(work.connection, work.owner.id, [item.uid for item in items])
    tags: Seen = {}
    if any(item.uid not in known for item in items):
        await look_up(work, {tag_key(tag.strip()) for item in items for tag in item.tags}, tags)
    for item in items:
        try:
            report.note(await _take(work, item, known.get(item.uid), tags))
        except (Unreadable, InvalidInput) as error:
            report.rejected.append(Note(item.index, item.uid, str(error)))


async def _take(work: UnitOfWork, item: FiledTask, known: Imported | None, tags: Seen) -> Outcome:
    if item.gone:
        return Outcome.CREATED if await bury(work, item) else Outcome.UNCHANGED
    if known is not None and known.lives and (item.only_new or known.fingerprint == item.fingerprint):
        return Outcome.UNCHANGED  # the common case of a second import, from what one statement told of many
    here = await (_native(work, item.uid) if known is None else _imported(work, known))
    if here is not None and item.place is not None:
        here = _Here(here.task, None)  # the file tells of its series on its own
    if here is None:
        await make(work, item, tags)
        return Outcome.CREATED
    if item.only_new or (known is not None and known.fingerprint == item.fingerprint):
        return Outcome.UNCHANGED
    if filed(here.task, here.series, item.uid).fingerprint == item.fingerprint:
        return Outcome.UNCHANGED
    if known is not None and not _newer(item, known):
        return Outcome.UNCHANGED  # an older file
    touched = known is None or (known.seen_task, known.seen_version) != (here.task.id, here.task.version)
    if touched and (item.modified is None or item.modified <= here.task.updated_at):
        raise Unreadable("it was changed here later than in the file; what is here was kept")
    await change(work, item, here.task, here.series, tags)
    return Outcome.UPDATED


def _newer(item: FiledTask, known: Imported) -> bool:
    """Tell whether a file that says something else says it later; one without any dates is believed."""
    if item.sequence != known.sequence:
        return item.sequence > known.sequence
    return item.modified is None or known.modified is None or item.modified > known.modified


async def _native(work: UnitOfWork, uid: str) -> _Here | None:
    """Return the task or the series that was made here and has this id."""
    own = native_id(uid)
    if own is None:
        return None
    task = await work.tasks.get(work.owner.id, own)
    if task is not None:
        return _Here(task, None)
    series = await work.series.get(work.owner.id, own)
    return None if series is None else await _at(work, series)


async def _imported(work: UnitOfWork, known: Imported) -> _Here | None:
    """Return what a UID became; None when it was deleted, so that its file brings it back."""
    if known.series_id is not None:
        series = await work.series.get(work.owner.id, known.series_id)
        return None if series is None else await _at(work, series)
    task = await work.tasks.get(work.owner.id, known.task_id) if known.task_id else None
    return None if task is None else await _with_series(work, task)


async def _at(work: UnitOfWork, series: Series) -> _Here | None:
    if series.deleted_at is not None:
        return None
    task = await work.tasks.by_ordinal(work.owner.id, series.id, series.last_ordinal)
    if task is None or (task.deleted_at is not None and series.ended_at is not None):
        return None
    return _Here(task, series if stands_for_series(task, series) else None)


async def _with_series(work: UnitOfWork, task: Task) -> _Here:
    series = await work.series.get(work.owner.id, task.occurrence.series.id) if task.occurrence else None
    return _Here(task, series if stands_for_series(task, series) else None)
