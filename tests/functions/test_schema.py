"""The database: migrations give exactly the tables of the code, every statement fits them, and unique keys hold."""

import ast
import datetime as dt
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import AsyncConnection
from sqlalchemy import Connection, NullPool, create_engine, insert, inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from shared import (  # noqa: F401  (registers the tables)
    audit,
    delivery_tables,
    file_tables,
    find_tables,
    migrate,
    notification_tables,
    tables,
    task_query,
)
from shared.paging import write_cursor
from shared.reminder import Owner
from tests.harness import NOON

SHARED = Path(migrate.__file__).parent
TABLES = SQLModel.metadata.tables
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s")
ID = UUID(int=1)
ALICE = Owner("alice", "Europe/Berlin")
FILTERS = {
    "status": "open,completed", "priority": "high,urgent", "tag": "Home", "due_from": "2026-03-02", "overdue": "true",
    "due_to": "2026-03-02T09:00:00Z", "recurring": "false", "series": str(ID), "sort": "-due,title", "limit": "3",
    "q": 'pay "the rent" -car rep*',
}  # fmt: skip
AUDIT_FILTERS = {
    "task": str(ID), "type": "ebb.task.created.v1", "actor": "alice", "from": "2026-03-02T09:00:00Z",
    "to": "2026-03-02T09:00:00+01:00", "limit": "3",
}  # fmt: skip


def statements() -> dict[str, str]:
    """Return every SQL text of shared/*.py: module-level constants, also in tuples, and those inside functions."""
    found: dict[str, str] = {}
    for path in sorted(SHARED.glob("*.py")):
        constants = vars(importlib.import_module(f"shared.{path.stem}")).values()
        inner = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
        for text in texts([*constants, *inner]):
            found.setdefault(text, f"{path.stem}-{len(found)}: {' '.join(text.split())[:60]}")
    return {name: text for text, name in found.items()}


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        # What ends in a blank or an open list is the beginning of a statement that is put together.
        if SQL.match(value) and not value.endswith((" ", "(")):
            yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


STATEMENTS = statements()


def numbered(statement: str) -> str:
    """Return the statement with PostgreSQL's own placeholders instead of psycopg's."""
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        return f"${names.setdefault(match[1] or str(len(names)), len(names) + 1)}"

    return re.sub(r"%%|%\((\w+)\)s|%s", number, statement)


@pytest.fixture
def empty_url(database_url: str) -> Iterator[str]:
    """Make a new database beside the migrated one; its URL."""
    parts = psycopg.conninfo.conninfo_to_dict(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty")
        host = f"?host={parts['host']}" if str(parts.get("host", "")).startswith("/") else ""
        yield re.sub(r"/[^/?]*(\?.*)?$", "/empty", database_url) + host
        connection.execute("DROP DATABASE empty WITH (FORCE)")


def connected(url: str) -> Connection:
    return create_engine(migrate.config(url).attributes["url"], poolclass=NullPool).connect()


def differences(url: str) -> list[Any]:
    with connected(url) as connection:
        options = {"compare_server_default": True, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata))


def test_migrations_give_exactly_the_tables_of_the_code_also_when_run_again(empty_url: str) -> None:
    assert differences(empty_url)
    for _ in range(2):
        migrate.upgrade(empty_url)
        assert [] == differences(empty_url)


def test_every_migration_can_be_taken_back(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    command.downgrade(migrate.config(empty_url), "base")
    with connected(empty_url) as connection:
        assert ["alembic_version"] == inspect(connection).get_table_names()


def test_words_that_are_there_get_the_owner_and_the_instant_of_their_task(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    command.downgrade(migrate.config(empty_url), "0010")
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("INSERT INTO users (id) VALUES ('alice')")
        connection.execute(
            "INSERT INTO tasks (id, user_id, title, notes, status, priority, awaits_successor, version, change_seq,"
            " created_at, updated_at) VALUES (%s, 'alice', 'rent', '', 'open', 0, false, 1, 1, %s, now())",
            (ID, NOON),
        )
        connection.execute("INSERT INTO task_words (task_id, words) VALUES (%s, 'rent')", (ID,))
        migrate.upgrade(empty_url)
        row = connection.execute("SELECT user_id, created_at FROM task_words").fetchone()
    assert ("alice", NOON) == row


def test_there_are_statements_to_check() -> None:
    assert len(STATEMENTS) > 20


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_fits_the_tables(migrated_url: str, name: str) -> None:
    with psycopg.connect(migrated_url) as connection:
        connection.execute(f"PREPARE one AS {numbered(STATEMENTS[name])}".encode())
        connection.rollback()


@pytest.fixture
async def connection(migrated_url: str) -> Any:
    async with await AsyncConnection.connect(migrated_url) as opened:
        yield opened


@pytest.mark.parametrize("name", sorted(set(task_query.PARAMETERS) - {"cursor"}))
async def test_every_filter_of_tasks_makes_a_statement_that_runs(connection: AsyncConnection, name: str) -> None:
    given = {name: [FILTERS[name]]}
    assert ([], None) == await task_query.list_tasks(connection, Owner("nobody"), given, NOON)


async def test_all_filters_of_tasks_go_together(connection: AsyncConnection) -> None:
    given = {name: [FILTERS[name]] for name in task_query.PARAMETERS if name != "cursor"}
    assert ([], None) == await task_query.list_tasks(connection, Owner("nobody"), given, NOON)


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("name", sorted(task_query.SORTS))
async def test_every_order_of_tasks_makes_a_statement_that_goes_on_after_a_cursor(
    connection: AsyncConnection, name: str, direction: str
) -> None:
    sort = {"sort": [direction + name]}
    order = task_query._order(sort)
    values = {"smallint": "4", "text": "a", "uuid": str(ID), "timestamptz": "infinity"}
    cursor = {"cursor": [write_cursor(order, [values[key.type] for key in order.keys])]}
    assert ([], None) == await task_query.list_tasks(connection, Owner("nobody"), sort | cursor, NOON)


@pytest.mark.parametrize("name", sorted(set(audit.PARAMETERS) - {"cursor"}))
async def test_every_filter_of_the_audit_log_makes_a_statement_that_runs(
    connection: AsyncConnection, name: str
) -> None:
    cursor = write_cursor(audit.ORDER, [NOON.isoformat(), "7"])
    for given in ({name: [AUDIT_FILTERS[name]]}, {name: [AUDIT_FILTERS[name]], "cursor": [cursor]}):
        page = await audit.list_entries(connection, "nobody", given)
        assert audit.AuditPage(entries=(), next=None) == page


@pytest.fixture
def rows(migrated_url: str) -> Iterator[Connection]:
    """Begin a transaction that ends without a trace, with a user and a series to hang rows on."""
    with connected(migrated_url) as connection:
        connection.execute(insert(TABLES["users"]).values(id="unique"))
        connection.execute(insert(TABLES["series"]).values(
            id=ID, user_id="unique", rule="FREQ=DAILY", rule_text="every day", mode="scheduled", skip_overdue=False,
            exdates=[], all_day=True, starts_at=dt.datetime.combine(NOON.date(), dt.time()), title="x", notes="",
            priority=0, tags=[], minutes_before=[], is_active=True, last_ordinal=1, version=1, change_seq=1,
            created_at=NOON, updated_at=NOON,
        ))  # fmt: skip
        yield connection
        connection.rollback()


def add_task(rows: Connection, number: int, **fields: object) -> None:
    rows.execute(insert(TABLES["tasks"]).values(**{
        "id": UUID(int=number), "user_id": "unique", "title": "x", "notes": "", "status": "open", "priority": 0,
        "series_id": ID, "awaits_successor": False, "version": 1, "change_seq": number, "created_at": NOON,
        "updated_at": NOON, **fields,
    }))  # fmt: skip


@pytest.mark.parametrize(
    ("same", "key"),
    [
        ({"ordinal": 2}, "tasks_one_per_ordinal"),
        ({"occurrence": dt.datetime(2026, 3, 2)}, "tasks_one_per_occurrence"),  # noqa: DTZ001  (local by meaning)
    ],
)
def test_a_second_task_in_the_same_place_of_a_series_is_refused(
    rows: Connection, same: dict[str, object], key: str
) -> None:
    add_task(rows, 1, **same)
    with pytest.raises(IntegrityError, match=key):
        add_task(rows, 2, **same)


def test_tasks_without_a_series_never_stand_in_each_others_way(rows: Connection) -> None:
    for number in (1, 2):
        add_task(rows, number, series_id=None)


def test_a_second_audit_entry_of_an_event_is_refused(rows: Connection) -> None:
    entry = {
        "event_id": "once", "user_id": "unique", "type": "t", "source": "s", "time": NOON, "actor": "a", "changes": {},
        "recorded_at": NOON,
    }  # fmt: skip
    rows.execute(insert(TABLES["audit"]).values(entry))
    with pytest.raises(IntegrityError, match="audit_event_id"):
        rows.execute(insert(TABLES["audit"]).values(entry | {"source": "another"}))


def test_an_event_enters_the_inbox_of_a_function_once(rows: Connection) -> None:
    one = {"function": "/ebb/sweep", "event_id": "e1", "received_at": NOON}
    rows.execute(insert(TABLES["inbox"]).values(one))
    rows.execute(insert(TABLES["inbox"]).values(one | {"function": "/ebb/other"}))
    with pytest.raises(IntegrityError, match="inbox_pkey"):
        rows.execute(insert(TABLES["inbox"]).values(one))


def test_a_tag_has_one_spelling_for_each_user(rows: Connection) -> None:
    tag = {
        "id": UUID(int=1),
        "user_id": "unique",
        "name": "Home",
        "name_key": "home",
        "change_seq": 1,
        "created_at": NOON,
    }
    rows.execute(insert(TABLES["tags"]).values(tag))
    with pytest.raises(IntegrityError, match="tags_one_per_name"):
        rows.execute(insert(TABLES["tags"]).values(tag | {"id": UUID(int=2), "name": "HOME"}))
