"""Tags by their names, in storage."""

from uuid import UUID

from shared.list_events import TagCreated
from shared.tags import distinct, tag_key
from shared.unit_of_work import UnitOfWork, new_id

FIND = "SELECT name_key, name FROM tags WHERE user_id = %s AND name_key = ANY(%s) AND deleted_at IS NULL"
ADD = """
INSERT INTO tags (id, user_id, name, name_key, colour, change_seq, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


async def known_tags(work: UnitOfWork, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in their first spelling, without repetitions; new tags are made."""
    wanted = {tag_key(name): name for name in distinct(names)}
    if not wanted:
        return ()
    known = await find_tags(work, list(wanted))
    for key in wanted.keys() - known.keys():
        await add_tag(work, new_id(), key, wanted[key])
    return tuple(known.get(key, name) for key, name in wanted.items())


async def find_tags(work: UnitOfWork, keys: list[str]) -> dict[str, str]:
    """Return the first spellings of those that are there."""
    return dict(await (await work.connection.execute(FIND, (work.owner.id, keys))).fetchall())


async def add_tag(work: UnitOfWork, tag_id: UUID, key: str, name: str, colour: str | None = None) -> None:
    """Make a tag whose name nobody has."""
    row = (tag_id, work.owner.id, name, key, colour, work.next_change(), work.now)
    await work.connection.execute(ADD, row)
    work.emit(TagCreated(user_id=work.owner.id, actor=work.actor, tag_id=tag_id, name=name))
