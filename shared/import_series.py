"""Series of Ebb's own file: made with their first task that is new, and each task put into its place.

A place that is taken, by another task or by the tombstone of one, is never taken twice: then the task stands alone.
"""

from dataclasses import replace

from shared.errors import Fault, InvalidInput
from shared.events import SeriesCreated
from shared.filed_series import FiledSeries, Place
from shared.import_rows import find_imported, native_id, save_imported_series
from shared.plan import recurrence_of
from shared.series import Series
from shared.tag_rows import known_tags
from shared.task import Occurrence, Task
from shared.unit_of_work import UnitOfWork, new_id

TAKEN = "SELECT true FROM tasks WHERE user_id = %s AND series_id = %s AND (ordinal = %s OR occurrence = %s) LIMIT 1"


async def placed(work: UnitOfWork, task: Task, place: Place) -> Task:
    """Return a new task in its place of a series. Raises `InvalidInput` before anything is written."""
    series = await known_series(work, place.series)
    if series is None:
        series = await _made(work, place.series)
    keys = (work.owner.id, series.id, place.ordinal, place.scheduled)
    if await (await work.connection.execute(TAKEN, keys)).fetchone():
        return task
    owed = (task.closed or task.deleted_at is not None) and series.lives and place.ordinal == series.last_ordinal
    return replace(task, occurrence=Occurrence(series.ref, place.ordinal, place.scheduled, owed))


async def known_series(work: UnitOfWork, wanted: FiledSeries) -> Series | None:
    """Return the series that is here; one that ended here while it goes on in the file is none."""
    known = (await find_imported(work.connection, work.owner.id, [wanted.uid])).get(wanted.uid)
    own = known.series_id if known else native_id(wanted.uid)
    series = await work.series.get(work.owner.id, own) if own else None
    ended = series is not None and series.ended_at is not None and wanted.ended_at is None
    return None if series is None or ended or series.deleted_at is not None else series


async def _made(work: UnitOfWork, wanted: FiledSeries) -> Series:
    wish = recurrence_of(wanted.recurrence, work.owner, work.now)
    if wish is None:
        raise InvalidInput(Fault("/series", "has no rule"))
    template = replace(wanted.template, tags=await known_tags(work, wanted.template.tags))
    series = Series(
        id=new_id(), user_id=work.owner.id, rule=wish.rule, text=wish.text, mode=wish.mode,
        skip_overdue=wish.skip_overdue, exdates=wish.exdates, zone=wanted.zone, all_day=wanted.all_day,
        starts_at=wanted.start, template=template, is_active=wanted.is_active, resumed_at=wanted.resumed_at,
        last_ordinal=wanted.last_ordinal,
        created_at=work.now, updated_at=work.now, ended_at=wanted.ended_at,
    )  # fmt: skip
    await work.save_series(series, SeriesCreated)
    await save_imported_series(work.connection, wanted.uid, series, work.now)
    return series
