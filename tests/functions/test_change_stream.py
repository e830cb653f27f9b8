"""The stream of changes: live, resumed without a gap, ended in time, and cheap while nothing happens."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import httpx
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from structlog.testing import capture_logs

from shared import change_signal, change_stream, changes
from shared.change_stream import ChangeStream
from shared.changes import Position, read_changes
from shared.embedded.listener import Listener
from tests.events_stream import EventSource
from tests.harness import Ebb
from tests.manual_clock import ManualClock

PAUSE = dt.timedelta(seconds=15)
LISTENERS = "FROM pg_stat_activity WHERE query = 'LISTEN ebb_changes'"


async def whole(ebb: Ebb, source: EventSource, *, query: str = "") -> list[dict[str, Any]]:
    """Return the changes of a stream from its beginning to its end, which the standing clock brings at once."""
    known = {"last_event_id": source.last_id} if source.last_id else {}
    answer = await ebb.call("GET", f"/v1/stream{query}", **known)
    assert 200 == answer.status_code, answer.text
    return [change async for change in source.read(answer.aiter_lines())]


class Live:
    """A stream that is read step by step; its clock stands until it is moved."""

    def __init__(self, ebb: Ebb, chunks: AsyncIterator[bytes], clock: ManualClock) -> None:
        self.ebb, self.clock, self._chunks = ebb, clock, chunks

    async def chunk(self) -> str:
        """Return the next chunk, "" at the end."""
        async with asyncio.timeout(10):
            return (await anext(self._chunks, b"")).decode()

    async def change(self) -> dict[str, Any]:
        """Return the next change; comments before it are passed over."""
        while not (chunk := await self.chunk()).startswith("id: "):
            assert chunk, "the stream has ended"
        return dict(json.loads(chunk.splitlines()[1].removeprefix("data: ")))

    async def nothing(self) -> asyncio.Task[str]:
        """Ask for the next chunk, and return when the stream waits for the clock."""
        asked = asyncio.create_task(self.chunk())
        await self.clock.someone_waits()
        assert not asked.done()
        return asked


async def allowed() -> None:
    """Let every token be valid."""


async def told(ebb: Ebb) -> None:
    """Wait until everybody has been told of what is committed."""
    assert ebb.parts.change_notices.soon.task
    await ebb.parts.change_notices.soon.task


@asynccontextmanager
async def live(ebb: Ebb, user: str = "alice") -> AsyncIterator[Live]:
    """Open a stream of everything, with a clock of its own."""
    if not isinstance(ebb.parts.clock, ManualClock):
        ebb.parts.clock = ManualClock(ebb.clock.now())
    first = await read_changes(ebb.parts.database, user, Position())
    async with aclosing(ChangeStream(ebb.parts, user, first, allowed).chunks()) as chunks:
        opened = Live(ebb, chunks, ebb.parts.clock)
        assert (await opened.chunk()).startswith("retry: ")
        yield opened


async def lent_connections(ebb: Ebb) -> int:
    """Return how many connections of the pool somebody has, or waits for."""
    assert ebb.parts.database._pool is not None
    stats = ebb.parts.database._pool.get_stats()
    return stats["pool_size"] - stats["pool_available"] + stats.get("requests_waiting", 0)


async def listening(ebb: Ebb) -> int:
    """Return the process id of the backend that listens for the streams."""
    async with asyncio.timeout(10):
        while not (rows := await ebb.sql(f"SELECT pid {LISTENERS}")):
            await asyncio.sleep(0.01)
    ((pid,),) = rows
    return int(pid)


async def test_a_stream_begins_with_everything_and_ends_by_itself_with_a_comment_every_15_seconds(ebb: Ebb) -> None:
    task = await ebb.create(title="a", tags=["t"])
    began, source = ebb.clock.now(), EventSource()
    found = await whole(ebb, source)
    assert [(1, "tag"), (2, "task")] == [(change["seq"], change["kind"]) for change in found]
    assert task == found[1]["value"]
    assert (dt.timedelta(seconds=240), 15) == (ebb.clock.now() - began, source.comments)
    assert "2" == source.last_id
    assert 500 <= source.retry < 2000


async def test_it_is_an_event_stream_that_nobody_may_keep_or_collect(ebb: Ebb) -> None:
    answer = await ebb.call("GET", "/v1/stream")
    assert "text/event-stream" == answer.headers["content-type"]
    assert ("no-cache, no-transform", "no") == tuple(
        answer.headers[name] for name in ("cache-control", "x-accel-buffering")
    )


async def test_the_last_event_id_resumes_without_a_gap_and_without_a_repetition(ebb: Ebb) -> None:
    source = EventSource()
    for n in range(3):
        await ebb.create(title=str(n), tags=[f"tag {n}"])
        assert [2 * n + 1, 2 * n + 2] == [change["seq"] for change in await whole(ebb, source)]


async def test_every_event_can_be_the_last_one_that_arrived(ebb: Ebb) -> None:
    for n in range(3):
        await ebb.create(title=str(n))
    answer = await ebb.call("GET", "/v1/stream")
    ids = [line.removeprefix("id: ") for line in answer.text.splitlines() if line.startswith("id: ")]
    assert ["1-3", "2-3", "3"] == ids
    for n, token in enumerate(ids):
        rest = await whole(ebb, EventSource(last_id=token))
        assert [2, 3][n:] == [change["seq"] for change in rest]


async def test_what_arrived_meanwhile_counts_more_than_the_token_of_the_url(ebb: Ebb) -> None:
    for n in range(3):
        await ebb.create(title=str(n))
    assert [2, 3] == [change["seq"] for change in await whole(ebb, EventSource(), query="?since=1")]
    assert [3] == [change["seq"] for change in await whole(ebb, EventSource(last_id="2"), query="?since=1")]


async def test_a_token_that_is_gone_or_none_is_answered_before_a_stream_begins(ebb: Ebb) -> None:
    assert 410 == (await ebb.call("GET", "/v1/stream", last_event_id="7")).status_code
    answer = await ebb.call("GET", "/v1/stream", last_event_id="x")
    assert (422, "Last-Event-ID") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_the_clients_place_moves_on_behind_what_was_purged(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    ebb.clock.pass_by(days=31)
    await ebb.tick("sweep")
    source = EventSource()
    assert ([], "2") == (await whole(ebb, source), source.last_id)


async def test_a_stream_ends_with_the_comment_after_its_token_has_expired(ebb: Ebb) -> None:
    await ebb.token("alice")
    began, source = ebb.clock.now(), EventSource()
    await ebb.sql("UPDATE tokens SET expires_at = %s", began + dt.timedelta(seconds=40))
    await whole(ebb, source)
    assert (dt.timedelta(seconds=45), 2) == (ebb.clock.now() - began, source.comments)


async def test_a_stream_is_one_line_in_the_log(ebb: Ebb) -> None:
    await ebb.create(title="Divorce")
    with capture_logs() as logs:
        await whole(ebb, EventSource())
    (line,) = logs
    assert ("stream-changes", 200, "alice") == (line["function"], line["status"], line["user_id"])
    assert "divorce" not in str(line).lower()


async def test_a_change_reaches_an_open_stream_without_any_time_passing(ebb: Ebb) -> None:
    async with live(ebb) as stream:
        await listening(ebb)
        for n in range(3):
            asked = asyncio.create_task(stream.change())
            task = await ebb.create(title=str(n))
            assert (n + 1, task["id"]) == ((change := await asked)["seq"], change["value"]["id"])


async def test_a_change_of_another_user_wakes_nobody(ebb: Ebb) -> None:
    async with live(ebb) as stream:
        await listening(ebb)
        asked = await stream.nothing()
        await ebb.create(title="a", user="bob")
        await told(ebb)
        assert not asked.done()
        await stream.clock.advance(PAUSE)
        assert ":\n\n" == await asked


async def test_many_changes_are_told_together_and_each_user_once(
    ebb: Ebb, pool: AsyncConnectionPool[AsyncConnection]
) -> None:
    async with pool.connection() as beside:
        await beside.set_autocommit(True)
        await beside.execute(change_signal.LISTEN)
        for user in ("alice", "bob", "alice"):
            ebb.parts.change_notices.tell(user)
        await told(ebb)
        heard = [notice.payload async for notice in beside.notifies(timeout=10, stop_after=2)]
        ebb.parts.change_notices.tell("carol")
        heard += [notice.payload async for notice in beside.notifies(timeout=10, stop_after=1)]
        await beside.execute("UNLISTEN *")
        await beside.set_autocommit(False)
    assert sorted(heard) == sorted(change_signal.audience(user) for user in ("alice", "bob", "carol"))


async def test_behind_a_pooler_that_lets_nobody_listen_a_change_comes_with_the_next_comment(
    ebb: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_signal, "LISTEN", "SELECT 'LISTEN ebb_changes'")
    # Connected before the stream begins: a new connection wakes everybody once.
    with ebb.parts.change_signal.following("nobody") as connected:
        await asyncio.wait_for(connected.wait(), 10)
    async with live(ebb) as stream:
        asked = await stream.nothing()
        task = await ebb.create(title="a")
        await told(ebb)
        assert not asked.done()
        await stream.clock.advance(PAUSE)
        assert ":\n\n" == await asked
        assert task["id"] == (await stream.change())["value"]["id"]


async def test_a_lost_connection_is_made_again_and_nothing_is_missed(
    ebb: Ebb, pool: AsyncConnectionPool[AsyncConnection]
) -> None:
    async with live(ebb) as stream:
        first = await listening(ebb)
        asked = asyncio.create_task(stream.change())
        await ebb.sql("SELECT pg_terminate_backend(%s, 5000)", first)
        task = await ebb.create(title="a")
        async with asyncio.timeout(10):
            while await stream.clock.someone_waits() > dt.timedelta(seconds=2):
                await asyncio.sleep(0.01)
        await stream.clock.advance(dt.timedelta(seconds=2))
        assert task["id"] == (await asked)["value"]["id"]
        assert first != await listening(ebb)


async def test_a_database_that_was_away_costs_a_stream_time_and_no_change(
    ebb: Ebb, pool: AsyncConnectionPool[AsyncConnection]
) -> None:
    async with live(ebb) as stream, pool.connection() as beside:
        asked = await stream.nothing()
        await ebb.create(title="a", user="bob")
        # All that the process has, its listener too; then a change that nobody was told of.
        await beside.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
        )
        await pool.check()  # those that the tests share are ended too: nobody is to be handed one
        await beside.execute("UPDATE users SET change_seq = 1 WHERE id = 'alice'")
        await beside.execute("INSERT INTO users (id, change_seq) VALUES ('alice', 1) ON CONFLICT DO NOTHING")
        await beside.commit()
        for _ in range(3):
            await stream.clock.advance(PAUSE)
            chunk = await asked
            asked = asyncio.create_task(stream.chunk())
            if chunk == "id: 1\n\n":
                break
            await asyncio.sleep(0.1)
        assert "id: 1\n\n" == chunk
        asked.cancel()


async def test_streams_that_wait_share_one_connection_that_listens_and_hold_none(ebb: Ebb) -> None:
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(live(ebb, f"user {n}")) for n in range(200)]
        asked = [asyncio.create_task(stream.change()) for stream in streams]
        await listening(ebb)
        while (lent := await lent_connections(ebb)) > 0:
            await asyncio.sleep(0.01)
        assert (0, [(1,)]) == (lent, await ebb.sql(f"SELECT count(*) {LISTENERS}"))
        await asyncio.gather(*(ebb.create(title="a", user=f"user {n}") for n in range(0, 200, 20)))
        assert {1} == {change["seq"] for change in await asyncio.gather(*asked[::20])}
        ebb.parts.change_signal.end()
        await asyncio.gather(*asked, return_exceptions=True)
    assert {} == ebb.parts.change_signal._waiting, "a stream that has ended waits no longer"


async def test_a_process_that_stops_ends_its_streams_at_once(ebb: Ebb) -> None:
    await ebb.create(title="a")
    async with live(ebb) as stream:
        assert 1 == (await stream.change())["seq"]
        asked = await stream.nothing()
        ebb.parts.change_signal.end()
        assert "" == await asked


async def test_a_slow_reader_gets_a_batch_only_when_it_has_taken_the_one_before(
    ebb: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "BATCH", 2)
    for n in range(6):
        await ebb.create(title=str(n))
    reads = []

    async def counted(*arguments: Any) -> changes.Batch:
        reads.append(arguments)
        return await read_changes(*arguments)

    monkeypatch.setattr(change_stream, "read_changes", counted)
    async with live(ebb) as stream:
        read_before = []
        for n in range(6):
            assert n + 1 == (await stream.change())["seq"]
            read_before.append(len(reads))
    assert [0, 0, 1, 1, 2, 2] == read_before


async def test_a_stream_that_races_writers_misses_no_number(ebb: Ebb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "BATCH", 7)
    await ebb.token("alice")
    async with live(ebb) as stream:
        writing = asyncio.gather(*(ebb.create(title="a", tags=[f"tag {n}"]) for n in range(60)))
        assert list(range(1, 121)) == [(await stream.change())["seq"] for _ in range(120)]
        await writing


async def test_what_fails_after_the_answer_began_breaks_it_off_and_is_logged(
    ebb: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_arguments: object) -> int:
        raise RuntimeError("secret")

    for name in ("read_changes", "last_number"):
        monkeypatch.setattr(change_stream, name, broken)
    headers = {"authorization": f"Bearer {await ebb.token('alice')}"}
    listener = Listener(0)
    with capture_logs() as logs:
        async with listener.serving(ebb.functions["stream-changes"]), httpx.AsyncClient() as client:
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
                await client.get(f"{listener.url}/v1/stream", headers=headers)
    assert [("unexpected error", None), ("invocation", 200)] == [(line["event"], line.get("status")) for line in logs]
