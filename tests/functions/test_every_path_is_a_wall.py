"""Every public path there is, with every id of Bob's, as Alice and as nobody; and with every kind of bad token.

The paths are those of knative/routes.yaml and the words of shared/paths.py: a new one is tried without a change here.
"""

import hmac
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import SQLModel

from shared.embedded.wiring import Route
from shared.identity import Identity, new_token
from shared.paths import WORDS
from shared.token_rows import TokenRows
from tests.functions.test_account import live
from tests.functions.ways import WAYS
from tests.harness import NOON, WIRING, Ebb
from tests.issuer import ABSENT, Issuer, encoded, public_pem

ROUTES = [route for route in WIRING.routes if route.method != "OPTIONS"]
NAMES = [f"{route.method} {route.path}{'' if route.exact else '/…'}" for route in ROUTES]
# Questions that do not fit into a query: reading is enough for them.
ASKED_BY_POST = {"/v1/parse", "/v1/recurrences/preview"}
# What stands in the path is the token: tests/functions/test_feeds.py tries wrong ones.
BY_SECRET = "/v1/feed"
# Not about anybody.
FOR_ALL = {"/openapi.json", "/docs"}
ASKED_WITH_A_TOKEN = [route for route in ROUTES if route.path not in {BY_SECRET, *FOR_ALL}]
# What any command may make of an empty or a small body; a wrong one is refused before anything is looked for.
BODIES: tuple[dict[str, Any], ...] = ({}, {"title": "mine"}, {"name": "mine"}, {"minutes": 5})
# Differ between any two answers: the path, and how many requests are left.
VARIES = {"content-length", "ratelimit"}


def below(route: Route, name: str) -> Iterator[str]:
    """Yield the paths of a route that a name can stand in."""
    if not route.exact:
        yield f"{route.path}/{name}"
        yield from (f"{route.path}/{name}/{word}" for word in sorted(WORDS))
        yield from (f"{route.path}/{word}/{name}" for word in sorted(WORDS))


def essence(answer: httpx.Response, name: str) -> tuple[object, ...]:
    """Return an answer without the path and the name that it repeats."""
    headers = sorted((key, value) for key, value in answer.headers.items() if key not in VARIES)
    return answer.status_code, answer.text.replace(name, "…"), headers


async def everything_of(ebb: Ebb, user: str) -> list[list[tuple[Any, ...]]]:
    """Return all rows of a user."""
    tables = [name for name, table in SQLModel.metadata.tables.items() if "user_id" in table.columns]
    return [await ebb.sql(f"SELECT * FROM {name} WHERE user_id = %s ORDER BY 1, 2", user) for name in sorted(tables)]


def ids_in(rows: list[list[tuple[Any, ...]]]) -> set[str]:
    """Return every id in some rows."""
    return {str(value) for table in rows for row in table for value in row if isinstance(value, UUID)}


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
async def test_with_bobs_ids_alice_gets_what_she_gets_with_ids_that_are_not_there(ebb: Ebb, route: Route) -> None:
    await live(ebb, "bob")
    await ebb.token("alice")
    before = await everything_of(ebb, "bob")
    missing = str(uuid4())
    expected: dict[tuple[str, str], tuple[object, ...]] = {}
    for name in (missing, *sorted(ids_in(before))):
        bodies = BODIES if route.method in {"POST", "PATCH", "PUT"} else (None,)
        for body in bodies:
            for path in below(route, name):
                answer = await ebb.call(route.method, path, body)
                form = path.replace(name, "…"), json.dumps(body)
                assert expected.setdefault(form, essence(answer, name)) == essence(answer, name), path
    assert before == await everything_of(ebb, "bob")


# A stream does not end: tests/functions/test_change_stream.py tries it.
@pytest.mark.parametrize("route", [route for route in ROUTES if route.path != "/v1/stream"], ids=str)
async def test_alice_sees_nothing_of_bobs_on_any_path(ebb: Ebb, route: Route) -> None:
    await live(ebb, "bob")
    before = await everything_of(ebb, "bob")
    headers = {"authorization": f"Bearer {await ebb.token('alice', ['read', 'write'])}"}
    answer = await ebb.call(route.method, route.path, {}, user="", **headers)
    assert [] == [name for name in ids_in(before) | {"bob"} if name in answer.text]
    assert before == await everything_of(ebb, "bob")


@pytest.mark.parametrize("route", ASKED_WITH_A_TOKEN, ids=str)
async def test_nobody_gets_anything_but_401_on_any_path(ebb: Ebb, route: Route) -> None:
    before = await ebb.row_counts()
    for path in paths(route):
        answer = await ebb.call(route.method, path, {"title": "a"}, user="")
        assert (401, 'Bearer realm="ebb"') == (answer.status_code, answer.headers["www-authenticate"]), path
    assert before == await ebb.row_counts()


def paths(route: Route) -> list[str]:
    """Return the path of each way that a route leads; Gateway API prefers an exact path, then the longest."""
    others = [other for other in ROUTES if other.method == route.method and len(other.path) > len(route.path)]
    found = [way.at().partition("?")[0] for way in WAYS if way.method == route.method]
    found = [path for path in found if leads(route, path) and not any(leads(other, path) for other in others)]
    assert found, route
    return found


def leads(route: Route, path: str) -> bool:
    """Tell whether a path is that of a route, or below it."""
    return path == route.path or (not route.exact and path.startswith(f"{route.path}/"))


def bad_tokens(issuer: Issuer) -> dict[str, str]:
    """Return tokens that must not be taken, each wrong in one thing."""
    header = encoded({"alg": "RS256", "kid": "first"})
    unsigned = f"{encoded({'alg': 'none', 'kid': 'first'})}.{encoded(issuer.claims())}."
    hmac_signed = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(issuer.claims())}"
    mac = hmac.digest(public_pem("first"), hmac_signed.encode(), "sha256")
    return {
        "forged": issuer.token("stranger", {"kid": "first"}),
        "of an unknown key": issuer.token("stranger"),
        "expired": issuer.token(exp=int(NOON.timestamp()) - 60),
        "without an end": issuer.token(exp=ABSENT),
        "with an end that is no number": issuer.token(exp="tomorrow"),
        "not valid yet": issuer.token(nbf=int(NOON.timestamp()) + 61),
        "of another issuer": issuer.token(iss="https://other.test"),
        "for another audience": issuer.token(aud="other"),
        "without a signature": unsigned,
        "signed with the public key": f"{hmac_signed}.{encoded(mac)}",
        "huge": issuer.token(padding="x" * 9_000),
        "no base64": f"{header}.%%%.abc",
        "cut": issuer.token()[:-20],
        "no JSON": f"{encoded(b'{')}.{encoded(b'{')}.abc",
        "unknown": new_token()[0],
        "almost one of ours": new_token()[0][:-1],
        "nothing": "",
        "several words": "a b c",
    }


@pytest.mark.parametrize("kind", bad_tokens(Issuer()))
async def test_a_bad_token_is_answered_with_the_documented_error_on_every_path(ebb: Ebb, kind: str) -> None:
    issuer = Issuer()
    issuer.clock.instant = NOON
    ebb.parts.__dict__["identity"] = Identity(TokenRows(ebb.parts.database), issuer.oidc(), issuer.clock)
    good, bad = issuer.token(), bad_tokens(issuer)[kind]
    assert 200 == (await ebb.call("GET", "/v1/tasks", user="", authorization=f"Bearer {good}")).status_code
    for route in ASKED_WITH_A_TOKEN:
        path = paths(route)[0]
        answer = await ebb.call(route.method, path, {"title": "a"}, user="", authorization=f"Bearer {bad}")
        assert (401, 'Bearer realm="ebb", error="invalid_token"', "urn:ebb:problem:unauthenticated") == (
            answer.status_code, answer.headers["www-authenticate"], answer.json()["type"],
        )  # fmt: skip
        assert len(bad) < 5 or bad not in answer.text
    assert issuer.fetches <= 2


@pytest.mark.parametrize("route", [r for r in ROUTES if r.method != "GET" and r.path not in ASKED_BY_POST], ids=str)
async def test_a_token_for_reading_commands_nothing_on_any_path(ebb: Ebb, route: Route) -> None:
    reader = f"Bearer {await ebb.token('alice', ['read'])}"
    before = await ebb.row_counts()
    for path in paths(route):
        answer = await ebb.call(route.method, path, {"name": "a"}, user="", authorization=reader)
        assert (403, "urn:ebb:problem:scope-missing") == (answer.status_code, answer.json()["type"]), path
    assert before == await ebb.row_counts()
