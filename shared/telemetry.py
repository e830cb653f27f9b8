"""Spans and metrics: a narrow port. Without OTEL_EXPORTER_OTLP_ENDPOINT nothing stands behind it and nothing is loaded.

The present span is the `traceparent` of shared/trace.py and nothing else, so a trace goes the same way through
requests, events and jobs whether spans are recorded or not. What records them is shared/otlp.py.
"""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, Token
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Protocol

from shared import metrics, trace
from shared.errors import SettingError
from shared.settings import Settings

Attributes = Mapping[str, str | int | float | bool]
# The function that the present invocation is of: one process may serve many.
function: ContextVar[str] = ContextVar("function", default="")


class Kind(StrEnum):
    """What a span stands for, as OpenTelemetry names it."""

    SERVER = "server"
    CONSUMER = "consumer"
    PRODUCER = "producer"
    CLIENT = "client"


class Span(Protocol):
    """A span that has begun. `traceparent` is what its children carry on."""

    traceparent: str

    def set(self, attributes: Attributes) -> None:
        """Add attributes."""

    def end(self, error: str = "") -> None:
        """End it; `error` is a short word for what went wrong, such as the name of an exception."""


class Backend(Protocol):
    """What records. None of it may raise, or wait for a network."""

    def start(
        self, name: str, kind: Kind, parent: str, attributes: Attributes, links: Iterable[str] = (), *, began: int = 0
    ) -> Span:
        """Begin a span below `parent` (a `traceparent`; empty begins a trace) at `began` (ns since 1970; 0 is now)."""

    def record(self, metric: metrics.Metric, value: float, attributes: Attributes) -> None:
        """Add to a counter, set a gauge, or note one value in a histogram."""

    def close(self) -> None:
        """Send what is there, within seconds."""


class _Nothing:
    """The span where nothing is recorded."""

    traceparent = ""

    def set(self, attributes: Attributes) -> None:
        """Forget them."""

    def end(self, error: str = "") -> None:
        """Do nothing."""


class _Within(AbstractContextManager[Span]):
    """Makes a span the present one, and ends it."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> Span:
        self._token: Token[str] = trace.enter(self._span.traceparent)
        return self._span

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        trace.leave(self._token)
        self._span.end(kind.__name__ if kind else "")


NOTHING: Span = _Nothing()
_nowhere = nullcontext(NOTHING)
_process: list[Backend] = []


def configure(settings: Settings, service: str) -> None:
    """Send telemetry as `service` where an endpoint is set. Raises `SettingError` when the packages are missing."""
    if settings.otel_exporter_otlp_endpoint is None or settings.otel_sdk_disabled:
        return
    try:
        from shared.otlp import sending_to
    except ImportError as error:
        raise SettingError(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is set, and {error.name or error} is not installed:"
            " install ebb[telemetry], or leave the setting out"
        ) from None
    use(sending_to(settings.otel_exporter_otlp_endpoint, service))


def use(*backend: Backend) -> None:
    """Record with `backend`, or not at all."""
    _process[:] = backend


def close() -> None:
    """Send what is there, within seconds, and record no more."""
    for backend in _process:
        backend.close()
    use()


def begin(name: str, kind: Kind, given: str, attributes: Attributes, began: int) -> Span:
    """Begin the span of an invocation, below the `traceparent` its caller gave, and make it the present one."""
    if not _process:
        trace.begin(given)
        return NOTHING
    span = _process[0].start(name, kind, trace.valid(given), attributes, began=began)
    trace.enter(span.traceparent)
    return span


def span(name: str, kind: Kind, attributes: Attributes, links: Iterable[str] = ()) -> AbstractContextManager[Span]:
    """Return a span below the present one, to be used with `with`. `links` are the `traceparent`s of related spans."""
    if not _process:
        return _nowhere
    of = {"faas.name": function.get()} if function.get() else {}
    return _Within(_process[0].start(name, kind, trace.present(), {**of, **attributes}, links))


def record(metric: metrics.Metric, value: float, *values: str | int | bool) -> None:
    """Note a value; `values` are those of the metric's attributes, in their order."""
    if _process:
        _process[0].record(metric, value, dict(zip(metric.attributes, values, strict=True)))


def started(name: str) -> None:
    """Note how long the process of a function took to serve, from its birth."""
    if _process:
        record(metrics.INIT_DURATION, _age(), name)


def notification(channel: str, outcome: str) -> None:
    """Count one attempt to notify, by the kind of channel and what became of it: a few fixed words each."""
    record(metrics.NOTIFICATIONS, 1, channel, outcome)


def _age() -> float:
    """Return the seconds since this process was born; where there is no /proc, those it had a processor for."""
    try:
        # proc(5): field 22 of stat, in ticks since the boot; the second field may hold blanks and parentheses.
        born = int(Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
    except OSError:
        return time.process_time()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - born / os.sysconf("SC_CLK_TCK")
