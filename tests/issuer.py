"""An OIDC issuer in process: an ASGI app with RSA keys, discovery and a key set, and a clock that the test moves."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.oidc import Oidc

URL = "https://issuer.test"
ABSENT = object()


@cache
def private_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return always the same key for a name: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(name: str, **changes: Any) -> dict[str, Any]:
    public = RSAAlgorithm.to_jwk(private_key(name).public_key(), as_dict=True)
    return public | {"kid": name, "use": "sig", "alg": "RS256"} | changes


def public_pem(name: str) -> bytes:
    return private_key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Clock:
    """A clock that the test moves."""

    instant: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return where the test put it."""
        return self.instant

    async def wait_until(self, instant: datetime) -> None:
        """Nothing here waits."""

    def move(self, **amount: float) -> None:
        """Let time pass."""
        self.instant += timedelta(**amount)


@dataclass
class Issuer:
    """Serves discovery and keys; `asked` and `fetches` count them, `outage` breaks every answer."""

    clock: Clock = field(default_factory=Clock)
    keys: list[Any] = field(default_factory=lambda: [jwk("first")])
    discovery: Any = field(default_factory=lambda: {"issuer": URL, "jwks_uri": f"{URL}/keys"})
    outage: Exception | int | str | None = None
    fetches: int = 0
    asked: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as ASGI application."""
        if isinstance(self.outage, Exception):
            raise self.outage
        answer = self._answer(Request(scope))
        if isinstance(self.outage, int):
            answer.status_code = self.outage
        await answer(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if isinstance(self.outage, str):
            return Response(self.outage)
        if request.url.path == "/.well-known/openid-configuration":
            self.asked += 1
            return JSONResponse(self.discovery)
        assert str(request.url) == f"{URL}/keys"
        self.fetches += 1
        return JSONResponse({"keys": self.keys})

    def oidc(self, issuer: str = URL) -> Oidc:
        """Return a verifier that has not met this issuer yet."""
        return Oidc(issuer, "ebb", self.clock, self.client)

    def client(self) -> httpx.AsyncClient:
        """Return a client that reaches nothing but this issuer."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self))

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return valid claims of Alice, changed; `ABSENT` removes one."""
        now = int(self.clock.now().timestamp())
        claims = {"iss": URL, "aud": "ebb", "sub": "alice", "iat": now, "exp": now + 300}
        return {name: value for name, value in (claims | changes).items() if value is not ABSENT}

    def token(self, key: str = "first", headers: dict[str, Any] | None = None, /, **changes: Any) -> str:
        """Return a token signed by a key, with changed headers and claims."""
        given = {"kid": key} | (headers or {})
        header = {name: value for name, value in given.items() if value is not ABSENT}
        signed = json.dumps(self.claims(**changes)).encode()
        return jwt.PyJWS().encode(signed, private_key(key), "RS256", header)
