"""What hangs on a task in storage and follows from it: its tags, how many open tasks they have, and its words."""

from psycopg import AsyncConnection

from shared.search import stored
from shared.tags import tag_key
from shared.task import Task

UNLINK_TAGS = "DELETE FROM task_tags WHERE task_id = %s"
LINK_TAGS = """
INSERT INTO task_tags (task_id, tag_id, position)
SELECT %s, g.id, k.position FROM unnest(%s::text[]) WITH ORDINALITY AS k (name_key, position)
JOIN tags g ON g.user_id = %s AND g.name_key = k.name_key AND g.deleted_at IS NULL
"""
# No change of the tag: tasks that come and go have change numbers of their own. Links are counted, not names: until a
# tag is merged, a task may be linked to both, and both counted it.
COUNT_OPEN = """
UPDATE tags SET open_tasks = open_tasks + %s * k.links FROM (
  SELECT coalesce(g.merged_into, g.id) AS id, count(*) AS links FROM task_tags x JOIN tags g ON g.id = x.tag_id
  WHERE x.task_id = %s GROUP BY 1
) k WHERE tags.id = k.id
"""
SAVE_WORDS = """
INSERT INTO task_words (task_id, user_id, created_at, words)
SELECT %(id)s, %(user)s, %(created_at)s, %(texts)s::tsvector || array_to_tsvector(ARRAY(
  SELECT '#' || replace(tag_id::text, '-', '') FROM task_tags WHERE task_id = %(id)s))
ON CONFLICT (task_id) DO UPDATE SET words = excluded.words
"""
REMOVE_WORDS = "DELETE FROM task_words WHERE task_id = %s"


async def save_links(connection: AsyncConnection, before: Task | None, after: Task) -> None:
    """Write what differs. The user's row is locked, so nobody else counts at the same time."""
    relinked = (before.tags if before else ()) != after.tags
    was_counted, is_counted = _is_counted(before), _is_counted(after)
    recount = relinked or was_counted != is_counted
    if recount and was_counted:
        await connection.execute(COUNT_OPEN, (-1, after.id))
    if relinked:
        await _save_tags(connection, before, after)
    if recount and is_counted:
        await connection.execute(COUNT_OPEN, (1, after.id))
    await _save_words(connection, before, after)


async def _save_tags(connection: AsyncConnection, before: Task | None, after: Task) -> None:
    if before is not None:
        await connection.execute(UNLINK_TAGS, (after.id,))
    if after.tags:
        keys = [tag_key(name) for name in after.tags]
        await connection.execute(LINK_TAGS, (after.id, keys, after.user_id))


async def _save_words(connection: AsyncConnection, before: Task | None, after: Task) -> None:
    if after.deleted_at is not None:
        await connection.execute(REMOVE_WORDS, (after.id,))
    elif before is None or _texts(before) != _texts(after):
        texts = stored(after.user_id, after.title, after.notes)
        row = {"id": after.id, "user": after.user_id, "created_at": after.created_at, "texts": texts}
        await connection.execute(SAVE_WORDS, row)


def _is_counted(task: Task | None) -> bool:
    return task is not None and bool(task.tags) and not task.closed and task.deleted_at is None


def _texts(task: Task) -> tuple[object, ...]:
    return task.title, task.notes, task.tags, task.deleted_at
