"""The port of spans and metrics: nothing behind it unless asked for, few names, and a document that is true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared import metrics, telemetry, trace
from shared.embedded.manifests import load
from shared.errors import SettingError
from shared.paths import WORDS, route
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
GOOD = {"DATABASE_URL": "postgresql://db/ebb", "DAPR_HTTP_ENDPOINT": "http://daprd:3500"}
ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
ID = "0197d3c1-0000-7000-8000-000000000000"


def starting(environment: dict[str, str], before: str = "") -> str:
    """Return what a fresh interpreter says that makes a function's app with this environment."""
    code = f"import sys\n{before}\nfrom shared.bootstrap import _app_of\n_app_of({environment!r})\n"
    told = "print('opentelemetry' in sys.modules)"
    run = [sys.executable, "-c", code + told]
    done = subprocess.run(run, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return (done.stdout + done.stderr).strip()


@pytest.mark.parametrize(
    ("more", "loaded"), [({}, False), (ENDPOINT, True), (ENDPOINT | {"OTEL_SDK_DISABLED": "true"}, False)]
)
def test_opentelemetry_is_loaded_only_where_an_endpoint_is_set(more: dict[str, str], loaded: bool) -> None:
    assert str(loaded) == starting({"FUNCTION_TARGET": "create_task", **GOOD, **more})


def test_an_endpoint_without_the_packages_stops_the_start_and_names_what_to_install() -> None:
    missing = "sys.modules['opentelemetry.exporter.otlp.proto.http.metric_exporter'] = None"
    said = starting({"FUNCTION_TARGET": "create_task", **GOOD, **ENDPOINT}, missing)
    line = said.splitlines()[-1]
    assert line.startswith("shared.errors.SettingError")
    assert "OTEL_EXPORTER_OTLP_ENDPOINT is set" in line
    assert "install ebb[telemetry]" in line


@pytest.mark.parametrize("wrong", ["collector:4318", "grpc://collector:4317", "http://"])
def test_an_endpoint_that_is_no_url_is_a_wrong_setting(wrong: str) -> None:
    with pytest.raises(SettingError, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        Settings.from_environment(GOOD | {"OTEL_EXPORTER_OTLP_ENDPOINT": wrong})


def test_where_nothing_is_recorded_a_span_leaves_the_trace_as_it_is() -> None:
    before = trace.begin(None)
    with telemetry.span("a", telemetry.Kind.CLIENT, {}) as span:
        span.set({"a": 1})
        telemetry.record(metrics.COMMANDS, 1, "create-task", "2xx")
    assert (before, telemetry.NOTHING) == (trace.current(), span)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/v1/tasks", "/v1/tasks"),
        ("/v1/tasks/", "/v1/tasks"),
        (f"/v1/tasks/{ID}", "/v1/tasks/{id}"),
        (f"/v1/tasks/{ID}/complete", "/v1/tasks/{id}/complete"),
        ("/v1/tasks/my-secret/do", "/v1/tasks/{id}/{id}"),
        ("/", "/"),
        ("/a" * 1000, "/{id}" * 6),
    ],
)
def test_a_route_has_no_part_that_a_stranger_may_choose(path: str, form: str) -> None:
    assert form == route(path)


def test_every_word_of_the_gateways_routes_is_known_to_the_form_of_a_path() -> None:
    assert set() == {word for one in load(ROOT).routes for word in one.path.strip("/").split("/") if word} - WORDS


def test_the_metrics_are_those_of_the_document() -> None:
    text = (ROOT / "docs" / "observability.md").read_text()
    rows = re.findall(r"^\| `([^`]+)` \| (\w+) \| `([^`]+)` \| (.*) \| (.+) \|$", text, flags=re.MULTILINE)
    told = [(name, kind, unit, tuple(re.findall(r"`([^`]+)`", given)), what) for name, kind, unit, given, what in rows]
    assert [(m.name, m.kind, m.unit, m.attributes, m.description) for m in metrics.METRICS] == told


def test_no_metric_has_an_attribute_with_as_many_values_as_there_are_people_or_tasks() -> None:
    named = {name for metric in metrics.METRICS for name in metric.attributes}
    assert set() == {name for name in named if re.search(r"\bid\b|user|task|path|url\.full|actor|subject", name)}
