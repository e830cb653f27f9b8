"""The export of the audit log: whole, of any size, and harmless in a spreadsheet."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import psutil
import pytest
from psycopg_pool import AsyncConnectionPool

from shared import audit_export
from shared.audit import ORDER
from shared.audit_chain import Chain
from shared.paging import write_cursor
from tests.functions.audit_log import tamper, write
from tests.harness import Ebb

ROWS = 200_000
MANY = """
INSERT INTO audit (event_id, user_id, type, source, time, actor, changes, recorded_at, seq, previous, hash)
SELECT 'e' || n, 'alice', 'ebb.task.updated.v1', '/ebb/update-task', timestamptz '2026-01-01' + n * interval '1 second',
  'alice', '{"title": {"before": "Pay the rent of the flat", "after": "Pay rent"}}', now(), n, '', ''
FROM generate_series(1, %s) n
"""


async def exported(ebb: Ebb, query: str = "", *, user: str = "alice") -> list[dict[str, Any]]:
    """Return an export as JSON Lines, parsed."""
    answer = await ebb.call("GET", f"/v1/audit/export?format=jsonl{query}", user=user)
    assert 200 == answer.status_code, answer.text
    assert answer.text.endswith("\n") or not answer.text
    # At line feeds only: text may hold what other readers take for the end of a line.
    return [json.loads(line) for line in answer.text.split("\n")[:-1]]


async def test_json_lines_hold_what_the_list_shows_and_all_that_the_hash_covers(ebb: Ebb) -> None:
    task = await ebb.create(title="a\u2028b\n", tags=["x"])
    await ebb.settle()
    lines = await exported(ebb)
    shown = await ebb.audit()
    assert [(e["event_id"], e["type"], e["actor"], e["task"], e["changes"]) for e in shown] == [
        (line["event_id"], line["type"], line["actor"], line["task"], line["changes"]) for line in lines
    ]
    assert {task["id"], None} == {line["task"] for line in lines}
    chain = Chain("alice")
    for line in reversed(lines):
        chain.follow(line)
    assert 2 == chain.seq


async def test_an_export_comes_as_a_file_with_its_type(ebb: Ebb) -> None:
    answer = await ebb.call("GET", "/v1/audit/export?format=csv")
    assert "text/csv; charset=utf-8; header=present" == answer.headers["content-type"]
    assert 'attachment; filename="ebb-audit-20260302T120000Z.csv"' == answer.headers["content-disposition"]
    assert answer.text.startswith("time,type,actor,task,changes,event_id,")
    answer = await ebb.call("GET", "/v1/audit/export")
    assert ("application/jsonl; charset=utf-8", "") == (answer.headers["content-type"], answer.text)
    assert answer.headers["content-disposition"].endswith('.jsonl"')


@pytest.mark.parametrize("actor", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\uff1d1", 'a"b,c\r\nd;e'])
async def test_a_cell_is_no_formula_and_reads_back_as_it_was(ebb: Ebb, actor: str) -> None:
    await ebb.token(actor)
    assert 204 == await write(ebb, actor, user=actor, note='=cmd|" /C calc"!A0')
    answer = await ebb.call("GET", "/v1/audit/export?format=csv", user=actor)
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert (actor if actor.startswith("a") else f"'{actor}") == row["actor"] == row["event_id"]
    assert '=cmd|" /C calc"!A0' == json.loads(row["changes"])["note"]["after"]
    assert not any(cell.startswith(tuple("=+-@\t\r\n")) for cell in row.values())


async def test_the_filters_are_those_of_the_list(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    await ebb.create(title="b", tags=["x"])
    ebb.clock.pass_by(hours=1)
    await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"title": "c"})
    await ebb.settle()
    page = (await ebb.call("GET", "/v1/audit?limit=1")).json()
    for query, count in {
        "": 4, f"&task={task['id']}": 2, "&type=ebb.tag.created.v1": 1, "&actor=alice": 4, "&actor=bob": 0,
        "&from=2026-03-02T13:00:00Z": 1, "&to=2026-03-02T12:30:00Z": 3, "&limit=3": 3, "&limit=1000000": 4,
        f"&cursor={page['next']}": 3, f"&cursor={page['next']}&limit=2": 2,
    }.items():  # fmt: skip
        assert (query, count) == (query, len(await exported(ebb, query)))


@pytest.mark.parametrize(
    "query",
    ["format=xml", "format=", "format=csv&format=csv", "colour=red", "limit=0", "limit=-1", "limit=x", "task=7",
     "from=yesterday", "cursor=x", f"cursor={write_cursor(ORDER, ['x', '1'])}"],
)  # fmt: skip
async def test_a_wrong_parameter_is_answered_before_a_file_begins(ebb: Ebb, query: str) -> None:
    answer = await ebb.call("GET", f"/v1/audit/export?{query}")
    assert (422, f"?{query.partition('=')[0]}") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_it_needs_a_token_and_shows_nothing_of_others(ebb: Ebb) -> None:
    await ebb.create(title="a", user="bob")
    await ebb.settle()
    assert [] == await exported(ebb)
    assert 1 == len(await exported(ebb, user="bob"))
    assert 401 == (await ebb.call("GET", "/v1/audit/export", user="")).status_code
    assert 405 == (await ebb.call("HEAD", "/v1/audit/export")).status_code


async def test_what_is_appended_meanwhile_is_not_in_it_and_nothing_is_twice(
    ebb: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_export, "PAGE", 3)
    for n in range(10):
        await write(ebb, f"e{n}", n=n)
    export = audit_export.Export(ebb.parts.database, "alice", {"format": ["jsonl"]})
    found, appended = list[str](), 0
    async for piece in export.pieces(await export.first()):
        found += [json.loads(line)["event_id"] for line in piece.decode().splitlines()]
        # Before and after everything that is there: events may come late.
        ebb.clock.pass_by(hours=1 if appended % 2 else -48)
        await write(ebb, f"later{appended}", n=0)
        appended += 1
    assert [f"e{n}" for n in range(9, -1, -1)] == found
    assert appended > 3


class Leaving:
    """A client that reads some pieces and goes."""

    def __init__(self, pieces: int) -> None:
        self.pieces, self.bytes, self.gone = pieces, 0, asyncio.Event()
        self.memory = 0  # bytes of this process, at most

    async def receive(self) -> dict[str, Any]:
        """Send an empty body, then wait until this client leaves."""
        if self.bytes == 0 and not self.gone.is_set():
            self.bytes = -1
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        """Take a piece; the last one is taken slowly."""
        if message["type"] == "http.response.body":
            self.bytes += len(message["body"])
            self.pieces -= 1
            self.memory = max(self.memory, psutil.Process().memory_info().rss)
            if self.pieces == 0:
                self.gone.set()
        await asyncio.sleep(0)


async def call(ebb: Ebb, client: Leaving) -> None:
    """Ask for an export of everything as JSON Lines, with a client that may leave."""
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": "/v1/audit/export", "raw_path": b"/v1/audit/export", "root_path": "",
        "query_string": b"format=jsonl", "client": None, "server": ("ebb", 80),
        "headers": [(b"authorization", f"Bearer {await ebb.token('alice')}".encode())],
    }  # fmt: skip
    await ebb.functions["query-audit"](scope, client.receive, client.send)  # type: ignore[arg-type]


@pytest.fixture
async def many(ebb: Ebb) -> AsyncIterator[Ebb]:
    """Give Alice a long history."""
    await tamper(ebb, MANY, ROWS)
    await tamper(ebb, "ANALYZE audit")
    yield ebb
    await tamper(ebb, "TRUNCATE audit")


async def test_an_export_of_any_size_takes_the_memory_of_a_page(many: Ebb) -> None:
    first = Leaving(20)
    await call(many, first)  # what is loaded once is loaded
    client = Leaving(-1)
    await call(many, client)
    assert client.bytes > ROWS * 300
    assert client.memory - first.memory < 20_000_000


async def test_a_client_that_leaves_gives_its_connection_back(many: Ebb) -> None:
    await asyncio.gather(*(call(many, Leaving(2)) for _ in range(20)))
    await asyncio.sleep(0.5)  # the page that was being read is read to its end
    pool = many.parts.database._pool
    assert isinstance(pool, AsyncConnectionPool)
    stats = pool.get_stats()
    assert stats["pool_size"] == stats["pool_available"]
    assert [(0,)] == await many.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND state <> 'idle' AND backend_type = 'client backend'"
    )
