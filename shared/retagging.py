"""Telling that a tag has changed, of each task that has it: the task's version and change number move.

With a hundred thousand tasks that takes seconds, in which no other command of their user should have to wait. So the
command does it for some tasks; the tag's row says behind which task the rest begins, and an event, or sweep, goes on
there, some at a time. A task that was changed after its tag has been told as it is now, and is passed over.
"""

from uuid import UUID

from shared.runtime import Runtime
from shared.unit_of_work import UnitOfWork

SOME = 200  # tasks in one transaction: tens of milliseconds
FIRST = UUID(int=0)
OWED = """
SELECT change_seq, deleted_at IS NOT NULL, merged_into, owes_after FROM tags
WHERE user_id = %s AND id = %s AND owes_after IS NOT NULL
"""
NEXT = "SELECT task_id FROM task_tags WHERE tag_id = %s AND task_id > %s ORDER BY task_id LIMIT %s"
TELL = """
WITH owed AS (
  SELECT id, row_number() OVER (ORDER BY id) AS number FROM tasks
  WHERE id = ANY(%s) AND user_id = %s AND deleted_at IS NULL AND change_seq < %s
), told AS (
  UPDATE tasks t SET version = version + 1, change_seq = %s + owed.number FROM owed WHERE t.id = owed.id RETURNING 1
)
SELECT count(*) FROM told
"""
# Both tags counted the open tasks that had both (xmax is 0 in a row that is new).
MOVE = """
WITH moved AS (
  INSERT INTO task_tags (task_id, tag_id, position)
  SELECT task_id, %(into)s, position FROM task_tags WHERE tag_id = %(tag)s AND task_id = ANY(%(tasks)s)
  ON CONFLICT (task_id, tag_id) DO UPDATE SET position = least(task_tags.position, excluded.position)
  RETURNING task_id, xmax = 0 AS is_new
), twice AS (
  SELECT count(*) AS tasks FROM tasks t JOIN moved ON moved.task_id = t.id
  WHERE NOT moved.is_new AND t.status = 'open' AND t.deleted_at IS NULL
)
UPDATE tags SET open_tasks = open_tasks - twice.tasks FROM twice WHERE id = %(into)s
"""
MOVE_WORDS = """
UPDATE task_words SET words = ts_delete(words, '#' || replace(%(tag)s::uuid::text, '-', ''))
  || array_to_tsvector(ARRAY['#' || replace(%(into)s::uuid::text, '-', '')])
WHERE task_id = ANY(%(tasks)s)
"""
UNLINK = "DELETE FROM task_tags WHERE tag_id = %s AND task_id = ANY(%s)"
GO_ON = "UPDATE tags SET owes_after = %s WHERE id = %s"
FINISH = "UPDATE tags SET owes_after = NULL, merged_into = NULL WHERE id = %s"


async def retag_some(work: UnitOfWork, tag_id: UUID) -> bool:
    """Do it for the next tasks of a tag; tell whether there are more. The user's row must be locked."""
    row = await (await work.connection.execute(OWED, (work.owner.id, tag_id))).fetchone()
    if row is None:
        return False
    since, gone, into, after = row
    cursor = await work.connection.execute(NEXT, (tag_id, after, SOME))
    tasks = [task_id for (task_id,) in await cursor.fetchall()]
    if tasks:
        cursor = await work.connection.execute(TELL, (tasks, work.owner.id, since, work.last_change))
        work.took_changes((await cursor.fetchone() or (0,))[0])
    if gone and tasks:
        await _take_off(work, tag_id, into, tasks)
    if len(tasks) < SOME:
        await work.connection.execute(FINISH, (tag_id,))
        return False
    await work.connection.execute(GO_ON, (tasks[-1], tag_id))
    return True


async def retag_rest(parts: Runtime, source: str, user_id: str, tag_id: UUID) -> None:
    """Do it for all that are left, each part in a transaction of its own."""
    more = True
    while more:
        async with UnitOfWork(parts, source) as work:
            await work.lock(user_id)
            more = await retag_some(work, tag_id)
            await work.commit()


async def _take_off(work: UnitOfWork, tag_id: UUID, into: UUID | None, tasks: list[UUID]) -> None:
    if into is not None:
        row = {"tag": tag_id, "into": into, "tasks": tasks}
        await work.connection.execute(MOVE, row)
        await work.connection.execute(MOVE_WORDS, row)
    await work.connection.execute(UNLINK, (tag_id, tasks))
