"""What the local server sends to a collector, and what a collector that is away or hangs costs: nothing."""

import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from benchmarks.support.server import Server, free_port
from tests.collector import Collector
from tests.one_trace import METRICS, QUICKLY, TIES, live, told
from tests.receivers import HttpReceiver


@contextmanager
def serving(endpoint: str, **more: str) -> Iterator[Server]:
    """Yield a local server that sends its telemetry to `endpoint`."""
    with tempfile.TemporaryDirectory(prefix="ebb-traces-") as directory:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **more}
        server = Server(Path(directory), environment=environment)
        server.start()
        try:
            yield server
        finally:
            server.stop()


async def test_a_request_its_events_and_its_reminder_arrive_as_one_trace() -> None:
    trace_id = secrets.token_hex(16)
    async with HttpReceiver().serving() as web:
        with Collector() as collector, serving(collector.url, **QUICKLY) as server:
            await live(server.url, server.token, trace_id, web.url)
            ties = await told(collector, trace_id, patience=30)
    assert set() == TIES - ties
    assert "nobody" not in dict(ties)
    assert set() == METRICS - collector.metrics
    # A gauge says what is; what is counted says what has come to it since the last time.
    assert METRICS - collector.deltas == {"ebb.outbox.lag", "ebb.outbox.waiting", "ebb.circuit"}
    assert [trace_id] == [request.headers["traceparent"][3:35] for request in web.requests]
    assert ({"ebb-local"}, {"ebb-local"}) == ({span.service for span in collector.spans}, collector.services)


@contextmanager
def as_in_a_pod(endpoint: str, **more: str) -> Iterator[str]:
    """Yield the URL of one function in a process of its own. Its database is away: a missing token is found first."""
    port = free_port()
    environment = {
        "FUNCTION_TARGET": "create_task", "HOST": "127.0.0.1", "PORT": str(port),
        "DATABASE_URL": "postgresql://127.0.0.1:1/ebb", "DAPR_HTTP_ENDPOINT": "http://127.0.0.1:1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **more,
    }  # fmt: skip
    with subprocess.Popen([sys.executable, "-m", "shared.bootstrap"], env=os.environ | environment) as process:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=8), trust_env=False) as http:
                http.get(f"http://127.0.0.1:{port}/health/readiness")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


# Nothing leaves before the end of the process.
AT_THE_END = {"OTEL_BSP_SCHEDULE_DELAY": "600000", "OTEL_METRIC_EXPORT_INTERVAL": "600000"}


def test_a_local_server_that_ends_sends_what_it_holds() -> None:
    with Collector() as collector:
        with serving(collector.url, **AT_THE_END) as server:
            httpx.get(f"{server.url}/v1/tasks", trust_env=False)
            assert [] == collector.spans
        assert "GET /v1/tasks" in {span.name for span in collector.spans}
        assert "http.server.request.duration" in collector.metrics


def test_a_pod_that_ends_sends_what_it_holds() -> None:
    with Collector() as collector:
        with as_in_a_pod(collector.url, **AT_THE_END) as url:
            assert 401 == httpx.post(f"{url}/v1/tasks", json={}, trust_env=False).status_code
            assert [] == collector.spans
        assert [("create-task", "POST /v1/tasks")] == [(span.service, span.name) for span in collector.spans]
        assert {"ebb.commands", "http.server.request.duration", "faas.init_duration"} == collector.metrics


# A request that waited for the exporter would wait this long (seconds), and each of ten batches of spans again.
TIMEOUT = 5
SMALL = {
    "OTEL_BSP_MAX_QUEUE_SIZE": "20",
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10",
    "OTEL_EXPORTER_OTLP_TIMEOUT": str(TIMEOUT),
}


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_collector_that_is_away_or_hangs_costs_no_request_and_is_hardly_told_about(hangs: bool) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(Collector(hangs=True)).url if hangs else f"http://127.0.0.1:{free_port()}"
        server = stack.enter_context(serving(url, **QUICKLY, **SMALL))
        headers = {"authorization": f"Bearer {server.token}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False, timeout=60) as http:
            began = time.perf_counter()
            statuses = [(await http.post("/v1/tasks", json={"title": "a"})).status_code for _ in range(100)]
            took = time.perf_counter() - began
        log = server.data_dir / "ebb.log"
        while not (told := _told(log)) and time.perf_counter() < began + took + 4 * TIMEOUT:
            await asyncio.sleep(0.2)
        began = time.perf_counter()
        await asyncio.to_thread(server.stop)
        stopped = time.perf_counter() - began
        assert 0 < told <= _told(log) <= 5
    print(f"\n  100 commands in {took:.2f} s, stopped in {stopped:.2f} s")
    assert [201] * 100 == statuses
    assert took < 5 * TIMEOUT
    assert stopped < 10 + TIMEOUT


def _told(log: Path) -> int:
    """Return how many lines of a log are about telemetry."""
    return log.read_text().count('"event": "telemetry"')
