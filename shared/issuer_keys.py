"""The keys of an OIDC issuer: found by OIDC Discovery 1.0, kept, and fetched again when they are rotated (RFC 7517).

A token with an unknown `kid` makes them be fetched, at most once in ten seconds: whoever forges tokens cannot make a
process ask the issuer more often than that.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from shared.clock import Clock
from shared.errors import BackendAway, Unauthenticated

if TYPE_CHECKING:
    import httpx
    from jwt import PyJWK

_log = structlog.get_logger()

_FRESH = timedelta(minutes=5)  # how long fetched keys are used without asking again
_PAUSE = timedelta(seconds=10)  # between two fetches, whatever tokens arrive
_FIRST_PAUSE = timedelta(seconds=1)  # the same while there are no keys at all, and nobody can be let in
_TIMEOUT = 5.0  # seconds, for one fetch: discovery and keys


class IssuerKeys:
    """The issuer's RS256 keys by `kid`; old ones stay in use while the issuer is away."""

    def __init__(self, issuer: str, clock: Clock, http: Callable[[], "httpx.AsyncClient"]) -> None:
        self._issuer, self._clock, self._http = issuer, clock, http
        self._keys: dict[str | None, PyJWK] | None = None
        self._stale_at = self._retry_at = datetime.min.replace(tzinfo=UTC)
        self._problem: str | None = None
        self._flight: asyncio.Task[None] | None = None

    async def find(self, kid: str | None) -> "PyJWK":
        """Return the key; raises `Unauthenticated` if the issuer has no such key, `BackendAway` if away."""
        key = self._known(kid)
        if key is None or self._clock.now() >= self._stale_at:
            await self._refresh()
            key = self._known(kid)
        if key is None:
            raise BackendAway(self._problem) if self._problem else Unauthenticated("The key is unknown")
        return key

    def _known(self, kid: str | None) -> "PyJWK | None":
        keys = self._keys or {}
        # OpenID Connect Core, section 10.1: without a kid, the issuer has a single key.
        return next(iter(keys.values())) if kid is None and len(keys) == 1 else keys.get(kid)

    async def _refresh(self) -> None:
        """Join the fetch under way, or start one unless the last was a moment ago."""
        if self._flight is None or self._flight.done():
            if self._clock.now() < self._retry_at:
                return
            self._flight = asyncio.create_task(self._fetch())
        # A client that hangs up must not cancel the fetch that others wait for.
        await asyncio.shield(self._flight)

    async def _fetch(self) -> None:
        import httpx

        now = self._clock.now()
        self._retry_at = now + (_FIRST_PAUSE if self._keys is None else _PAUSE)
        try:
            async with asyncio.timeout(_TIMEOUT), self._http() as client:
                self._keys = await self._download(client)
        except (BackendAway, httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            self._problem = f"The issuer's keys cannot be fetched: {type(error).__name__}"
            _log.warning("issuer_away", issuer=self._issuer, reason=f"{type(error).__name__}: {error}")
        else:
            self._problem, self._stale_at, self._retry_at = None, now + _FRESH, now + _PAUSE

    async def _download(self, client: "httpx.AsyncClient") -> dict[str | None, "PyJWK"]:
        base = self._issuer.removesuffix("/")
        discovery = await _get_json(client, f"{base}/.well-known/openid-configuration")
        if discovery.get("issuer") != self._issuer:  # OIDC Discovery, section 4.3
            raise BackendAway("discovery names another issuer")
        address = str(discovery.get("jwks_uri"))
        if base.startswith("https:") and not address.startswith("https:"):
            raise BackendAway("jwks_uri is not https")
        entries = (await _get_json(client, address)).get("keys")
        if not isinstance(entries, list):
            raise BackendAway("the key set has no list of keys")
        keys = [_rs256_key(entry) for entry in entries if isinstance(entry, dict)]
        return {key.key_id: key for key in keys if key is not None}


async def _get_json(client: "httpx.AsyncClient", url: str) -> dict[str, Any]:
    response = await client.get(url)
    response.raise_for_status()
    document = response.json()
    if not isinstance(document, dict):
        raise BackendAway(f"{url} is not a JSON object")
    return document


def _rs256_key(entry: dict[str, Any]) -> "PyJWK | None":
    """Return the public key of a JWK meant for RS256 signatures (RFC 7517, section 4), None for any other."""
    import jwt

    kind = (entry.get("kty"), entry.get("use", "sig"), entry.get("alg", "RS256"))
    if kind != ("RSA", "sig", "RS256") or not isinstance(entry.get("kid"), str | None):
        return None
    try:
        key = jwt.PyJWK({name: entry.get(name) for name in ("kty", "kid", "n", "e")}, "RS256")
    except jwt.PyJWTError:
        return None  # one broken key must not lock out the holders of the others
    return key if key.key.key_size >= 2048 else None  # RFC 7518, section 3.3
