"""How often a user may ask: a token bucket for each user, in each process (docs/decisions/0014).

It is the generic cell rate algorithm (ITU-T I.371): of a bucket only the instant is kept at which it will be full.
"""

import datetime as dt
import math
from collections import OrderedDict
from dataclasses import dataclass

from shared.clock import Clock
from shared.errors import TooManyRequests

USERS = 10_000  # buckets in memory; who asked longest ago is forgotten first, and has a full bucket then


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left: requests at once, and seconds until the bucket is full again."""

    burst: int
    window: int
    left: int
    full_in: int

    def headers(self) -> dict[str, str]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers-10."""
        return {
            "RateLimit-Policy": f'"user";q={self.burst};w={self.window}',
            "RateLimit": f'"user";r={self.left};t={self.full_in}',
        }


class RateLimit:
    """Buckets of `burst` requests that fill up with `per_second`."""

    def __init__(self, per_second: float, burst: int, clock: Clock) -> None:
        self._burst, self._clock = burst, clock
        self._pause = dt.timedelta(seconds=1 / per_second)
        self._window = self._pause * burst
        self._full_at: OrderedDict[str, dt.datetime] = OrderedDict()

    def take(self, user_id: str) -> Allowance:
        """Take one request of a user out of their bucket. Raises `TooManyRequests`, which takes nothing."""
        now = self._clock.now()
        # A clock that was set back must not lock anybody out for longer than an empty bucket does.
        missing = min(max(self._full_at.get(user_id, now) - now, dt.timedelta()), self._window)
        wait = missing + self._pause - self._window
        allowed = wait <= dt.timedelta()
        missing += self._pause if allowed else dt.timedelta()
        self._full_at[user_id] = now + missing
        self._full_at.move_to_end(user_id)
        if len(self._full_at) > USERS:
            self._full_at.popitem(last=False)
        if not allowed:
            raise TooManyRequests(wait.total_seconds(), self._allowance(missing))
        return self._allowance(missing)

    def _allowance(self, missing: dt.timedelta) -> Allowance:
        left = int((self._window - missing) / self._pause)
        return Allowance(self._burst, math.ceil(self._window.total_seconds()), left, math.ceil(missing.total_seconds()))
