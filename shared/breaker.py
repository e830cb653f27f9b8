"""A circuit breaker: after some failures in a row, calls fail at once until a probe succeeds.

Closed → (failures reach the threshold) → open → (the pause is over) → half-open: one probe → closed, or open again.
The pause doubles up to a limit while probes fail.
"""

import datetime as dt

import structlog

from shared import metrics, telemetry
from shared.clock import Clock
from shared.errors import BackendAway

_log = structlog.get_logger()


class CircuitBreaker:
    """Guards one dependency. `pause` and `longest_pause` are in seconds."""

    def __init__(
        self, name: str, clock: Clock, *, threshold: int = 3, pause: float = 1.0, longest_pause: float = 8.0
    ) -> None:
        self._name, self._clock = name, clock
        self._threshold, self._first_pause, self._longest = threshold, pause, longest_pause
        self._pause = pause
        self._failures = 0
        self._open_until: dt.datetime | None = None
        self._probing = False
        telemetry.record(metrics.CIRCUIT, 0, name)

    @property
    def is_open(self) -> bool:
        """Whether calls fail at once right now."""
        return self._open_until is not None and self._clock.now() < self._open_until

    @property
    def retry_after(self) -> float:
        """Seconds until the next call makes sense."""
        if self._open_until is None:
            return self._first_pause
        return max(0.05, (self._open_until - self._clock.now()).total_seconds())

    def check(self) -> None:
        """Raise `BackendAway` while open. When the pause is over the caller is the probe; others wait for it."""
        if self._open_until is None:
            return
        if self.is_open:
            raise BackendAway(f"{self._name} is away (circuit open)")
        self._probing = True
        self._open_until = self._clock.now() + dt.timedelta(seconds=self._pause)

    def succeeded(self) -> None:
        """Close."""
        if self._open_until is not None:
            _log.info("circuit closed", dependency=self._name)
            telemetry.record(metrics.CIRCUIT, 0, self._name)
        self._failures, self._open_until, self._pause, self._probing = 0, None, self._first_pause, False

    def failed(self) -> None:
        """Count a failure; open at the threshold, and longer each time a probe fails."""
        self._failures += 1
        if self._probing:
            self._pause = min(self._pause * 2, self._longest)
        elif self._open_until is not None or self._failures < self._threshold:
            return  # calls that were under way when it opened say nothing new
        else:
            _log.warning("circuit open", dependency=self._name, failures=self._failures, pause=self._pause)
            telemetry.record(metrics.CIRCUIT, 1, self._name)
        self._probing = False
        self._open_until = self._clock.now() + dt.timedelta(seconds=self._pause)
