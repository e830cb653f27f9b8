"""Personal access tokens in storage: only their SHA-256 is kept."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from shared.database import Database
from shared.identity import StoredToken

FIND = "SELECT user_id, scopes, expires_at, last_used_at FROM tokens WHERE hash = %s"
# Of many requests at once only the first writes.
NOTE_USE = "UPDATE tokens SET last_used_at = %s WHERE hash = %s AND (last_used_at IS NULL OR last_used_at <= %s)"
ADD_OWNER = "INSERT INTO users (id) VALUES (%s) ON CONFLICT DO NOTHING"
ADD = """
INSERT INTO tokens (id, user_id, name, hash, scopes, expires_at, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
GRANT = "UPDATE tokens SET scopes = %s WHERE hash = %s"


class TokenRows:
    """Finds, adds and widens tokens, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, digest: bytes) -> StoredToken | None:
        """Return the token with this digest, expired or not."""
        async with self._database.statements() as connection:
            row = await (await connection.execute(FIND, (digest,))).fetchone()
        return None if row is None else StoredToken(row[0], frozenset(row[1]), row[2], row[3])

    async def note_use(self, digest: bytes, now: dt.datetime, before: dt.datetime) -> None:
        """Note that a token is used now, if that was last noted at `before` or earlier."""
        async with self._database.statements() as connection:
            await connection.execute(NOTE_USE, (now, digest, before))

    async def add(
        self, token_id: UUID, user_id: str, name: str, digest: bytes, scopes: Sequence[str], now: dt.datetime
    ) -> None:
        """Add a token that does not expire."""
        async with self._database.connection() as connection:
            await connection.execute(ADD_OWNER, (user_id,))
            await connection.execute(ADD, (token_id, user_id, name, digest, list(scopes), None, now))
            await connection.commit()

    async def grant(self, digest: bytes, scopes: Sequence[str]) -> None:
        """Let a token do what `scopes` say."""
        async with self._database.statements() as connection:
            await connection.execute(GRANT, (list(scopes), digest))
