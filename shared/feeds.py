"""Secret URLs that show a user's open tasks to calendar programs, which cannot send a token.

A secret is 256 random bits, so its plain SHA-256 is all that is kept (as of a personal access token). It may only read,
is shown once, and is gone the moment it is revoked. Logs and traces name the form of its path, never the secret.
"""

import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from pydantic import Field

from shared.errors import NotFound
from shared.identity import digest
from shared.input_types import Title
from shared.inputs import Input
from shared.task_view import View
from shared.unit_of_work import UnitOfWork, new_id

ADD = "INSERT INTO feeds (id, user_id, name, hash, created_at) VALUES (%s, %s, %s, %s, %s)"
LIST = "SELECT id, name, created_at FROM feeds WHERE user_id = %s ORDER BY id"
REVOKE = "DELETE FROM feeds WHERE user_id = %s AND id = %s RETURNING true"
FIND = """
SELECT u.id, u.change_seq, u.time_zone, u.all_day_reminder_time
FROM feeds f JOIN users u ON u.id = f.user_id WHERE f.hash = %s
"""
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


class NewFeed(Input):
    """`POST /v1/feeds`: what the user knows it by."""

    name: Annotated[Title, Field(max_length=100)] = "calendar"


class FeedView(View):
    """A feed without its secret."""

    id: UUID
    name: str
    created_at: dt.datetime


class MadeFeed(FeedView):
    """A new feed; `path` holds the secret and is shown this once."""

    path: str


class FeedList(View):
    """All feeds of a user."""

    feeds: tuple[FeedView, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose tasks a secret shows, and what tells one state of them from another."""

    user_id: str
    etag: str


async def add_feed(work: UnitOfWork, name: str) -> MadeFeed:
    """Make a feed."""
    secret, feed_id = secrets.token_urlsafe(32), new_id()
    await work.connection.execute(ADD, (feed_id, work.owner.id, name, digest(secret), work.now))
    return MadeFeed(id=feed_id, name=name, created_at=work.now, path=f"/v1/feed/{secret}.ics")


async def revoke_feed(work: UnitOfWork, feed_id: UUID) -> None:
    """Take a feed back. Raises `NotFound`."""
    if not await (await work.connection.execute(REVOKE, (work.owner.id, feed_id))).fetchone():
        raise NotFound("there is no such feed")


async def list_feeds(connection: AsyncConnection, user_id: str) -> FeedList:
    """Return the feeds of a user, oldest first."""
    cursor = connection.cursor(row_factory=class_row(FeedView))
    return FeedList(feeds=tuple(await (await cursor.execute(LIST, (user_id,))).fetchall()))


async def reader_of(connection: AsyncConnection, secret: str, as_events: bool, now: dt.datetime) -> Reader:
    """Return whose feed a secret is. Raises `NotFound`: an unknown secret looks like a path that is none."""
    row = None
    if _FORM.fullmatch(secret):
        row = await (await connection.execute(FIND, (digest(secret),))).fetchone()
    if row is None:
        raise NotFound("there is nothing at this path")
    user_id, *state = row
    # Every change of a task counts the user's number up; time zones are written for the years around this one.
    told = hashlib.sha256(repr((*state, as_events, now.year)).encode()).hexdigest()[:32]
    # Weak (RFC 9110, section 8.8.1): DTSTAMP differs, what it says does not.
    return Reader(user_id, f'W/"{told}"')
