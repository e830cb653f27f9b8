"""Where a user wants to be told, in storage."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

ALL = "SELECT name, kind, config, problem FROM channels WHERE user_id = %s ORDER BY name"
SAVE = """
INSERT INTO channels (user_id, name, kind, config, problem, updated_at) VALUES (%s, %s, %s, %s, NULL, %s)
ON CONFLICT (user_id, name) DO UPDATE
SET kind = excluded.kind, config = excluded.config, problem = NULL, updated_at = excluded.updated_at
"""
REMOVE = "DELETE FROM channels WHERE user_id = %s AND name = %s"
# Only the address that failed: the user may have given another one meanwhile.
SWITCH_OFF = """
UPDATE channels SET problem = %s, updated_at = %s WHERE user_id = %s AND name = %s AND config = %s AND problem IS NULL
"""


@dataclass(frozen=True, slots=True)
class Channel:
    """An address: `name` is `email`, `webhook` or `push/<device>`, `problem` says why it is switched off."""

    name: str
    kind: str
    config: dict[str, Any]
    problem: str | None = None


class ChannelRows:
    """The channels of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self, user_id: str) -> dict[str, Channel]:
        """Return a user's channels by name, those that are switched off too."""
        cursor = self._connection.cursor(row_factory=class_row(Channel))
        rows = await (await cursor.execute(ALL, (user_id,))).fetchall()
        return {row.name: row for row in rows}

    async def save(self, user_id: str, channel: Channel, now: dt.datetime) -> None:
        """Add a channel or give it another address; either way it is switched on."""
        await self._connection.execute(SAVE, (user_id, channel.name, channel.kind, Jsonb(channel.config), now))

    async def remove(self, user_id: str, name: str) -> None:
        """Remove a channel; a missing one is fine."""
        await self._connection.execute(REMOVE, (user_id, name))

    async def switch_off(self, user_id: str, channel: Channel, problem: str, now: dt.datetime) -> None:
        """Switch a channel off whose address does not exist any more."""
        row = (problem, now, user_id, channel.name, Jsonb(channel.config))
        await self._connection.execute(SWITCH_OFF, row)
