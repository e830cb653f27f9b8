"""A whole system for each test, over one migrated database that is emptied in between."""

from collections.abc import AsyncIterator

import pytest

from shared.migrate import upgrade
from tests.functions.audit_log import empty
from tests.harness import Ebb

# A few rows are deleted ten times faster than tables are truncated.
_EMPTY = (
    "DELETE FROM users",
    "DELETE FROM outbox",
    "DELETE FROM inbox",
    "DELETE FROM dead_letters",
)


@pytest.fixture(scope="session")
def migrated_url(database_url: str) -> str:
    """Return the URL of a database at the newest migration."""
    upgrade(database_url)
    return database_url


@pytest.fixture
async def ebb(migrated_url: str) -> AsyncIterator[Ebb]:
    """Yield a running system."""
    system = Ebb(migrated_url)
    for statement in _EMPTY:
        await system.sql(statement)
    await empty(system)
    yield system
    await system.close()
