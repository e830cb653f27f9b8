"""What every answer to the outside carries, which web pages may read it, and how often a user may ask."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from shared.openapi.page import POLICY
from tests.harness import WIRING, Ebb

APP = "https://app.example.org"
FOR_BROWSERS = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
REQUESTS = sorted({(route.method, route.path) for route in WIRING.routes if route.method != "OPTIONS"})
FOR_ANYBODY = {"/docs", "/openapi.json"}
PREFLIGHT = {"access_control_request_method": "PATCH", "access_control_request_headers": "authorization"}


@pytest.fixture
async def public(migrated_url: str, ebb: Ebb) -> AsyncIterator[Ebb]:
    """Yield a system behind TLS with a web client elsewhere and a limit."""
    system = Ebb(
        migrated_url, PUBLIC_URL="https://ebb.example.org", CORS_ORIGINS=f"{APP}, http://localhost:5173",
        RATE_LIMIT_PER_SECOND="10", RATE_LIMIT_BURST="20",
    )  # fmt: skip
    yield system
    await system.close()


def carried(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.headers[name] for name in FOR_BROWSERS if name in answer.headers}


@pytest.mark.parametrize(("method", "path"), [*REQUESTS, ("GET", "/v1/nothing"), ("PUT", "/v1/tasks")])
@pytest.mark.parametrize("user", ["", "alice"])
async def test_every_answer_has_the_headers_for_browsers(ebb: Ebb, method: str, path: str, user: str) -> None:
    if path == "/v1/stream" and user:
        path += "?since=nonsense"  # an answer that ends
    expected = FOR_BROWSERS | ({"cache-control": "public, no-cache"} if path in FOR_ANYBODY else {})
    answer = await ebb.call(method, path, {}, user=user)
    own = {"content-security-policy": POLICY} if path == "/docs" else {}
    assert expected | own == carried(answer)


async def test_a_path_that_takes_nothing_but_preflights_is_not_found(ebb: Ebb) -> None:
    answers = [await ebb.call(method, "/v1/nothing") for method in ("GET", "POST")]
    assert [404, 404] == [answer.status_code for answer in answers]
    assert "GET, POST" == (await ebb.call("PUT", "/v1/tasks")).headers["allow"]


async def test_the_health_paths_have_them_too(ebb: Ebb) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ebb.functions["query-tasks"])) as http:
        assert FOR_BROWSERS == carried(await http.get("http://function/health/liveness"))


async def test_tls_is_asked_for_only_where_everybody_comes_over_tls(ebb: Ebb, public: Ebb) -> None:
    assert "strict-transport-security" not in (await ebb.call("GET", "/v1/tasks")).headers
    assert "max-age=" in (await public.call("GET", "/v1/tasks")).headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("method", "path"), sorted({(r.method, r.path) for r in WIRING.routes if r.exact and r.method != "OPTIONS"})
)
async def test_every_path_takes_a_preflight_without_a_token(public: Ebb, method: str, path: str) -> None:
    asked = {"access_control_request_method": method, "access_control_request_headers": "authorization,content-type"}
    answer = await public.call("OPTIONS", path, user="", origin=APP, **asked)
    assert (204, APP) == (answer.status_code, answer.headers["access-control-allow-origin"])
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    taken = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "if-match", "idempotency-key"} <= {*taken}
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("status", [200, 401, 404, 422])
async def test_a_page_of_a_named_origin_may_read_every_answer_also_an_error(public: Ebb, status: int) -> None:
    path = {404: f"/v1/tasks/{uuid4()}", 422: "/v1/tasks?x=1"}.get(status, "/v1/tasks")
    answer = await public.call("GET", path, user="" if status == 401 else "alice", origin=APP)
    assert (status, APP) == (answer.status_code, answer.headers["access-control-allow-origin"])
    assert "etag" in answer.headers["access-control-expose-headers"]
    assert "origin" in answer.headers["vary"].lower()


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", f"{APP}.evil.example", f"{APP}:8443", "http://app.example.org", "null", "*", APP.upper()],
)
async def test_a_page_of_another_origin_may_read_nothing(public: Ebb, origin: str) -> None:
    for method, more in (("GET", {}), ("OPTIONS", PREFLIGHT)):
        answer = await public.call(method, "/v1/tasks", origin=origin, **more)
        assert [] == [name for name in answer.headers if name.startswith("access-control")]
        assert "origin" in answer.headers["vary"].lower()


async def test_without_origins_in_the_settings_no_page_may_read_anything(ebb: Ebb) -> None:
    answer = await ebb.call("OPTIONS", "/v1/tasks", user="", origin=APP, **PREFLIGHT)
    assert (204, []) == (answer.status_code, [name for name in answer.headers if name.startswith("access-control")])


async def test_events_are_answered_without_any_of_them(ebb: Ebb) -> None:
    answer = await ebb.tick("relay-outbox")
    assert (204, {}) == (answer.status_code, carried(answer))


async def test_a_user_who_asks_too_often_is_told_when_to_come_back(public: Ebb) -> None:
    answers = [await public.call("GET", "/v1/tasks") for _ in range(21)]
    assert [200] * 20 + [429] == [answer.status_code for answer in answers]
    assert ['"user";r=19;t=1', '"user";r=0;t=2'] == [answers[n].headers["ratelimit"] for n in (0, 20)]
    refusal = answers[-1]
    assert ("1", "urn:ebb:problem:too-many-requests") == (refusal.headers["retry-after"], refusal.json()["type"])
    assert FOR_BROWSERS == carried(refusal)
    public.clock.pass_by(seconds=1)
    assert 200 == (await public.call("GET", "/v1/tasks")).status_code


async def test_one_users_flood_is_nobody_elses_and_counts_over_all_functions_of_a_process(public: Ebb) -> None:
    for _ in range(20):
        await public.call("POST", "/v1/tasks", {"title": "a"})
    assert [429, 200] == [(await public.call("GET", "/v1/audit", user=user)).status_code for user in ("alice", "bob")]


async def test_a_refused_command_has_no_effect(public: Ebb) -> None:
    for _ in range(20):
        await public.call("GET", "/v1/tasks")
    assert 429 == (await public.call("POST", "/v1/tasks", {"title": "a"})).status_code
    public.clock.pass_by(seconds=1)
    assert [] == await public.tasks()


async def test_a_flood_of_one_token_is_turned_away_without_a_look_up(
    public: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        await public.call("GET", "/v1/tasks")
    monkeypatch.setattr(public.parts.identity, "_tokens", None)
    assert {429} == {(await public.call("GET", "/v1/tasks")).status_code for _ in range(50)}


async def test_a_flood_of_a_revoked_token_takes_nothing_from_its_user(public: Ebb) -> None:
    lost = (await public.call("POST", "/v1/tokens", {"name": "lost"})).json()
    await public.call("GET", "/v1/tasks", authorization=f"Bearer {lost['token']}")
    await public.call("DELETE", f"/v1/tokens/{lost['id']}")
    public.clock.pass_by(seconds=2)
    for _ in range(50):
        assert 401 == (await public.call("GET", "/v1/tasks", authorization=f"Bearer {lost['token']}")).status_code
    assert '"user";r=18;t=1' == (await public.call("GET", "/v1/tasks")).headers["ratelimit"]
