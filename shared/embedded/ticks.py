"""PingSources: calls functions with a CloudEvent of type dev.knative.sources.ping, on schedule."""

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from starlette.types import ASGIApp

from shared.clock import Clock
from shared.embedded.asgi import post
from shared.embedded.records import CLOUDEVENTS_JSON
from shared.embedded.wiring import Tick
from shared.errors import SettingError

_log = structlog.get_logger()


class Ticks:
    """Ticks each function at the start, so that repair does not wait a minute, and then by its schedule."""

    def __init__(self, ticks: Sequence[Tick], apps: Mapping[str, ASGIApp], clock: Clock) -> None:
        if missing := {tick.function for tick in ticks} - apps.keys():
            raise SettingError(f"PingSources name functions that do not exist: {', '.join(sorted(missing))}")
        self._ticks, self._apps, self._clock = ticks, apps, clock

    async def run(self) -> None:
        """Tick until cancelled; a call under way is finished first. A tick that fails is not repeated."""
        async with asyncio.TaskGroup() as group:
            for tick in self._ticks:
                group.create_task(self._run(tick))

    async def _run(self, tick: Tick) -> None:
        await self._finish(tick)
        while True:
            minute = self._clock.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
            await self._clock.wait_until(minute)
            if tick.schedule.matches(minute):
                await self._finish(tick)

    async def _finish(self, tick: Tick) -> None:
        """Call the function, and when cancelled meanwhile, wait for its answer before giving way."""
        call = asyncio.create_task(self._call(tick))
        try:
            await asyncio.shield(call)
        except asyncio.CancelledError:
            await call
            raise

    async def _call(self, tick: Tick) -> None:
        body = json.dumps(_event(tick, self._clock.now())).encode()
        answer = await post(self._apps[tick.function], tick.function, "/", CLOUDEVENTS_JSON, body)
        if not 200 <= answer.status < 300:
            _log.warning("tick_failed", function=tick.function, status=answer.status)


def _event(tick: Tick, now: datetime) -> dict[str, object]:
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "type": "dev.knative.sources.ping",
        "source": f"/apis/v1/namespaces/{tick.namespace}/pingsources/{tick.name}",
        "time": now.isoformat().replace("+00:00", "Z"),
    }
    if tick.data is not None:
        event |= {"datacontenttype": "application/json", "data": json.loads(tick.data)}
    return event
