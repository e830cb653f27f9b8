"""Personal access tokens in storage: only their SHA-256 is kept."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from shared.database import Database
from shared.identity import StoredToken

FIND = "SELECT user_id, scopes, expires_at FROM tokens WHERE hash = %s"
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
        return None if row is None else StoredToken(row[0], frozenset(row[1]), row[2])

    async def add(
        self, token_id: UUID, user_id: str, name: str, digest: bytes, scopes: Sequence[str], now: dt.datetime
    ) -> None:
        """Add a token that does not expire."""
        async with self._database.connection() as connection:
            await connection.execute("INSERT INTO users (id) VALUES (%s) ON CONFLICT DO NOTHING", (user_id,))
            await connection.execute(ADD, (token_id, user_id, name, digest, list(scopes), None, now))
            await connection.commit()

    async def grant(self, digest: bytes, scopes: Sequence[str]) -> None:
        """Let a token do what `scopes` say."""
        async with self._database.statements() as connection:
            await connection.execute(GRANT, (list(scopes), digest))
