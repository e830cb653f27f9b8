"""The feed of changes: everything of a user after a token, once, in order, without a gap."""

import asyncio
import json
from typing import Any

import pytest

from shared import changes
from tests.harness import Ebb


async def feed(ebb: Ebb, since: str | None = None, *, user: str = "alice") -> dict[str, Any]:
    """Return one answer of the feed."""
    answer = await ebb.call("GET", "/v1/changes" + (f"?since={since}" if since else ""), user=user)
    assert 200 == answer.status_code, answer.text
    return dict(answer.json())


async def everything(ebb: Ebb, since: str | None = None) -> tuple[list[dict[str, Any]], str]:
    """Return all changes, page by page, and the token after them."""
    found = []
    while True:
        page = await feed(ebb, since)
        found += page["changes"]
        since = page["next"]
        if not page["more"]:
            return found, since


async def status(ebb: Ebb, since: str) -> int:
    return (await ebb.call("GET", f"/v1/changes?since={since}")).status_code


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page have two changes."""
    monkeypatch.setattr(changes, "BATCH", 2)


async def test_a_user_without_changes_gets_none_and_a_token_to_go_on_with(ebb: Ebb) -> None:
    assert {"changes": [], "next": "0", "more": False} == await feed(ebb)
    task = await ebb.create(title="a")
    assert [task["id"]] == [change["value"]["id"] for change in (await feed(ebb, "0"))["changes"]]


async def test_every_kind_of_row_is_told_of_as_its_own_resource_shows_it(ebb: Ebb) -> None:
    task = await ebb.create(
        title="a", notes="n", priority="high", tags=["Home"], due={"date": "2026-03-02", "time": "12:30"},
        recurrence={"rule": "FREQ=DAILY"}, reminders=[{"minutes_before": 10}],
    )  # fmt: skip
    ebb.clock.pass_by(minutes=25)
    await ebb.ring()
    await ebb.tick("sweep")
    await ebb.settle()
    values = {change["kind"]: change["value"] for change in (await feed(ebb))["changes"]}
    assert {"task", "series", "tag", "notification"} == values.keys()
    assert (await ebb.tasks())[0] == values["task"]
    assert (await ebb.call("GET", "/v1/notifications")).json()["notifications"][0] == values["notification"]
    assert ("Home", 1) == (values["tag"]["name"], values["tag"]["open_tasks"])
    series = values["series"]
    assert task["series"]["id"] == series["id"]
    assert {
        "title": "a", "notes": "n", "priority": "high", "tags": ["Home"], "reminders": [{"minutes_before": 10}],
    } == series["template"]  # fmt: skip
    assert ("FREQ=DAILY", "scheduled", "every day") == tuple(
        series["recurrence"][name] for name in ("rule", "mode", "text")
    )
    assert (True, task["due"]) == (series["is_active"], series["next_due"])


async def test_a_row_that_changed_twice_appears_once_at_its_latest_number(ebb: Ebb) -> None:
    first, second = await ebb.create(title="a"), await ebb.create(title="b")
    await ebb.call("PATCH", f"/v1/tasks/{first['id']}", {"title": "c"})
    found, token = await everything(ebb)
    assert [(2, second["id"]), (3, first["id"])] == [(change["seq"], change["value"]["id"]) for change in found]
    assert "c" == found[1]["value"]["title"]
    assert {"changes": [], "next": token, "more": False} == await feed(ebb, token)


async def test_what_is_deleted_is_told_of_by_its_id(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    token = (await feed(ebb))["next"]
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    expected = {"seq": 2, "kind": "task", "op": "delete", "value": {"id": task["id"]}}
    assert [expected] == (await feed(ebb, token))["changes"]


@pytest.mark.usefixtures("small")
async def test_pages_go_on_where_the_last_one_ended(ebb: Ebb) -> None:
    for n in range(3):
        await ebb.create(title=str(n), tags=[f"tag {n}"])
    found, _ = await everything(ebb)
    assert list(range(1, 7)) == [change["seq"] for change in found]
    page = await feed(ebb)
    assert (2, True) == (len(page["changes"]), page["more"])


async def test_changes_of_others_are_never_told(ebb: Ebb) -> None:
    await ebb.create(user="bob", title="Secret", tags=["Secret"], recurrence={"rule": "FREQ=DAILY"})
    await ebb.create(title="mine")
    assert ["mine"] == [change["value"]["title"] for change in (await feed(ebb))["changes"]]


@pytest.mark.parametrize("token", ["x", "-1", "1-", "1-2-3", "9" * 19, "1.5", "%20", "٣", "1'"])
async def test_what_is_no_token_is_refused(ebb: Ebb, token: str) -> None:
    for path in ("changes", "stream"):
        answer = await ebb.call("GET", f"/v1/{path}?since={token}")
        assert (422, "?since") == (answer.status_code, answer.json()["errors"][0]["pointer"])


@pytest.mark.parametrize("path", ["/v1/changes", "/v1/stream"])
async def test_who_does_not_say_who_they_are_gets_nothing(ebb: Ebb, path: str) -> None:
    assert 401 == (await ebb.call("GET", path, user="")).status_code
    wrong = f"Bearer {await ebb.token('alice', scopes=['write'])}"
    assert 403 == (await ebb.call("GET", path, authorization=wrong)).status_code
    assert [405, 404, 422] == [
        (await ebb.call(*call)).status_code
        for call in (("POST", path), ("GET", f"{path}/x"), ("GET", f"{path}?limit=3"))
    ]


async def test_a_token_that_is_ahead_of_its_user_is_gone(ebb: Ebb) -> None:
    await ebb.create(title="a")
    answer = await ebb.call("GET", "/v1/changes?since=2")
    assert (410, "urn:ebb:problem:history-gone") == (answer.status_code, answer.json()["type"])
    assert [200, 410, 410] == [await status(ebb, token) for token in ("1", "1-2", "5-1")]


async def test_a_token_older_than_a_purged_tombstone_is_gone_and_a_newer_one_is_not(ebb: Ebb) -> None:
    task, _ = await ebb.create(title="a"), await ebb.create(title="b")
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")  # number 3
    await ebb.create(title="c")
    ebb.clock.pass_by(days=29)
    await ebb.tick("sweep")
    assert [200, 200] == [await status(ebb, token) for token in ("2", "3")]
    ebb.clock.pass_by(days=2)
    await ebb.tick("sweep")
    assert [410, 410, 200, 200] == [await status(ebb, token) for token in ("1", "2", "3", "4")]
    assert [2, 4] == [change["seq"] for change in (await feed(ebb))["changes"]]


async def test_a_purge_takes_nothing_from_the_tokens_of_others(ebb: Ebb) -> None:
    for user in ("alice", "bob"):
        task = await ebb.create(title="a", user=user)
        await ebb.create(title="b", user=user)
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}", user="bob")
    ebb.clock.pass_by(days=31)
    await ebb.tick("sweep")
    assert [("alice", 0), ("bob", 3)] == sorted(await ebb.sql("SELECT id, purged_seq FROM users"))


async def test_a_purged_notification_makes_tokens_from_before_its_last_change_old(ebb: Ebb) -> None:
    await ebb.create(title="a", reminders=[{"at": "2026-03-02T12:30:00Z"}])
    ebb.clock.pass_by(hours=1)
    await ebb.tick("sweep")
    await ebb.settle()  # 2: the task with its fired reminder, 3: the notification
    ebb.clock.pass_by(days=91)
    await ebb.tick("sweep")
    assert [410, 200] == [await status(ebb, token) for token in ("2", "3")]
    assert "3" == (await feed(ebb))["next"], "the token passes what is there no more"


@pytest.mark.usefixtures("small")
async def test_reading_from_the_beginning_page_by_page_survives_what_was_purged_long_ago(ebb: Ebb) -> None:
    for n in range(5):
        task = await ebb.create(title=str(n))
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    ebb.clock.pass_by(days=31)
    await ebb.tick("sweep")
    assert 410 == await status(ebb, "2"), "an old token of somebody who may know the deleted task"
    assert "2-6" == (await feed(ebb))["next"], "the token of somebody who cannot"
    found, token = await everything(ebb)
    assert ([1, 2, 3, 4], "6") == ([change["seq"] for change in found], token)


@pytest.mark.usefixtures("small")
async def test_what_is_purged_while_somebody_reads_from_the_beginning_is_not_kept_from_them(ebb: Ebb) -> None:
    tasks = [await ebb.create(title=str(n)) for n in range(5)]
    token = (await feed(ebb))["next"]
    assert "2-5" == token
    await ebb.call("DELETE", f"/v1/tasks/{tasks[0]['id']}")
    ebb.clock.pass_by(days=31)
    await ebb.tick("sweep")
    assert 410 == await status(ebb, token), "they have seen the task, and would never hear that it is gone"


async def test_readers_that_race_writers_miss_no_number(ebb: Ebb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each number is written once here, so a reader has to get every one of them, in order, whenever it looks."""
    monkeypatch.setattr(changes, "BATCH", 7)
    await ebb.token("alice")
    writing = asyncio.gather(*(ebb.create(title="a", tags=[f"tag {n}"]) for n in range(60)))

    async def read() -> tuple[list[int], int]:
        seen: list[int] = []
        token, looks = "0", 0
        while len(seen) < 120:
            page = await feed(ebb, token)
            seen += [change["seq"] for change in page["changes"]]
            assert list(range(1, len(seen) + 1)) == seen
            token, looks = page["next"], looks + 1
        return seen, looks

    readers = await asyncio.gather(*(read() for _ in range(3)))
    await writing
    assert [list(range(1, 121))] * 3 == [seen for seen, _ in readers]
    assert min(looks for _, looks in readers) > 120 / 7, "nobody raced"


async def test_readers_that_race_changes_of_the_same_rows_end_with_what_is_stored(ebb: Ebb) -> None:
    tasks = [await ebb.create(title="0") for _ in range(5)]
    known: dict[str, Any] = {}

    async def read(until: asyncio.Future[Any]) -> None:
        token, done = "0", False
        while not done:
            done = until.done()
            page = await feed(ebb, token)
            seqs = [change["seq"] for change in page["changes"]]
            assert sorted(set(seqs)) == seqs
            assert not seqs or seqs[0] > int(token.partition("-")[0])
            known.update({change["value"]["id"]: change["value"] for change in page["changes"]})
            token = page["next"]

    writing = asyncio.gather(
        *(ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"title": str(n)}) for n in range(1, 15) for task in tasks)
    )
    await read(writing)
    await read(writing)
    stored = {task["id"]: task for task in await ebb.tasks()}
    assert json.dumps(stored, sort_keys=True) == json.dumps(known, sort_keys=True)
