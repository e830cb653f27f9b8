"""The dispatcher, the scheduler and the ticks of the local stand-in, on a real PostgreSQL and with a clock by hand."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
import pytest_asyncio
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from shared.embedded.broker import Broker
from shared.embedded.cron import Cron
from shared.embedded.records import CLOUDEVENTS_JSON, Record
from shared.embedded.scheduler import Scheduler
from shared.embedded.store import Store
from shared.embedded.ticks import Ticks
from shared.embedded.wiring import Manifests, Retry, Source, Tick, Trigger
from shared.errors import SettingError
from tests.manual_clock import ManualClock
from tests.recorder import Call, Recorder

SECOND = timedelta(seconds=1)
SOURCE = Source("task-events", "ebb", ("task-events",), "default")
TRIGGER = Trigger("audit", "default", "audit", lambda _: True, Retry(2, SECOND, exponential=True), "dead-letters")
KEEPING = Trigger("letters", None, "keep", lambda _: True, Retry(2, SECOND, exponential=False), None)
LETTERS = Source("dead-letters", "ebb", ("dead-letters",), None, KEEPING)
WIRING = Manifests((), ("default",), (SOURCE, LETTERS), (TRIGGER,), (), ())


@pytest_asyncio.fixture
async def store(pool: AsyncConnectionPool[AsyncConnection]) -> Store:
    store = Store(pool)
    await store.prepare()
    async with pool.connection() as connection:
        await connection.execute("TRUNCATE standin.deliveries, standin.jobs")
    return store


@asynccontextmanager
async def running(part: Broker | Scheduler | Ticks) -> AsyncIterator[None]:
    task = asyncio.create_task(part.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def event(name: str, key: str = "task-1") -> Record:
    body = {"specversion": "1.0", "id": name, "source": "/ebb/test", "type": "ebb.task.created.v1", "partitionkey": key}
    return Record(key, json.dumps(body).encode(), CLOUDEVENTS_JSON)


def failing(names: set[str], status: int = 503) -> Recorder:
    """Return a function that answers `status` to the names in `names` (which a test may change), 204 to others."""
    return Recorder(lambda call: Response(status_code=status if call.name in names else 204))


def apps(function: ASGIApp, keeper: Recorder | None = None) -> dict[str, ASGIApp]:
    """Return the functions of the wiring: one for events, one that keeps dead letters."""
    return {"audit": function, "keep": keeper or Recorder()}


async def rows(pool: AsyncConnectionPool[AsyncConnection], query: str) -> list[tuple[object, ...]]:
    async with pool.connection() as connection:
        return await (await connection.execute(query.encode())).fetchall()


async def test_events_of_one_key_arrive_in_the_order_of_publishing(store: Store) -> None:
    function = Recorder()
    broker = Broker(store, WIRING, apps(function), ManualClock())
    async with running(broker):
        await broker.publish("task-events", [event(str(number)) for number in range(300)])
        await broker.publish("task-events", [event(str(number)) for number in range(300, 600)])
        assert [str(number) for number in range(600)] == await function.received(600)


async def test_a_delivery_is_a_structured_cloud_event_exactly_as_published(store: Store) -> None:
    function = Recorder()
    broker = Broker(store, WIRING, apps(function), ManualClock())
    async with running(broker):
        await broker.publish("task-events", [event("e1")])
        await function.received(1)
    assert [Call("/", CLOUDEVENTS_JSON, json.loads(event("e1").value))] == function.calls


async def test_a_failed_event_waits_longer_each_time_and_holds_back_only_its_key(store: Store) -> None:
    clock, bad = ManualClock(), {"a1"}
    function = failing(bad)
    broker = Broker(store, WIRING, apps(function), clock)
    async with running(broker):
        await broker.publish("task-events", [event("a1", "a"), event("a2", "a"), event("b1", "b")])
        assert {"a1", "b1"} == set(await function.received(2))
        assert 2 * SECOND == await clock.someone_waits()
        await clock.advance(2 * SECOND)
        await function.received_name("a1", 2)
        assert 4 * SECOND == await clock.someone_waits()
        bad.clear()
        await clock.advance(4 * SECOND)
        assert ["a1", "a2"] == (await function.received_name("a2"))[-2:]


def reason(call: Call) -> tuple[object, ...]:
    """Return what a dead letter says about its end: destination, status, and the answer."""
    return (*(call.body.get(f"knativeerror{name}") for name in ("dest", "code", "data")),)


async def test_an_event_is_dead_after_its_retries_and_the_next_of_its_key_goes_on(
    store: Store, pool: AsyncConnectionPool[AsyncConnection]
) -> None:
    clock, function, keeper = ManualClock(), failing({"e1"}), Recorder()
    broker = Broker(store, WIRING, apps(function, keeper), clock)
    async with running(broker):
        await broker.publish("task-events", [event("e1"), event("e2")])
        for attempt in (1, 2):
            await function.received_name("e1", attempt)
            await clock.advance(await clock.someone_waits())
        assert ["e1", "e1", "e1", "e2"] == await function.received_name("e2")
        assert ["e1"] == await keeper.received(1)
    assert [("http://audit", "503", None)] == [reason(call) for call in keeper.calls]
    assert [] == await rows(pool, "SELECT id FROM standin.deliveries")


async def test_a_dead_letter_is_the_event_with_the_answer_that_refused_it(store: Store) -> None:
    function, keeper = Recorder(lambda _: PlainTextResponse("ü" * 600, 400)), Recorder()
    broker = Broker(store, WIRING, apps(function, keeper), ManualClock())
    async with running(broker):
        await broker.publish("task-events", [event("e1")])
        await keeper.received(1)
    (call,) = keeper.calls
    assert ("http://audit", "400", base64.b64encode(("ü" * 512).encode()).decode()) == reason(call)
    assert Call("/", CLOUDEVENTS_JSON, json.loads(event("e1").value)) == Call(
        call.path, call.content_type, {name: value for name, value in call.body.items() if "knative" not in name}
    )


async def test_a_permanent_refusal_is_dead_at_once(store: Store) -> None:
    function, keeper = failing({"e1"}, status=400), Recorder()
    broker = Broker(store, WIRING, apps(function, keeper), ManualClock())
    async with running(broker):
        await broker.publish("task-events", [event("e1"), event("e2")])
        assert ["e1", "e2"] == await function.received_name("e2")
        assert ["e1"] == await keeper.received(1)


async def test_a_success_with_a_body_that_is_no_event_is_a_failed_delivery(store: Store) -> None:
    function, keeper = Recorder(lambda _: PlainTextResponse("OK")), Recorder()
    broker = Broker(store, WIRING, apps(function, keeper), ManualClock())
    async with running(broker):
        await broker.publish("task-events", [event("e1")])
        await keeper.received(1)
    assert "200" == keeper.calls[0].body["knativeerrorcode"]


@pytest.mark.parametrize("status", [503, 400])
async def test_a_dead_letter_is_offered_until_it_is_kept_and_is_never_another_one(
    store: Store, pool: AsyncConnectionPool[AsyncConnection], status: int
) -> None:
    clock, bad = ManualClock(), {"e1"}
    keeper = failing(bad, status)
    broker = Broker(store, WIRING, apps(failing({"e1"}, 400), keeper), clock)
    async with running(broker):
        await broker.publish("task-events", [event("e1")])
        for attempt in range(1, 8):
            await keeper.received(attempt)
            assert min(attempt, 2) * SECOND == await clock.someone_waits()
            await clock.advance(2 * SECOND)
        bad.clear()
        await keeper.received(8)
    assert {"e1"} == set(keeper.names)
    assert [] == await rows(pool, "SELECT id FROM standin.deliveries")


async def test_a_dead_letter_outlives_a_crash_before_it_is_kept(store: Store) -> None:
    clock, keeper = ManualClock(), failing({"e1"})
    first = Broker(store, WIRING, apps(failing({"e1"}, 400), keeper), clock)
    async with running(first):
        await first.publish("task-events", [event("e1")])
        await keeper.received(1)
        await clock.someone_waits()
    after, again = Recorder(), Recorder()
    async with running(Broker(store, WIRING, apps(again, after), clock)):
        await clock.advance(SECOND)
        assert ["e1"] == await after.received(1)
    assert [] == again.calls


async def test_wiring_whose_dead_letters_nobody_reads_stops_the_start(store: Store) -> None:
    lonely = Manifests((), ("default",), (SOURCE,), (TRIGGER,), (), ())
    with pytest.raises(SettingError, match="no KafkaSource reads the dead letters in dead-letters"):
        Broker(store, lonely, apps(Recorder()), ManualClock())


async def test_a_function_that_crashes_is_tried_again(store: Store) -> None:
    def crash(_call: Call) -> Response:
        raise ZeroDivisionError

    clock, function = ManualClock(), Recorder(crash)
    broker = Broker(store, WIRING, apps(function), clock)
    async with running(broker):
        await broker.publish("task-events", [event("e1")])
        await clock.advance(await clock.someone_waits())
        assert ["e1", "e1"] == await function.received(2)


async def test_what_was_stored_before_a_crash_is_delivered_after_it(store: Store) -> None:
    function = Recorder()
    # A broker that never runs stands for a process that was killed between the publish and the delivery.
    await Broker(store, WIRING, apps(function), ManualClock()).publish("task-events", [event("e1"), event("e2")])
    async with running(Broker(store, WIRING, apps(function), ManualClock())):
        assert ["e1", "e2"] == await function.received(2)


async def test_an_event_whose_delivery_could_not_be_noted_comes_again(
    pool: AsyncConnectionPool[AsyncConnection], store: Store
) -> None:
    class Forgetful(Store):
        async def delivered(self, ids: Sequence[int]) -> None:
            raise psycopg.OperationalError(f"killed before {ids} were removed")

    function = Recorder()
    broker = Broker(Forgetful(pool), WIRING, apps(function), ManualClock())
    async with running(broker):
        await broker.publish("task-events", [event("e1")])
        await function.received(1)
    async with running(Broker(store, WIRING, apps(function), ManualClock())):
        assert ["e1", "e1"] == await function.received(2)


async def test_a_waiting_retry_survives_a_restart_with_its_count_and_its_time(store: Store) -> None:
    clock, function = ManualClock(), failing({"e1"})
    first = Broker(store, WIRING, apps(function), clock)
    async with running(first):
        await first.publish("task-events", [event("e1")])
        await clock.someone_waits()
    async with running(Broker(store, WIRING, apps(function), clock)):
        assert 2 * SECOND == await clock.someone_waits()
        await clock.advance(2 * SECOND)
        await function.received(2)
        assert 4 * SECOND == await clock.someone_waits()


async def test_a_delivery_under_way_is_finished_before_the_broker_stops(
    store: Store, pool: AsyncConnectionPool[AsyncConnection]
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: object, receive: object, send: object) -> None:
        begun.set()
        await go_on.wait()
        await Response(status_code=204)(scope, receive, send)  # type: ignore[arg-type]

    broker = Broker(store, WIRING, apps(slow), ManualClock())
    async with running(broker):
        await broker.publish("task-events", [event("e1")])
        await begun.wait()
        asyncio.get_running_loop().call_soon(go_on.set)
    assert [] == await rows(pool, "SELECT id FROM standin.deliveries")


async def test_a_record_that_is_no_cloud_event_reaches_functions_as_a_kafka_event(store: Store) -> None:
    function = Recorder()
    broker = Broker(store, WIRING, apps(function), ManualClock())
    async with running(broker):
        await broker.publish("task-events", [Record("k", b'{"plain": 1}', None)])
        await function.received(1)
    body = function.calls[0].body
    assert ("dev.knative.kafka.event", {"plain": 1}, "k") == (body["type"], body["data"], body["partitionkey"])


async def test_nesting_without_end_is_no_cloud_event_either(store: Store) -> None:
    function = Recorder()
    broker = Broker(store, WIRING, apps(function), ManualClock())
    async with running(broker):
        await broker.publish("task-events", [Record("k", b"[" * 100_000, CLOUDEVENTS_JSON)])
        await function.received(1)
    assert "dev.knative.kafka.event" == function.calls[0].body["type"]


async def test_a_job_survives_a_restart_and_rings_at_its_time(store: Store) -> None:
    clock, function = ManualClock(), Recorder()
    await Scheduler(store, function, clock).set("alarm", b'{"dueTime": "5s", "data": {"n": 1}}')
    async with running(Scheduler(store, function, clock)):
        assert 5 * SECOND == await clock.someone_waits()
        assert [] == function.calls
        await clock.advance(5 * SECOND)
        await function.received(1)
    assert [Call("/job/alarm", "application/json", {"n": 1})] == function.calls


async def test_a_job_without_a_limit_is_tried_until_it_is_taken(store: Store) -> None:
    clock, bad = ManualClock(), {"alarm"}
    function = failing(bad)
    scheduler = Scheduler(store, function, clock)
    async with running(scheduler):
        await scheduler.set("alarm", b'{"dueTime": "0s", "failurePolicy": {"constant": {"interval": "2s"}}}')
        for attempt in range(1, 8):
            await function.received(attempt)
            await clock.advance(await clock.someone_waits())
        bad.clear()
        await function.received(8)
    assert await scheduler.get("alarm") is None


async def test_slow_calls_of_jobs_do_not_hold_up_other_jobs(store: Store) -> None:
    everyone, rung = asyncio.Barrier(200), asyncio.Event()

    async def patient(scope: object, receive: object, send: object) -> None:
        # Passes only when all 200 calls are under way at the same time.
        await everyone.wait()
        rung.set()
        await Response(status_code=204)(scope, receive, send)  # type: ignore[arg-type]

    scheduler = Scheduler(store, patient, ManualClock())
    for number in range(200):
        await scheduler.set(f"alarm-{number}", b'{"dueTime": "0s", "data": 1}')
    async with running(scheduler), asyncio.timeout(10):
        await rung.wait()
    assert [] == await store.next_jobs((), 1)


async def test_ticks_come_at_the_start_and_then_on_each_minute(store: Store) -> None:
    clock, function = ManualClock(), Recorder()
    tick = Tick("sweep", "ebb", "sweep", Cron.parse("* * * * *"), None)
    async with running(Ticks([tick], {"sweep": function}, clock)):
        await function.received(1)
        assert 60 * SECOND == await clock.someone_waits()
        await clock.advance(60 * SECOND)
        await function.received(2)
    assert {"dev.knative.sources.ping"} == {call.body["type"] for call in function.calls}
