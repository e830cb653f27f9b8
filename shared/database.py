"""The connection pool: opened with the first use, in the process that uses it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from shared.settings import Settings

_PATIENCE = 5.0  # seconds to wait for a connection before the answer is 503


class Database:
    """PostgreSQL, by name of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: AsyncConnectionPool | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection for a transaction. What was not committed when it comes back is rolled back."""
        pool = self._pool or await self._open()
        connection = await pool.getconn(_PATIENCE)
        try:
            yield connection
        finally:
            # Where the connection broke, the server has rolled back, and the pool replaces it.
            with suppress(OperationalError):
                await connection.rollback()
            await pool.putconn(connection)

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection for statements that each stand alone: no BEGIN and no ROLLBACK around a read."""
        async with self.connection() as connection:
            await connection.set_autocommit(True)
            try:
                yield connection
            finally:
                if not connection.closed:
                    await connection.set_autocommit(False)

    async def warm(self) -> None:
        """Connect ahead of the first use; a server that is away is found out about then."""
        with suppress(OperationalError, PoolTimeout):
            async with self.connection():
                pass

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            await self._pool.close()

    async def _open(self) -> AsyncConnectionPool:
        async with self._opening:
            if self._pool is None:
                pool = AsyncConnectionPool(
                    self._settings.database_url,
                    min_size=1,
                    max_size=self._settings.database_pool_size,
                    open=False,
                    max_idle=60,
                    reconnect_timeout=30,
                    kwargs={"connect_timeout": 5},
                )
                await pool.open()
                self._pool = pool
            return self._pool
