"""What Kafka holds after a load is what the outbox promised, in the form that KafkaSource passes on unchanged."""

import asyncio
import datetime as dt
import tempfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio

from benchmarks.demo import OWN_LINES
from benchmarks.support.account import settled
from benchmarks.support.load import Load, read_lines
from shared.events import EVENT_TYPES, ReminderDue
from shared.issue_token import issue
from shared.runtime import Runtime
from shared.settings import Settings
from tests.events.validation import faults
from tests.stack.build import build
from tests.stack.every_event import User
from tests.stack.readback import Record, read_back
from tests.stack.system import System, running

pytestmark = pytest.mark.stack
Event = dict[str, Any]
# Made of the Dapr job by the edge that also delivers it; all others are published.
PUBLISHED = EVENT_TYPES.keys() - {ReminderDue.type}
OWN_TOPICS = {EVENT_TYPES[name].topic for name in PUBLISHED}
STRAY = "not-ours"  # a topic for records that are no events


@dataclass(frozen=True, slots=True)
class Loaded:
    """The outbox after the load, in order, and the records of Kafka; `stray` are those of no event."""

    outbox: list[tuple[str, str, Event]]  # topic, key, event
    records: list[Record]
    stray: list[Record]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def loaded() -> AsyncIterator[Loaded]:
    """Run a load that emits every event type, and read everything back."""
    with tempfile.TemporaryDirectory(prefix="ebb-records-") as folder:
        async with running(Path(folder)) as system:
            await _leave_a_backlog(system)
            load = Load(system.url, system.token, reminders=20)
            await asyncio.gather(load.run(read_lines([OWN_LINES])), User(system.url, system.token).do_everything())
            await _let_somebody_leave(system)
            await settled(system.database_url, patience=120)
            await _publish_strays(system)
            outbox = await _outbox(system.database_url)
            records = await asyncio.to_thread(read_back, build().jars, system.stack.brokers)
    stray = [record for record in records if record.topic == STRAY]
    yield Loaded(outbox, [record for record in records if record.topic != STRAY], stray)


async def _leave_a_backlog(system: System) -> None:
    """Let more wait for the sidecar than it takes in one request (4 MiB)."""
    await asyncio.to_thread(system.stack.kill, "daprd-ebb")
    await User(system.url, system.token).make_large_tasks(20)
    await asyncio.to_thread(system.stack.restart, "daprd-ebb")


async def _let_somebody_leave(system: System) -> None:
    environment = {"DATABASE_URL": system.database_url, "DAPR_HTTP_ENDPOINT": system.dapr_url}
    parts = Runtime(Settings.from_environment(environment))
    token = await issue(parts, "leaver", ["write"])
    await parts.close()
    await User(system.url, token).leave("leaver")


async def _publish_strays(system: System) -> None:
    """Publish what the reader must refuse: no JSON, no event, and nothing that says what it is."""
    wrong = {b"{": "application/cloudevents+json", b'{"id": "1"}': "application/cloudevents+json", b"x": "text/plain"}
    async with httpx.AsyncClient(base_url=system.dapr_url, trust_env=False) as http:
        for body, kind in wrong.items():
            query = {"metadata.rawPayload": "true", "metadata.content-type": kind}
            answer = await http.post(
                f"/v1.0/publish/pubsub/{STRAY}", params=query, content=body, headers={"content-type": kind}
            )
            answer.raise_for_status()


async def _outbox(database_url: str) -> list[tuple[str, str, Event]]:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        statement = "SELECT topic, partition_key, event FROM outbox WHERE published_at IS NOT NULL ORDER BY position"
        return await (await connection.execute(statement)).fetchall()


def _event(record: Record) -> Event:
    assert record.event is not None, record
    return record.event


def _firsts(records: Iterable[Record]) -> list[Record]:
    """Leave out repetitions: delivery is at least once."""
    return list({_event(record)["id"]: record for record in reversed(list(records))}.values())[::-1]


async def test_every_event_type_that_is_published_was_seen(loaded: Loaded) -> None:
    assert PUBLISHED == {_event(record)["type"] for record in loaded.records}, "extend tests/stack/every_event.py"


async def test_kafka_holds_exactly_the_events_of_the_outbox(loaded: Loaded) -> None:
    assert OWN_TOPICS == {record.topic for record in loaded.records}
    expected = {event["id"]: (topic, key, _comparable(event)) for topic, key, event in loaded.outbox}
    for record in loaded.records:
        event = _event(record)
        assert expected[event["id"]] == (record.topic, record.key, _comparable(event))
    assert expected.keys() == {_event(record)["id"] for record in loaded.records}


def _comparable(event: Event) -> Event:
    """Return it with its time as an instant: Java writes fewer zeros."""
    return event | {"time": dt.datetime.fromisoformat(event["time"])}


async def test_every_record_is_a_structured_event_and_carries_no_other_header(loaded: Loaded) -> None:
    for record in loaded.records:
        assert (None, "STRUCTURED") == (record.error, record.encoding)
        assert [["content-type", "application/cloudevents+json"]] == record.headers


async def test_the_key_is_the_task_or_else_the_subject(loaded: Loaded) -> None:
    for record in loaded.records:
        event = _event(record)
        assert event["data"].get("task_id", event["subject"]) == record.key == event["partitionkey"]


async def test_the_records_of_a_key_lie_in_one_partition_in_the_order_of_the_outbox(loaded: Loaded) -> None:
    keys = {(topic, key) for topic, key, _ in loaded.outbox}
    read: dict[tuple[str, str | None], list[Record]] = {}
    for record in _firsts(loaded.records):
        read.setdefault((record.topic, record.key), []).append(record)
    promised: dict[tuple[str, str], list[str]] = {}
    for topic, key, event in loaded.outbox:
        promised.setdefault((topic, key), []).append(event["id"])
    assert keys == read.keys()
    for place, ids in promised.items():
        assert ids == [_event(record)["id"] for record in read[place]]
        assert 1 == len({record.partition for record in read[place]})
    assert any(len(ids) > 5 for ids in promised.values()), "no task has enough events to be out of order"


async def test_every_event_fits_the_cloudevents_format_and_its_own_schema(loaded: Loaded) -> None:
    wrong = {event["id"]: found for event in map(_event, loaded.records) if (found := faults(event))}
    assert {} == wrong


async def test_the_largest_task_comes_through_whole(loaded: Loaded) -> None:
    notes = [_event(record)["data"].get("changes", {}).get("notes", {}) for record in loaded.records]
    assert {"before": "\x01" * 50_000, "after": "\x02" * 50_000} in notes
    assert {"before": None, "after": "😀\n" * 25_000} in notes


async def test_what_is_no_event_is_told_and_stops_nothing(loaded: Loaded) -> None:
    assert [None, None, None] == [record.event for record in loaded.stray]
    assert all(record.error for record in loaded.stray)
