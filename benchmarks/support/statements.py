"""What PostgreSQL is asked by a list of tasks: the statements with their values, and how it does them."""

from functools import partial
from typing import Any

import psycopg
from psycopg import AsyncClientCursor, AsyncConnection

from benchmarks.support.filling import OWNER
from shared.clock import SystemClock
from shared.reminder import Owner
from shared.task_query import list_tasks

PAGE = 50  # tasks


class Recorder(AsyncClientCursor[Any]):
    """Writes down each statement with its values in it."""

    statements: list[str] = []  # noqa: RUF012  (of all cursors)

    async def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        """Execute and write down."""
        self.statements.append(self.mogrify(query, params))
        return await super().execute(query, params)


async def statements(url: str, given: dict[str, list[str]]) -> list[str]:
    """Return the statements of a list."""
    Recorder.statements.clear()
    async with await AsyncConnection.connect(url, autocommit=True, cursor_factory=Recorder) as connection:
        await _listed(connection, given)
    return list(Recorder.statements)


async def cursor_of(url: str, page: int) -> str:
    """Return the cursor of a page of the default list."""
    cursor = None
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        for _ in range((page - 1) * PAGE // 200):
            _, cursor = await _listed(connection, {"limit": ["200"], **({"cursor": [cursor]} if cursor else {})})
    assert cursor is not None, "there are not so many pages"
    return cursor


async def _listed(connection: "AsyncConnection[Any]", given: dict[str, list[str]]) -> tuple[list[Any], str | None]:
    # The list asks for rows by name itself, which a cursor class of the connection does not know.
    connection_cursor = connection.cursor_factory
    connection.cursor = partial(connection_cursor, connection)  # type: ignore[method-assign, assignment]
    return await list_tasks(connection, Owner(OWNER), given, SystemClock().now())


def plans(url: str, queries: dict[str, list[str]]) -> None:
    """Print how PostgreSQL does each query: its scans, and what it read."""
    print("\nplans")
    with psycopg.connect(url) as connection:
        for name, texts in queries.items():
            for text in texts:
                explained = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {text}".encode()).fetchall()
                lines = [str(line).strip() for (line,) in explained]
                scans = [line.split("  (")[0].removeprefix("->").strip() for line in lines if "Scan" in line]
                print(f"  {name}: {lines[-1]}; {'; '.join(dict.fromkeys(scans))}")
