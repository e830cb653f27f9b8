"""The relay: what is committed is published, in order, whatever happens to the sidecar; what is not, never."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from shared.dapr import Dapr
from shared.errors import BackendAway
from tests.harness import Ebb


class Sidecar(httpx.AsyncBaseTransport):
    """Speaks the bulk publish of Dapr's HTTP API. `away`: no answer; `refused`: subjects or ids it does not accept."""

    def __init__(self, ebb: Ebb) -> None:
        self.away = False
        self.refused: set[str] = set()
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.calls = 0
        self.requests: list[list[str]] = []  # the keys in each
        self.dapr = Dapr(ebb.parts.settings, ebb.clock)
        self.dapr._client = httpx.AsyncClient(transport=self, base_url="http://sidecar.invalid")
        ebb.parts.__dict__["dapr"] = self.dapr

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Take what is not refused."""
        self.calls += 1
        if self.away:
            raise httpx.ConnectError("nobody listens")
        entries, failed = json.loads(await request.aread()), []
        self.requests.append([entry["metadata"]["partitionKey"] for entry in entries])
        for entry in entries:
            if self.refused & {entry["event"]["subject"], entry["event"]["id"]}:
                failed.append({"entryId": entry["entryId"], "error": "refused"})
            else:
                self.taken.append((request.url.path, entry))
        return httpx.Response(500, json={"failedEntries": failed}) if failed else httpx.Response(204)

    def events(self, subject: str | None = None) -> list[str]:
        """Return the last but one part of the types that were taken, in order."""
        entries = [entry["event"] for _, entry in self.taken]
        return [e["type"].split(".")[2] for e in entries if subject in (None, e["subject"])]


@pytest.fixture
def sidecar(ebb: Ebb) -> Sidecar:
    return Sidecar(ebb)


async def live(ebb: Ebb, title: str) -> str:
    """Let a task be created, changed, completed and opened again; return its id."""
    task = await ebb.create(title=title)
    path = f"/v1/tasks/{task['id']}"
    await ebb.call("PATCH", path, {"title": title + "!"})
    for action in ("complete", "reopen"):
        await ebb.call("POST", f"{path}/{action}")
    return str(task["id"])


async def drained(ebb: Ebb) -> None:
    """Publish what waits; what cannot be published stays."""
    try:
        await ebb.parts.relay.drain()
    except BackendAway:
        return


async def waiting(ebb: Ebb) -> int:
    ((count,),) = await ebb.sql("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    return int(count)


async def test_the_events_of_a_task_go_out_in_order_with_its_key(ebb: Ebb, sidecar: Sidecar) -> None:
    one, two = await live(ebb, "one"), await live(ebb, "two")
    await drained(ebb)
    for task_id in (one, two):
        assert ["created", "updated", "completed", "reopened"] == sidecar.events(task_id)
    assert {one, two} == {entry["metadata"]["partitionKey"] for _, entry in sidecar.taken}
    assert {"/v1.0/publish/bulk/pubsub/task-events"} == {path for path, _ in sidecar.taken}


async def test_events_on_the_wire_are_whole_cloudevents(ebb: Ebb, sidecar: Sidecar) -> None:
    await ebb.create(title="a")
    await drained(ebb)
    ((_, entry),) = sidecar.taken
    assert {"entryId", "event", "contentType", "metadata"} == set(entry)
    assert "application/cloudevents+json" == entry["contentType"]
    assert {"specversion", "id", "type", "source", "subject", "time", "datacontenttype", "dataschema", "partitionkey",
            "traceparent", "data"} == set(entry["event"])  # fmt: skip


async def test_commands_of_many_at_once_keep_the_order_of_each_task(ebb: Ebb, sidecar: Sidecar) -> None:
    await ebb.token("alice")
    ids = await asyncio.gather(*(live(ebb, str(n)) for n in range(10)))
    await drained(ebb)
    assert [["created", "updated", "completed", "reopened"]] * 10 == [sidecar.events(task_id) for task_id in ids]


async def test_a_backlog_goes_out_in_order_in_requests_that_a_sidecar_takes(ebb: Ebb, sidecar: Sidecar) -> None:
    sidecar.away = True
    for size in (50_000, 1, 50_000, 1) * 5:
        await ebb.create(title="t", notes="\x01" * size)  # 300 kB each, or next to nothing
    sidecar.away, sidecar.calls = False, 0
    ebb.clock.pass_by(minutes=1)
    await drained(ebb)
    assert (0, 20, 2) == (await waiting(ebb), len(sidecar.taken), sidecar.calls)
    positions = [int(entry["entryId"]) for _, entry in sidecar.taken]
    assert sorted(positions) == positions


async def test_an_event_that_is_larger_than_a_batch_goes_out_alone(
    ebb: Ebb, sidecar: Sidecar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.relay.BATCH_BYTES", 1)
    await live(ebb, "one")
    await drained(ebb)
    assert (0, 4) == (await waiting(ebb), len(sidecar.taken))


async def test_every_event_is_published_once_when_nothing_fails(ebb: Ebb, sidecar: Sidecar) -> None:
    users = ("alice", "bob")
    for user in users:
        await ebb.token(user)
    await asyncio.gather(*(ebb.create(title=str(n), user=user) for n in range(5) for user in users))
    await asyncio.gather(*(drained(ebb) for _ in range(4)))
    ids = [entry["event"]["id"] for _, entry in sidecar.taken]
    assert (10, 10, 0) == (len(ids), len(set(ids)), await waiting(ebb))


async def test_a_command_publishes_without_being_asked(ebb: Ebb, sidecar: Sidecar) -> None:
    await ebb.create(title="a")
    assert ebb.parts.relay.soon.task is not None
    await ebb.parts.relay.soon.task
    assert (["created"], 0) == (sidecar.events(), await waiting(ebb))


async def test_a_tick_publishes_what_was_left_behind(ebb: Ebb, sidecar: Sidecar) -> None:
    await ebb.create(title="a")
    await drained(ebb)
    await ebb.sql("UPDATE outbox SET published_at = NULL")  # a crash between publishing and the mark
    assert 204 == (await ebb.tick("relay-outbox")).status_code
    assert (["created", "created"], 0) == (sidecar.events(), await waiting(ebb))


async def test_a_refused_event_holds_back_what_follows_it_for_its_task_only(ebb: Ebb, sidecar: Sidecar) -> None:
    bad = await ebb.create(title="bad")
    sidecar.refused = {bad["id"]}
    await ebb.sql("UPDATE outbox SET published_at = NULL")
    await ebb.call("POST", f"/v1/tasks/{bad['id']}/complete")
    good = await live(ebb, "good")
    await drained(ebb)
    assert 4 == len(set(sidecar.events(good)))
    assert 2 == await waiting(ebb)
    sidecar.refused, sidecar.taken = set(), []
    await drained(ebb)
    assert (["created", "completed"], 0) == (sidecar.events(bad["id"]), await waiting(ebb))


async def test_a_task_keeps_its_order_when_only_its_first_event_fails(ebb: Ebb, sidecar: Sidecar) -> None:
    sidecar.away = True
    task_id = await live(ebb, "a")
    sidecar.away, sidecar.refused = False, {task_id}
    ebb.clock.pass_by(minutes=1)
    await drained(ebb)
    assert ([], 4) == (sidecar.events(), await waiting(ebb))
    sidecar.refused = set()
    await drained(ebb)
    assert ["created", "updated", "completed", "reopened"] == sidecar.events(task_id)


async def test_commands_succeed_while_the_sidecar_is_away_and_events_follow_in_order(
    ebb: Ebb, sidecar: Sidecar
) -> None:
    sidecar.away = True
    ids = [await live(ebb, str(n)) for n in range(5)]
    assert (20, []) == (await waiting(ebb), sidecar.taken)
    assert 503 == (await ebb.tick("relay-outbox")).status_code
    sidecar.away = False
    ebb.clock.pass_by(minutes=1)
    assert 204 == (await ebb.tick("relay-outbox")).status_code
    assert [["created", "updated", "completed", "reopened"]] * 5 == [sidecar.events(task_id) for task_id in ids]
    assert 20 == len(sidecar.taken)
    assert ids == list(dict.fromkeys(entry["event"]["subject"] for _, entry in sidecar.taken))


async def test_an_event_leaves_when_the_one_before_it_under_its_key_has_arrived(ebb: Ebb, sidecar: Sidecar) -> None:
    sidecar.away = True
    ids = [await live(ebb, str(n)) for n in range(3)]
    sidecar.away, sidecar.requests = False, []
    ebb.clock.pass_by(minutes=1)
    await drained(ebb)
    assert [ids] * 4 == sidecar.requests


async def test_what_follows_an_event_that_is_not_accepted_is_not_even_sent(ebb: Ebb, sidecar: Sidecar) -> None:
    sidecar.away = True
    one, two = await live(ebb, "one"), await live(ebb, "two")
    first = await ebb.sql("SELECT event ->> 'id' FROM outbox ORDER BY position LIMIT 1")
    sidecar.away, sidecar.refused = False, {first[0][0]}
    ebb.clock.pass_by(minutes=1)
    await drained(ebb)
    assert ([], 4) == (sidecar.events(one), len(sidecar.events(two)))
    sidecar.refused = set()
    await drained(ebb)
    assert (["created", "updated", "completed", "reopened"], 8) == (sidecar.events(one), len(sidecar.taken))


async def opened(ebb: Ebb, sidecar: Sidecar) -> None:
    """Let calls fail until the circuit is open."""
    sidecar.away = True
    await ebb.create(title="a")
    for _ in range(3):
        await drained(ebb)
    assert sidecar.dapr.publishing.is_open


async def test_an_open_circuit_spares_the_sidecar(ebb: Ebb, sidecar: Sidecar) -> None:
    await opened(ebb, sidecar)
    calls = sidecar.calls
    for _ in range(5):
        with pytest.raises(BackendAway):
            await ebb.parts.relay.drain()
        await ebb.create(title="b")
    assert calls == sidecar.calls


async def test_the_circuit_closes_with_the_first_call_that_succeeds(ebb: Ebb, sidecar: Sidecar) -> None:
    await opened(ebb, sidecar)
    sidecar.away = False
    with pytest.raises(BackendAway):
        await ebb.parts.relay.drain()
    ebb.clock.pass_by(seconds=8)
    await ebb.parts.relay.drain()  # or the relay in the background was faster
    assert (False, 0) == (sidecar.dapr.publishing.is_open, await waiting(ebb))


async def test_a_probe_that_fails_opens_the_circuit_for_longer(ebb: Ebb, sidecar: Sidecar) -> None:
    await opened(ebb, sidecar)
    pauses = []
    for _ in range(5):
        pauses.append(sidecar.dapr.publishing.retry_after)
        ebb.clock.pass_by(seconds=pauses[-1])
        await drained(ebb)
    assert [1, 2, 4, 8, 8] == pauses


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"recurrence": None, "due": None, "tags": ["t"], "reminders": [{"minutes_before": 5}]}, 422),
        ({"recurrence": {"rule": "FREQ=DAILY;UNTIL=20200101"}, "tags": ["t"]}, 422),
    ],
)
async def test_nothing_is_published_of_a_command_that_rolls_back(
    ebb: Ebb, sidecar: Sidecar, body: object, status: int
) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence={"rule": "FREQ=DAILY"})
    await drained(ebb)
    before, taken = await ebb.row_counts(), len(sidecar.taken)
    assert status == (await ebb.call("PATCH", f"/v1/tasks/{task['id']}", body)).status_code
    await drained(ebb)
    assert (before, taken) == (await ebb.row_counts(), len(sidecar.taken))
    assert [(None,)] == await ebb.sql("SELECT ended_at FROM series")


async def test_what_is_published_is_purged_after_a_week_and_what_waits_stays(ebb: Ebb, sidecar: Sidecar) -> None:
    await ebb.create(title="a")
    await drained(ebb)
    await ebb.sql("INSERT INTO outbox (topic, partition_key, event, created_at) VALUES ('t', 'k', '{}', now())")
    ebb.clock.pass_by(days=7, seconds=1)
    await ebb.tick("sweep")
    assert [("t",)] == await ebb.sql("SELECT topic FROM outbox")


async def test_a_relay_that_ends_unexpectedly_says_so_and_the_next_commit_publishes(ebb: Ebb, sidecar: Sidecar) -> None:
    sidecar.dapr._client = httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, text="no JSON")), base_url="http://sidecar.invalid"
    )
    with capture_logs() as logs:
        await ebb.create(title="a")
        await asyncio.wait({task for task in asyncio.all_tasks() if task.get_name() == "relay"})
    assert ["relay ended"] == [line["event"] for line in logs if line["log_level"] == "error"]
    sidecar.dapr._client = httpx.AsyncClient(transport=sidecar, base_url="http://sidecar.invalid")
    await ebb.create(title="b")
    await ebb.parts.relay.drain()
    assert 2 == len(sidecar.taken)
