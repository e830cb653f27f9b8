"""Reads `knative/`, `eventing/` and `dapr/`: what a cluster gets also decides where a local run sends things.

A local run must never silently route differently, so whatever the stand-in cannot do exactly (an unknown
kind, field, filter dialect or sink) raises `SettingError` with the file and the object. Only what a cluster
alone has, and which routes nothing, is passed over.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from shared.embedded.cron import Cron
from shared.embedded.documents import Document, documents
from shared.embedded.filters import compile_filters
from shared.embedded.schemas import (
    BrokerSpec,
    ComponentSpec,
    Delivery,
    Destination,
    PingSpec,
    RouteSpec,
    SinkSpec,
    SourceSpec,
    TriggerSpec,
)
from shared.embedded.wiring import Binding, Manifests, Retry, Route, Source, Tick, Trigger

_ORDER = "kafka.eventing.knative.dev/delivery.order"
_CLASS = "eventing.knative.dev/broker.class"
_DURATION = re.compile(r"PT(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?")
_HTTP_ROUTE = "gateway.networking.k8s.io/v1 HTTPRoute"
_BROKER = "eventing.knative.dev/v1 Broker"
_SINK = "eventing.knative.dev/v1alpha1 KafkaSink"
_SOURCE = "sources.knative.dev/v1 KafkaSource"
_TRIGGER = "eventing.knative.dev/v1 Trigger"
_PING = "sources.knative.dev/v1 PingSource"
_COMPONENT = "dapr.io/v1alpha1 Component"
_SERVICE = "serving.knative.dev/v1 Service"
# For daprd alone. Subscriptions are its own way from Kafka to the Broker; here the sources say all of it.
_DAPRD = {"dapr.io/v2alpha1 Subscription", "dapr.io/v1alpha1 Resiliency", "dapr.io/v1alpha1 Configuration"}
_KINDS = {_HTTP_ROUTE, _BROKER, _SINK, _SOURCE, _TRIGGER, _PING, _COMPONENT, *_DAPRD}
# The pods of the parts, what they may do, where they listen. A ReferenceGrant permits what the HTTPRoute says; the
# stand-in has no namespaces to keep apart.
_CLUSTER = {
    "apps/v1 Deployment",
    "gateway.networking.k8s.io/v1 Gateway",
    "gateway.networking.k8s.io/v1beta1 ReferenceGrant",
    "networking.k8s.io/v1 NetworkPolicy",
    "policy/v1 PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1 Role",
    "rbac.authorization.k8s.io/v1 RoleBinding",
    "v1 ConfigMap",
    "v1 Namespace",
    "v1 Service",
    "v1 ServiceAccount",
}


def load(root: Path) -> Manifests:
    """Read every YAML file of the three folders below `root`. Raises `SettingError`."""
    return _Reader(list(documents(root, _KINDS, _CLUSTER))).manifests()


class _Reader:
    """Turns documents into wiring; references between them are looked up here."""

    def __init__(self, documents: list[Document]) -> None:
        self._documents = documents
        self._brokers = {one.metadata.name for one in self._of(_BROKER)}
        self._sinks = {one.metadata.name: one.read(SinkSpec).topic for one in self._of(_SINK)}

    def manifests(self) -> Manifests:
        for one in self._of(_BROKER):
            self._check_broker(one)
        for one in self._of(_COMPONENT):
            self._check_secrets(one)
        return Manifests(
            routes=tuple(route for one in self._of(_HTTP_ROUTE) for route in _routes(one.read(RouteSpec))),
            brokers=tuple(sorted(self._brokers)),
            sources=tuple(self._source(one) for one in self._of(_SOURCE)),
            triggers=tuple(self._trigger(one) for one in self._of(_TRIGGER)),
            ticks=tuple(self._tick(one) for one in self._of(_PING)),
            pubsubs=tuple(one.metadata.name for one in self._components("pubsub.")),
            bindings=tuple(_binding(one) for one in self._components("bindings.")),
        )

    def _of(self, kind: str) -> list[Document]:
        return [one for one in self._documents if one.kind == kind]

    def _check_broker(self, document: Document) -> None:
        document.must_annotate(_CLASS, "Kafka")
        self._dead_letters(document, document.read(BrokerSpec).delivery)

    def _source(self, document: Document) -> Source:
        spec, who = document.read(SourceSpec), document.metadata
        if self._dead_letters(document, spec.delivery) in spec.topics:
            raise document.wrong("its dead letters would come back to it for ever")
        topics, sink = tuple(spec.topics), spec.sink.ref
        if f"{sink.api_version} {sink.kind}" != _SERVICE:
            broker = self._known_broker(document, _target(document, spec.sink, _BROKER))
            return Source(who.name, who.namespace, topics, broker)
        # Nothing here reads what is given up by the last function that could keep it, so it is never given up.
        retry = _retry(document, spec.delivery)
        direct = Trigger(f"source {who.name}", None, sink.name, lambda _: True, retry, dead_letters=None)
        return Source(who.name, who.namespace, topics, None, direct)

    def _trigger(self, document: Document) -> Trigger:
        document.must_annotate(_ORDER, "ordered")
        spec = document.read(TriggerSpec)
        return Trigger(
            name=document.metadata.name,
            broker=self._known_broker(document, spec.broker),
            function=_target(document, spec.subscriber, _SERVICE),
            wants=compile_filters(spec.filters),
            retry=_retry(document, spec.delivery),
            dead_letters=self._dead_letters(document, spec.delivery),
        )

    def _tick(self, document: Document) -> Tick:
        spec, who = document.read(PingSpec), document.metadata
        try:
            schedule = Cron.parse(spec.schedule)
        except ValueError as error:
            raise document.wrong(str(error)) from None
        return Tick(who.name, who.namespace, _target(document, spec.sink, _SERVICE), schedule, spec.data)

    def _components(self, category: str) -> list[Document]:
        return [one for one in self._of(_COMPONENT) if one.read(ComponentSpec).type.startswith(category)]

    def _check_secrets(self, document: Document) -> None:
        """Raise `SettingError` unless the secrets of a component have a store."""
        refers = any(setting.secret_key_ref for setting in document.read(ComponentSpec).metadata)
        stores = {one.metadata.name for one in self._components("secretstores.")}
        if (refers or document.secret_store) and document.secret_store not in stores:
            raise document.wrong(f"auth.secretStore names no secret store; there is {', '.join(sorted(stores))}")

    def _known_broker(self, document: Document, name: str) -> str:
        if name not in self._brokers:
            raise document.wrong(f"there is no Broker {name}")
        return name

    def _dead_letters(self, document: Document, delivery: Delivery) -> str:
        _duration(document, delivery.backoff_delay)
        name = _target(document, delivery.dead_letter_sink, _SINK)
        if name not in self._sinks:
            raise document.wrong(f"there is no KafkaSink {name} for dead letters")
        return self._sinks[name]


def _routes(spec: RouteSpec) -> Iterator[Route]:
    for rule in spec.rules:
        function = rule.filters[0].url_rewrite.hostname.partition(".")[0]
        for match in rule.matches:
            yield Route(match.method, match.path.value, match.path.type == "Exact", function)


def _binding(document: Document) -> Binding:
    spec = document.read(ComponentSpec)
    return Binding(
        name=document.metadata.name,
        type=spec.type,
        settings={one.name: one.value for one in spec.metadata if one.value is not None},
        secrets={one.name: (ref.name, ref.key) for one in spec.metadata if (ref := one.secret_key_ref)},
    )


def _target(document: Document, destination: Destination, kind: str) -> str:
    ref = destination.ref
    if (found := f"{ref.api_version} {ref.kind}") != kind:
        raise document.wrong(f"the target {ref.name} is a {found}, only a {kind} is supported here")
    return ref.name


def _retry(document: Document, delivery: Delivery) -> Retry:
    delay = _duration(document, delivery.backoff_delay)
    return Retry(delivery.retry, delay, exponential=delivery.backoff_policy == "exponential")


def _duration(document: Document, text: str) -> timedelta:
    """Read an ISO 8601 duration of hours, minutes and seconds (ISO 8601-1:2019, 5.5.2.4)."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise document.wrong(f"{text!r} is no ISO 8601 duration such as PT0.2S")
    return timedelta(**{unit: float(number) for unit, number in match.groupdict(default="0").items()})
