"""Personal access tokens: made, used, revoked; never more than what made them."""

import asyncio
import datetime as dt
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.harness import NOON, Ebb


async def make(ebb: Ebb, by: str = "", **fields: object) -> dict[str, Any]:
    """Make a token; `by` is the one that makes it, else one of Alice's without an end."""
    headers = {"authorization": f"Bearer {by}"} if by else {}
    answer = await ebb.call("POST", "/v1/tokens", {"name": "laptop", **fields}, **headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def status(ebb: Ebb, token: str, method: str = "GET", path: str = "/v1/tasks", body: object = None) -> int:
    return (await ebb.call(method, path, body, authorization=f"Bearer {token}")).status_code


async def listed(ebb: Ebb, user: str = "alice") -> dict[str, dict[str, Any]]:
    """Return a user's tokens by name, without those of the harness."""
    tokens = (await ebb.call("GET", "/v1/tokens", user=user)).json()["tokens"]
    return {token["name"]: token for token in tokens if token["name"] != "test"}


async def test_a_new_token_is_shown_once_and_works(ebb: Ebb) -> None:
    made = await make(ebb, scopes=["read"], expires_at="2026-04-01T00:00:00Z")
    assert 200 == await status(ebb, made["token"])
    shown = (await listed(ebb))["laptop"]
    assert {**{k: v for k, v in made.items() if k != "token"}, "last_used_at": "2026-03-02T12:00:00Z"} == shown
    assert (["read"], "2026-04-01T00:00:00Z") == (shown["scopes"], shown["expires_at"])


async def test_a_token_that_may_only_read_commands_nothing(ebb: Ebb) -> None:
    token = (await make(ebb, scopes=["read"]))["token"]
    assert 403 == await status(ebb, token, "POST", "/v1/tasks", {"title": "a"})
    assert 403 == await status(ebb, token, "POST", "/v1/tokens", {"name": "another"})


@pytest.mark.parametrize(("has", "wants"), [(["write"], "read"), (["read", "write"], "admin"), (["write"], "admin")])
async def test_a_token_cannot_make_one_that_may_more(ebb: Ebb, has: list[str], wants: str) -> None:
    by = await ebb.token("alice", has)
    before = await ebb.row_counts()
    answer = await ebb.call(
        "POST", "/v1/tokens", {"name": "more", "scopes": [*has, wants]}, user="", authorization=f"Bearer {by}"
    )
    assert (403, "urn:ebb:problem:scope-missing") == (answer.status_code, answer.json()["type"])
    assert before == await ebb.row_counts()


async def test_a_token_cannot_make_one_that_lives_longer(ebb: Ebb) -> None:
    short = await make(ebb, expires_at="2026-03-03T00:00:00Z")
    bearer = {"authorization": f"Bearer {short['token']}"}
    for end in (None, "2026-03-03T00:00:01Z"):
        answer = await ebb.call("POST", "/v1/tokens", {"name": "longer", "expires_at": end}, **bearer)
        assert (422, "/expires_at") == (answer.status_code, answer.json()["errors"][0]["pointer"])
    assert "2026-03-03T00:00:00Z" == (await make(ebb, short["token"], name="by default"))["expires_at"]


async def test_a_token_without_a_word_about_its_end_lives_for_90_days_and_null_is_for_ever(ebb: Ebb) -> None:
    day = (NOON + dt.timedelta(days=90)).isoformat().replace("+00:00", "Z")
    assert [day, None] == [(await make(ebb))["expires_at"], (await make(ebb, expires_at=None))["expires_at"]]


async def test_a_revoked_token_is_refused_from_the_next_request_on(ebb: Ebb) -> None:
    made = await make(ebb)
    assert 204 == (await ebb.call("DELETE", f"/v1/tokens/{made['id']}")).status_code
    assert 401 == await status(ebb, made["token"])
    assert 404 == (await ebb.call("DELETE", f"/v1/tokens/{made['id']}")).status_code


async def test_a_token_can_revoke_itself(ebb: Ebb) -> None:
    made = await make(ebb)
    assert 204 == await status(ebb, made["token"], "DELETE", f"/v1/tokens/{made['id']}")
    assert 401 == await status(ebb, made["token"])


async def test_a_repeated_request_makes_one_token_and_does_not_show_it_again(ebb: Ebb) -> None:
    body = {"name": "laptop"}
    first = await ebb.call("POST", "/v1/tokens", body, idempotency_key="k")
    again = await ebb.call("POST", "/v1/tokens", body, idempotency_key="k")
    assert {**first.json(), "token": None} == again.json()
    assert (201, "true") == (again.status_code, again.headers["idempotent-replayed"])
    assert ["laptop"] == list(await listed(ebb))


async def test_what_a_token_is_stands_in_no_table_event_or_log(ebb: Ebb) -> None:
    with capture_logs() as logs:
        answer = await ebb.call("POST", "/v1/tokens", {"name": "laptop"}, idempotency_key="k")
        token = answer.json()["token"]
        await status(ebb, token)
    events = await ebb.settle()
    assert ["ebb.token.created.v1"] == [event["type"] for event in events]
    tables = [await ebb.sql(f"SELECT * FROM {table}") for table in await ebb.row_counts()]
    assert token.removeprefix("ebb_") not in f"{logs} {events} {tables}"


async def test_making_and_revoking_stand_in_the_audit_log(ebb: Ebb) -> None:
    made = await make(ebb)
    await ebb.call("DELETE", f"/v1/tokens/{made['id']}")
    await ebb.settle()
    assert ["ebb.token.revoked.v1", "ebb.token.created.v1"] == [entry["type"] for entry in await ebb.audit()]


async def test_another_users_token_can_be_neither_seen_nor_revoked(ebb: Ebb) -> None:
    bobs = (await ebb.call("POST", "/v1/tokens", {"name": "bobs"}, user="bob")).json()
    assert 404 == (await ebb.call("DELETE", f"/v1/tokens/{bobs['id']}")).status_code
    assert {} == await listed(ebb)
    assert 200 == await status(ebb, bobs["token"])


async def test_a_user_has_a_hundred_tokens_at_most_also_when_many_are_made_at_once(ebb: Ebb) -> None:
    await ebb.token("alice")
    answers = await asyncio.gather(*(ebb.call("POST", "/v1/tokens", {"name": str(n)}) for n in range(105)))
    assert {201: 99, 422: 6} == {code: sum(a.status_code == code for a in answers) for code in (201, 422)}


async def test_a_token_that_ended_a_month_ago_is_forgotten(ebb: Ebb) -> None:
    await make(ebb, expires_at="2026-03-03T00:00:00Z")
    ebb.clock.pass_by(days=30)
    await ebb.tick("sweep")
    assert ["laptop"] == list(await listed(ebb))
    ebb.clock.pass_by(days=1)
    await ebb.tick("sweep")
    assert {} == await listed(ebb)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": " "}, "/name"),
        ({"name": "a", "scopes": []}, "/scopes"),
        ({"name": "a", "scopes": ["all"]}, "/scopes/0"),
        ({"name": "a", "scopes": "read"}, "/scopes"),
        ({"name": "a", "expires_at": "2026-03-02T12:00:00Z"}, "/expires_at"),
        ({"name": "a", "expires_at": "tomorrow"}, "/expires_at"),
        ({"name": "a", "token": "ebb_mine"}, "/token"),
    ],
)
async def test_a_wrong_wish_is_refused_with_its_place(ebb: Ebb, body: object, pointer: str) -> None:
    answer = await ebb.call("POST", "/v1/tokens", body)
    assert (422, pointer) == (answer.status_code, answer.json()["errors"][0]["pointer"])
