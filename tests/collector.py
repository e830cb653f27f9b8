"""An OTLP/HTTP receiver on loopback: reads what exporters really send, or hangs."""

import gzip
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality


@dataclass(frozen=True, slots=True)
class Span:
    """One span as it arrived; ids are hex."""

    trace_id: str
    id: str
    parent: str
    name: str
    service: str
    function: str


class Collector:
    """Takes spans and metrics while it is entered. With `hangs` it takes connections and answers none."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.spans: list[Span] = []
        self.metrics: set[str] = set()
        self.deltas: set[str] = set()  # those that say what was counted since the last time
        self.services: set[str] = set()
        self._hangs, self._done = hangs, threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Listen no more."""
        self._done.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def ties(self, trace_id: str, client: str) -> set[tuple[str, str]]:
        """Return who is whose child in a trace that the span `client` began; "nobody" is a parent that is missing."""
        its = [span for span in self.spans if span.trace_id == trace_id]
        names = {client: "client"} | {span.id: f"{span.function}: {span.name}" for span in its}
        return {(names.get(span.parent, "nobody"), names[span.id]) for span in its}

    def _handler(collector) -> type[BaseHTTPRequestHandler]:  # noqa: N805  (the handler has a self of its own)
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if collector._hangs:
                    collector._done.wait()
                    return
                body = self.rfile.read(int(self.headers["content-length"]))
                compressed = self.headers["content-encoding"] == "gzip"
                collector._take(self.path, gzip.decompress(body) if compressed else body)
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the standard library's name)
                """Say nothing."""

        return Handler

    def _take(self, path: str, body: bytes) -> None:
        if path == "/v1/traces":
            for traces in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = _attribute(traces.resource.attributes, "service.name")
                for span in (span for scope in traces.scope_spans for span in scope.spans):
                    self.spans.append(
                        Span(
                            span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), span.name, service,
                            _attribute(span.attributes, "faas.name"),
                        )
                    )  # fmt: skip
        for metrics in ExportMetricsServiceRequest.FromString(body).resource_metrics if path == "/v1/metrics" else ():
            self.services.add(_attribute(metrics.resource.attributes, "service.name"))
            arrived = [metric for scope in metrics.scope_metrics for metric in scope.metrics]
            self.metrics |= {metric.name for metric in arrived}
            delta = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
            # A part that is not set reads as an empty one.
            self.deltas |= {
                one.name
                for one in arrived
                if delta in (one.sum.aggregation_temporality, one.histogram.aggregation_temporality)
            }


def _attribute(attributes: Iterable[KeyValue], key: str) -> str:
    return next((one.value.string_value for one in attributes if one.key == key), "")
