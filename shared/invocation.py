"""One request or delivery, from its first byte to its answer: its trace, its log line, its span and its figures."""

import time
from contextvars import ContextVar
from typing import Any

import structlog
from cloudevents.http import CloudEvent
from starlette.types import Scope

from shared import log, metrics, telemetry, trace
from shared.events import EVENT_TYPES
from shared.paths import route
from shared.telemetry import Kind

OTHER = "_OTHER"  # stands for what is not ours to name, so that names stay few (OpenTelemetry's word)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # ask for no change (RFC 9110, section 9.2.1)
_log = structlog.get_logger()
_present: ContextVar["Invocation | None"] = ContextVar("invocation", default=None)


class Invocation:
    """What the edge knows of one invocation. `is_event` tells whether the function takes CloudEvents."""

    def __init__(self, function: str, scope: Scope, *, is_event: bool) -> None:
        self._began, self._began_at = time.perf_counter(), time.time_ns()
        self._function, self._is_event = function, is_event
        self._method = scope["method"] if scope["method"] in _METHODS else OTHER
        self._scheme, self._route = scope.get("scheme", "http"), route(scope["path"])
        self._event_type = OTHER
        self._given = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
        # An embedded caller may go on in this context with work that is not of this invocation.
        self._before = trace.present(), telemetry.function.get()
        telemetry.function.set(function)
        _present.set(self)
        self._begin({})
        self._line = log.begin(
            function=function, method=scope["method"], trace_id=trace.trace_id(), span_id=trace.span_id()
        )

    def go_on(self, event: CloudEvent) -> None:
        """Take part in the trace of an event. What Knative or Dapr wrote into the headers was their own way here."""
        given = str(event.get("traceparent") or self._given)
        if given == self._given and self._event_type != OTHER:
            return
        self._given = given
        kind = str(event["type"])
        self._event_type = kind if kind in EVENT_TYPES else OTHER
        # The span begun at the edge is never ended, and so never sent: a span cannot change its parent.
        self._begin({
            "cloudevents.event_id": str(event["id"]),
            "cloudevents.event_source": str(event["source"]),
            "cloudevents.event_type": self._event_type,
        })  # fmt: skip
        log.bind(trace_id=trace.trace_id(), span_id=trace.span_id())

    def done(self, status: int) -> None:
        """Tell what became of it. `status` 0 means that it was broken off before its answer."""
        seconds = time.perf_counter() - self._began
        error = ""
        if status >= 500 or not status:
            error = str(self._line.get("problem") or status or "broken-off")
        self._span.set({"http.response.status_code": status} if status else {})
        if self._is_event:
            outcome = _outcome(status, self._line)
            self._span.set({"ebb.outcome": outcome})
            telemetry.record(metrics.EVENTS_CONSUMED, 1, self._event_type, self._function, outcome)
        else:
            self._count_request(status, seconds)
        self._span.end(error)
        _log.info("invocation", **self._line, status=status, duration_ms=round(seconds * 1000, 2))
        trace.enter(self._before[0])
        telemetry.function.set(self._before[1])

    def _begin(self, attributes: telemetry.Attributes) -> None:
        if self._is_event:
            kind, name = Kind.CONSUMER, f"process {self._event_type}"
            attributes = {**attributes, "messaging.system": "cloudevents", "messaging.operation.type": "process"}
        else:
            kind, name = Kind.SERVER, f"{self._method} {self._route}"
            attributes = {
                "http.request.method": self._method, "http.route": self._route, "url.scheme": self._scheme,
            }  # fmt: skip
        attributes = {**attributes, "faas.name": self._function}
        self._span = telemetry.begin(name, kind, self._given, attributes, self._began_at)

    def _count_request(self, status: int, seconds: float) -> None:
        telemetry.record(
            metrics.REQUEST_DURATION, seconds, self._function, self._method, self._route, status, self._scheme
        )
        if self._method not in _SAFE:
            telemetry.record(metrics.COMMANDS, 1, self._function, f"{status // 100}xx")


def go_on(event: CloudEvent) -> None:
    """Let the present invocation take part in the trace of the event it was given."""
    invocation = _present.get()
    if invocation is not None:
        invocation.go_on(event)


def _outcome(status: int, line: dict[str, Any]) -> str:
    if status >= 500 or not status:
        return "failed"
    return "rejected" if status >= 400 else str(line.get("outcome", "done"))
