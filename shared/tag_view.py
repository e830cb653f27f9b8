"""A tag as the HTTP interface shows it, and the list of them."""

import datetime as dt
from uuid import UUID

from psycopg import AsyncConnection

from shared.listing import Listing
from shared.paging import Key, Order
from shared.task_view import View

PARAMETERS = ("limit", "cursor")
# What makes a TagView, of `tags g`. The count is that of the moment it is read: tasks that come and go are no changes
# of their tags, and have change numbers of their own.
COLUMNS = "g.id, g.name, g.colour, g.open_tasks, g.created_at"
_ORDER = Order((Key("g.name_key", "text"), Key("g.id", "uuid")))


class TagView(View):
    """A tag and how many open tasks have it."""

    id: UUID
    name: str
    colour: str | None
    open_tasks: int
    created_at: dt.datetime


class TagPage(View):
    """One page of tags, by name, and the cursor of the next."""

    tags: tuple[TagView, ...]
    next: str | None


async def list_tags(connection: AsyncConnection, user_id: str, given: dict[str, list[str]]) -> TagPage:
    """Return one page. Raises `InvalidInput` for wrong values."""
    listing = Listing(COLUMNS, "tags g", _ORDER)
    listing.where("g.user_id = %s", user_id)
    listing.where("g.deleted_at IS NULL")
    rows, following = await listing.page(connection, given)
    return TagPage(tags=tuple(TagView.model_validate(row) for row in rows), next=following)
