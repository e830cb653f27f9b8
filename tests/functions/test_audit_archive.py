"""The archive of the audit log: entries leave it and come back, and the chain holds all the while."""

import base64
import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.applications import Starlette

from shared import audit_archive, audit_chunk
from shared.audit_archive import archive
from shared.audit_chain import ChainBroken, Chunk
from shared.audit_check import check_archive
from shared.embedded.bindings import connect
from shared.embedded.listener import Listener
from shared.embedded.local_secrets import LocalSecrets
from shared.embedded.output_api import OutputApi, outgoing_client
from shared.errors import BackendAway
from shared.outputs import Reply
from tests.contracts.archive_contract import amazon, bucket_of
from tests.contracts.outputs_contract import client_of
from tests.functions.audit_log import numbers, proved, tamper, write
from tests.harness import WIRING, Ebb

ROUTE = "/v1/admin/audit/restore"
ALL = {"user": "alice", "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}

_KEYS = {
    "BUCKET": "bucket", "REGION": "region", "ENDPOINT": "endpoint", "ACCESS_KEY": "accessKey",
    "SECRET_KEY": "secretKey",
}  # fmt: skip


@pytest.fixture
def old(ebb: Ebb) -> Ebb:
    """Turn the archive on: what is older than sixty days goes, by whole months. It is March 2nd."""
    ebb.parts.settings = ebb.parts.settings.model_copy(update={"audit_archive_after_days": 60})
    return ebb


async def history(ebb: Ebb, user: str = "alice") -> None:
    """Write three entries in March, two in April, one in June, and let it be July 10th."""
    for n, day in enumerate(("03-02", "03-05", "03-31", "04-01", "04-20", "06-30"), 1):
        ebb.clock.instant = dt.datetime.fromisoformat(f"2026-{day}T12:00:00Z")
        await write(ebb, f"{user}{n}", user=user, title=f"Secret {n}", ratio=1.50)
    ebb.clock.instant = dt.datetime(2026, 7, 10, tzinfo=dt.UTC)


async def chunks(ebb: Ebb) -> list[tuple[Any, ...]]:
    return await ebb.sql(
        "SELECT user_id, first_seq, last_seq, stored_at IS NOT NULL, restored_until IS NOT NULL FROM audit_chunks "
        "ORDER BY user_id, first_seq"
    )


async def restored(ebb: Ebb, body: object, **headers: str) -> Any:
    token = await ebb.token("root", ["admin"])
    return await ebb.call("POST", ROUTE, body, user="", authorization=f"Bearer {token}", **headers)


async def test_without_the_setting_nothing_leaves(ebb: Ebb) -> None:
    await history(ebb)
    assert 204 == (await ebb.tick("archive-audit")).status_code
    assert (6, {}) == (len(await numbers(ebb)), ebb.dapr.archive)


async def test_whole_months_that_are_old_enough_leave_and_the_chain_goes_on(old: Ebb) -> None:
    await history(old)
    await history(old, "bob")
    before = await proved(old)
    assert 204 == (await old.tick("archive-audit")).status_code
    assert [("alice", 1, 5, True, False), ("bob", 1, 5, True, False)] == await chunks(old)
    assert ([6], [6]) == (await numbers(old), await numbers(old, "bob"))
    assert before.heads == (await proved(old)).heads
    await write(old, "next", a=1)
    assert [6, 7] == await numbers(old)
    await proved(old, before.heads)
    assert 2 == await check_archive(old.parts, print)


async def test_a_chain_goes_on_when_all_of_it_is_in_the_archive(old: Ebb) -> None:
    await history(old)
    old.clock.pass_by(days=365)
    await old.tick("archive-audit")
    assert [] == await numbers(old)
    await write(old, "next", a=1)
    assert [7] == await numbers(old)
    assert 7 == (await proved(old)).heads["alice"][0]


async def test_an_object_proves_itself_and_tells_no_user_in_its_name(old: Ebb) -> None:
    await history(old)
    await old.tick("archive-audit")
    ((name, data),) = old.dapr.archive.items()
    lines = gzip.decompress(base64.b64decode(data)).decode().splitlines()
    first, last = lines[0], lines[-1]
    assert "alice" not in name
    assert name.startswith("audit/")
    assert "/000000000001-000000000005-" + "0" * 64 in name
    assert name.removesuffix(".jsonl.gz")[-64:] in last
    assert '"event_id":"alice1"' in first
    assert '"ratio":{"after":1.5,"before":null}' in first


async def test_chunks_are_of_bounded_size(old: Ebb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_archive, "MOST", 2)
    await history(old)
    await old.tick("archive-audit")
    assert [(1, 2), (3, 4), (5, 5)] == [(first, last) for _, first, last, *_ in await chunks(old)]
    monkeypatch.setattr(audit_archive, "MOST", 100)
    monkeypatch.setattr(audit_archive, "LARGEST", 1)
    await history(old, "bob")
    await old.tick("archive-audit")
    assert 5 == sum(user == "bob" for user, *_ in await chunks(old))
    await proved(old)


async def test_one_tick_does_a_bounded_part_and_the_next_goes_on(old: Ebb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_archive, "MOST", 1)
    monkeypatch.setattr(audit_archive, "CHUNKS", 3)
    await history(old)
    assert {"chunks": 3, "entries": 3} == await archive(old.parts)
    assert {"chunks": 2, "entries": 2} == await archive(old.parts)
    assert {"chunks": 0, "entries": 0} == await archive(old.parts)


@pytest.mark.parametrize("step", ["create", "get"])
async def test_an_archive_that_fails_costs_nothing_and_the_next_tick_makes_the_same_object(
    old: Ebb, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await history(old)
    bind, failing = old.dapr.bind, [True]

    async def flaky(binding: str, operation: str, *rest: Any) -> Reply:
        if failing and operation == step:
            return Reply(500, {}, b"s3 binding error")
        return await bind(binding, operation, *rest)

    monkeypatch.setattr(old.dapr, "bind", flaky)
    assert 503 == (await old.tick("archive-audit")).status_code
    assert [1, 2, 3, 4, 5, 6] == await numbers(old)
    assert [("alice", 1, 5, False, False)] == await chunks(old)
    await proved(old)
    names = set(old.dapr.archive)
    failing.clear()
    old.clock.pass_by(days=80)  # by now more is old enough, but the plan stands
    await old.tick("archive-audit")
    assert [("alice", 1, 5, True, False), ("alice", 6, 6, True, False)] == await chunks(old)
    assert names <= set(old.dapr.archive)
    assert 2 == len(old.dapr.archive)
    assert [] == await numbers(old)
    await proved(old)


async def test_a_crash_between_upload_and_purge_loses_and_doubles_nothing(
    old: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    await history(old)
    with monkeypatch.context() as patched:
        patched.setattr(audit_archive, "PURGE", "DELETE FROM nowhere WHERE (%s, %s, %s) IS NULL")
        assert 503 == (await old.tick("archive-audit")).status_code
    assert 1 == len(old.dapr.archive)
    assert [1, 2, 3, 4, 5, 6] == await numbers(old)
    await proved(old)
    await old.tick("archive-audit")
    assert (1, [6]) == (len(old.dapr.archive), await numbers(old))
    await proved(old)


async def test_what_comes_back_as_something_else_is_not_purged(old: Ebb) -> None:
    await history(old)
    old.dapr.replies["archive"] = Reply(200, {}, base64.b64encode(gzip.compress(b"{}\n")))
    with pytest.raises(ExceptionGroup) as caught:
        await archive(old.parts)
    assert [ChainBroken] == [type(error) for error in caught.value.exceptions]
    assert 6 == len(await numbers(old))


async def test_a_broken_chain_is_not_archived_and_keeps_nobody_elses_from_it(old: Ebb) -> None:
    await history(old)
    await history(old, "bob")
    await tamper(old, "UPDATE audit SET actor = 'eve' WHERE event_id = 'alice2'")
    with pytest.raises(ExceptionGroup) as caught:
        await archive(old.parts)
    assert "user alice, entry 2 (event alice2): was changed" in str(caught.value.exceptions[0])
    assert (6, [6]) == (len(await numbers(old)), await numbers(old, "bob"))


async def test_an_archive_that_is_away_ends_the_tick(old: Ebb) -> None:
    await history(old)
    await history(old, "bob")
    old.dapr.deaf = True
    with pytest.raises(ExceptionGroup) as caught:
        await archive(old.parts)
    assert [BackendAway] == [type(error) for error in caught.value.exceptions]


async def test_the_database_lets_nothing_go_that_is_only_planned(old: Ebb) -> None:
    await history(old)
    old.dapr.deaf = True
    await old.tick("archive-audit")
    with pytest.raises(psycopg.errors.RaiseException, match="the archive does not hold"):
        await old.sql("DELETE FROM audit WHERE seq = 1")


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM audit_chunks", "TRUNCATE audit_chunks", "UPDATE audit_chunks SET hash = previous",
     "UPDATE audit_chunks SET stored_at = NULL", "UPDATE audit_chunks SET last_seq = 6"],
)  # fmt: skip
async def test_a_chunk_stays_what_it_was(old: Ebb, statement: str) -> None:
    await history(old)
    await old.tick("archive-audit")
    with pytest.raises(psycopg.errors.RaiseException, match="is refused"):
        await old.sql(statement)


async def test_what_is_restored_is_shown_again_for_a_week(old: Ebb) -> None:
    await history(old)
    everything = await old.audit()
    await old.tick("archive-audit")
    assert everything[:1] == await old.audit()
    answer = await restored(old, ALL | {"to": "2026-03-31T00:00:00Z"})
    assert {"chunks": 1, "entries": 5, "until": "2026-07-17T00:00:00Z", "more": False} == answer.json()
    assert everything == await old.audit()
    assert everything[3:] == await old.audit("?from=2026-03-01T00:00:00Z&to=2026-03-31T23:00:00Z")
    assert 5 == (await proved(old)).entries - 1
    old.clock.pass_by(days=6)
    await old.tick("archive-audit")
    assert everything == await old.audit()
    await write(old, "next", a=1)
    old.clock.pass_by(days=2)
    await old.tick("archive-audit")
    assert [6, 7] == await numbers(old)
    assert [("alice", 1, 5, True, False)] == await chunks(old)
    await proved(old)


async def test_restoring_again_with_its_key_gives_the_first_answer(old: Ebb) -> None:
    await history(old)
    await old.tick("archive-audit")
    first, again = [await restored(old, ALL, idempotency_key="k") for _ in range(2)]
    assert (5, first.content, "true") == (first.json()["entries"], again.content, again.headers["idempotent-replayed"])
    assert 422 == (await restored(old, ALL | {"user": "bob"}, idempotency_key="k")).status_code
    assert 422 == (await restored(old, ALL, idempotency_key="")).status_code
    assert [1, 2, 3, 4, 5, 6] == await numbers(old)


async def test_restoring_again_brings_nothing_twice(old: Ebb) -> None:
    await history(old)
    await old.tick("archive-audit")
    assert 5 == (await restored(old, ALL)).json()["entries"]
    assert 0 == (await restored(old, ALL)).json()["entries"]
    assert [1, 2, 3, 4, 5, 6] == await numbers(old)
    await write(old, "next", a=1)
    assert 7 == (await numbers(old))[-1]
    await proved(old)


@pytest.mark.parametrize(
    ("since", "until", "entries"),
    [("2026-01-01", "2026-02-01", 0), ("2026-04-20", "2026-04-21", 5), ("2026-06-30", "2026-07-01", 0)],
)
async def test_only_chunks_of_the_time_asked_for_come_back(old: Ebb, since: str, until: str, entries: int) -> None:
    await history(old)
    await old.tick("archive-audit")
    body = {"user": "alice", "from": f"{since}T00:00:00Z", "to": f"{until}T00:00:00Z"}
    assert entries == (await restored(old, body)).json()["entries"]
    assert 0 == (await restored(old, body | {"user": "bob"})).json()["entries"]


async def test_an_object_that_was_changed_is_not_restored(old: Ebb) -> None:
    await history(old)
    await old.tick("archive-audit")
    ((name, data),) = old.dapr.archive.items()
    text = gzip.decompress(base64.b64decode(data)).replace(b"Secret 3", b"Secret 4")
    old.dapr.archive[name] = base64.b64encode(gzip.compress(text)).decode()
    answer = await restored(old, ALL)
    assert (500, "urn:ebb:problem:audit-chain-broken") == (answer.status_code, answer.json()["type"])
    assert "entry 3 (event alice3): was changed" in answer.json()["detail"]
    assert [6] == await numbers(old)
    with pytest.raises(ChainBroken):
        await check_archive(old.parts, print)
    del old.dapr.archive[name]
    assert 503 == (await restored(old, ALL)).status_code


async def test_entries_go_to_a_real_s3_through_the_sidecar_and_come_back(old: Ebb, tmp_path: Path) -> None:
    await history(old)
    everything = await old.audit()
    with amazon() as secret:
        given = {f"ARCHIVE_{name}": secret[key] for name, key in _KEYS.items()}
        secrets = LocalSecrets(given, tmp_path / "none")
        listener = Listener(0)
        async with outgoing_client() as http:
            bindings = connect(WIRING.bindings, secrets, tmp_path, http, old.parts.clock, print)
            async with listener.serving(Starlette(routes=OutputApi(bindings, http).routes())):
                old.parts.__dict__["dapr"] = client_of(listener.url, "")
                assert 204 == (await old.tick("archive-audit")).status_code
                assert [6] == await numbers(old)
                (one,) = bucket_of(secret).objects.all()
                assert b'"event_id":"alice1"' in gzip.decompress(one.get()["Body"].read())
                assert 5 == (await restored(old, ALL)).json()["entries"]
                assert 1 == await check_archive(old.parts, print)
                await old.parts.dapr.close()
                old.parts.__dict__["dapr"] = old.dapr
    assert everything == await old.audit()
    await proved(old)


async def test_restoring_is_for_administrators(old: Ebb) -> None:
    assert 403 == (await old.call("POST", ROUTE, ALL)).status_code
    assert 401 == (await old.call("POST", ROUTE, ALL, user="")).status_code
    assert 405 == (await old.call("GET", ROUTE)).status_code
    for body in ({}, ALL | {"from": "yesterday"}, ALL | {"more": 1}):
        assert 422 == (await restored(old, body)).status_code


async def test_no_log_line_and_no_error_holds_a_title(old: Ebb, capsys: pytest.CaptureFixture[str]) -> None:
    task = await old.create(title="Secret plan", notes="Secret notes", tags=["Secret tag"])
    await old.call("PATCH", f"/v1/tasks/{task['id']}", {"title": "Secret other"})
    await old.settle()
    await old.call("GET", "/v1/audit")
    await old.call("GET", "/v1/audit/export?format=csv")
    await old.call("GET", "/v1/audit/export?format=xml")
    await history(old)
    await old.tick("archive-audit")
    await restored(old, ALL)
    await tamper(old, "UPDATE audit SET actor = 'eve' WHERE seq = 2")
    old.clock.pass_by(days=400)
    await old.tick("archive-audit")
    told = capsys.readouterr()
    assert "function=archive-audit" in told.out
    assert "Secret" not in told.out + told.err


def test_an_object_without_entries_or_of_another_shape_is_refused() -> None:
    chunk = Chunk("alice", 1, 2, bytes(32), bytes(32))
    for data in (
        b"",
        b"x",
        gzip.compress(b""),
        gzip.compress(b"[]\n"),
        gzip.compress(b"\xff\n"),
        gzip.compress(b"{}\n"),
    ):
        with pytest.raises(ChainBroken):
            audit_chunk.unpacked(chunk, data)
