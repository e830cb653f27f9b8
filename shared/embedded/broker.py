"""KafkaSources, Broker and Triggers in one process: a record becomes one delivery per interested trigger.

Delivery follows Knative: per trigger in order of the partition key, at least once, with the trigger's own
retries and backoff, then a dead letter: a record of another topic. Everything is in PostgreSQL before a publish
is answered.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import structlog
from starlette.types import ASGIApp

from shared.clock import Clock
from shared.embedded.asgi import Answer
from shared.embedded.filters import attributes_of
from shared.embedded.lane import Lane
from shared.embedded.records import Record, dead_letter, incoming
from shared.embedded.store import Delivery, Outgoing, Store
from shared.embedded.wiring import Manifests, Source, Trigger
from shared.errors import SettingError

_log = structlog.get_logger()


class Broker:
    """Takes records of topics and hands their events to functions. `apps` are ASGI apps by function name."""

    def __init__(self, store: Store, manifests: Manifests, apps: Mapping[str, ASGIApp], clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._sources = manifests.sources
        self._triggers = manifests.triggers
        consumers = [*self._triggers, *(source.direct for source in self._sources if source.direct)]
        if missing := {one.function for one in consumers} - apps.keys():
            raise SettingError(f"triggers and sources name functions that do not exist: {', '.join(sorted(missing))}")
        topics = {topic for source in self._sources for topic in source.topics}
        if unread := {one.dead_letters for one in consumers if one.dead_letters} - topics:
            raise SettingError(
                f"no KafkaSource reads the dead letters in {', '.join(sorted(unread))}: they would be lost"
            )
        self._lanes = {one.name: Lane(store, one, apps[one.function], clock, self._bury) for one in consumers}

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Store the deliveries of all records, in this order, or none. Raises `psycopg.OperationalError`."""
        outgoing = [one for record in records for one in self._outgoing(topic, record)]
        if outgoing:
            await self._store.keep(outgoing)
        self._notify(outgoing)

    async def _bury(self, trigger: Trigger, delivery: Delivery, answer: Answer) -> None:
        record = dead_letter(delivery.event, delivery.partition_key, trigger.function, answer)
        outgoing = list(self._outgoing(str(trigger.dead_letters), record))
        await self._store.bury(delivery.id, outgoing)
        self._notify(outgoing)

    def _notify(self, outgoing: Iterable[Outgoing]) -> None:
        for name in {one.trigger for one in outgoing}:
            self._lanes[name].notify()

    async def run(self) -> None:
        """Deliver until cancelled. Deliveries under way are finished, all others stay in PostgreSQL."""
        async with asyncio.TaskGroup() as lanes:
            for lane in self._lanes.values():
                lanes.create_task(lane.run())

    def _outgoing(self, topic: str, record: Record) -> Iterable[Outgoing]:
        sources = [source for source in self._sources if topic in source.topics]
        if not sources:
            _log.warning("no_source", topic=topic, why="no KafkaSource reads this topic")
        for source in sources:
            yield from self._routed(source, topic, record)

    def _routed(self, source: Source, topic: str, record: Record) -> Iterable[Outgoing]:
        event = incoming(record, source, topic, self._clock.now())
        attributes = attributes_of(event.event)
        if attributes["type"] == "dev.knative.kafka.event":
            _log.warning("no_cloud_event", topic=topic, why="published without rawPayload and content-type, or broken")
        for trigger in self._interested(source, attributes):
            yield Outgoing(trigger.name, event.key, event.text)

    def _interested(self, source: Source, attributes: Mapping[str, str]) -> Iterable[Trigger]:
        if source.direct:
            return (source.direct,)
        return (one for one in self._triggers if one.broker == source.broker and one.wants(attributes))
