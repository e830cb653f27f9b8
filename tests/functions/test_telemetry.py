"""Spans and metrics of the real functions, recorded in memory: what belongs together, what is told, what never is."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from structlog.testing import capture_logs

from shared import telemetry, trace
from shared.dapr import Dapr
from shared.errors import BackendAway
from shared.otlp import MAX_LINKS, Otlp
from tests.harness import Ebb

CLIENT = "b7ad6b7169203331"
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-{CLIENT}-01"
AT_ONE: dict[str, Any] = {"due": {"date": "2026-03-02", "time": "13:00"}, "reminders": [{"minutes_before": 0}]}
DOCUMENT = Path(__file__).parents[2] / "docs" / "observability.md"


class Recorded:
    """What was told."""

    def __init__(self) -> None:
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        telemetry.use(Otlp("ebb-test", SimpleSpanProcessor(self._exporter), self._reader))

    @property
    def spans(self) -> list[ReadableSpan]:
        """Return the spans that have ended, in the order of their ends."""
        return list(self._exporter.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        """Return the spans of this name."""
        return [span for span in self.spans if span.name == name]

    def points(self, metric: str) -> dict[tuple[Any, ...], Any]:
        """Return what is known of a metric: the values of its attributes, and its value or the sum of its values."""
        data = self._reader.get_metrics_data()
        found = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics] if data else []
        return {
            tuple(dict(point.attributes or {}).values()): getattr(point, "value", None) or getattr(point, "sum", 0)
            for one in found
            if one.name == metric
            for point in one.data.data_points
        }


@pytest.fixture
def recorded(ebb: Ebb) -> Iterator[Recorded]:
    """Record in memory."""
    trace.enter("")
    yield Recorded()
    telemetry.use()


def of(span: ReadableSpan) -> str:
    """Return the function of a span and its name."""
    return f"{(span.attributes or {}).get('faas.name')}: {span.name}"


def ties(spans: list[ReadableSpan], trace_id: str = TRACE) -> Counter[tuple[str, str]]:
    """Return who is whose child in a trace; fails where a parent is missing."""
    its = {span.context.span_id: span for span in spans if span.context and f"{span.context.trace_id:032x}" == trace_id}
    found: Counter[tuple[str, str]] = Counter()
    for span in its.values():
        assert span.parent is not None, f"{of(span)} has no parent"
        outside = f"{span.parent.span_id:016x}" == CLIENT
        found["client" if outside else of(its[span.parent.span_id]), of(span)] += 1
    return found


async def a_day(ebb: Ebb) -> None:
    """Let a reminder fire and an occurrence be completed, all in the trace of one client."""
    for more in (AT_ONE, {"recurrence": {"rule": "FREQ=DAILY"}}):
        answer = await ebb.call("POST", "/v1/tasks", {"title": "a", **more}, traceparent=TRACEPARENT)
    await ebb.call("POST", f"/v1/tasks/{answer.json()['id']}/complete", traceparent=TRACEPARENT)
    await ebb.settle()
    ebb.clock.pass_by(hours=1)
    assert 1 == await ebb.ring()
    await ebb.settle()


async def test_requests_events_and_jobs_are_one_trace_without_a_missing_parent(ebb: Ebb, recorded: Recorded) -> None:
    await a_day(ebb)
    create, complete = "create-task: POST /v1/tasks", "complete-task: POST /v1/tasks/{id}/complete"
    spawn = "spawn-recurrence: process ebb.task.completed.v1"
    schedule = "schedule-reminder: process ebb.task.created.v1"
    fire, audit = "fire-reminder: process ebb.reminder.due.v1", "write-audit: process"
    assert {
        ("client", create): 2, ("client", complete): 1,
        (create, schedule): 2, (create, f"{audit} ebb.task.created.v1"): 2,
        (create, f"{audit} ebb.series.created.v1"): 1,
        (schedule, fire): 1, (fire, f"{audit} ebb.reminder.fired.v1"): 1,
        (complete, spawn): 1, (complete, f"{audit} ebb.task.completed.v1"): 1,
        (complete, "schedule-reminder: process ebb.task.completed.v1"): 1,
        (spawn, schedule): 1, (spawn, f"{audit} ebb.task.created.v1"): 1,
    }.items() <= ties(recorded.spans).items()  # fmt: skip


async def test_a_span_says_what_the_conventions_ask_and_nothing_of_the_user(ebb: Ebb, recorded: Recorded) -> None:
    task = await ebb.create(title="Divorce lawyer")
    await ebb.call("GET", f"/v1/tasks/{task['id']}?x=Divorce")
    await ebb.settle()
    create, query, audit = (recorded.named(n)[0] for n in (
        "POST /v1/tasks", "GET /v1/tasks/{id}", "process ebb.task.created.v1",
    ))  # fmt: skip
    assert (SpanKind.SERVER, SpanKind.SERVER, SpanKind.CONSUMER) == (create.kind, query.kind, audit.kind)
    assert {
        "http.request.method": "POST", "http.route": "/v1/tasks", "url.scheme": "http",
        "http.response.status_code": 201, "faas.name": "create-task",
    } == create.attributes  # fmt: skip
    assert 422 == (query.attributes or {})["http.response.status_code"]
    about = dict(audit.attributes or {})
    assert ("/ebb/create-task", "ebb.task.created.v1", "done") == (
        about["cloudevents.event_source"], about["cloudevents.event_type"], about["ebb.outcome"],
    )  # fmt: skip
    told = " ".join(f"{span.name} {span.attributes}" for span in recorded.spans)
    assert not re.search(f"divorce|alice|{task['id']}|{await ebb.token('alice')}", told.lower())


async def test_only_errors_of_ours_are_errors_of_a_span(ebb: Ebb, recorded: Recorded) -> None:
    await ebb.token("alice")
    await ebb.call("POST", "/v1/tasks", {"colour": "red"})
    await ebb.sql("ALTER TABLE outbox RENAME TO away")
    try:
        await ebb.call("POST", "/v1/tasks", {"title": "a"})
    finally:
        await ebb.sql("ALTER TABLE away RENAME TO outbox")
    refused, failed = recorded.named("POST /v1/tasks")
    assert (StatusCode.UNSET, StatusCode.ERROR) == (refused.status.status_code, failed.status.status_code)
    assert (None, "500") == tuple((span.attributes or {}).get("error.type") for span in (refused, failed))


async def test_what_the_caller_does_not_sample_is_not_recorded_and_its_events_say_so(
    ebb: Ebb, recorded: Recorded
) -> None:
    await ebb.call("POST", "/v1/tasks", {"title": "a"}, traceparent=TRACEPARENT[:-2] + "00")
    (event,) = await ebb.settle()
    assert (TRACE, "00") == (event["traceparent"][3:35], event["traceparent"][-2:])
    assert {} == ties(recorded.spans)


async def test_log_lines_carry_the_ids_of_the_span(ebb: Ebb, recorded: Recorded) -> None:
    with capture_logs() as logs:
        await ebb.create(title="a")
        await ebb.settle()
    lines = {(line["trace_id"], line["span_id"]) for line in logs if line["event"] == "invocation"}
    spans = [span.context for span in recorded.spans if span.kind in (SpanKind.SERVER, SpanKind.CONSUMER)]
    assert 3 == len(lines)
    assert {(f"{c.trace_id:032x}", f"{c.span_id:016x}") for c in spans if c} == lines


async def test_an_event_that_is_refused_is_found_in_its_trace(ebb: Ebb, recorded: Recorded) -> None:
    event = {"specversion": "1.0", "id": "e", "type": "x" * 99, "source": "s", "traceparent": TRACEPARENT}
    assert 400 == (await ebb.deliver("write-audit", event)).status_code
    assert {("client", "write-audit: process _OTHER"): 1} == ties(recorded.spans)
    assert {("_OTHER", "write-audit", "rejected"): 1} == recorded.points("ebb.events.consumed")


async def test_an_event_without_a_trace_takes_that_of_its_delivery(ebb: Ebb, recorded: Recorded) -> None:
    event = {"specversion": "1.0", "id": "e", "type": "x", "source": "s"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions["write-audit"])) as client:
        headers = {"content-type": "application/cloudevents+json", "traceparent": TRACEPARENT}
        await client.post("http://function/", json=event, headers=headers)
    assert {("client", "write-audit: process _OTHER"): 1} == ties(recorded.spans)


class Sidecar(httpx.AsyncBaseTransport):
    """Takes everything, or nothing while it is `away`; remembers the traces it was called with."""

    def __init__(self, ebb: Ebb) -> None:
        self.away, self.called = False, list[str]()
        dapr = ebb.parts.__dict__["dapr"] = Dapr(ebb.parts.settings, ebb.clock)
        dapr._client = httpx.AsyncClient(transport=self, base_url="http://sidecar.invalid")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Take one call."""
        self.called.append(request.headers["traceparent"])
        if self.away:
            raise httpx.ConnectError("nobody listens")
        return httpx.Response(204)


async def test_a_batch_is_no_part_of_any_trace_and_linked_to_each_up_to_a_bound(ebb: Ebb, recorded: Recorded) -> None:
    sidecar = Sidecar(ebb)
    sidecar.away = True
    for _ in range(MAX_LINKS + 8):
        await ebb.create(title="a")
    sidecar.away = False
    ebb.clock.pass_by(minutes=1)
    await ebb.parts.relay.drain()
    *_, batch = recorded.named("send task-events")
    *_, call = recorded.named("POST /v1.0/publish")
    requests = {span.context.span_id for span in recorded.named("POST /v1/tasks") if span.context}
    assert (None, SpanKind.PRODUCER, MAX_LINKS) == (batch.parent, batch.kind, len(batch.links))
    assert {link.context.span_id for link in batch.links} <= requests
    assert (SpanKind.CLIENT, batch.context) == (call.kind, call.parent)
    assert call.context
    assert f"{call.context.trace_id:032x}-{call.context.span_id:016x}" == sidecar.called[-1][3:52]


async def test_the_relay_publishes_outside_of_the_request_that_woke_it(ebb: Ebb, recorded: Recorded) -> None:
    Sidecar(ebb)
    await ebb.create(title="a")
    assert ebb.parts.relay.soon.task
    await ebb.parts.relay.soon.task
    assert [None] == [span.parent for span in recorded.named("send task-events")]


async def test_a_call_that_fails_is_an_error_and_opens_the_circuit(ebb: Ebb, recorded: Recorded) -> None:
    sidecar = Sidecar(ebb)
    assert 0 == recorded.points("ebb.circuit")["publish",]
    sidecar.away = True
    await ebb.create(title="a")
    for _ in range(3):
        with pytest.raises(BackendAway):
            await ebb.parts.relay.drain()
    failed = [
        (span.name, span.status.status_code) for span in recorded.spans if "error.type" in (span.attributes or {})
    ]
    assert {("POST /v1.0/publish", StatusCode.ERROR), ("send task-events", StatusCode.ERROR)} == set(failed)
    assert {("publish",): 1, ("jobs",): 0, ("bindings",): 0} == recorded.points("ebb.circuit")


async def test_requests_and_deliveries_are_counted_by_function_and_outcome(ebb: Ebb, recorded: Recorded) -> None:
    await ebb.create(title="a")
    await ebb.call("POST", "/v1/tasks", {"colour": "red"})
    await ebb.tasks()
    await ebb.settle(times=2)
    assert {("create-task", "2xx"): 1, ("create-task", "4xx"): 1} == recorded.points("ebb.commands")
    durations = recorded.points("http.server.request.duration")
    assert {
        ("create-task", "POST", "/v1/tasks", 201, "http"), ("create-task", "POST", "/v1/tasks", 422, "http"),
        ("query-tasks", "GET", "/v1/tasks", 200, "http"),
    } == durations.keys()  # fmt: skip
    assert 0 < sum(durations.values()) < 60
    assert {("ebb.task.created.v1",): 1} == recorded.points("ebb.events.published")
    assert {
        ("ebb.task.created.v1", "write-audit", "done"): 2, ("ebb.task.created.v1", "schedule-reminder", "done"): 2,
    } == recorded.points("ebb.events.consumed")  # fmt: skip


async def test_a_second_delivery_and_one_that_fails_have_outcomes_of_their_own(ebb: Ebb, recorded: Recorded) -> None:
    task = await ebb.create(title="a", recurrence={"rule": "FREQ=DAILY"})
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle(times=2)
    await ebb.create(title="a", **AT_ONE)
    await ebb.parts.relay.drain()
    ebb.dapr.away = True
    assert 503 == (await ebb.deliver("schedule-reminder", ebb.dapr.events[-1])).status_code
    consumed = recorded.points("ebb.events.consumed")
    assert [1, 1, 1] == [consumed[key] for key in (
        ("ebb.task.completed.v1", "spawn-recurrence", "done"),
        ("ebb.task.completed.v1", "spawn-recurrence", "already_done"),
        ("ebb.task.created.v1", "schedule-reminder", "failed"),
    )]  # fmt: skip


async def test_a_tick_tells_how_much_waits_and_for_how_long_even_when_nothing_leaves(
    ebb: Ebb, recorded: Recorded
) -> None:
    Sidecar(ebb).away = True
    for _ in range(2):
        await ebb.create(title="a")
    ebb.clock.pass_by(seconds=90)
    with capture_logs() as logs:
        assert 503 == (await ebb.tick("relay-outbox")).status_code
    (line,) = [line for line in logs if line.get("function") == "relay-outbox"]
    assert (2, 90.0) == (line["waiting"], line["lag_seconds"])
    assert ({(): 90.0}, {(): 2}) == (recorded.points("ebb.outbox.lag"), recorded.points("ebb.outbox.waiting"))


async def test_a_relay_that_is_through_says_that_nothing_waits(ebb: Ebb, recorded: Recorded) -> None:
    ebb.dapr.away = True
    await ebb.create(title="a")
    ebb.dapr.away = False
    ebb.clock.pass_by(seconds=90)
    await ebb.parts.relay.drain()
    assert ({(): 0}, {(): 0}) == (recorded.points("ebb.outbox.lag"), recorded.points("ebb.outbox.waiting"))


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (7, True)])
async def test_how_late_a_reminder_fires_is_measured(ebb: Ebb, recorded: Recorded, seconds: int, late: bool) -> None:
    await ebb.create(title="a", **AT_ONE)
    ebb.clock.pass_by(hours=1, seconds=seconds)
    await ebb.tick("sweep")
    assert {(late,): seconds} == recorded.points("ebb.reminder.lateness")


async def test_a_sweep_tells_how_many_dead_letters_wait_for_a_person(ebb: Ebb, recorded: Recorded) -> None:
    await ebb.tick("sweep")
    assert {(): 0} == recorded.points("ebb.dead_letters.waiting")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions["keep-dead-letter"])) as client:
        for letter in (b"first", b"second"):
            assert 204 == (await client.post("http://function/", content=letter)).status_code
    await ebb.tick("sweep")
    assert {(): 2} == recorded.points("ebb.dead_letters.waiting")


def test_a_start_is_measured_from_the_birth_of_the_process(recorded: Recorded) -> None:
    telemetry.started("create-task")
    since_birth = time.time() - psutil.Process().create_time()
    assert pytest.approx(since_birth, abs=0.5) == recorded.points("faas.init_duration")["create-task",]


def test_notifications_are_counted_by_channel_and_outcome(ebb: Ebb, recorded: Recorded) -> None:
    for _ in range(2):
        telemetry.notification("email", "sent")
    assert {("email", "sent"): 2} == recorded.points("ebb.notifications")


async def test_the_spans_are_those_of_the_document(ebb: Ebb, recorded: Recorded) -> None:
    Sidecar(ebb)
    await ebb.create(title="a", **AT_ONE)
    assert ebb.parts.relay.soon.task
    await ebb.parts.relay.soon.task
    await ebb.tick("sweep")
    rows = re.findall(r"^\| `([^`]+)` \| (\w+) \| [^`|]+ \| (.*) \|$", DOCUMENT.read_text(), flags=re.MULTILINE)
    known = {(re.sub("<[^>]+>", "[^ ]+", name), kind): set(re.findall("`([^`]+)`", text)) for name, kind, text in rows}
    seen = set()
    for span in recorded.spans:
        kind = span.kind.name.lower()
        (row,) = [row for row in known if row[1] == kind and re.fullmatch(row[0], span.name)]
        assert set(span.attributes or {}) <= known[row], span.name
        seen.add(row)
    assert known.keys() == seen
