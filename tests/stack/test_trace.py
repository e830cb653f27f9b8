"""daprd, Kafka and the scheduler stand in between, and a request with all that follows is still one trace."""

import secrets
import tempfile
from pathlib import Path

import pytest

from tests.collector import Collector
from tests.one_trace import METRICS, QUICKLY, TIES, live, told
from tests.receivers import HttpReceiver
from tests.stack.system import running

pytestmark = pytest.mark.stack


async def test_a_request_its_events_and_its_reminder_are_one_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    trace_id = secrets.token_hex(16)
    with (
        Collector() as collector,
        tempfile.TemporaryDirectory(prefix="ebb-trace-", ignore_cleanup_errors=True) as folder,
    ):
        # Every process of the system starts with the environment of this one.
        for name, value in {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **QUICKLY}.items():
            monkeypatch.setenv(name, value)
        allowed = {"WEBHOOK_ALLOW_PRIVATE": "true"}
        async with HttpReceiver().serving() as web, running(Path(folder), settings=allowed) as system:
            await live(system.url, system.token, trace_id, web.url)
            ties = await told(collector, trace_id, patience=60)
    assert set() == TIES - ties
    assert "nobody" not in dict(ties)
    assert set() == METRICS - collector.metrics
    assert [trace_id] == [request.headers["traceparent"][3:35] for request in web.requests]
    functions = {span.function for span in collector.spans if span.trace_id == trace_id}
    assert functions == {span.service for span in collector.spans if span.trace_id == trace_id}
    assert {"create-task", "fire-reminder", "spawn-recurrence"} <= functions
