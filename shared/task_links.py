"""What hangs on a task in storage and follows from it: its tags, how many open tasks they have, and its words."""

from collections import Counter

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
# No change of the tag: tasks that come and go have change numbers of their own.
COUNT_OPEN = """
UPDATE tags SET open_tasks = open_tasks + k.tasks FROM unnest(%s::text[], %s::int[]) AS k (name_key, tasks)
WHERE tags.user_id = %s AND tags.name_key = k.name_key AND tags.deleted_at IS NULL
"""
SAVE_WORDS = """
INSERT INTO task_words (task_id, words)
SELECT %(id)s, %(texts)s::tsvector || array_to_tsvector(ARRAY(
  SELECT '#' || replace(tag_id::text, '-', '') FROM task_tags WHERE task_id = %(id)s))
ON CONFLICT (task_id) DO UPDATE SET words = excluded.words
"""
REMOVE_WORDS = "DELETE FROM task_words WHERE task_id = %s"


async def save_links(connection: AsyncConnection, before: Task | None, after: Task) -> None:
    """Write what differs. The user's row is locked, so nobody else counts at the same time."""
    if (before.tags if before else ()) != after.tags:
        await _save_tags(connection, before, after)
    counts = Counter(_open_tags(after))
    counts.subtract(_open_tags(before))
    counts = Counter({name: tasks for name, tasks in counts.items() if tasks})
    if counts:
        await connection.execute(COUNT_OPEN, (list(counts), list(counts.values()), after.user_id))
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
        await connection.execute(SAVE_WORDS, {"id": after.id, "texts": texts})


def _open_tags(task: Task | None) -> list[str]:
    if task is None or task.closed or task.deleted_at is not None:
        return []
    return [tag_key(name) for name in task.tags]


def _texts(task: Task) -> tuple[object, ...]:
    return task.title, task.notes, task.tags, task.deleted_at
