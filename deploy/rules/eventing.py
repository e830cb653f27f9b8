"""Rules for events: none is lost, none overtakes another of its key, each has somewhere to go."""

import re
from collections.abc import Iterator
from typing import Any

from deploy.rules.manifests import (
    BROKER,
    KAFKA_SOURCE,
    PING_SOURCE,
    TRIGGER,
    Fault,
    Manifests,
    Object,
    at,
    kind,
    name,
    walk,
)


def deliveries_end_in_dead_letters(manifests: Manifests) -> Iterator[Fault]:
    """Without retries one restart of a database loses events; without a dead letter sink the last retry does.

    A Trigger's delivery replaces that of its Broker, so each needs all of it. One exception: the way to the function
    where dead letters end, through a Broker that answers when it is delivered: who asks that Broker keeps the event.
    """
    ends = [_dead_letter_sink(one) for one in manifests.of(TRIGGER)]
    last = [one for one in manifests.of(TRIGGER) if _target(one) in ends and not _is_of_kafka(manifests, one)]
    excepted = {at(one, "spec").get("broker") for one in last}
    for one in manifests.of(BROKER, TRIGGER, KAFKA_SOURCE):
        if kind(one) == BROKER and name(one) in excepted:
            continue
        delivery, sink = at(one, "spec", "delivery"), _dead_letter_sink(one)
        if not delivery.get("retry"):
            yield one, "its delivery has no retry"
        if not delivery.get("backoffPolicy") or not delivery.get("backoffDelay"):
            yield one, "its delivery has no backoffPolicy and backoffDelay"
        if not manifests.refers(sink) and not (one in last and not sink):
            yield one, f"its dead letter sink {sink.get('kind')} {sink.get('name')} is not there"
        elif sink and sink == _target(one):
            yield one, "its dead letters go to whom could not take them"


def order_is_kept(manifests: Manifests) -> Iterator[Fault]:
    """Kafka's data plane delivers out of order unless asked: a task would be completed before it was made.

    A consumer group of its own name reads on after its object was made anew, and a new one reads from the start.
    """
    for one in manifests.of(TRIGGER):
        order = at(one, "metadata", "annotations").get("kafka.eventing.knative.dev/delivery.order")
        if _is_of_kafka(manifests, one) and order != "ordered":
            yield one, "needs the annotation kafka.eventing.knative.dev/delivery.order: ordered"
    for one in manifests.of(KAFKA_SOURCE):
        spec = at(one, "spec")
        if (spec.get("ordering"), spec.get("initialOffset")) != ("ordered", "earliest"):
            yield one, "needs ordering: ordered and initialOffset: earliest"
        if not spec.get("consumerGroup"):
            yield one, "has no consumerGroup of its own"


def targets_exist(manifests: Manifests) -> Iterator[Fault]:
    """An event for a service that is not there is retried, and then is a dead letter, for every event there is."""
    for one in manifests.of(TRIGGER, PING_SOURCE, KAFKA_SOURCE):
        target = _target(one)
        if not manifests.refers(target):
            yield one, f"its target {target.get('kind')} {target.get('name')} is not there"
    for one in manifests.of(TRIGGER):
        if not manifests.find(BROKER, broker := at(one, "spec").get("broker", "")):
            yield one, f"its Broker {broker} is not there"


def hosts_exist(manifests: Manifests) -> Iterator[Fault]:
    """A host of our namespace in an address or an argument must be there: routes, job targets, Kafka, collectors."""
    host = re.compile(rf"([a-z0-9-]+)\.{re.escape(manifests.namespace)}\.svc(?![a-z0-9-])")
    for one in manifests.documents:
        wanted = {match for _, text in walk(one) if isinstance(text, str) for match in host.findall(text)}
        for missing in sorted(wanted - manifests.hosts):
            yield one, f"there is no Service {missing}"


def _target(document: Object) -> Any:
    return at(document, "spec", "subscriber" if kind(document) == TRIGGER else "sink", "ref")


def _dead_letter_sink(document: Object) -> Any:
    return at(document, "spec", "delivery", "deadLetterSink", "ref")


def _is_of_kafka(manifests: Manifests, trigger: Object) -> bool:
    broker = manifests.find(BROKER, at(trigger, "spec").get("broker", "")) or {}
    return bool(at(broker, "metadata", "annotations").get("eventing.knative.dev/broker.class") == "Kafka")


def event_functions(manifests: Manifests) -> set[str]:
    """Return the Knative Services that events, ticks and jobs wake: those nobody outside may call."""
    of_events = {str(_target(one).get("name")) for one in manifests.of(TRIGGER, PING_SOURCE, KAFKA_SOURCE)}
    named = {name(one.owner) for one in manifests.functions}
    args = " ".join(str(arg) for one in manifests.workloads for c in one.containers for arg in at(c, "args"))
    channels = set(re.findall(r"--app-channel-address[ =]([a-z0-9-]+)\.", args))
    return (of_events | channels) & named
