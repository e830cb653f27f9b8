"""RS256 tokens of one OIDC issuer (RFC 7519, RFC 8725), with keys by OIDC Discovery 1.0 and RFC 7517.

jwt, cryptography and httpx are imported when the first such token arrives: no cold start waits for them.
"""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from shared.clock import Clock
from shared.errors import BackendAway, Unauthenticated
from shared.identity import Caller

if TYPE_CHECKING:
    import httpx
    from jwt import PyJWK

_log = structlog.get_logger()

_LEEWAY = 60.0  # seconds by which the clocks of issuer and verifier may differ
_FRESH = timedelta(minutes=5)  # how long fetched keys are used without asking again
_PAUSE = timedelta(seconds=10)  # between two fetches, whatever tokens arrive
_TIMEOUT = 5.0  # seconds, for one fetch: discovery and keys
_LAST_INSTANT = 253402300799  # 9999-12-31T23:59:59Z
# PostgreSQL stores neither NUL nor lone surrogates, and JSON can spell both.
_SUBJECT = re.compile(r"[^\x00\ud800-\udfff]{1,255}")
_SCOPES = {"ebb:read": "read", "ebb:write": "write", "ebb:admin": "admin"}
# What a token may do that names none of ours. An administrator has to be named as one.
_BY_DEFAULT = frozenset({"read", "write"})


class Oidc:
    """Verifies tokens of one issuer for one audience. `http` makes a client; each fetch closes its own."""

    def __init__(self, issuer: str, audience: str, clock: Clock, http: Callable[[], "httpx.AsyncClient"]) -> None:
        self._issuer, self._audience, self._clock = issuer, audience, clock
        self._keys = _IssuerKeys(issuer, clock, http)

    async def caller(self, token: str) -> Caller:
        """Return the subject (`sub`) of a valid token, with its scopes.

        Raises `Unauthenticated` when the token breaks any rule, `BackendAway` when its key cannot be fetched.
        The headers `jwk`, `jku` and `x5u` are not read (RFC 8725, section 3.10): keys come from the issuer.
        """
        key = await self._keys.find(_key_id(token))
        claims = self._verified(token, key)
        _check_times(claims, self._clock.now().timestamp())
        subject = claims.get("sub")
        if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            raise Unauthenticated("The token's sub is not 1 to 255 characters of text")
        return Caller(subject, _scopes(claims))

    def _verified(self, token: str, key: "PyJWK") -> dict[str, Any]:
        import jwt

        try:
            return jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audience,
                issuer=self._issuer,
                # PyJWT would compare these with the machine's clock; `_check_times` uses ours.
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            # Only its name: the message and the chain may quote the token.
            raise Unauthenticated(f"The token is refused: {type(error).__name__}") from None


def _key_id(token: str) -> str | None:
    """Return the `kid` of an RS256 token; any other algorithm ends here, before a key is even looked for."""
    import jwt

    if not token.isascii():  # PyJWT encodes first, and a lone surrogate cannot be
        raise Unauthenticated("The token is not ASCII text")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise Unauthenticated(f"The token cannot be read: {type(error).__name__}") from None
    if header.get("alg") != "RS256":
        raise Unauthenticated("The token is not signed with RS256")
    return header.get("kid")


def _check_times(claims: dict[str, Any], now: float) -> None:
    """Compare exp, nbf and iat (RFC 7519, sections 4.1.4 to 4.1.6) with `now`; all in seconds since 1970."""
    if _instant(claims, "exp") <= now - _LEEWAY:
        raise Unauthenticated("The token has expired")
    for claim in ("nbf", "iat"):
        if claim in claims and _instant(claims, claim) > now + _LEEWAY:
            raise Unauthenticated(f"The token is not valid yet ({claim})")


def _instant(claims: dict[str, Any], claim: str) -> float:
    value = claims.get(claim)
    # The comparison also refuses NaN and Infinity, which Python's JSON parser lets through.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_INSTANT:
        raise Unauthenticated(f"The token's {claim} is not a number of seconds")
    return float(value)


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    """Return those of our scopes that `scope` names (RFC 8693, section 4.2), or the default if it names none."""
    scope = claims.get("scope", "")
    if not isinstance(scope, str):
        raise Unauthenticated("The token's scope is not text")
    named = frozenset(_SCOPES[word] for word in scope.split(" ") if word in _SCOPES)
    return named or _BY_DEFAULT


class _IssuerKeys:
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
            # Without any keys nobody can be let in, so waiting out the pause would only lengthen an outage.
            if self._keys is not None and self._clock.now() < self._retry_at:
                return
            self._flight = asyncio.create_task(self._fetch())
        # A client that hangs up must not cancel the fetch that others wait for.
        await asyncio.shield(self._flight)

    async def _fetch(self) -> None:
        import httpx

        now = self._clock.now()
        self._retry_at = now + _PAUSE
        try:
            async with asyncio.timeout(_TIMEOUT), self._http() as client:
                self._keys = await self._download(client)
        except (BackendAway, httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            self._problem = f"The issuer's keys cannot be fetched: {type(error).__name__}"
            _log.warning("issuer_away", issuer=self._issuer, reason=f"{type(error).__name__}: {error}")
        else:
            self._problem, self._stale_at = None, now + _FRESH

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
