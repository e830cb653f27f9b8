"""An account as a whole: everything of a user taken out, and everything of them erased."""

import json
from typing import Any

import pytest
from sqlmodel import SQLModel

from shared import account, account_export
from shared.errors import BackendAway
from tests.harness import Ebb

CONFIRMED = "/v1/account?confirm=alice"
# Tables with rows of users, and why the export or the erasing need not name them.
NOT_EXPORTED = {"idempotency_keys": "copies of answers, for a day"}
WITH_THEIR_TASK = {"task_words"}  # erased when it is, and made of what it says
KINDS = {"users": "account", "series": "series"}


async def live(ebb: Ebb, user: str = "alice") -> None:
    """Leave something in every table."""
    await ebb.call("PATCH", "/v1/settings", {"channels": {"webhook": {"url": "https://hook.example.org/x"}}}, user=user)
    reminders = {"due": {"date": "2026-03-03"}, "reminders": [{"minutes_before": 5}]}
    await ebb.create(user=user, title=f"{user} was here", tags=["home"], recurrence={"rule": "FREQ=DAILY"}, **reminders)
    await ebb.create(user=user, title="soon", reminders=[{"at": "2026-03-02T12:01:00Z"}])
    await ebb.call("POST", "/v1/tasks", {"title": "again"}, user=user, idempotency_key="k")
    await ebb.call("POST", "/v1/tokens", {"name": "laptop"}, user=user)
    await ebb.settle()
    ebb.clock.pass_by(minutes=1)
    await ebb.ring()
    await ebb.settle()
    ebb.clock.pass_by(minutes=-1)


async def rows(ebb: Ebb, user: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return a user's rows in every table that names users."""
    named = [name for name, table in SQLModel.metadata.tables.items() if "user_id" in table.columns]
    return {name: await ebb.sql(f"SELECT * FROM {name} WHERE user_id = %s ORDER BY 1, 2", user) for name in named}


async def mentions(ebb: Ebb, what: str) -> set[str]:
    """Return the tables in which a text stands anywhere."""
    found = set()
    for name in SQLModel.metadata.tables:
        if await ebb.sql(f"SELECT 1 FROM {name} x WHERE strpos(x::text, %s) > 0 LIMIT 1", what):
            found.add(name)
    return found


async def delete(ebb: Ebb, path: str = CONFIRMED) -> None:
    """Delete Alice's account; her tokens of the harness are gone then."""
    answer = await ebb.call("DELETE", path)
    assert answer.status_code == 202, answer.text
    ebb._tokens = {name: token for name, token in ebb._tokens.items() if not name.startswith("alice")}


def test_every_table_that_names_users_is_erased_and_exported() -> None:
    named = {name for name, table in SQLModel.metadata.tables.items() if "user_id" in table.columns}
    assert named == {"tasks", *account.TABLES} | WITH_THEIR_TASK
    exported = {"series" if kind == "series" else f"{kind}s" for kind in account_export.KINDS} | {"audit"}
    assert named - NOT_EXPORTED.keys() - WITH_THEIR_TASK == exported - {"accounts", "audits"}


async def exported(ebb: Ebb, user: str = "alice") -> list[dict[str, Any]]:
    answer = await ebb.call("GET", "/v1/account/export", user=user)
    assert (200, "application/jsonl; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_an_export_holds_all_rows_of_a_user_and_no_secret(ebb: Ebb) -> None:
    await live(ebb)
    await live(ebb, "bob")
    lines = await exported(ebb)
    counts = {kind: sum(line["kind"] == kind for line in lines) for kind in account_export.KINDS}
    stored = await rows(ebb, "alice")
    tables = {kind: kind if kind in ("series", "audit") else f"{kind}s" for kind in counts}
    assert {"account": 1, **{k: len(stored[t]) for k, t in tables.items() if k != "account"}} == counts
    assert {"kind": "end", "value": len(lines) - 1} == lines[-1]
    (task,) = [line["value"] for line in lines if line["value"] and line["kind"] == "task" and line["value"]["tags"]]
    assert (["home"], 5) == (task["tags"], task["reminders"][0]["minutes_before"])
    text = json.dumps(lines)
    assert "bob was here" not in text
    ((channel,),) = await ebb.sql("SELECT config->>'secret' FROM channels WHERE user_id = 'alice'")
    assert not any(secret in text for secret in (channel, await ebb.token("alice")))
    assert not any("hash" in line["value"] for line in lines if line["kind"] == "token")


async def test_an_export_is_read_in_parts_and_counts_its_lines(ebb: Ebb) -> None:
    await ebb.token("alice")
    await ebb.sql(
        "INSERT INTO tasks (id, user_id, title, notes, status, priority, awaits_successor, version, change_seq,"
        " created_at, updated_at) SELECT uuidv7(), 'alice', repeat('ä', 200), '', 'open', 0, false, 1, n, now(), now()"
        " FROM generate_series(1, 3000) n"
    )
    lines = await exported(ebb)
    assert (3_000, {"kind": "end", "value": 3_002}) == (sum(x["kind"] == "task" for x in lines), lines[-1])


@pytest.mark.parametrize("path", ["/v1/account", "/v1/account?confirm=", "/v1/account?confirm=bob", "/v1/account?x=1"])
async def test_a_deletion_that_is_not_confirmed_changes_nothing_and_says_what_to_give(ebb: Ebb, path: str) -> None:
    await live(ebb)
    before = await rows(ebb, "alice")
    answer = await ebb.call("DELETE", path)
    assert 422 == answer.status_code
    assert "alice" in answer.json()["detail"] or "x" in answer.json()["detail"]
    assert before == await rows(ebb, "alice")


async def test_a_deleted_account_is_closed_at_once_and_then_erased_to_the_last_row(ebb: Ebb) -> None:
    await live(ebb)
    await live(ebb, "bob")
    bobs, token = await rows(ebb, "bob"), await ebb.token("alice")
    assert any(name.startswith("reminder-") for name in ebb.dapr.scheduled)
    jobs = len(ebb.dapr.scheduled)
    await delete(ebb)
    assert 401 == (await ebb.call("GET", "/v1/tasks", user="", authorization=f"Bearer {token}")).status_code
    assert ["ebb.account.deleted.v1"] == [event["type"] for event in await ebb.settle()]
    assert {name: [] for name in bobs} == await rows(ebb, "alice")
    assert set() == await mentions(ebb, "alice was here")
    assert {"users", "outbox", "inbox"} >= await mentions(ebb, "alice")
    assert bobs == await rows(ebb, "bob")
    assert jobs == 2 * len(ebb.dapr.scheduled), "the alarms of Bob, and no others"


async def test_an_erasing_that_is_stopped_anywhere_is_taken_up_again_by_sweep(
    ebb: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(ebb)
    monkeypatch.setattr(account, "CHUNK", 1)
    await delete(ebb)
    real, calls = account._chunk, 0

    async def failing(*given: Any) -> int:
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise BackendAway("killed here")
        return await real(*given)

    monkeypatch.setattr(account, "_chunk", failing)
    ebb.clock.pass_by(minutes=1)
    for _ in range(60):
        await ebb.tick("sweep")
    monkeypatch.undo()
    await ebb.tick("sweep")
    assert {name: [] for name in await rows(ebb, "bob")} == await rows(ebb, "alice")
    assert [("erased",)] == await ebb.sql("SELECT state FROM users WHERE id = 'alice'")


async def test_an_erasing_waits_for_dapr_and_loses_no_alarm(ebb: Ebb) -> None:
    await live(ebb)
    await delete(ebb)
    ebb.dapr.away = True
    ebb.clock.pass_by(minutes=1)
    await ebb.tick("sweep")
    assert ebb.dapr.scheduled
    ebb.dapr.away = False
    await ebb.tick("sweep")
    assert ({}, [("erased",)]) == (ebb.dapr.scheduled, await ebb.sql("SELECT state FROM users"))


async def test_events_that_arrive_after_the_account_is_gone_leave_nothing_behind(ebb: Ebb) -> None:
    task = await ebb.create(title="alice was here", recurrence={"rule": "FREQ=DAILY"}, due={"date": "2026-03-02"})
    await ebb.create(title="soon", reminders=[{"at": "2026-03-02T12:01:00Z"}])
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    early = await ebb.settle()
    jobs = dict(ebb.dapr.scheduled)
    await delete(ebb)
    await ebb.settle()
    ebb.dapr.scheduled = jobs
    ebb.clock.pass_by(minutes=2)
    await ebb.ring()
    after = [{**event, "time": "2026-03-02T12:05:00Z"} for event in early]
    for event in (*early, *after):
        for function in ("write-audit", "spawn-recurrence", "schedule-reminder"):
            await ebb.deliver(function, {**event, "id": f"late-{event['id']}-{event['time']}"})
    assert {name: [] for name in await rows(ebb, "bob")} == await rows(ebb, "alice")
    assert [] == await ebb.sql("SELECT * FROM dead_letters")


async def test_while_it_is_being_erased_no_command_is_taken_and_afterwards_a_new_life_begins(ebb: Ebb) -> None:
    await ebb.create(title="old")
    seq = (await ebb.call("GET", "/v1/changes")).json()["next"]
    await delete(ebb)
    refused = await ebb.call("POST", "/v1/tasks", {"title": "too soon"})  # by a login of the issuer, as it were
    assert (409, "urn:ebb:problem:account-closed") == (refused.status_code, refused.json()["type"])
    assert "retry-after" in refused.headers
    await ebb.sql("DELETE FROM tokens WHERE user_id = 'alice'")
    await ebb.settle()
    ebb._tokens.clear()
    ebb.clock.pass_by(seconds=1)
    task = await ebb.create(title="new")
    assert ([task], 410) == (await ebb.tasks(), (await ebb.call("GET", f"/v1/changes?since={seq}")).status_code)
    await ebb.settle()
    assert ["ebb.task.created.v1"] == [entry["type"] for entry in await ebb.audit()]


async def test_a_late_second_delivery_does_not_erase_the_new_life(ebb: Ebb) -> None:
    await ebb.create(title="old")
    await delete(ebb)
    events = await ebb.settle()
    ebb.clock.pass_by(seconds=1)
    task = await ebb.create(title="new")
    assert 204 == (await ebb.deliver("erase-account", events[-1])).status_code
    assert [task] == await ebb.tasks()


async def test_deleting_again_changes_nothing_more(ebb: Ebb) -> None:
    await ebb.create(title="a")
    assert 422 == (await ebb.call("DELETE", CONFIRMED, idempotency_key="")).status_code
    first = await ebb.call("DELETE", CONFIRMED, idempotency_key="k")
    ebb._tokens.clear()
    again = await ebb.call("DELETE", CONFIRMED, idempotency_key="k")
    assert (202, 202, first.content) == (first.status_code, again.status_code, again.content)
    assert ["ebb.account.deleted.v1"] == [e["type"] for e in await ebb.settle() if "account" in e["type"]]


async def test_the_id_of_an_erased_account_is_forgotten_after_a_month(ebb: Ebb) -> None:
    await ebb.create(title="a")
    await delete(ebb)
    await ebb.settle()
    for days, left in ((30, 1), (1, 0)):
        ebb.clock.pass_by(days=days)
        await ebb.tick("sweep")
        assert left == len(await ebb.sql("SELECT id FROM users"))
    assert set() == await mentions(ebb, "alice")


async def test_dead_letters_about_a_users_task_go_with_it(ebb: Ebb) -> None:
    task = await ebb.create(title="alice was here")
    await ebb.settle()
    ebb.dapr.events.clear()
    await ebb.sql(
        "INSERT INTO dead_letters (id, fingerprint, partition_key, reason, body, received_at, count)"
        " VALUES (uuidv7(), 'a', %s, '', 'alice was here', now(), 1), (uuidv7(), 'b', 'other', '', 'x', now(), 1)",
        task["id"],
    )
    await delete(ebb)
    await ebb.settle()
    assert [("other",)] == await ebb.sql("SELECT partition_key FROM dead_letters")
