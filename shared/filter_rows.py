"""Saved filters: a name and the query parameters of a list of tasks, each with its values."""

import datetime as dt
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from shared.errors import Fault, InvalidInput, NotFound
from shared.list_events import FilterDeleted, FilterSaved
from shared.list_inputs import FilterPatch, NewFilter
from shared.paging import single
from shared.tags import distinct, tag_key
from shared.task_query import FILTERS, check
from shared.task_view import View
from shared.unit_of_work import UnitOfWork, new_id

MOST = 200
COLUMNS = "f.id, f.name, f.query, f.created_at, f.updated_at"
ALL = f"SELECT {COLUMNS} FROM filters f WHERE f.user_id = %s AND f.deleted_at IS NULL ORDER BY f.name_key"
ONE = f"SELECT {COLUMNS} FROM filters f WHERE f.user_id = %s AND f.deleted_at IS NULL AND f.id = %s"
SAVE = """
INSERT INTO filters (id, user_id, name, name_key, query, change_seq, created_at, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, query = excluded.query,
  change_seq = excluded.change_seq, updated_at = excluded.updated_at
WHERE filters.user_id = excluded.user_id
"""
BURY = "UPDATE filters SET deleted_at = %s, change_seq = %s WHERE user_id = %s AND id = %s"


class FilterView(View):
    """A saved filter; `query` holds the values of each parameter of `GET /v1/tasks`."""

    id: UUID
    name: str
    query: dict[str, list[str]]
    created_at: dt.datetime
    updated_at: dt.datetime


class FilterList(View):
    """All of a user's filters, by name."""

    filters: tuple[FilterView, ...]


async def list_filters(connection: AsyncConnection, user_id: str) -> FilterList:
    """Return them; there are `MOST` at most."""
    cursor = connection.cursor(row_factory=dict_row)
    rows = await (await cursor.execute(ALL, (user_id,))).fetchall()
    return FilterList(filters=tuple(FilterView.model_validate(row) for row in rows))


async def get_filter(connection: AsyncConnection, user_id: str, filter_id: UUID) -> FilterView:
    """Return one; raises `NotFound`."""
    cursor = connection.cursor(row_factory=dict_row)
    row = await (await cursor.execute(ONE, (user_id, filter_id))).fetchone()
    if row is None:
        raise NotFound("there is no such filter")
    return FilterView.model_validate(row)


async def with_saved(connection: AsyncConnection, user_id: str, given: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the query parameters with those of the saved filter that they name; what is given itself wins."""
    text = single(given, "filter")
    if text is None:
        return given
    try:
        saved = await get_filter(connection, user_id, UUID(text))
    except ValueError:
        raise InvalidInput(Fault("?filter", "must be the id of a saved filter")) from None
    return saved.query | {name: values for name, values in given.items() if name != "filter"}


async def create_filter(work: UnitOfWork, new: NewFilter) -> FilterView:
    """Save a new filter. Raises `InvalidInput` for parameters that make no list, a name in use, and too many."""
    made = FilterView(id=new_id(), name=new.name, query=new.query, created_at=work.now, updated_at=work.now)
    others = (await list_filters(work.connection, work.owner.id)).filters
    if len(others) >= MOST:
        raise InvalidInput(Fault("", f"there are {MOST} filters already; delete one first"))
    await _save(work, made, others)
    return made


async def change_filter(work: UnitOfWork, filter_id: UUID, patch: FilterPatch) -> FilterView:
    """Give a filter another name or other parameters. Raises `NotFound` and `InvalidInput`."""
    before = await get_filter(work.connection, work.owner.id, filter_id)
    changes: dict[str, Any] = {name: getattr(patch, name) for name in patch.model_fields_set}
    after = before.model_copy(update=changes)
    if after == before:
        return before
    after = after.model_copy(update={"updated_at": work.now})
    await _save(work, after, (await list_filters(work.connection, work.owner.id)).filters)
    return after


async def delete_filter(work: UnitOfWork, filter_id: UUID) -> None:
    """Leave a tombstone; raises `NotFound`."""
    found = await get_filter(work.connection, work.owner.id, filter_id)
    await work.connection.execute(BURY, (work.now, work.next_change(), work.owner.id, filter_id))
    work.emit(FilterDeleted(user_id=work.owner.id, actor=work.actor, filter_id=filter_id, name=found.name))


async def rename_in_filters(work: UnitOfWork, key: str, name: str) -> None:
    """Let the filters that ask for a tag ask for it by its new name."""
    for one in (await list_filters(work.connection, work.owner.id)).filters:
        tags = one.query.get("tag", [])
        if any(tag_key(tag) == key for tag in tags):
            renamed = distinct(name if tag_key(tag) == key else tag for tag in tags)
            query = one.query | {"tag": list(renamed)}
            await _write(work, one.model_copy(update={"query": query, "updated_at": work.now}))


async def _save(work: UnitOfWork, one: FilterView, others: tuple[FilterView, ...]) -> None:
    key = tag_key(one.name)
    if any(tag_key(other.name) == key and other.id != one.id for other in others):
        raise InvalidInput(Fault("/name", "is the name of another filter"))
    unknown = [name for name in one.query if name not in FILTERS]
    if unknown:
        raise InvalidInput(Fault(f"/query/{unknown[0]}", f"unknown parameter; known are {', '.join(FILTERS)}"))
    try:
        check(one.query, work.owner, work.now)
    except InvalidInput as error:
        raise InvalidInput(*(Fault("/query/" + f.pointer.removeprefix("?"), f.message) for f in error.faults)) from None
    await _write(work, one)


async def _write(work: UnitOfWork, one: FilterView) -> None:
    row = (
        one.id, work.owner.id, one.name, tag_key(one.name), Jsonb(one.query), work.next_change(), one.created_at,
        one.updated_at,
    )  # fmt: skip
    await work.connection.execute(SAVE, row)
    saved = FilterSaved(user_id=work.owner.id, actor=work.actor, filter_id=one.id, name=one.name, query=one.query)
    work.emit(saved)
