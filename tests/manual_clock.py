"""A clock that stands still until a test moves it."""

import asyncio
from datetime import UTC, datetime, timedelta


class ManualClock:
    """A `shared.clock.Clock` whose waiters wake when `advance` passes their instant."""

    def __init__(self, now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)) -> None:
        self._now = now
        self._moved = asyncio.Condition()
        self._waiting: list[datetime] = []

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self._now

    async def wait_until(self, instant: datetime) -> None:
        """Return once the clock has been moved to `instant` or past it."""
        async with self._moved:
            self._waiting.append(instant)
            self._moved.notify_all()
            try:
                await self._moved.wait_for(lambda: self._now >= instant)
            finally:
                self._waiting.remove(instant)

    async def advance(self, by: timedelta) -> None:
        """Move on and wake whoever waited for that."""
        async with self._moved:
            self._now += by
            self._moved.notify_all()

    async def someone_waits(self) -> timedelta:
        """Return once somebody waits for a later instant, and for how long at least."""
        async with self._moved, asyncio.timeout(5):
            await self._moved.wait_for(lambda: any(instant > self._now for instant in self._waiting))
            return min(instant for instant in self._waiting if instant > self._now) - self._now
