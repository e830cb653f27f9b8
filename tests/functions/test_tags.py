"""Tags: named, coloured, renamed, merged and deleted, and their tasks follow, each once, also for those who sync."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from shared import retagging
from tests.harness import Ebb


async def tags(ebb: Ebb, *, user: str = "alice") -> dict[str, dict[str, Any]]:
    """Return the tags of a user by name."""
    answer = await ebb.call("GET", "/v1/tags", user=user)
    assert 200 == answer.status_code, answer.text
    return {tag["name"]: tag for tag in answer.json()["tags"]}


async def tag_id(ebb: Ebb, name: str) -> str:
    return str((await tags(ebb))[name]["id"])


async def change(ebb: Ebb, old: str, /, **fields: object) -> dict[str, Any]:
    """Change the tag of a name and return it."""
    answer = await ebb.call("PATCH", f"/v1/tags/{await tag_id(ebb, old)}", fields)
    assert 200 == answer.status_code, answer.text
    return dict(answer.json())


async def counts(ebb: Ebb) -> dict[str, int]:
    """Return the numbers of open tasks, and see that they are right."""
    shown = {name: tag["open_tasks"] for name, tag in (await tags(ebb)).items()}
    assert shown == {name: len(await ebb.tasks(f"?status=open&limit=200&tag={name}")) for name in shown}
    return shown


async def changes(ebb: Ebb, since: str = "0") -> tuple[list[tuple[str, str, str]], str]:
    """Return kind, op and id of what changed, and the next token."""
    page = (await ebb.call("GET", f"/v1/changes?since={since}")).json()
    return [(one["kind"], one["op"], one["value"]["id"]) for one in page["changes"]], page["next"]


@pytest.fixture(params=[200, 2])
def _steps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands tell of all tasks of a tag, or of two at a time."""
    monkeypatch.setattr(retagging, "SOME", request.param)


async def test_a_tag_is_made_by_its_first_task_or_by_itself(ebb: Ebb) -> None:
    await ebb.create(title="a", tags=["Home"])
    answer = await ebb.call("POST", "/v1/tags", {"name": "Office", "colour": "#00FF7f"})
    assert (201, "#00ff7f", 0) == (answer.status_code, answer.json()["colour"], answer.json()["open_tasks"])
    assert f"/v1/tags/{answer.json()['id']}" == answer.headers["location"]
    again = await ebb.call("POST", "/v1/tags", {"name": "OFFICE"})
    assert (200, answer.json()) == (again.status_code, again.json())
    assert ["Home", "Office"] == list(await tags(ebb))
    assert ["Office"] == (await ebb.create(title="b", tags=["office"]))["tags"]


async def test_the_number_of_open_tasks_is_right_after_every_command(ebb: Ebb) -> None:
    task = await ebb.create(title="a", tags=["x", "y"])
    other = await ebb.create(title="b", tags=["X"])
    path = f"/v1/tasks/{task['id']}"
    seen = [await counts(ebb)]
    for method, where, body in (
        ("POST", f"{path}/complete", None),
        ("POST", f"{path}/complete", None),
        ("PATCH", path, {"tags": ["y", "z"]}),
        ("POST", f"{path}/reopen", None),
        ("DELETE", f"/v1/tasks/{other['id']}", None),
        ("POST", f"/v1/tasks/{other['id']}/restore", None),
        ("PATCH", path, {"tags": []}),
    ):
        await ebb.call(method, where, body)
        seen.append(await counts(ebb))
    assert [
        {"x": 2, "y": 1}, {"x": 1, "y": 0}, {"x": 1, "y": 0}, {"x": 1, "y": 0, "z": 0}, {"x": 1, "y": 1, "z": 1},
        {"x": 0, "y": 1, "z": 1}, {"x": 1, "y": 1, "z": 1}, {"x": 1, "y": 0, "z": 0},
    ] == seen  # fmt: skip


@pytest.mark.usefixtures("_steps")
async def test_a_new_name_is_that_of_all_tasks_and_is_told_of_each(ebb: Ebb) -> None:
    made = [await ebb.create(title=f"{n}", tags=["first", "home"]) for n in range(5)]
    await ebb.create(title="other", tags=["first"])
    _, token = await changes(ebb)
    assert "House" == (await change(ebb, "home", name="House"))["name"]
    assert [["first", "House"]] * 5 == [task["tags"] for task in await ebb.tasks("?tag=house")]
    assert ([], 5) == (await ebb.tasks("?tag=home"), len(await ebb.tasks("?q=house")))
    await ebb.settle()
    told, _ = await changes(ebb, token)
    assert [("tag", "upsert", await tag_id(ebb, "House"))] == told[:1]
    assert {("task", "upsert", task["id"]) for task in made} == set(told[1:])
    assert (6, [2] * 5) == (len(told), [task["version"] for task in await ebb.tasks("?tag=house")])
    assert {"first": 6, "House": 5} == await counts(ebb)


async def test_another_spelling_is_a_new_name(ebb: Ebb) -> None:
    task = await ebb.create(title="a", tags=["home"])
    await change(ebb, "home", name="HOME")
    (after,) = await ebb.tasks()
    assert (["HOME"], 2) == (after["tags"], after["version"])
    assert 304 != (await ebb.call("GET", f"/v1/tasks/{task['id']}", if_none_match='"1"')).status_code


async def test_a_colour_changes_no_task(ebb: Ebb) -> None:
    task = await ebb.create(title="a", tags=["home"])
    assert "#123456" == (await change(ebb, "home", colour="#123456"))["colour"]
    assert (await change(ebb, "home", colour=None))["colour"] is None
    assert [task] == await ebb.tasks()


async def test_what_changes_nothing_tells_nothing(ebb: Ebb) -> None:
    await ebb.create(title="a", tags=["home"])
    await ebb.settle()
    _, token = await changes(ebb)
    await change(ebb, "home", name="home")
    await change(ebb, "home")
    assert ([], []) == ((await changes(ebb, token))[0], await ebb.settle())


@pytest.mark.usefixtures("_steps")
async def test_the_name_of_another_tag_merges_both_and_every_task_has_it_once(ebb: Ebb) -> None:
    both = [await ebb.create(title=f"both {n}", tags=["a", "mid", "b"]) for n in range(3)]
    only = [await ebb.create(title=f"only {n}", tags=["a"]) for n in range(3)]
    gone = await ebb.create(title="gone", tags=["a"])
    await ebb.call("DELETE", f"/v1/tasks/{gone['id']}")
    await ebb.call("POST", f"/v1/tasks/{only[0]['id']}/complete")
    await ebb.create(title="b", tags=["b"])
    first, second = await tag_id(ebb, "a"), await tag_id(ebb, "b")
    _, token = await changes(ebb)
    assert (second, "b") == ((merged := await change(ebb, "a", name="B"))["id"], merged["name"])
    assert 7 == len(await ebb.tasks("?tag=b"))
    assert 7 == len(await ebb.tasks("?q=b&sort=title"))
    await ebb.settle()
    shown = {task["title"][:4]: task["tags"] for task in await ebb.tasks("?tag=b")}
    assert {"both": ["b", "mid"], "only": ["b"], "b": ["b"]} == shown
    assert {("b", 6), ("mid", 3)} == set((await counts(ebb)).items())
    told, _ = await changes(ebb, token)
    assert ("tag", "delete", first) in told
    assert ("tag", "upsert", second) in told
    assert {task["id"] for task in both + only} <= {one for kind, _, one in told if kind == "task"}
    await ebb.call("POST", f"/v1/tasks/{gone['id']}/restore")
    assert ["b"] == (await ebb.call("GET", f"/v1/tasks/{gone['id']}")).json()["tags"]
    assert (8, 7) == (len(await ebb.tasks("?q=b")), (await counts(ebb))["b"])
    assert [] == await ebb.sql("SELECT 1 FROM task_tags WHERE tag_id = %s", first)


@pytest.mark.usefixtures("_steps")
async def test_a_deleted_tag_is_gone_from_its_tasks_and_may_come_again(ebb: Ebb) -> None:
    made = [await ebb.create(title=f"{n}", tags=["a", "b"]) for n in range(5)]
    old = await tag_id(ebb, "a")
    _, token = await changes(ebb)
    assert 204 == (await ebb.call("DELETE", f"/v1/tags/{old}")).status_code
    assert 404 == (await ebb.call("DELETE", f"/v1/tags/{old}")).status_code
    assert [["b"]] * 5 == [task["tags"] for task in await ebb.tasks()]
    assert ([], []) == (await ebb.tasks("?tag=a"), await ebb.tasks("?q=a"))
    again = await ebb.create(title="again", tags=["A"])
    await ebb.settle()
    told, _ = await changes(ebb, token)
    assert ("tag", "delete", old) == told[0]
    assert {task["id"] for task in made} | {again["id"]} == {one for kind, _, one in told if kind == "task"}
    assert {"A": 1, "b": 5} == await counts(ebb)
    assert [] == await ebb.sql("SELECT 1 FROM task_tags WHERE tag_id = %s", old)


async def test_a_tag_that_changes_again_on_its_way_ends_where_the_last_one_says(
    ebb: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retagging, "SOME", 1)
    for n in range(4):
        await ebb.create(title=f"{n}", tags=["a", "b", "c"][: n % 3 + 1])
    await change(ebb, "a", name="b")
    await change(ebb, "b", name="c")
    await change(ebb, "c", name="d")
    assert [["d"]] * 4 == [task["tags"] for task in await ebb.tasks()]
    await ebb.settle(times=2)
    assert [["d"]] * 4 == [task["tags"] for task in await ebb.tasks()]
    assert (4, {"d": 4}) == (len(await ebb.tasks("?q=d")), await counts(ebb))
    assert [] == await ebb.sql("SELECT 1 FROM tags WHERE owes_after IS NOT NULL OR merged_into IS NOT NULL")


async def test_a_tag_deleted_while_another_moves_into_it_takes_both_away(
    ebb: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retagging, "SOME", 1)
    for n in range(4):
        await ebb.create(title=f"{n}", tags=["a"] if n % 2 else ["b"])
    await change(ebb, "a", name="b")
    await ebb.call("DELETE", f"/v1/tags/{await tag_id(ebb, 'b')}")
    assert [[]] * 4 == [task["tags"] for task in await ebb.tasks()]
    await ebb.settle()
    assert ([[]] * 4, {}) == ([task["tags"] for task in await ebb.tasks()], await tags(ebb))
    assert [] == await ebb.sql("SELECT 1 FROM task_tags")


async def test_sweep_goes_on_where_the_event_got_lost(ebb: Ebb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retagging, "SOME", 2)
    for n in range(7):
        await ebb.create(title=f"{n}", tags=["a"])
    await change(ebb, "a", name="b")
    assert [2, 2, 1, 1, 1, 1, 1] == [task["version"] for task in await ebb.tasks()]
    await ebb.tick("sweep")
    assert [2] * 7 == [task["version"] for task in await ebb.tasks()]
    await ebb.settle()
    assert [2] * 7 == [task["version"] for task in await ebb.tasks()]


async def test_a_task_that_changes_meanwhile_is_told_of_once(ebb: Ebb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retagging, "SOME", 1)
    made = [await ebb.create(title=f"{n}", tags=["a"]) for n in range(3)]
    await change(ebb, "a", name="b")
    await ebb.call("PATCH", f"/v1/tasks/{made[2]['id']}", {"title": "new"})
    await ebb.settle()
    assert [2, 2, 2] == [task["version"] for task in await ebb.tasks()]


async def test_commands_that_race_a_rename_leave_no_gap_and_lose_nothing(
    ebb: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retagging, "SOME", 2)
    made = [await ebb.create(title=f"{n}", tags=["a", "b"][n % 2 :]) for n in range(10)]
    await asyncio.gather(
        change(ebb, "a", name="b"),
        *(ebb.call("POST", f"/v1/tasks/{task['id']}/complete") for task in made[::3]),
        *(ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"notes": "x"}) for task in made[1::3]),
    )
    await ebb.settle(times=2)
    assert [["b"]] * 10 == [task["tags"] for task in await ebb.tasks()]
    assert {"b": 6} == await counts(ebb)
    numbers = [n for (n,) in await ebb.sql("SELECT change_seq FROM tasks UNION ALL SELECT change_seq FROM tags")]
    assert (len(numbers), [(max(numbers),)]) == (len(set(numbers)), await ebb.sql("SELECT change_seq FROM users"))


async def test_a_task_that_is_closed_between_the_parts_of_a_merge_is_counted_out_once_for_each_of_its_tags(
    ebb: Ebb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retagging, "SOME", 1)
    made = [await ebb.create(title=f"{n}", tags=["a", "b"]) for n in range(4)]
    await change(ebb, "a", name="b")
    await ebb.call("POST", f"/v1/tasks/{made[3]['id']}/complete")
    await ebb.settle(times=2)
    assert {"b": 3} == await counts(ebb)
    await ebb.call("POST", f"/v1/tasks/{made[3]['id']}/reopen")
    assert {"b": 4} == await counts(ebb)


async def test_the_templates_of_series_follow_their_tags(ebb: Ebb) -> None:
    await ebb.create(title="a", tags=["x", "y"], due={"date": "2026-03-02"}, recurrence={"rule": "FREQ=DAILY"})
    await change(ebb, "x", name="z")
    await change(ebb, "z", name="y")
    (task,) = await ebb.tasks()
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    assert [["y"], ["y"]] == [one["tags"] for one in await ebb.tasks()]
    await ebb.call("DELETE", f"/v1/tags/{await tag_id(ebb, 'y')}")
    (task,) = await ebb.tasks("?status=open")
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    assert ({}, [[]] * 3) == (await tags(ebb), [one["tags"] for one in await ebb.tasks()])


async def test_old_tombstones_of_tags_are_purged(ebb: Ebb) -> None:
    await ebb.create(title="a", tags=["x"])
    await ebb.call("DELETE", f"/v1/tags/{await tag_id(ebb, 'x')}")
    ebb.clock.pass_by(days=31)
    await ebb.tick("sweep")
    assert [] == await ebb.sql("SELECT 1 FROM tags")


async def test_tags_are_listed_by_name_page_by_page(ebb: Ebb) -> None:
    for name in ("c", "B", "a"):
        await ebb.call("POST", "/v1/tags", {"name": name})
    first = (await ebb.call("GET", "/v1/tags?limit=2")).json()
    rest = (await ebb.call("GET", f"/v1/tags?limit=2&cursor={first['next']}")).json()
    assert [["a", "B"], ["c"]] == [[tag["name"] for tag in page["tags"]] for page in (first, rest)]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "a\x00"}, "/name"),
        ({"name": "a", "colour": "red"}, "/colour"),
        ({"name": "a", "colour": "#12345"}, "/colour"),
        ({"name": "a", "open_tasks": 1}, "/open_tasks"),
    ],
)
async def test_a_wrong_tag_is_422_and_named(ebb: Ebb, body: object, pointer: str) -> None:
    answer = await ebb.call("POST", "/v1/tags", body)
    assert (422, [pointer]) == (answer.status_code, [error["pointer"] for error in answer.json()["errors"]])


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_foreign_tag_looks_like_a_missing_one(ebb: Ebb, method: str) -> None:
    await ebb.create(title="a", tags=["secret"], user="bob")
    bobs = await tags(ebb, user="bob")
    answers = [
        await ebb.call(method, f"/v1/tags/{one}", {"name": "x"} if method == "PATCH" else None)
        for one in (bobs["secret"]["id"], uuid4())
    ]
    assert [404, 404] == [answer.status_code for answer in answers]
    assert ({}, bobs) == (await tags(ebb), await tags(ebb, user="bob"))


async def test_other_paths_and_methods_are_refused(ebb: Ebb) -> None:
    tag = (await ebb.call("POST", "/v1/tags", {"name": "a"})).json()
    for method, path, status in (
        ("PATCH", "/v1/tags", 405),
        ("POST", f"/v1/tags/{tag['id']}", 405),
        ("GET", f"/v1/tags/{tag['id']}/x", 404),
        ("GET", "/v1/tags?colour=red", 422),
    ):
        assert status == (await ebb.call(method, path)).status_code
