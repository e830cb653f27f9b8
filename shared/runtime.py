"""The parts of one process, made with their first use: a cold start pays only for what it needs."""

import asyncio
import os
from functools import cached_property
from typing import TYPE_CHECKING

from shared.change_signal import ChangeNotices, ChangeSignal
from shared.clock import Clock, SystemClock
from shared.dapr import Dapr
from shared.database import Database
from shared.identity import Identity
from shared.rate_limit import RateLimit
from shared.relay import Relay
from shared.settings import Settings
from shared.token_rows import TokenRows

if TYPE_CHECKING:
    import httpx

    from shared.oidc import Oidc

_DRAIN_PATIENCE = 5.0  # seconds that a stopping process gives to a publish it has begun


class Runtime:
    """Settings, clock, database, sidecar, relay and identity of this process."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()

    @cached_property
    def database(self) -> Database:
        """The connection pool."""
        return Database(self.settings)

    @cached_property
    def dapr(self) -> Dapr:
        """The sidecar."""
        return Dapr(self.settings, self.clock)

    @cached_property
    def relay(self) -> Relay:
        """What publishes the outbox."""
        return Relay(self.database, self.dapr, self.clock)

    @cached_property
    def identity(self) -> Identity:
        """Who calls. The issuer's keys are fetched when the first token of theirs comes."""
        return Identity(TokenRows(self.database), self._oidc(), self.clock)

    @cached_property
    def rate_limit(self) -> RateLimit | None:
        """How often each user may ask this process; None where there is no limit."""
        per_second = self.settings.rate_limit_per_second
        return RateLimit(per_second, self.settings.rate_limit_burst, self.clock) if per_second else None

    @cached_property
    def change_notices(self) -> ChangeNotices:
        """What wakes the streams of changes, of all processes."""
        return ChangeNotices(self.database)

    @cached_property
    def change_signal(self) -> ChangeSignal:
        """What the streams of this process wait for."""
        return ChangeSignal(self.settings, self.clock)

    @cached_property
    def mail_turn(self) -> asyncio.Lock:
        """Held by the one mail of this process that is being sent (see shared/sending.py)."""
        return asyncio.Lock()

    async def close(self) -> None:
        """Finish what has begun and give everything back."""
        parts = vars(self)
        if "change_signal" in parts:
            await self.change_signal.close()
        if "relay" in parts:
            await self.relay.soon.close(_DRAIN_PATIENCE)
        if "change_notices" in parts:
            await self.change_notices.soon.close(_DRAIN_PATIENCE)
        if "dapr" in parts:
            await self.dapr.close()
        if "database" in parts:
            await self.database.close()

    def _oidc(self) -> "Oidc | None":
        if self.settings.oidc_issuer is None or self.settings.oidc_audience is None:
            return None
        from shared.oidc import Oidc

        return Oidc(self.settings.oidc_issuer, self.settings.oidc_audience, self.clock, _http_client)


def _http_client() -> "httpx.AsyncClient":
    import httpx

    return httpx.AsyncClient()


_process: list[Runtime] = []


def runtime() -> Runtime:
    """Return the parts of this process; raises `SettingError` that names what is wrong."""
    if not _process:
        _process.append(Runtime(Settings.from_environment(os.environ)))
    return _process[0]


def use(*parts: Runtime) -> None:
    """Make `parts` those of this process, or none: for the embedded server and the tests."""
    _process[:] = parts
