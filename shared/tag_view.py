"""A tag as the HTTP interface shows it."""

import datetime as dt
from uuid import UUID

from shared.task_view import View

# What makes a TagView, of `tags g`. The count is that of the moment it is read: tasks that come and go are no changes
# of their tags, and have change numbers of their own.
COLUMNS = "g.id, g.name, g.colour, g.open_tasks, g.created_at"


class TagView(View):
    """A tag and how many open tasks have it."""

    id: UUID
    name: str
    colour: str | None
    open_tasks: int
    created_at: dt.datetime
