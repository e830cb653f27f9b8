"""What goes where, as the manifests say it: routes, sources, triggers, ticks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.embedded.cron import Cron
from shared.embedded.filters import Predicate


@dataclass(frozen=True, slots=True)
class Route:
    """Requests of `method` for exactly `path`, or for it and everything below it, go to `function`."""

    method: str
    path: str
    exact: bool
    function: str


@dataclass(frozen=True, slots=True)
class Retry:
    """How often to try again after the first attempt, and the base of the delay."""

    limit: int
    delay: timedelta
    exponential: bool

    def after(self, failures: int) -> timedelta:
        """Return the wait after the n-th failure: delay * n, or delay * 2^n (Knative's DeliverySpec)."""
        return self.delay * (2**failures if self.exponential else failures)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Events of `broker` that pass `wants` go to `function`; `dead_letters` is the topic of the rest.

    Without such a topic an event is tried until the function takes it.
    """

    name: str
    broker: str | None
    function: str
    wants: Predicate
    retry: Retry
    dead_letters: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A KafkaSource: the records of `topics` become events of `broker`, or go straight to one function (`direct`)."""

    name: str
    namespace: str
    topics: tuple[str, ...]
    broker: str | None
    direct: Trigger | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A PingSource: `function` is called with `data` (JSON text or nothing) whenever `schedule` says."""

    name: str
    namespace: str
    function: str
    schedule: Cron
    data: str | None


@dataclass(frozen=True, slots=True)
class Binding:
    """An output binding of Dapr: plain settings, and those from secrets (setting -> secret and its key)."""

    name: str
    type: str
    settings: Mapping[str, str]
    secrets: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Manifests:
    """All of the wiring. `pubsubs` are the names of Dapr's pub/sub components."""

    routes: tuple[Route, ...]
    brokers: tuple[str, ...]
    sources: tuple[Source, ...]
    triggers: tuple[Trigger, ...]
    ticks: tuple[Tick, ...]
    pubsubs: tuple[str, ...]
    bindings: tuple[Binding, ...] = ()
