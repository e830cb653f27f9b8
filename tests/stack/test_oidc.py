"""Tokens of a real OIDC issuer, the Spring Authorization Server: its flow, its discovery, its keys as they rotate."""

import base64
import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from benchmarks.support.server import free_port
from shared.errors import BackendAway, Unauthenticated
from shared.migrate import upgrade
from shared.oidc import Oidc
from tests.harness import StillClock
from tests.stack.oidc_issuer import OidcIssuer
from tests.stack.part import Part

pytestmark = pytest.mark.stack
_PATIENCE = 30  # seconds until a function is ready, or knows a new key


@pytest.fixture(scope="module")
def issuer() -> Iterator[OidcIssuer]:
    """Start the issuer."""
    with tempfile.TemporaryDirectory(prefix="ebb-oidc-") as folder, OidcIssuer(Path(folder)) as started:
        yield started


@pytest.fixture(scope="module")
def process(issuer: OidcIssuer, database_url: str) -> Iterator[httpx.Client]:
    """Start create-task in a process of its own, as a pod, that takes the issuer's tokens for `ebb`."""
    upgrade(database_url)
    port = free_port()
    environment = {
        "FUNCTION_TARGET": "create_task", "HOST": "127.0.0.1", "PORT": str(port), "DATABASE_URL": database_url,
        "DAPR_HTTP_ENDPOINT": "http://127.0.0.1:9", "OIDC_ISSUER": issuer.url, "OIDC_AUDIENCE": "ebb",
    }  # fmt: skip
    with (
        tempfile.TemporaryDirectory(prefix="ebb-oidc-") as folder,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as http,
    ):
        part = Part("create_task", [sys.executable, "-m", "shared.bootstrap"], Path(folder), environment)
        try:
            await_(lambda: ready(http))
            yield http
        finally:
            part.end()


@pytest.fixture
def function(issuer: OidcIssuer, process: httpx.Client) -> httpx.Client:
    """Return create-task once it knows the newest key: another test may have rotated it a moment ago."""
    await_(lambda: create(process, issuer.token("ebb:write")).status_code == 201)
    return process


def ready(http: httpx.Client) -> bool:
    try:
        return http.get("/health/readiness").is_success
    except httpx.TransportError:
        return False


def await_(what: Callable[[], bool]) -> float:
    """Wait until something is so; return the seconds it took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < _PATIENCE
        time.sleep(0.2)
    return time.monotonic() - began


def create(http: httpx.Client, token: str) -> httpx.Response:
    return http.post("/v1/tasks", json={"title": "a"}, headers={"authorization": f"Bearer {token}"})


class Verifier:
    """Verifies in this process, by a clock that the test moves, and counts what it asks the issuer for."""

    def __init__(self, issuer: OidcIssuer) -> None:
        self.clock = StillClock(dt.datetime.now(dt.UTC))
        self.asked: list[str] = []
        self._oidc = Oidc(issuer.url, "ebb", self.clock, self._client)

    async def user(self, token: str) -> str:
        """Return who a token is of; raises as `Oidc.caller`."""
        return (await self._oidc.caller(token)).user_id

    def _client(self) -> httpx.AsyncClient:
        async def count(request: httpx.Request) -> None:
            self.asked.append(request.url.path)

        return httpx.AsyncClient(trust_env=False, event_hooks={"request": [count]})


def with_header(token: str, **changes: object) -> str:
    """Return a token with another header, so that its signature is wrong."""
    header, rest = token.split(".", 1)
    fields = json.loads(base64.urlsafe_b64decode(header + "=="))
    return base64.urlsafe_b64encode(json.dumps(fields | changes).encode()).decode().rstrip("=") + "." + rest


def test_a_login_of_the_issuer_is_let_in_with_the_scopes_that_its_token_names(
    issuer: OidcIssuer, function: httpx.Client
) -> None:
    assert 201 == create(function, issuer.token("ebb:read ebb:write")).status_code
    refused = create(function, issuer.token("ebb:read"))
    assert (403, "urn:ebb:problem:scope-missing") == (refused.status_code, refused.json()["type"])


def test_a_token_for_another_audience_is_refused(issuer: OidcIssuer, function: httpx.Client) -> None:
    refused = create(function, issuer.token(client="other"))
    assert (401, "urn:ebb:problem:unauthenticated") == (refused.status_code, refused.json()["type"])


def test_a_forged_token_is_refused(issuer: OidcIssuer, function: httpx.Client) -> None:
    token = issuer.token("ebb:write")
    forged = [with_header(token, alg="none"), with_header(token, alg="HS256"), with_header(token, kid=str(uuid4()))]
    assert [401] * 4 == [create(function, one).status_code for one in (*forged, token[:-8])]


def test_a_new_key_is_known_within_seconds_and_the_old_one_stays(issuer: OidcIssuer, function: httpx.Client) -> None:
    old = issuer.token("ebb:write")
    issuer.add_key()
    new = issuer.token("ebb:write")
    seconds = await_(lambda: create(function, new).status_code == 201)
    print(f"\nebb: a rotated key was taken after {seconds:.1f} s")
    assert seconds < 12  # ten between two fetches
    assert 201 == create(function, old).status_code


async def test_a_token_ends_a_minute_after_its_expiry(issuer: OidcIssuer) -> None:
    verifier, token = Verifier(issuer), issuer.token()
    expires = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["exp"]
    verifier.clock.instant = dt.datetime.fromtimestamp(expires + 59, dt.UTC)
    assert "ebb" == await verifier.user(token)
    verifier.clock.pass_by(seconds=1)
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.user(token)


async def test_a_token_is_taken_from_a_minute_before_it_was_issued(issuer: OidcIssuer) -> None:
    verifier, token = Verifier(issuer), issuer.token()
    verifier.clock.pass_by(seconds=-50)
    assert "ebb" == await verifier.user(token)
    verifier.clock.pass_by(seconds=-20)
    with pytest.raises(Unauthenticated, match="not valid yet"):
        await verifier.user(token)


async def test_a_retired_key_is_forgotten_within_five_minutes(issuer: OidcIssuer) -> None:
    verifier, old = Verifier(issuer), issuer.token()
    await verifier.user(old)
    issuer.add_key()
    while old_key_is_served(issuer, old):
        issuer.retire_key()
    assert "ebb" == await verifier.user(old)
    verifier.clock.pass_by(minutes=5)
    with pytest.raises(Unauthenticated, match="unknown"):
        await verifier.user(old)


def old_key_is_served(issuer: OidcIssuer, token: str) -> bool:
    kid = json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))["kid"]
    keys = httpx.get(f"{issuer.url}/oauth2/jwks", trust_env=False).json()["keys"]
    return kid in {key["kid"] for key in keys}


async def test_a_storm_of_forged_key_ids_makes_one_fetch_in_ten_seconds(issuer: OidcIssuer) -> None:
    verifier, token = Verifier(issuer), issuer.token()
    await verifier.user(token)
    for _ in range(30):  # half a minute of a hundred forged tokens each second
        verifier.clock.pass_by(seconds=1)
        for _ in range(100):
            with pytest.raises(Unauthenticated):
                await verifier.user(with_header(token, kid=str(uuid4())))
    assert 1 + 3 == verifier.asked.count("/oauth2/jwks")
    assert "ebb" == await verifier.user(token)


async def test_known_keys_outlive_an_issuer_that_is_killed_and_new_ones_are_taken_when_it_is_back(
    issuer: OidcIssuer,
) -> None:
    verifier, token = Verifier(issuer), issuer.token()
    await verifier.user(token)
    issuer.part.end()
    verifier.clock.pass_by(minutes=5)
    assert "ebb" == await verifier.user(token)
    with pytest.raises(BackendAway):
        await verifier.user(with_header(token, kid=str(uuid4())))
    issuer.part.start()
    issuer.__enter__()
    verifier.clock.pass_by(seconds=10)
    assert "ebb" == await verifier.user(issuer.token())
