"""Ebb's own file: what only it holds, and what becomes of series that were paused, deleted or have gone on."""

import json
from typing import Any

from tests.functions.test_import_tasks import counts, export, take
from tests.harness import Ebb


async def daily(ebb: Ebb) -> dict[str, Any]:
    return await ebb.create(
        title="daily", due={"date": "2026-03-02", "time": "18:00"}, recurrence={"rule": "FREQ=DAILY"}
    )


async def moved_to_bob(ebb: Ebb) -> bytes:
    """Return Alice's file, which has become Bob's as well."""
    await ebb.token("bob")
    body = await export(ebb, "json")
    report = await take(ebb, body, "json", user="bob")
    assert ([], []) == (report["rejected"], report["warnings"])
    await ebb.settle()
    return body


async def dates(ebb: Ebb, user: str, query: str = "?status=open") -> list[str]:
    return sorted(task["due"]["date"] for task in await ebb.tasks(query, user=user))


async def test_tags_bring_their_colours_and_saved_filters_their_queries(ebb: Ebb) -> None:
    await ebb.call("POST", "/v1/tags", {"name": "Home", "colour": "#00aa55"})
    await ebb.call("POST", "/v1/filters", {"name": "Soon", "query": {"tag": "home", "due_to": "2026-03-09"}})
    await ebb.create(title="a", tags=["home"])
    await moved_to_bob(ebb)
    for path, kind in (("/v1/tags", "tags"), ("/v1/filters", "filters")):
        (mine,), (theirs,) = [(await ebb.call("GET", path, user=user)).json()[kind] for user in ("alice", "bob")]
        for name in ("name", "colour", "open_tasks", "query"):
            assert mine.get(name) == theirs.get(name)


async def test_a_tag_and_a_filter_that_are_here_stay_as_they_are(ebb: Ebb) -> None:
    await ebb.call("POST", "/v1/tags", {"name": "home", "colour": "#000000"})
    await ebb.call("POST", "/v1/filters", {"name": "soon", "query": {"sort": "due"}})
    file = {"tags": [{"name": "HOME", "colour": "#ffffff"}, "new"], "filters": [{"name": "Soon", "query": {"q": "x"}}]}
    await take(ebb, json.dumps({**file, "tasks": []}).encode(), "json")
    tags = (await ebb.call("GET", "/v1/tags")).json()["tags"]
    assert [("home", "#000000"), ("new", None)] == [(tag["name"], tag["colour"]) for tag in tags]
    assert [{"sort": ["due"]}] == [one["query"] for one in (await ebb.call("GET", "/v1/filters")).json()["filters"]]


async def test_damaged_tags_filters_and_texts_are_named_and_cost_nothing_else(ebb: Ebb) -> None:
    body = (
        b'{"tags": [7, {"name": "a", "colour": "red"}, "b"], "series": [{"uid": 1}],'
        b' "filters": [{"name": "x", "query": {"nonsense": "y"}}, {"name": "y"}],'
        b' "tasks": [{"uid": "a", "title": "\\ud800"}, {"uid": "b", "title": NaN}, {"uid": "c", "title": "good"}]}'
    )
    report = await take(ebb, body, "json")
    assert (1, ["a", "b"], 5) == (report["created"], [n["uid"] for n in report["rejected"]], len(report["warnings"]))
    assert ["b"] == [tag["name"] for tag in (await ebb.call("GET", "/v1/tags")).json()["tags"]]


async def test_a_series_that_was_paused_goes_on_where_it_is_resumed(ebb: Ebb) -> None:
    for method, path in (("POST", "/complete"), ("DELETE", "")):
        task = await daily(ebb)
        await ebb.call("POST", f"/v1/series/{task['series']['id']}/pause")
        await ebb.call(method, f"/v1/tasks/{task['id']}{path}")
        await ebb.settle()
    await moved_to_bob(ebb)
    assert [] == await dates(ebb, "bob")
    for series in (await ebb.call("GET", "/v1/series", user="bob")).json()["series"]:
        assert not series["is_active"]
        await ebb.call("POST", f"/v1/series/{series['id']}/resume", user="bob")
    assert ["2026-03-03", "2026-03-03"] == await dates(ebb, "bob")


async def test_the_dates_of_a_pause_do_not_come_in_the_copy_either(ebb: Ebb) -> None:
    task = await daily(ebb)
    for action in ("pause", "resume"):
        await ebb.call("POST", f"/v1/series/{task['series']['id']}/{action}")
        ebb.clock.pass_by(days=10)
    await moved_to_bob(ebb)
    for user in ("alice", "bob"):
        (current,) = await ebb.tasks("?status=open", user=user)
        await ebb.call("POST", f"/v1/tasks/{current['id']}/complete", user=user)
    await ebb.settle()
    assert ["2026-03-12"] == await dates(ebb, "alice") == await dates(ebb, "bob")


async def test_a_series_that_was_deleted_brings_nothing_new_in_the_copy(ebb: Ebb) -> None:
    task = await daily(ebb)
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    await ebb.call("DELETE", f"/v1/series/{task['series']['id']}")
    await moved_to_bob(ebb)
    assert ["2026-03-02"] == await dates(ebb, "bob", "")
    await ebb.tick("sweep")
    assert [] == await dates(ebb, "bob")


async def test_a_newer_file_takes_a_series_on_to_where_it_is_there(ebb: Ebb) -> None:
    await daily(ebb)
    await moved_to_bob(ebb)
    for _ in range(3):
        (current,) = await ebb.tasks("?status=open")
        ebb.clock.pass_by(days=1)
        await ebb.call("POST", f"/v1/tasks/{current['id']}/complete")
        await ebb.settle()
    newer = await export(ebb, "json")
    assert (3, 1, 0) == counts(await take(ebb, newer, "json", user="bob"))
    await ebb.settle()
    assert (0, 0, 4) == counts(await take(ebb, newer, "json", user="bob"))
    assert ["2026-03-05"] == await dates(ebb, "alice") == await dates(ebb, "bob")
    assert await dates(ebb, "alice", "") == await dates(ebb, "bob", "")


async def test_a_task_that_was_snoozed_often_comes_in_with_its_latest_reminders(ebb: Ebb) -> None:
    task = await ebb.create(title="later", due={"date": "2026-03-02", "time": "18:00"})
    for _ in range(25):
        ebb.clock.pass_by(hours=1)
        await ebb.call("POST", f"/v1/tasks/{task['id']}/snooze", {"minutes": 90})
    for kind in ("json", "ics"):
        body = await export(ebb, kind)
        assert (0, 0, 1) == counts(await take(ebb, body, kind))
        assert (1, 0, 0) == counts(await take(ebb, body, kind, user=kind))
        mine, theirs = [(await ebb.tasks(user=user))[0]["reminders"] for user in ("alice", kind)]
        assert (20, mine[-1]["fire_at"]) == (len(theirs), theirs[-1]["fire_at"])
