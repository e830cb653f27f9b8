"""What tests of more than one level share: one embedded PostgreSQL for the whole session."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from shared.embedded import postgres


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """Start an empty PostgreSQL that ends with the session; its URL."""
    # Not pytest's own directory: its path is too long for a socket and closed to the user PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="ebb-") as directory:
        yield postgres.start(Path(directory))
        postgres.stop(Path(directory))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pool(database_url: str) -> AsyncIterator[AsyncConnectionPool[AsyncConnection]]:
    """Open connections to that server."""
    async with AsyncConnectionPool(database_url, min_size=1, max_size=8, open=False, timeout=30) as opened:
        yield opened
