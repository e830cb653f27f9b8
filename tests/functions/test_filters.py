"""Saved filters: lists with a name, checked when they are saved, and followed by the tags they ask for."""

from typing import Any
from uuid import uuid4

import pytest

from shared import filter_rows
from tests.harness import Ebb


async def save(ebb: Ebb, name: str, query: object, *, user: str = "alice") -> dict[str, Any]:
    """Save a filter and return it."""
    answer = await ebb.call("POST", "/v1/filters", {"name": name, "query": query}, user=user)
    assert 201 == answer.status_code, answer.text
    assert f"/v1/filters/{answer.json()['id']}" == answer.headers["location"]
    return dict(answer.json())


async def filters(ebb: Ebb) -> list[dict[str, Any]]:
    return list((await ebb.call("GET", "/v1/filters")).json()["filters"])


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ({"status": "open", "tag": ["a", "b"]}, {"status": ["open"], "tag": ["a", "b"]}),
        ({"overdue": True}, {"overdue": ["true"]}),
        ("status=open&tag=a&tag=b&q=pay%20rent", {"status": ["open"], "tag": ["a", "b"], "q": ["pay rent"]}),
        ("?sort=-priority,due", {"sort": ["-priority,due"]}),
        ({}, {}),
    ],
)
async def test_a_filter_keeps_parameters_however_they_are_written(ebb: Ebb, query: object, stored: object) -> None:
    saved = await save(ebb, "Mine", query)
    assert (stored, [saved]) == (saved["query"], await filters(ebb))
    assert saved == (await ebb.call("GET", f"/v1/filters/{saved['id']}")).json()


async def test_a_list_is_shown_by_its_filter_and_what_is_given_besides_wins(ebb: Ebb) -> None:
    for title, tags, priority in (("a", ["x"], "low"), ("b", ["x"], "high"), ("c", [], "high")):
        await ebb.create(title=title, tags=tags, priority=priority)
        ebb.clock.pass_by(seconds=1)
    saved = await save(ebb, "X", {"tag": "x", "sort": "-priority"})
    shown = {
        more: "".join(task["title"] for task in await ebb.tasks(f"?filter={saved['id']}{more}"))
        for more in ("", "&sort=title", "&priority=high", "&tag=nowhere")
    }
    assert {"": "ba", "&sort=title": "ab", "&priority=high": "b", "&tag=nowhere": ""} == shown
    page = (await ebb.call("GET", f"/v1/tasks?filter={saved['id']}&limit=1")).json()
    rest = await ebb.tasks(f"?filter={saved['id']}&limit=1&cursor={page['next']}")
    assert ["b", "a"] == [task["title"] for task in (*page["tasks"], *rest)]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "a"}, "/query"),
        ({"query": {}}, "/name"),
        ({"name": " ", "query": {}}, "/name"),
        ({"name": "a", "query": {"colour": "red"}}, "/query/colour"),
        ({"name": "a", "query": {"limit": "5"}}, "/query/limit"),
        ({"name": "a", "query": {"status": "done"}}, "/query/status"),
        ({"name": "a", "query": {"status": ["open", "open"]}}, "/query/status"),
        ({"name": "a", "query": {"sort": "colour"}}, "/query/sort"),
        ({"name": "a", "query": {"q": "x" * 501}}, "/query/q"),
        ({"name": "a", "query": {"tag": []}}, "/query/tag"),
        ({"name": "a", "query": {"tag": [7]}}, "/query/tag/0"),
        ({"name": "a", "query": {"tag": ["\x00"]}}, "/query/tag/0"),
        ({"name": "a", "query": 7}, "/query"),
        ({"name": "Taken", "query": {}}, "/name"),
    ],
)
async def test_a_wrong_filter_is_422_and_named(ebb: Ebb, body: object, pointer: str) -> None:
    await save(ebb, "taken", {})
    answer = await ebb.call("POST", "/v1/filters", body)
    assert (422, [pointer]) == (answer.status_code, [error["pointer"] for error in answer.json()["errors"]])
    assert 1 == len(await filters(ebb))


async def test_a_patch_changes_what_it_names(ebb: Ebb) -> None:
    saved = await save(ebb, "a", {"status": "open"})
    path = f"/v1/filters/{saved['id']}"
    renamed = (await ebb.call("PATCH", path, {"name": "A"})).json()
    assert saved | {"name": "A"} == renamed
    assert {"q": ["x"]} == (await ebb.call("PATCH", path, {"query": {"q": "x"}})).json()["query"]
    assert 422 == (await ebb.call("PATCH", path, {"query": {"status": "done"}})).status_code
    assert {"q": ["x"]} == (await filters(ebb))[0]["query"]


async def test_a_deleted_filter_is_gone_and_its_name_free(ebb: Ebb) -> None:
    saved = await save(ebb, "a", {})
    path = f"/v1/filters/{saved['id']}"
    assert [204, 404, 404] == [(await ebb.call(method, path)).status_code for method in ("DELETE", "DELETE", "GET")]
    assert 404 == (await ebb.call("GET", f"/v1/tasks?filter={saved['id']}")).status_code
    await save(ebb, "a", {})
    ebb.clock.pass_by(days=31)
    await ebb.tick("sweep")
    assert [(1,)] == await ebb.sql("SELECT count(*) FROM filters")


async def test_filters_are_in_the_feed_and_the_log(ebb: Ebb) -> None:
    saved = await save(ebb, "a", {"q": "x"})
    page = (await ebb.call("GET", "/v1/changes")).json()
    assert [("filter", "upsert", saved)] == [(one["kind"], one["op"], one["value"]) for one in page["changes"]]
    await ebb.call("DELETE", f"/v1/filters/{saved['id']}")
    (gone,) = (await ebb.call("GET", f"/v1/changes?since={page['next']}")).json()["changes"]
    assert ("filter", "delete", {"id": saved["id"]}) == (gone["kind"], gone["op"], gone["value"])
    await ebb.settle()
    assert ["ebb.filter.deleted.v1", "ebb.filter.saved.v1"] == [entry["type"] for entry in await ebb.audit()]


async def test_a_filter_follows_the_new_name_of_its_tag(ebb: Ebb) -> None:
    await ebb.create(title="a", tags=["home", "rent"])
    await save(ebb, "f", {"tag": ["HOME", "rent"]})
    (home,) = [tag for tag in (await ebb.call("GET", "/v1/tags")).json()["tags"] if tag["name"] == "home"]
    await ebb.call("PATCH", f"/v1/tags/{home['id']}", {"name": "House"})
    (saved,) = await filters(ebb)
    assert (["House", "rent"], 1) == (saved["query"]["tag"], len(await ebb.tasks(f"?filter={saved['id']}")))
    await ebb.call("PATCH", f"/v1/tags/{home['id']}", {"name": "rent"})
    assert ["rent"] == (await filters(ebb))[0]["query"]["tag"]


async def test_there_is_an_end_to_how_many(ebb: Ebb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_rows, "MOST", 2)
    for name in "ab":
        await save(ebb, name, {})
    assert 422 == (await ebb.call("POST", "/v1/filters", {"name": "c", "query": {}})).status_code


async def test_a_foreign_filter_looks_like_a_missing_one(ebb: Ebb) -> None:
    bobs = await save(ebb, "secret", {}, user="bob")
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        answers = [await ebb.call(method, f"/v1/filters/{one}", body) for one in (bobs["id"], uuid4())]
        assert [404, 404] == [answer.status_code for answer in answers]
    for one, status in ((bobs["id"], 404), (uuid4(), 404), ("7", 422)):
        assert status == (await ebb.call("GET", f"/v1/tasks?filter={one}")).status_code
    assert ([], bobs) == (
        await filters(ebb),
        (await ebb.call("GET", f"/v1/filters/{bobs['id']}", user="bob")).json(),
    )


async def test_other_paths_and_methods_are_refused(ebb: Ebb) -> None:
    saved = await save(ebb, "a", {})
    for method, path, status in (
        ("PATCH", "/v1/filters", 405),
        ("POST", f"/v1/filters/{saved['id']}", 405),
        ("GET", f"/v1/filters/{saved['id']}/x", 404),
        ("GET", "/v1/filters?limit=5", 422),
    ):
        assert status == (await ebb.call(method, path)).status_code
