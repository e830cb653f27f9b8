"""The load of a cluster: less than one machine alone takes, for a pod is dearer than a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from benchmarks.support.load import Load
from tests.cluster.installation import Installation

# Pods of functions come from zero and the load fills the machine: a way that takes longer (seconds) is broken.
AT_ONCE = 20.0
PATIENCE = 300.0  # seconds until everything has had its effect


@asynccontextmanager
async def cluster_load(installation: Installation, token: str) -> AsyncIterator[Load]:
    """Yield a load of the user `local`, whose ledger knows the tasks that are there already."""
    load = Load(installation.url, token, clients=4, pause=0.3, reminders=float("inf"), changes=True)
    async with await psycopg.AsyncConnection.connect(installation.database_url) as connection:
        found = await connection.execute("SELECT id::text FROM tasks")
        load.ledger.created |= {task: {} for (task,) in await found.fetchall()}
    try:
        yield load
    finally:
        await load.close()
