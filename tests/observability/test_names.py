"""Rules and dashboards name what exists: metrics, their attributes, runbook entries."""

import re
from itertools import chain
from typing import Any

import pytest

from shared.metrics import METRICS, Metric
from tests.observability.promql import FOREIGN, OURS, ROOT, dashboards, metrics_in, prometheus_names, rules

RECORDED = {rule["record"] for rule in rules() if "record" in rule}
ALERTS = [rule for rule in rules() if "alert" in rule]
PANELS = [(f"{name}: {panel['title']}", panel) for name, board in dashboards().items() for panel in board["panels"]]
QUERIES = [target["expr"] for _, panel in PANELS for target in panel["targets"]]
RUNBOOK = ROOT / "docs" / "runbook.md"
# Labels that Prometheus adds itself, and those of metrics of others.
ADDED = {"namespace", "job", "le", "alertname", "alertstate"}


@pytest.mark.parametrize(
    ("name", "kind", "unit", "names"),
    [
        ("ebb.commands", "counter", "{command}", {"ebb_commands_total"}),
        ("ebb.outbox.lag", "gauge", "s", {"ebb_outbox_lag_seconds"}),
        ("ebb.circuit", "gauge", "1", {"ebb_circuit_ratio"}),
        ("a.b", "histogram", "s", {"a_b_seconds_bucket", "a_b_seconds_count", "a_b_seconds_sum"}),
    ],
)
def test_a_name_for_prometheus_ends_with_unit_and_kind(name: str, kind: Any, unit: str, names: set[str]) -> None:
    assert names == prometheus_names(Metric(name, kind, unit, (), ""))


def test_the_metrics_of_an_expression_are_its_names_and_no_functions_labels_or_durations() -> None:
    expression = 'sum by (le, x) (rate(a_bucket{b="c"}[5m])) / on () e:f:rate5m > 14.4 * 0.001 and absent(up == 1)'
    assert {"a_bucket", "e:f:rate5m", "up"} == metrics_in(expression)


@pytest.mark.parametrize("expression", [*(rule["expr"] for rule in rules()), *QUERIES])
def test_what_is_asked_for_is_told_by_somebody(expression: str) -> None:
    asked = metrics_in(expression)
    assert asked
    assert set() == asked - OURS - RECORDED - FOREIGN.keys()


@pytest.mark.parametrize("expression", [*(rule["expr"] for rule in rules()), *QUERIES])
def test_labels_of_our_metrics_are_their_attributes(expression: str) -> None:
    attributes = {name: set(metric.attributes) for metric in METRICS for name in prometheus_names(metric)}
    for name, matchers in re.findall(r"\b([a-z]\w*)\{([^}]*)\}", expression):
        if name in attributes:
            known = {one.replace(".", "_") for one in attributes[name]} | ADDED
            assert set() == set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)) - known


def test_no_metric_of_others_is_listed_that_nobody_asks_for() -> None:
    asked = set(chain.from_iterable(map(metrics_in, [*(rule["expr"] for rule in rules()), *QUERIES])))
    assert set() == FOREIGN.keys() - asked
    assert set() == {name for name in RECORDED if name not in asked and not re.search("_rate2h|_rate30m", name)}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_what_it_is_how_bad_and_where_to_read_on(alert: dict[str, Any]) -> None:
    assert {"summary", "description", "runbook_url"} == alert["annotations"].keys()
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert f"docs/runbook.md#{alert['alert'].lower()}" == alert["annotations"]["runbook_url"]


def test_every_alert_has_its_entry_in_the_runbook() -> None:
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(), flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    assert set() == {alert["alert"].lower() for alert in ALERTS} - anchors


def test_the_document_says_of_every_alert_what_it_means() -> None:
    text = (ROOT / "docs" / "observability.md").read_text()
    assert [alert["alert"] for alert in ALERTS] == re.findall(r"^\| `(Ebb\w+)` \|", text, flags=re.MULTILINE)


@pytest.mark.parametrize("panel", [panel for _, panel in PANELS], ids=[name for name, _ in PANELS])
def test_a_panel_reads_one_installation(panel: dict[str, Any]) -> None:
    # Topics are named the same everywhere; who shares a Kafka shares this panel.
    assert all('namespace="$namespace"' in one["expr"] or "kafka_" in one["expr"] for one in panel["targets"])


@pytest.mark.parametrize("board", dashboards().values(), ids=dashboards().keys())
def test_the_panels_of_a_dashboard_do_not_cover_each_other(board: dict[str, Any]) -> None:
    taken = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
    assert len(taken) == len(set(taken))
    assert list(range(1, len(taken) + 1)) == [panel["id"] for panel in board["panels"]]
