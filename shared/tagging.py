"""What the commands of tags do. Tasks have tags by id, so a command is as fast for a hundred thousand tasks as for one.

Its tasks look different at once, and have yet to be told to clients that have them: shared/retagging.py does that.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from psycopg.rows import class_row, dict_row

from shared.errors import NotFound
from shared.events import SeriesUpdated
from shared.filter_rows import rename_in_filters
from shared.list_events import TagDeleted, TagUpdated
from shared.list_inputs import NewTag, TagPatch
from shared.payload import Change
from shared.retagging import FIRST, retag_some
from shared.tag_rows import add_tag
from shared.tag_view import COLUMNS, TagView
from shared.tags import distinct, tag_key
from shared.unit_of_work import UnitOfWork, new_id

BY_ID = """
SELECT id, name, name_key, colour, open_tasks FROM tags WHERE user_id = %s AND id = %s AND deleted_at IS NULL
"""
BY_NAME = """
SELECT id, name, name_key, colour, open_tasks FROM tags WHERE user_id = %s AND name_key = %s AND deleted_at IS NULL
"""
VIEW = f"SELECT {COLUMNS} FROM tags g WHERE g.user_id = %s AND g.id = %s"
CHANGE = "UPDATE tags SET name = %s, name_key = %s, colour = %s, change_seq = %s WHERE id = %s"
OWE = "UPDATE tags SET owes_after = %s WHERE id = %s"
BURY = """
UPDATE tags SET deleted_at = %s, merged_into = %s, change_seq = %s, open_tasks = 0, owes_after = %s WHERE id = %s
"""
# What is still on its way into a tag goes where that goes.
FORWARD = "UPDATE tags SET merged_into = %s WHERE merged_into = %s"
TAKE_OVER = "UPDATE tags SET open_tasks = open_tasks + %s, change_seq = %s WHERE id = %s"
TEMPLATES = "SELECT id, tags FROM series WHERE user_id = %s AND deleted_at IS NULL AND tags <> '{}'"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as stored."""

    id: UUID
    name: str
    name_key: str
    colour: str | None
    open_tasks: int


async def create_tag(work: UnitOfWork, new: NewTag) -> tuple[TagView, bool]:
    """Return the tag of a name, and whether it is new: one that is there keeps spelling and colour."""
    key = tag_key(new.name)
    found = await _one(work, BY_NAME, key)
    tag_id = found.id if found else new_id()
    if found is None:
        await add_tag(work, tag_id, key, new.name, new.colour)
    return await _view(work, tag_id), found is None


async def change_tag(work: UnitOfWork, tag_id: UUID, patch: TagPatch) -> TagView:
    """Give a tag another name or colour. With the name of another one it becomes part of that; raises `NotFound`."""
    tag = await _the_tag(work, tag_id)
    name = patch.name or tag.name
    other = await _one(work, BY_NAME, tag_key(name)) if tag_key(name) != tag.name_key else None
    if other is not None:
        await _bury(work, tag, other)
        await work.connection.execute(TAKE_OVER, (tag.open_tasks, work.next_change(), other.id))
        await retag_some(work, tag.id)
        tag, name = other, other.name
    after = replace(tag, name=name, name_key=tag_key(name))
    if "colour" in patch.model_fields_set:
        after = replace(after, colour=patch.colour)
    if after != tag:
        await _change(work, tag, after)
    return await _view(work, tag.id)


async def delete_tag(work: UnitOfWork, tag_id: UUID) -> None:
    """Take a tag from all its tasks; raises `NotFound`."""
    tag = await _the_tag(work, tag_id)
    await _bury(work, tag, None)
    await retag_some(work, tag.id)


async def _change(work: UnitOfWork, before: Tag, after: Tag) -> None:
    row = (after.name, after.name_key, after.colour, work.next_change(), after.id)
    await work.connection.execute(CHANGE, row)
    pairs = {"name": (before.name, after.name), "colour": (before.colour, after.colour)}
    changes = {field: Change(before=old, after=new) for field, (old, new) in pairs.items() if old != new}
    work.emit(TagUpdated(user_id=work.owner.id, actor=work.actor, tag_id=after.id, changes=changes))
    if "name" in changes:
        await work.connection.execute(OWE, (FIRST, after.id))
        await _follow(work, before.name_key, after.name)
        await retag_some(work, after.id)


async def _bury(work: UnitOfWork, tag: Tag, into: Tag | None) -> None:
    target = into.id if into else None
    await work.connection.execute(FORWARD, (target, tag.id))
    await work.connection.execute(BURY, (work.now, target, work.next_change(), FIRST, tag.id))
    gone = TagDeleted(user_id=work.owner.id, actor=work.actor, tag_id=tag.id, name=tag.name, merged_into=target)
    work.emit(gone)
    await _follow(work, tag.name_key, into.name if into else None)


async def _follow(work: UnitOfWork, key: str, name: str | None) -> None:
    """Let the templates of series and the saved filters name the tag as it is now; None where it is gone."""
    cursor = await work.connection.execute(TEMPLATES, (work.owner.id,))
    for series_id, tags in await cursor.fetchall():
        kept = [tag for tag in tags if name or tag_key(tag) != key]
        renamed = distinct(name if name and tag_key(tag) == key else tag for tag in kept)
        series = await work.series.get(work.owner.id, series_id) if list(renamed) != tags else None
        if series is not None:
            template = replace(series.template, tags=renamed)
            changed = replace(series, template=template, version=series.version + 1, updated_at=work.now)
            await work.save_series(changed, SeriesUpdated)
    if name is not None:
        await rename_in_filters(work, key, name)


async def _the_tag(work: UnitOfWork, tag_id: UUID) -> Tag:
    tag = await _one(work, BY_ID, tag_id)
    if tag is None:
        raise NotFound("there is no such tag")
    return tag


async def _one(work: UnitOfWork, statement: str, key: object) -> Tag | None:
    cursor = work.connection.cursor(row_factory=class_row(Tag))
    return await (await cursor.execute(statement, (work.owner.id, key))).fetchone()


async def _view(work: UnitOfWork, tag_id: UUID) -> TagView:
    cursor = work.connection.cursor(row_factory=dict_row)
    return TagView.model_validate(await (await cursor.execute(VIEW, (work.owner.id, tag_id))).fetchone())
