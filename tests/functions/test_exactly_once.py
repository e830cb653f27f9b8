"""At least once in, exactly one effect: repeated, reordered, concurrent events and racing clients."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from tests.harness import Ebb

ROUNDS = 50
DAILY: dict[str, Any] = {
    "due": {"date": "2026-03-02"}, "recurrence": {"rule": "FREQ=DAILY"}, "tags": ["home"],
    "reminders": [{"minutes_before": 60}],
}  # fmt: skip


async def story(ebb: Ebb, user: str, times: int, shuffle: random.Random | None) -> None:
    """Live through a day: several commands between two deliveries, so that there is much to reorder."""

    async def act(task: dict[str, Any], action: str, body: object = None) -> None:
        assert (await ebb.call("POST", f"/v1/tasks/{task['id']}/{action}", body, user=user)).status_code == 200

    one = await ebb.create(user=user, title="one", **DAILY)
    two = await ebb.create(user=user, title="two", **DAILY)
    plain = await ebb.create(user=user, title="plain", reminders=[{"at": "2026-03-02T15:00:00Z"}])
    await act(one, "complete")
    await act(plain, "snooze", {"minutes": 30})
    await ebb.settle(times=times, shuffle=shuffle)
    following = (await ebb.tasks("?status=open&tag=home&sort=-due", user=user))[0]
    await act(following, "skip")
    await ebb.call("PATCH", f"/v1/tasks/{two['id']}", {"title": "deux", "reminders": []}, user=user)
    await act(one, "reopen")
    await act(one, "complete")
    await ebb.settle(times=times, shuffle=shuffle)
    await ebb.call("DELETE", f"/v1/tasks/{two['id']}", user=user)
    await act(plain, "complete")
    await act(plain, "reopen")
    await ebb.settle(times=times, shuffle=shuffle)


async def state(ebb: Ebb, user: str) -> tuple[object, ...]:
    """Return what a user sees, without the ids, which differ each time."""
    tasks = [
        (t["title"], t["status"], t["occurrence"], str(t["due"]), t["version"], t["tags"],
         sorted((r["fire_at"], r["state"]) for r in t["reminders"]))
        for t in await ebb.tasks("?limit=200", user=user)
    ]  # fmt: skip
    audit = Counter(entry["type"] for entry in await ebb.audit("?limit=200", user=user))
    jobs = sorted(due for due, event in ebb.dapr.scheduled.values() if event["data"]["user_id"] == user)
    return sorted(tasks), audit, jobs


@pytest.mark.parametrize("seed", range(5))
async def test_events_delivered_three_times_in_any_order_give_the_same_end(ebb: Ebb, seed: int) -> None:
    await story(ebb, "alice", 1, None)
    await story(ebb, "bob", 3, random.Random(seed))
    assert await state(ebb, "alice") == await state(ebb, "bob")


@pytest.mark.parametrize("action", ["complete", "skip"])
async def test_an_event_delivered_at_the_same_moment_has_one_effect(ebb: Ebb, action: str) -> None:
    task = await ebb.create(title="a", **DAILY)
    await ebb.settle()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/{action}")
    await ebb.parts.relay.drain()
    (event,) = ebb.dapr.events
    for function in ("spawn-recurrence", "write-audit", "schedule-reminder"):
        answers = await asyncio.gather(*(ebb.deliver(function, event) for _ in range(8)))
        assert {204} == {answer.status_code for answer in answers}
    await ebb.settle(times=2)
    assert 2 == len(await ebb.tasks())
    assert 1 == len(await ebb.audit(f"?type={event['type']}"))
    assert 1 == len(ebb.dapr.scheduled)


async def test_two_different_events_that_owe_the_same_successor_bring_one(ebb: Ebb) -> None:
    task = await ebb.create(title="a", **DAILY)
    await ebb.settle()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    await ebb.parts.relay.drain()
    await asyncio.gather(*(ebb.deliver("spawn-recurrence", event) for event in ebb.dapr.events * 4))
    await ebb.settle()
    assert ["2026-03-03T00:00:00"] == [task["occurrence"] for task in await ebb.tasks()]


async def race(ebb: Ebb, *calls: tuple[str, str, object], **headers: str) -> list[list[int]]:
    """Let two clients call at the same moment, on fifty recurring tasks; return their statuses, sorted."""
    statuses = []
    for _ in range(ROUNDS):
        task = await ebb.create(title="a", **DAILY)
        answers = await asyncio.gather(
            *(ebb.call(method, f"/v1/tasks/{task['id']}{rest}", body, **headers) for method, rest, body in calls)
        )
        statuses.append(sorted(answer.status_code for answer in answers))
        good = {answer.content for answer in answers if answer.status_code == 200}
        assert len(good) == 1, "two clients that succeed get the same answer"
    return statuses


async def effects(ebb: Ebb) -> dict[str, int]:
    """Let events have their effects, and count the tasks by status."""
    await ebb.settle()
    return dict(await ebb.sql("SELECT status, count(*) FROM tasks GROUP BY status"))


@pytest.mark.parametrize(("action", "status"), [("complete", "completed"), ("skip", "skipped")])
async def test_two_clients_that_close_a_task_close_it_once(ebb: Ebb, action: str, status: str) -> None:
    call = ("POST", f"/{action}", None)
    assert [[200, 200]] * ROUNDS == await race(ebb, call, call)
    assert {status: ROUNDS, "open": ROUNDS} == await effects(ebb)
    assert [(ROUNDS,)] == await ebb.sql("SELECT count(*) FROM audit WHERE type = %s", f"ebb.task.{status}.v1")


async def test_complete_and_skip_at_the_same_moment_bring_one_successor(ebb: Ebb) -> None:
    await race(ebb, ("POST", "/complete", None), ("POST", "/skip", None))
    counts = await effects(ebb)
    assert (ROUNDS, ROUNDS) == (counts["open"], counts.get("completed", 0) + counts.get("skipped", 0))


async def test_two_edits_of_one_version_are_one_edit_and_one_412(ebb: Ebb) -> None:
    edits = [("PATCH", "", {"title": title}) for title in ("b", "c")]
    assert [[200, 412]] * ROUNDS == await race(ebb, *edits, if_match='"1"')
    assert {"open": ROUNDS} == await effects(ebb)
    assert [(ROUNDS,)] == await ebb.sql("SELECT count(*) FROM tasks WHERE title IN ('b', 'c') AND version = 2")


async def test_an_edit_and_a_completion_of_one_version_are_one_effect(ebb: Ebb) -> None:
    calls = [("PATCH", "", {"title": "b"}), ("POST", "/complete", None)]
    assert [[200, 412]] * ROUNDS == await race(ebb, *calls, if_match='"1"')
    await effects(ebb)
    assert [(ROUNDS,)] == await ebb.sql("SELECT count(*) FROM tasks WHERE version = 2")


async def test_edits_without_if_match_are_both_kept(ebb: Ebb) -> None:
    for _ in range(ROUNDS):
        task = await ebb.create(title="a")
        path = f"/v1/tasks/{task['id']}"
        await asyncio.gather(ebb.call("PATCH", path, {"notes": "n"}), ebb.call("PATCH", path, {"tags": ["t"]}))
    kept = {(task["notes"], *task["tags"], task["version"]) for task in await ebb.tasks()}
    assert {("n", "t", 3)} == kept


async def test_two_deletions_are_one_and_a_404(ebb: Ebb) -> None:
    for _ in range(ROUNDS):
        path = f"/v1/tasks/{(await ebb.create(title='a', **DAILY))['id']}"
        answers = await asyncio.gather(ebb.call("DELETE", path), ebb.call("DELETE", path))
        assert [204, 404] == sorted(answer.status_code for answer in answers)
    await ebb.settle()
    assert ROUNDS == len(await ebb.tasks())


async def test_sweep_and_event_at_the_same_moment_bring_one_successor(ebb: Ebb) -> None:
    tasks = [await ebb.create(title="a", **DAILY) for _ in range(10)]
    for task in tasks:
        await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.parts.relay.drain()
    events = [event for event in ebb.dapr.events if event["type"] == "ebb.task.completed.v1"]
    ebb.clock.pass_by(seconds=30)
    await asyncio.gather(
        ebb.tick("sweep"), *(ebb.deliver("spawn-recurrence", event) for event in events), ebb.tick("sweep")
    )
    assert 10 == len(await ebb.tasks("?status=open"))
