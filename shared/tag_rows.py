"""Tags by their names, in storage."""

from collections.abc import Iterable
from uuid import UUID

from shared.list_events import TagCreated
from shared.tags import distinct, tag_key
from shared.unit_of_work import UnitOfWork, new_id

FIND = "SELECT name_key, name FROM tags WHERE user_id = %s AND name_key = ANY(%s) AND deleted_at IS NULL"
Seen = dict[str, str | None]  # first spellings by key, None for a tag that is not there
ADD = """
INSERT INTO tags (id, user_id, name, name_key, colour, change_seq, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


async def known_tags(work: UnitOfWork, names: tuple[str, ...], seen: Seen | None = None) -> tuple[str, ...]:
    """Return the names in their first spelling, without repetitions; new tags are made.

    `seen` saves looking up again what this transaction has looked up.
    """
    seen = {} if seen is None else seen
    wanted = {tag_key(name): name for name in distinct(names)}
    await look_up(work, wanted.keys(), seen)
    for key, name in wanted.items():
        if seen[key] is None:
            await add_tag(work, new_id(), key, name)
            seen[key] = name
    return tuple(seen[key] or name for key, name in wanted.items())


async def look_up(work: UnitOfWork, keys: Iterable[str], seen: Seen) -> None:
    """Note the first spellings of tags that are not in `seen` yet; None for those that are not there."""
    if unseen := [key for key in keys if key not in seen]:
        seen |= dict.fromkeys(unseen) | await find_tags(work, unseen)


async def find_tags(work: UnitOfWork, keys: list[str]) -> dict[str, str]:
    """Return the first spellings of those that are there."""
    return dict(await (await work.connection.execute(FIND, (work.owner.id, keys))).fetchall())


async def add_tag(work: UnitOfWork, tag_id: UUID, key: str, name: str, colour: str | None = None) -> None:
    """Make a tag whose name nobody has."""
    row = (tag_id, work.owner.id, name, key, colour, work.next_change(), work.now)
    await work.connection.execute(ADD, row)
    work.emit(TagCreated(user_id=work.owner.id, actor=work.actor, tag_id=tag_id, name=name))
