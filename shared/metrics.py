"""Every metric: name, unit and attributes. docs/observability.md holds the same table; a test compares both.

Names follow OpenTelemetry's conventions and units are UCUM. Attributes have few values: never ids of users or tasks.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `buckets` are the upper bounds of a histogram."""

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    unit: str
    attributes: tuple[str, ...]
    description: str
    buckets: tuple[float, ...] = ()


COMMANDS = Metric(
    "ebb.commands", "counter", "{command}", ("faas.name", "ebb.status_class"), "requests that ask for a change"
)
# The bounds are those of OpenTelemetry's conventions for this metric.
REQUEST_DURATION = Metric(
    "http.server.request.duration",
    "histogram",
    "s",
    ("faas.name", "http.request.method", "http.route", "http.response.status_code", "url.scheme"),
    "from the request to the end of its answer",
    (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10),
)
EVENTS_PUBLISHED = Metric("ebb.events.published", "counter", "{event}", ("ebb.event_type",), "events the sidecar took")
EVENTS_CONSUMED = Metric(
    "ebb.events.consumed",
    "counter",
    "{event}",
    ("ebb.event_type", "faas.name", "ebb.outcome"),
    "deliveries: done, already_done, rejected (a dead letter), failed (comes again)",
)
OUTBOX_LAG = Metric("ebb.outbox.lag", "gauge", "s", (), "age of the oldest event that waits in the outbox")
OUTBOX_WAITING = Metric("ebb.outbox.waiting", "gauge", "{event}", (), "events that wait in the outbox")
REMINDER_LATENESS = Metric(
    "ebb.reminder.lateness",
    "histogram",
    "s",
    ("ebb.late",),
    "from a reminder's instant to its firing",
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600),
)
NOTIFICATIONS = Metric(
    "ebb.notifications", "counter", "{notification}", ("ebb.channel", "ebb.outcome"), "attempts to notify"
)
DEAD_LETTERS_WAITING = Metric(
    "ebb.dead_letters.waiting", "gauge", "{event}", (), "dead letters that nobody has sent again"
)
# Its name is that of OpenTelemetry's conventions. Each process starts once: the count is that of cold starts.
INIT_DURATION = Metric(
    "faas.init_duration",
    "histogram",
    "s",
    ("faas.name",),
    "from the birth of a function's process until it serves",
    (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30),
)
CIRCUIT = Metric("ebb.circuit", "gauge", "1", ("ebb.dependency",), "1 while the circuit breaker is open, 0 otherwise")

METRICS = (
    COMMANDS, REQUEST_DURATION, EVENTS_PUBLISHED, EVENTS_CONSUMED, OUTBOX_LAG, OUTBOX_WAITING, REMINDER_LATENESS,
    NOTIFICATIONS, DEAD_LETTERS_WAITING, INIT_DURATION, CIRCUIT,
)  # fmt: skip
