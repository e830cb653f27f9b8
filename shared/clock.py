"""The one place that reads the time. The domain never does: `now` is an argument there."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells instants (UTC) and waits for them; tests pass one that stands still."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""

    async def wait_until(self, instant: datetime) -> None:
        """Return at `instant`, at once when it has passed."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""
        return datetime.now(UTC)

    async def wait_until(self, instant: datetime) -> None:
        """Return at `instant`, never before: a timer may ring early, so the clock is asked again."""
        while (left := (instant - self.now()).total_seconds()) > 0:
            await asyncio.sleep(left)
