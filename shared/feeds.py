"""Secret URLs for calendar programs, which cannot send a token: made, listed, revoked.

A secret is 256 random bits, so its plain SHA-256 is all that is kept (as of a personal access token). It may only read,
is shown once, and is gone the moment it is revoked. shared/feed_reading.py answers who comes with one.
"""

import datetime as dt
import secrets
from typing import Annotated
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from pydantic import Field

from shared.account_events import FeedCreated, FeedRevoked
from shared.errors import Fault, InvalidInput, NotFound
from shared.identity import digest
from shared.input_types import Title
from shared.inputs import Input
from shared.task_view import View
from shared.unit_of_work import UnitOfWork, new_id

ADD = "INSERT INTO feeds (id, user_id, name, hash, created_at) VALUES (%s, %s, %s, %s, %s)"
LIST = "SELECT id, name, created_at FROM feeds WHERE user_id = %s ORDER BY id"
COUNT = "SELECT count(*) FROM feeds WHERE user_id = %s"
REVOKE = "DELETE FROM feeds WHERE user_id = %s AND id = %s RETURNING name"
MOST = 100  # feeds of one user


class NewFeed(Input):
    """`POST /v1/feeds`: what the user knows it by."""

    name: Annotated[Title, Field(max_length=100)] = "calendar"


class FeedView(View):
    """A feed without its secret."""

    id: UUID
    name: str
    created_at: dt.datetime


class MadeFeed(FeedView):
    """A new feed. `path` holds the secret and is shown this once; a repeated request is answered with null."""

    path: str | None


class FeedList(View):
    """All feeds of a user."""

    feeds: tuple[FeedView, ...]


async def add_feed(work: UnitOfWork, name: str) -> MadeFeed:
    """Make a feed. Raises `InvalidInput` when there are too many."""
    row = await (await work.connection.execute(COUNT, (work.owner.id,))).fetchone()
    if row and row[0] >= MOST:
        raise InvalidInput(Fault("", f"there are {MOST} feeds already; revoke one first"))
    secret, feed_id = secrets.token_urlsafe(32), new_id()
    await work.connection.execute(ADD, (feed_id, work.owner.id, name, digest(secret), work.now))
    work.emit(FeedCreated(user_id=work.owner.id, actor=work.actor, feed_id=feed_id, name=name))
    return MadeFeed(id=feed_id, name=name, created_at=work.now, path=f"/v1/feed/{secret}.ics")


async def revoke_feed(work: UnitOfWork, feed_id: UUID) -> None:
    """Take a feed back: the next request with it finds nothing. Raises `NotFound`."""
    row = await (await work.connection.execute(REVOKE, (work.owner.id, feed_id))).fetchone()
    if row is None:
        raise NotFound("there is no such feed")
    work.emit(FeedRevoked(user_id=work.owner.id, actor=work.actor, feed_id=feed_id, name=row[0]))


async def list_feeds(connection: AsyncConnection, user_id: str) -> FeedList:
    """Return the feeds of a user, oldest first."""
    cursor = connection.cursor(row_factory=class_row(FeedView))
    return FeedList(feeds=tuple(await (await cursor.execute(LIST, (user_id,))).fetchall()))
