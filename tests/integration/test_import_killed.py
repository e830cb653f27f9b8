"""An import whose process is killed leaves whole parts behind, and the same file finishes it."""

import asyncio
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from benchmarks.files import todo
from benchmarks.support.function import Function
from shared.identity import new_token
from shared.importing import CHUNK
from shared.migrate import upgrade
from shared.unit_of_work import new_id

TASKS = 1_000
STATE = """
SELECT (SELECT count(*) FROM tasks), (SELECT count(*) FROM imports), (SELECT count(*) FROM reminders),
  (SELECT count(*) FROM outbox WHERE event->>'type' = 'ebb.task.created.v1'), (SELECT max(change_seq) FROM tasks),
  (SELECT change_seq FROM users WHERE id = 'killed')
"""


@pytest.fixture
def token(database_url: str) -> Iterator[str]:
    """Return the token of a user without anything."""
    upgrade(database_url)
    text, hashed = new_token()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM users")
        connection.execute("DELETE FROM outbox")
        connection.execute("INSERT INTO users (id) VALUES ('killed')")
        connection.execute(
            "INSERT INTO tokens (id, user_id, name, hash, scopes, created_at)"
            " VALUES (%s, 'killed', 'test', %s, '{read,write}', now())",
            (new_id(), hashed),
        )
        yield text
        connection.execute("DELETE FROM users")
        connection.execute("DELETE FROM outbox")


async def test_what_a_killed_import_leaves_is_whole_and_the_same_file_finishes_it(
    database_url: str, token: str
) -> None:
    body = f"BEGIN:VCALENDAR\r\n{''.join(map(todo, range(TASKS)))}END:VCALENDAR\r\n".encode()
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=300) as client:
        with Function("import_tasks", database_url) as function:
            sending = asyncio.create_task(client.post(f"{function.url}/v1/import?format=ics", content=body))
            while not sending.done() and (await state(database_url))[0] < 2 * CHUNK:
                await asyncio.sleep(0.01)
            function.process.kill()
            with pytest.raises(httpx.TransportError):
                await sending
        left = await state(database_url)
        assert 0 < left[0] < TASKS
        assert (0, [left[0]] * 4) == (left[0] % CHUNK, list(left[:4]))
        assert left[4] == left[5]
        with Function("import_tasks", database_url) as function:
            answer = await client.post(f"{function.url}/v1/import?format=ics", content=body)
        report = answer.json()
        assert (TASKS - left[0], left[0]) == (report["created"], report["unchanged"])
        assert [TASKS] * 4 == list((await state(database_url))[:4])


async def state(database_url: str) -> tuple[int, ...]:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        return await (await connection.execute(STATE)).fetchone() or ()
