"""A tag as the HTTP interface shows it."""

from uuid import UUID

from shared.task_view import View

# What makes a TagView, of `tags g`. The count is that of the moment it is read: tasks that come and go are no changes
# of their tags, and have change numbers of their own.
COLUMNS = """
g.id, g.name, (SELECT count(*) FROM task_tags x JOIN tasks t ON t.id = x.task_id
  WHERE x.tag_id = g.id AND t.status = 'open' AND t.deleted_at IS NULL) AS open_tasks
"""


class TagView(View):
    """A tag and how many open tasks have it."""

    id: UUID
    name: str
    open_tasks: int
