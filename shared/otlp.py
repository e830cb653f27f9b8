"""OpenTelemetry's SDK behind the port of shared/telemetry.py, sending OTLP over HTTP.

Spans and metrics leave in threads of the SDK, from bounded queues: a collector that is away or hangs costs a request
nothing, and what does not fit is dropped. The SDK's own variables hold (OTEL_TRACES_SAMPLER, OTEL_BSP_*, OTEL_METRIC_*,
OTEL_EXPORTER_OTLP_HEADERS, …).

Counters and histograms leave as deltas: what was counted since the last time. A pod that scales to zero would leave
behind a counter that nobody raises, and its first value, often its only one, would be the start of a series and no
increase. The collector adds them up (clouds/parts/observability).
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from itertools import islice

import structlog
from opentelemetry import trace as api
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared import __version__
from shared.metrics import METRICS, Metric
from shared.telemetry import Attributes, Kind

MAX_LINKS = 32  # of one span: a batch may hold hundreds of events
_PATIENCE = 3.0  # seconds that a process which ends gives to its last spans
_SCOPE = "ebb"
_DELTAS: dict[type, AggregationTemporality] = dict.fromkeys((Counter, Histogram), AggregationTemporality.DELTA)
_log = structlog.get_logger()


def sending_to(endpoint: str, service: str) -> "Otlp":
    """Return what sends to an OTLP/HTTP endpoint (its base URL), as `service`."""
    base = endpoint.rstrip("/")
    _tell_once("opentelemetry")
    return Otlp(
        service,
        BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{base}/v1/traces")),
        PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{base}/v1/metrics", preferred_temporality=_DELTAS)),
    )


class Otlp:
    """Records spans and metrics of one service with an SDK's processor and reader."""

    def __init__(self, service: str, spans: SpanProcessor, metrics: MetricReader) -> None:
        resource = Resource.create({
            "service.name": service,
            "service.namespace": "ebb",
            "service.version": __version__,
            # Spans are told apart by their pods; for metrics the collector takes it away.
            "service.instance.id": str(uuid.uuid4()),
        })  # fmt: skip
        # Without the handlers at exit: they would wait for a collector that is away.
        self._traces = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._traces.add_span_processor(spans)
        self._tracer = self._traces.get_tracer(_SCOPE, __version__)
        self._metrics = MeterProvider([metrics], resource, shutdown_on_exit=False)
        self._record = {metric: self._instrument(metric) for metric in METRICS}

    def start(
        self, name: str, kind: Kind, parent: str, attributes: Attributes, links: Iterable[str] = (), *, began: int = 0
    ) -> "_Span":
        """Begin a span below `parent` (a `traceparent`; empty begins a trace) at `began` (ns since 1970; 0 is now)."""
        above = Context()
        if parent:
            from_outside = kind in (Kind.SERVER, Kind.CONSUMER)
            above = api.set_span_in_context(api.NonRecordingSpan(_context(parent, remote=from_outside)), above)
        linked = [api.Link(_context(one, remote=True)) for one in islice(dict.fromkeys(links), MAX_LINKS)]
        its_kind = api.SpanKind[kind.name]
        return _Span(self._tracer.start_span(name, above, its_kind, dict(attributes), linked, began or time.time_ns()))

    def record(self, metric: Metric, value: float, attributes: Attributes) -> None:
        """Add to a counter, set a gauge, or note one value in a histogram."""
        self._record[metric](value, dict(attributes))

    def close(self) -> None:
        """Send what is there, within seconds. What a hanging collector has not taken by then is lost."""
        # Threads that hold nobody up: the SDK waits up to 30 seconds for its exporters.
        closing = [threading.Thread(target=part.shutdown, daemon=True) for part in (self._traces, self._metrics)]
        for thread in closing:
            thread.start()
        deadline = time.monotonic() + _PATIENCE
        for thread in closing:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _instrument(self, metric: Metric) -> Callable[[float, dict[str, str | int | float | bool]], None]:
        meter = self._metrics.get_meter(_SCOPE, __version__)
        if metric.kind == "counter":
            return meter.create_counter(metric.name, metric.unit, metric.description).add
        if metric.kind == "gauge":
            return meter.create_gauge(metric.name, metric.unit, metric.description).set
        return meter.create_histogram(
            metric.name, metric.unit, metric.description, explicit_bucket_boundaries_advisory=metric.buckets
        ).record


class _Span:
    """A span of the SDK behind the port's narrow face."""

    def __init__(self, span: api.Span) -> None:
        self._span = span
        context = span.get_span_context()
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def set(self, attributes: Attributes) -> None:
        """Add attributes."""
        self._span.set_attributes(dict(attributes))

    def end(self, error: str = "") -> None:
        """End it; `error` is a short word for what went wrong, such as the name of an exception."""
        if error:
            self._span.set_attribute("error.type", error)
            self._span.set_status(api.StatusCode.ERROR)
        self._span.end()


class _Once(logging.Handler):
    """Passes on each kind of message once: a collector that is away is news only the first time."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Log a message that was not there before. Kinds are told apart by their templates, which are few."""
        if record.msg not in self._told:
            self._told.add(record.msg)
            _log.warning("telemetry", reason=record.getMessage(), told="once", exc_info=record.exc_info)


def _tell_once(name: str) -> None:
    logger = logging.getLogger(name)
    logger.handlers[:] = [_Once()]
    logger.propagate = False


def _context(traceparent: str, *, remote: bool) -> api.SpanContext:
    """Return the context that a valid `traceparent` names."""
    trace_id, span_id, flags = (int(part, 16) for part in traceparent.split("-")[1:])
    return api.SpanContext(trace_id, span_id, remote, api.TraceFlags(flags))
