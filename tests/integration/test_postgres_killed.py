"""A PostgreSQL that is killed goes on where it was."""

import signal
import tempfile
from pathlib import Path

import psycopg

from tests.stack.database import Postgres


def test_the_process_that_had_started_a_killed_postgresql_starts_it_again() -> None:
    with tempfile.TemporaryDirectory(prefix="ebb-killed-") as folder:
        database = Postgres(Path(folder))
        with psycopg.connect(database.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        database.end(signal.SIGKILL)
        database.start()
        with psycopg.connect(database.url) as connection:
            assert [(1,)] == connection.execute("SELECT one FROM kept").fetchall()
        database.end()
