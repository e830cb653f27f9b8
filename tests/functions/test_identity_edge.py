"""Who may call: tokens at the door of every function."""

import datetime as dt
from pathlib import Path

import pytest

from shared.embedded.local_user import prepare_local_user
from shared.identity import digest, new_token
from shared.unit_of_work import new_id
from tests.harness import NOON, Ebb

MISSING = "01999999-0000-7000-8000-000000000000"
REQUESTS = [
    ("GET", "/v1/tasks"),
    ("GET", f"/v1/tasks/{MISSING}"),
    ("POST", "/v1/tasks"),
    ("PATCH", f"/v1/tasks/{MISSING}"),
    ("DELETE", f"/v1/tasks/{MISSING}"),
    ("POST", f"/v1/tasks/{MISSING}/complete"),
    ("POST", f"/v1/tasks/{MISSING}/reopen"),
    ("POST", f"/v1/tasks/{MISSING}/skip"),
    ("POST", f"/v1/tasks/{MISSING}/snooze"),
    ("GET", "/v1/audit"),
]
COMMANDS = [request for request in REQUESTS if request[0] != "GET"]
READS = [request for request in REQUESTS if request[0] == "GET"]


async def token_until(ebb: Ebb, expires_at: dt.datetime | None) -> str:
    """Store a token of Alice's with an expiry."""
    token, hashed = new_token()
    await ebb.token("alice")
    await ebb.sql(
        "INSERT INTO tokens (id, user_id, name, hash, scopes, expires_at, created_at)"
        " VALUES (%s, 'alice', 'test', %s, %s, %s, now())",
        new_id(), hashed, ["read", "write"], expires_at,
    )  # fmt: skip
    return token


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_without_a_token_every_path_answers_401(ebb: Ebb, method: str, path: str) -> None:
    answer = await ebb.call(method, path, {"title": "a"} if method != "GET" else None, user="")
    assert (401, 'Bearer realm="ebb"') == (answer.status_code, answer.headers["www-authenticate"].partition(",")[0])
    assert ("urn:ebb:problem:unauthenticated", "application/problem+json") == (
        answer.json()["type"],
        answer.headers["content-type"],
    )


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic YWxpY2U6eA==", "Bearer ebb_unknown", f"Bearer {new_token()[0]}", "Bearer a.b.c",
     "Bearer ebb_x ebb_y", "ebb_unknown", "Bearer " + "x" * 9000, "Bearer ebb_\x00"],
)  # fmt: skip
async def test_a_token_that_is_none_answers_401(ebb: Ebb, authorization: str) -> None:
    answer = await ebb.call("GET", "/v1/tasks", user="", authorization=authorization)
    assert (401, 'Bearer realm="ebb"') == (answer.status_code, answer.headers["www-authenticate"].partition(",")[0])
    assert "ebb_" not in answer.text


async def test_a_token_ends_at_its_expiry(ebb: Ebb) -> None:
    token = await token_until(ebb, NOON + dt.timedelta(hours=1))
    statuses = []
    for _ in range(2):
        statuses.append((await ebb.call("GET", "/v1/tasks", authorization=f"Bearer {token}")).status_code)
        ebb.clock.pass_by(hours=1)
    assert [200, 401] == statuses


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_compared_without_case(ebb: Ebb, scheme: str) -> None:
    token = await token_until(ebb, None)
    assert 200 == (await ebb.call("GET", "/v1/tasks", authorization=f"{scheme} {token}")).status_code


async def test_only_the_hash_of_a_token_is_stored(ebb: Ebb) -> None:
    token = await ebb.token("alice")
    ((stored,),) = await ebb.sql("SELECT hash FROM tokens")
    assert digest(token) == bytes(stored)
    assert token.encode() not in bytes(stored)


@pytest.mark.parametrize(("method", "path"), COMMANDS)
async def test_a_token_that_may_only_read_commands_nothing(ebb: Ebb, method: str, path: str) -> None:
    reader = f"Bearer {await ebb.token('alice', ['read'])}"
    before = await ebb.row_counts()
    answer = await ebb.call(method, path, {"title": "a"}, user="", authorization=reader)
    assert (403, "urn:ebb:problem:scope-missing") == (answer.status_code, answer.json()["type"])
    assert before == await ebb.row_counts()


@pytest.mark.parametrize(("method", "path"), READS)
async def test_a_token_that_may_only_write_reads_nothing(ebb: Ebb, method: str, path: str) -> None:
    writer = f"Bearer {await ebb.token('alice', ['write'])}"
    assert 403 == (await ebb.call(method, path, authorization=writer)).status_code


async def test_a_token_that_may_only_read_reads(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    reader = f"Bearer {await ebb.token('alice', ['read'])}"
    assert task == (await ebb.call("GET", f"/v1/tasks/{task['id']}", authorization=reader)).json()


async def test_the_local_user_may_read_write_and_administrate_also_with_an_older_token(
    ebb: Ebb, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    for scopes in ("{read,write,admin}", "{read,write}"):
        await prepare_local_user(ebb.parts, file, None)
        token = file.read_text().strip()
        for path in ("/v1/tasks", "/v1/admin/dead-letters"):
            assert 200 == (await ebb.call("GET", path, authorization=f"Bearer {token}")).status_code
        await ebb.sql("UPDATE tokens SET scopes = %s", scopes)
    await prepare_local_user(ebb.parts, file, None)
    assert token == file.read_text().strip()
    assert 200 == (await ebb.call("GET", "/v1/admin/dead-letters", authorization=f"Bearer {token}")).status_code
