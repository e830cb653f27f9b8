"""The real collector with the configuration of the manifests, and real functions that push to it."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from benchmarks.support.server import free_port
from shared import metrics
from shared.otlp import sending_to
from tests.collector import Collector
from tests.integration.test_traces import AT_THE_END, as_in_a_pod
from tests.observability.collecting import running
from tests.observability.promql import OURS, ROOT, prometheus_names

PART = ROOT / "clouds" / "parts" / "observability" / "collector.yaml"
LISTENS = {"otlp": 4318, "counted": 8889, "gauges": 8890, "own": 8888, "health": 13133}
PODS = 40
pytestmark = pytest.mark.tools


@dataclass(frozen=True, slots=True)
class Running:
    """A collector: where it listens, by the names in `LISTENS`."""

    ports: dict[str, int]

    @property
    def endpoint(self) -> str:
        """Where functions push to."""
        return f"http://127.0.0.1:{self.ports['otlp']}"

    def scrape(self, name: str) -> dict[str, float]:
        """Return the samples that Prometheus would get from a port, by their series."""
        text = httpx.get(f"http://127.0.0.1:{self.ports[name]}/metrics", trust_env=False).text
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {series: float(value) for series, _, value in lines}

    def wait_for(self, name: str, series: str, value: float) -> dict[str, float]:
        """Return the samples as soon as a series has this value, or after thirty seconds as they are."""
        deadline = time.monotonic() + 30
        while (found := self.scrape(name)).get(series) != value and time.monotonic() < deadline:
            time.sleep(0.1)
        return found


def configuration(ports: dict[str, int]) -> str:
    """Return the configuration in the ConfigMap, listening on other ports."""
    (manifest,) = (one for one in yaml.safe_load_all(PART.read_text()) if one["kind"] == "ConfigMap")
    text: str = manifest["data"]["collector.yaml"]
    moved = {str(port): str(ports[name]) for name, port in LISTENS.items()}
    text, changed = re.subn(r"\b(?:" + "|".join(moved) + r")\b", lambda found: moved[found[0]], text)
    assert len(moved) == changed
    return text


@contextmanager
def collecting(folder: Path, traces: str = "http://127.0.0.1:9", *, patient: bool = True) -> Iterator[Running]:
    """Run the collector while entered; spans go on to `traces`, once only unless it is patient."""
    ports = {name: free_port() for name in LISTENS}
    config = configuration(ports)
    assert "max_elapsed_time: 60s" in config
    if not patient:
        config = config.replace("max_elapsed_time: 60s", "enabled: false")
    with running(config, folder, ports["health"], TRACES_ENDPOINT=traces):
        yield Running(ports)


def a_pod(endpoint: str, wants: int) -> None:
    """Count so many commands, as a process that ends at once."""
    otlp = sending_to(endpoint, "create-task")
    for _ in range(wants):
        otlp.record(metrics.COMMANDS, 1, {"faas.name": "create-task", "ebb.status_class": "2xx"})
        otlp.record(metrics.INIT_DURATION, 0.4, {"faas.name": "create-task"})
    otlp.close()


def test_what_pods_count_that_end_at_the_same_time_is_added_up_to_the_last_one(tmp_path: Path) -> None:
    counted = 'ebb_commands_total{ebb_status_class="2xx",faas_name="create-task",job="ebb/create-task"}'
    starts = 'faas_init_duration_seconds_count{faas_name="create-task",job="ebb/create-task"}'
    with collecting(tmp_path) as collector, ThreadPoolExecutor(PODS) as pods:
        for times in (1, 2):
            list(pods.map(a_pod, [collector.endpoint] * PODS, [10] * PODS))
            samples = collector.wait_for("counted", counted, times * PODS * 10)
            assert (times * PODS * 10, times * PODS * 10) == (samples[counted], samples[starts])
        assert not any("error=" in series for series in collector.scrape("own"))


def test_every_metric_has_the_name_that_rules_and_dashboards_use(tmp_path: Path) -> None:
    with collecting(tmp_path) as collector:
        otlp = sending_to(collector.endpoint, "sweep")
        for metric in metrics.METRICS:
            otlp.record(metric, 1, dict.fromkeys(metric.attributes, "x"))
        otlp.close()
        collector.wait_for("counted", 'ebb_reminder_lateness_seconds_count{ebb_late="x",job="ebb/sweep"}', 1)
        collector.wait_for("gauges", 'ebb_circuit_ratio{ebb_dependency="x",job="ebb/sweep"}', 1)
        names = {
            port: {series.partition("{")[0] for series in collector.scrape(port)} for port in ("counted", "gauges")
        }
    gauges = {name for metric in metrics.METRICS if metric.kind == "gauge" for name in prometheus_names(metric)}
    assert (OURS - gauges, gauges) == (names["counted"] - {"target_info"}, names["gauges"] - {"target_info"})


def test_a_function_that_ends_has_told_its_request_its_start_and_its_span(tmp_path: Path) -> None:
    commands = 'ebb_commands_total{ebb_status_class="4xx",faas_name="create-task",job="ebb/create-task"}'
    starts = 'faas_init_duration_seconds_count{faas_name="create-task",job="ebb/create-task"}'
    with Collector() as behind:
        with collecting(tmp_path, behind.url) as collector:
            for runs in (1, 2):
                with as_in_a_pod(collector.endpoint, **AT_THE_END) as url:
                    assert 401 == httpx.post(f"{url}/v1/tasks", json={}, trust_env=False).status_code
                samples = collector.wait_for("counted", commands, runs)
                assert (runs, runs) == (samples[commands], samples[starts])
        assert [("create-task", "POST /v1/tasks")] * 2 == [(span.service, span.name) for span in behind.spans]


def test_spans_that_nobody_takes_are_counted_by_the_collector(tmp_path: Path) -> None:
    away = free_port()
    failed = 'otelcol_exporter_send_failed_spans{exporter="otlp_http",server_address="127.0.0.1",'
    failed += f'server_port="{away}",url_path="/v1/traces"}}'
    with collecting(tmp_path, f"http://127.0.0.1:{away}", patient=False) as collector:
        with as_in_a_pod(collector.endpoint, **AT_THE_END) as url:
            httpx.post(f"{url}/v1/tasks", json={}, trust_env=False)
        samples = collector.wait_for("own", failed, 1)
    assert 1 == samples[failed]
    assert 'otelcol_receiver_refused_metric_points{receiver="otlp",transport="http"}' in samples
