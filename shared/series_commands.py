"""What a user does to a series as a whole: begin, change, pause, resume and delete it. It answers with the series."""

import datetime as dt

from starlette.requests import Request

from shared import log
from shared.due import Due, local
from shared.errors import Fault, InvalidInput, NotFound
from shared.events import (
    SeriesCreated,
    SeriesDeleted,
    SeriesPaused,
    SeriesResumed,
    TaskCreated,
    TaskDeleted,
)
from shared.idempotency import Answer
from shared.inputs import Nothing
from shared.plan import Plan, recurrence_of, task_of
from shared.reminder import Alarm
from shared.series import Recurrence, Series, paused, removed, resumed
from shared.series_inputs import NewSeries, SeriesPatch, start_of
from shared.series_patching import patch_series
from shared.series_query import MISSING, series_answer
from shared.spawning import spawn_successor
from shared.tag_rows import known_tags
from shared.task import deleted
from shared.unit_of_work import UnitOfWork, new_id
from shared.web import check_version, path_id, query


async def begin(work: UnitOfWork, request: Request, new: NewSeries) -> Answer:
    """Make a series and its first occurrence."""
    query(request)
    recurrence = recurrence_of(new.recurrence, work.owner, work.now)
    template = new.template
    plan = Plan(
        title=template.title, notes=template.notes, priority=template.priority, tags=template.tags,
        due=_start(work, new, recurrence), recurrence=recurrence,
        alarms=tuple((new_id(), Alarm(minutes_before=r.minutes_before)) for r in template.reminders),
    )  # fmt: skip
    task, series = task_of(plan, await known_tags(work, plan.tags), work.owner, work.now, new_id)
    if series is None:
        raise InvalidInput(Fault("/recurrence", "is what makes a series"))
    await work.save_series(series, SeriesCreated)
    await work.save_task(None, task, TaskCreated)
    return await series_answer(work.connection, work.owner, series.id, status=201)


async def change(work: UnitOfWork, request: Request, patch: SeriesPatch) -> Answer:
    """Change template, recurrence, start or zone; the open occurrence follows."""
    series = await _the_series(work, request)
    await patch_series(work, series, patch)
    return await series_answer(work.connection, work.owner, series.id)


async def delete(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    """Delete a series with what is open of it; what was done stays."""
    series = await _the_series(work, request)
    await work.save_series(removed(series, work.now), SeriesDeleted)
    for task in await work.tasks.open_of_series(series.user_id, series.id):
        await work.save_task(task, deleted(task, work.now), TaskDeleted)
    return Answer(204)


async def pause(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    """Let nothing follow until the series is resumed; the open occurrence stays."""
    series = await _the_series(work, request)
    after = paused(series, work.now)
    if after is not series:
        await work.save_series(after, SeriesPaused)
    return await series_answer(work.connection, work.owner, series.id)


async def resume(work: UnitOfWork, request: Request, _body: Nothing) -> Answer:
    """Let the series go on. An occurrence that is owed is made at once: it comes after now, whatever the pause held."""
    series = await _the_series(work, request)
    after = resumed(series, work.now)
    if after is not series:
        await work.save_series(after, SeriesResumed)
        last = await work.tasks.by_ordinal(series.user_id, series.id, series.last_ordinal)
        if last is not None:
            await spawn_successor(work, last)
    return await series_answer(work.connection, work.owner, series.id)


async def _the_series(work: UnitOfWork, request: Request) -> Series:
    query(request)
    series_id, _ = path_id(request)
    log.bind(series_id=str(series_id))
    series = await work.series.get(work.owner.id, series_id)
    if series is None or series.deleted_at is not None:
        raise NotFound(MISSING)
    check_version(request.headers.get("if-match"), series.version, "series")
    return series


def _start(work: UnitOfWork, new: NewSeries, recurrence: Recurrence | None) -> Due | None:
    if new.start is not None:
        return start_of(new.start, new.time_zone)
    if new.time_zone is None:
        return None
    if recurrence is None or not recurrence.is_timed:
        raise InvalidInput(Fault("/time_zone", "needs a start with a time, or a rule with times of day"))
    here = local(work.now, new.time_zone).replace(second=0, microsecond=0) + dt.timedelta(minutes=1)
    return Due(here.date(), here.time(), new.time_zone)
