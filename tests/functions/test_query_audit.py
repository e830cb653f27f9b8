"""Reading the audit log: entries, filters, pages."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.harness import Ebb


async def story(ebb: Ebb) -> dict[str, str]:
    """Create a task, edit it an hour later, complete it an hour after that; return ids by name."""
    task = await ebb.create(title="a", tags=["x"])
    other = await ebb.create(title="b", reminders=[{"at": "2026-03-02T12:30:00Z"}])
    await ebb.settle()
    ebb.clock.pass_by(hours=1)
    await ebb.ring()
    await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"title": "c"})
    await ebb.settle()
    ebb.clock.pass_by(hours=1)
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    return {"task": task["id"], "other": other["id"]}


async def test_every_event_has_one_entry_newest_first(ebb: Ebb) -> None:
    await story(ebb)
    entries = await ebb.audit()
    assert ["task.completed", "notification.sent", "task.updated", "reminder.fired"] == [
        entry["type"].removeprefix("ebb.").removesuffix(".v1") for entry in entries[:4]
    ]
    assert {"ebb.task.created.v1", "ebb.tag.created.v1"} == {entry["type"] for entry in entries[4:]}
    assert 7 == len({entry["event_id"] for entry in entries}) == len(entries)


async def test_an_entry_tells_who_when_and_what(ebb: Ebb) -> None:
    ids = await story(ebb)
    (entry,) = await ebb.audit("?type=ebb.task.updated.v1")
    assert ("2026-03-02T13:00:00Z", "alice", ids["task"], {"title": {"before": "a", "after": "c"}}) == tuple(
        entry[name] for name in ("time", "actor", "task", "changes")
    )
    assert {"event_id", "type", "time", "actor", "task", "changes"} == set(entry)


async def test_what_a_function_did_by_itself_names_the_function(ebb: Ebb) -> None:
    await story(ebb)
    assert ["/ebb/fire-reminder"] == [e["actor"] for e in await ebb.audit("?type=ebb.reminder.fired.v1")]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("type=ebb.task.created.v1", 2),
        ("type=ebb.task.unknown.v1", 0),
        ("actor=alice", 5),
        ("actor=/ebb/fire-reminder", 1),
        ("actor=/ebb/send-notification", 1),
        ("actor=bob", 0),
        ("from=2026-03-02T13:00:00Z", 4),
        ("to=2026-03-02T12:00:00Z", 3),
        ("from=2026-03-02T13:30:00%2B01:00&to=2026-03-02T13:00:00Z", 3),
        ("from=2026-03-02T13:00:00Z&actor=alice&type=ebb.task.updated.v1", 1),
        (f"task={uuid4()}", 0),
        ("limit=4", 4),
    ],
)
async def test_a_filter_shows_what_it_says(ebb: Ebb, query: str, count: int) -> None:
    await story(ebb)
    assert count == len(await ebb.audit(f"?{query}"))


async def test_the_entries_of_one_task(ebb: Ebb) -> None:
    ids = await story(ebb)
    assert (3, 3) == (len(await ebb.audit(f"?task={ids['task']}")), len(await ebb.audit(f"?task={ids['other']}")))


@pytest.mark.parametrize(
    "query",
    ["colour=red", "limit=0", "limit=201", "task=7", "from=yesterday", "from=2026-03-02", "to=2026-03-02T12:00:00",
     "from=0001-01-01T00:00:00%2B14:00", "type=%00", "actor=a&actor=b", "cursor=x", "cursor=WyJhIl0"],
)  # fmt: skip
async def test_a_wrong_parameter_is_422(ebb: Ebb, query: str) -> None:
    answer = await ebb.call("GET", f"/v1/audit?{query}")
    assert (422, f"?{query.partition('=')[0]}") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_pages_hold_each_entry_once_while_new_ones_come(ebb: Ebb) -> None:
    await story(ebb)
    everything = [entry["event_id"] for entry in await ebb.audit()]
    found, cursor = list[str](), ""
    for _ in range(4):
        page = (await ebb.call("GET", f"/v1/audit?limit=2{cursor}")).json()
        found += [entry["event_id"] for entry in page["entries"]]
        await ebb.create(title="later")
        await ebb.settle()
        if page["next"] is None:
            break
        cursor = f"&cursor={quote(page['next'])}"
    assert everything == found


async def test_the_log_outlives_the_task(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    await ebb.call("DELETE", f"/v1/tasks/{task['id']}")
    await ebb.settle()
    ebb.clock.pass_by(days=31)
    await ebb.tick("sweep")
    assert ["ebb.task.deleted.v1", "ebb.task.created.v1"] == [e["type"] for e in await ebb.audit(f"?task={task['id']}")]


async def test_other_paths_and_methods_are_refused(ebb: Ebb) -> None:
    assert (404, 405) == (
        (await ebb.call("GET", "/v1/audit/7")).status_code,
        (await ebb.call("POST", "/v1/audit")).status_code,
    )
