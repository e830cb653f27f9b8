"""Who is calling: `Authorization: Bearer` (RFC 6750) with a personal access token or an OIDC issuer's JWT.

A personal access token is 256 random bits, so its plain SHA-256 is all the database has to keep: a slow hash such as
bcrypt protects what people choose and others guess, and would only make each request slow. Every request looks its
token up, so one that is revoked is refused from the next request on. No message ever repeats a token: messages reach
logs and answers.
"""

import hashlib
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from shared.clock import Clock
from shared.errors import Unauthenticated

Kept = TypeVar("Kept")
_PREFIX = "ebb_"
_LONGEST = 8192  # characters of the whole header value
# RFC 6750, section 2.1. Without re.ASCII, re.IGNORECASE would take a Kelvin sign for a "k".
_FORM = re.compile(r"ebb_[A-Za-z0-9_-]{43}")
_COARSE = timedelta(hours=1)  # between two notes of when a token was used: not a write for each request
_REMEMBERED = 1_000  # digests of tokens that were asked for last, and what came of it
_BEARER = re.compile(r"bearer +([a-z0-9._~+/-]+=*)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified user. `scopes` is a subset of "read", "write" and "admin".

    `expires_at` is when their personal access token ends; None for one that does not, and for a login of the issuer.
    """

    user_id: str
    scopes: frozenset[str]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredToken:
    """What is kept of a personal access token. Instants are in UTC; None is never."""

    user_id: str
    scopes: frozenset[str]
    expires_at: datetime | None
    last_used_at: datetime | None = None


class TokenStore(Protocol):
    """Where personal access tokens are kept."""

    async def find(self, digest: bytes) -> StoredToken | None:
        """Return the token with this SHA-256 digest (32 bytes), expired or not; raises `BackendAway`."""

    async def note_use(self, digest: bytes, now: datetime, before: datetime) -> None:
        """Note that a token is used now, if that was last noted at `before` or earlier."""


def digest(token: str) -> bytes:
    """Return the SHA-256 digest (32 bytes) under which a token is stored."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> tuple[str, bytes]:
    """Return a new token ("ebb_" and 43 characters of base64url, RFC 4648 section 5) and its digest."""
    token = _PREFIX + secrets.token_urlsafe(32)
    return token, digest(token)


class Issuer(Protocol):
    """Verifies tokens that are not ours."""

    async def caller(self, token: str) -> Caller:
        """Return the subject of a valid token; raises `Unauthenticated` or `BackendAway`."""


class Identity:
    """Turns an `Authorization` header into a caller. `oidc` is None where no issuer is configured."""

    def __init__(self, tokens: TokenStore, oidc: Issuer | None, clock: Clock) -> None:
        self._tokens, self._oidc, self._clock = tokens, oidc, clock
        self._unknown: OrderedDict[bytes, None] = OrderedDict()
        self._owners: OrderedDict[bytes, str] = OrderedDict()
        self._being_noted: set[bytes] = set()

    def likely(self, authorization: str | None) -> str | None:
        """Return whose token it was when it was last verified here: whom a flood counts for before it is looked up.

        It proves nothing: the token may be revoked.
        """
        token = (authorization or "").strip(" \t").rpartition(" ")[2]
        return self._owners.get(digest(token)) if _FORM.fullmatch(token) else None

    async def caller(self, authorization: str | None) -> Caller:
        """Return the caller named by the header value.

        Raises `Unauthenticated` for a missing, malformed, unknown or expired token (RFC 6750, section 3.1),
        and `BackendAway` when the token store or the issuer's keys cannot be reached.
        """
        token = _bearer_token(authorization)
        if token.startswith(_PREFIX):
            return await self._owner(token)
        if self._oidc is not None and token.count(".") == 2:
            return await self._oidc.caller(token)
        raise Unauthenticated("The token is of no kind that is accepted here")

    async def _owner(self, token: str) -> Caller:
        key, now = digest(token), self._clock.now()
        # A token never comes into being after somebody asked for it: it is random.
        if not _FORM.fullmatch(token) or key in self._unknown:
            raise Unauthenticated("The personal access token is unknown")
        stored = await self._tokens.find(key)
        if stored is None:
            self._owners.pop(key, None)
            _remember(self._unknown, key, None)
            raise Unauthenticated("The personal access token is unknown")
        if stored.expires_at is not None and stored.expires_at <= now:
            raise Unauthenticated("The personal access token has expired")
        _remember(self._owners, key, stored.user_id)
        if stored.last_used_at is None or stored.last_used_at <= now - _COARSE:
            await self._note_use(key, now)
        return Caller(stored.user_id, stored.scopes, stored.expires_at)

    async def _note_use(self, key: bytes, now: datetime) -> None:
        if key in self._being_noted:  # by another request of this process: one is enough
            return
        self._being_noted.add(key)
        try:
            await self._tokens.note_use(key, now, now - _COARSE)
        finally:
            self._being_noted.discard(key)


def _remember(known: OrderedDict[bytes, Kept], key: bytes, value: Kept) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > _REMEMBERED:
        known.popitem(last=False)


def _bearer_token(authorization: str | None) -> str:
    if authorization is None:
        raise Unauthenticated("The Authorization header is missing", missing=True)
    if len(authorization) > _LONGEST:
        raise Unauthenticated("The Authorization header is too long")
    match = _BEARER.fullmatch(authorization.strip(" \t"))
    if match is None:
        raise Unauthenticated("The Authorization header is not 'Bearer' and one token")
    return match[1]
