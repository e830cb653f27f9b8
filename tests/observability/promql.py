"""What the manifests of the monitoring ask Prometheus for, and under which names it knows our metrics."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from shared.metrics import METRICS, Metric

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "clouds" / "parts" / "monitoring"
# Metrics of others, and who tells them.
FOREIGN = {
    "ALERTS": "Prometheus itself",
    "up": "Prometheus itself",
    "kube_deployment_status_replicas_available": "kube-state-metrics",
    "kube_pod_container_status_running": "kube-state-metrics",
    "container_cpu_usage_seconds_total": "cAdvisor, by the kubelet",
    "container_memory_working_set_bytes": "cAdvisor, by the kubelet",
    "kafka_consumergroup_lag": "Strimzi's Kafka exporter",
    "otelcol_deltatocumulative_datapoints": "the collector itself",
    "otelcol_exporter_send_failed_spans": "the collector itself",
    "otelcol_receiver_refused_metric_points": "the collector itself",
}
_UNITS = {"s": "_seconds", "1": "_ratio"}
_NO_METRICS = {"and", "or", "unless", "on", "by", "without", "ignoring", "offset", "bool", "group_left", "group_right"}


def prometheus_names(metric: Metric) -> set[str]:
    """Return the names of a metric behind the collector's exporter (units in braces are no part of a name)."""
    base = metric.name.replace(".", "_")
    if metric.unit != "1" or metric.kind == "gauge":
        base += _UNITS.get(metric.unit, "")
    endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
    return {base + ending for ending in endings[metric.kind]}


OURS = {name for metric in METRICS for name in prometheus_names(metric)}


def metrics_in(expression: str) -> set[str]:
    """Return the names of the metrics that a PromQL expression reads."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|on|without|ignoring)\s*\([^)]*\)", " ", bare)
    names = re.findall(r"(?<![\w.:$])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])", bare)
    return set(names) - _NO_METRICS


def documents() -> Iterator[dict[str, Any]]:
    """Yield the manifests of the monitoring."""
    for path in sorted(MONITORING.glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text())


def groups() -> list[dict[str, Any]]:
    """Return the groups of rules."""
    return [group for one in documents() if one["kind"] == "PrometheusRule" for group in one["spec"]["groups"]]


def rules() -> list[dict[str, Any]]:
    """Return the rules of all groups."""
    return [rule for group in groups() for rule in group["rules"]]


def dashboards() -> dict[str, dict[str, Any]]:
    """Return the dashboards by their files' names."""
    found = (one["data"].items() for one in documents() if "grafana_dashboard" in one["metadata"].get("labels", {}))
    return {name: json.loads(text) for files in found for name, text in files}
