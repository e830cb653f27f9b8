"""Batches: each operation has its own result, as its own request would have had it; an atomic one is all or nothing."""

from typing import Any
from uuid import uuid4

import pytest

from tests.harness import Ebb


async def batch(ebb: Ebb, *operations: dict[str, Any], atomic: bool = False, **headers: str) -> list[dict[str, Any]]:
    """Send a batch that is taken and return its results."""
    body = {"operations": list(operations), "atomic": atomic}
    answer = await ebb.call("POST", "/v1/tasks/batch", body, **headers)
    assert 200 == answer.status_code, answer.text
    return list(answer.json()["results"])


def create(title: str, **fields: object) -> dict[str, Any]:
    return {"op": "create", "body": {"title": title, **fields}}


async def test_each_operation_is_done_and_answered_as_its_own_request_would_be(ebb: Ebb) -> None:
    a, b, c, d = [await ebb.create(title=title) for title in "abcd"]
    series = await ebb.create(title="s", due={"date": "2026-03-02"}, recurrence={"rule": "FREQ=DAILY"})
    results = await batch(
        ebb,
        create("new", tags=["x"]),
        {"op": "create", "body": {"text": "Pay rent tomorrow !high"}},
        {"op": "update", "id": a["id"], "if_match": '"1"', "body": {"title": "A"}},
        {"op": "complete", "id": b["id"]},
        {"op": "complete", "id": d["id"], "body": {"completed_at": "2026-03-01T08:00:00Z"}},
        {"op": "skip", "id": series["id"]},
        {"op": "delete", "id": c["id"]},
    )
    assert [201, 201, 200, 200, 200, 200, 204] == [result["status"] for result in results]
    shown = {task["id"]: task for task in await ebb.tasks()}
    assert [shown[result["body"]["id"]] for result in results[:-1]] == [result["body"] for result in results[:-1]]
    assert (None, False) == (results[-1]["body"], c["id"] in shown)
    assert ["high", "A", "completed", "2026-03-01T08:00:00Z", "skipped"] == [
        results[1]["body"]["priority"], results[2]["body"]["title"], results[3]["body"]["status"],
        results[4]["body"]["completed_at"], results[5]["body"]["status"],
    ]  # fmt: skip
    types = [event["type"] for event in await ebb.settle()]
    assert 5 + 2 + 1 == types.count("ebb.task.created.v1")  # before the batch, in it, and the successor
    assert {"ebb.task.updated.v1", "ebb.task.skipped.v1", "ebb.task.deleted.v1"} <= set(types)


async def test_later_operations_see_what_earlier_ones_did(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    results = await batch(
        ebb,
        {"op": "update", "id": task["id"], "body": {"title": "b"}},
        {"op": "update", "id": task["id"], "if_match": '"1"', "body": {"title": "c"}},
        {"op": "update", "id": task["id"], "if_match": '"2"', "body": {"title": "d"}},
        {"op": "delete", "id": task["id"]},
        {"op": "complete", "id": task["id"]},
    )
    assert [200, 412, 200, 204, 404] == [result["status"] for result in results]


HANGING = {"title": "a", "tags": ["new"], "reminders": [{"minutes_before": 5}]}  # from no due value
FAILING: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"op": "complete", "id": str(uuid4())}, 404, "not-found"),
    ({"op": "create", "body": {"title": ""}}, 422, "invalid-input"),
    ({"op": "create"}, 422, "invalid-input"),
    ({"op": "create", "body": {"title": "a", "recurrence": {"rule": "FREQ=NEVER"}}}, 422, "invalid-input"),
    ({"op": "create", "body": HANGING}, 422, "invalid-input"),
)  # fmt: skip


@pytest.mark.parametrize(("operation", "status", "slug"), FAILING)
async def test_one_that_fails_leaves_nothing_and_keeps_no_other_from_being_done(
    ebb: Ebb, operation: dict[str, Any], status: int, slug: str
) -> None:
    first, failed, last = await batch(ebb, create("first"), operation, create("last"))
    assert (201, status, 201) == (first["status"], failed["status"], last["status"])
    assert f"urn:ebb:problem:{slug}" == failed["body"]["type"]
    assert ["first", "last"] == [task["title"] for task in await ebb.tasks()]
    assert ["ebb.task.created.v1"] * 2 == [event["type"] for event in await ebb.settle()]
    assert [(2,)] == await ebb.sql("SELECT change_seq FROM users WHERE id = 'alice'")
    assert [] == (await ebb.call("GET", "/v1/tags")).json()["tags"]


@pytest.mark.parametrize(("operation", "status", "slug"), FAILING)
async def test_an_atomic_batch_with_one_that_fails_does_nothing_at_all(
    ebb: Ebb, operation: dict[str, Any], status: int, slug: str
) -> None:
    task = await ebb.create(title="a")
    await ebb.settle()
    before = await ebb.row_counts()
    body = {
        "atomic": True,
        "operations": [create("first", tags=["x"]), {"op": "complete", "id": task["id"]}, operation, create("last")],
    }
    answer = await ebb.call("POST", "/v1/tasks/batch", body, idempotency_key="k")
    assert (422, "urn:ebb:problem:batch-refused") == (answer.status_code, answer.json()["type"])
    assert [424, 424, status, 424] == [result["status"] for result in answer.json()["results"]]
    assert f"urn:ebb:problem:{slug}" == answer.json()["results"][2]["body"]["type"]
    assert (before, [task], []) == (await ebb.row_counts(), await ebb.tasks(), await ebb.settle())


async def test_an_atomic_batch_that_succeeds_is_done(ebb: Ebb) -> None:
    assert [201, 201] == [one["status"] for one in await batch(ebb, create("a"), create("b"), atomic=True)]
    assert ["a", "b"] == [task["title"] for task in await ebb.tasks()]


async def test_a_repeated_batch_has_one_effect_and_the_first_answer(ebb: Ebb) -> None:
    operations = [create("a"), {"op": "complete", "id": str(uuid4())}]
    first = await batch(ebb, *operations, idempotency_key="k")
    assert first == await batch(ebb, *operations, idempotency_key="k")
    assert 1 == len(await ebb.tasks())


async def test_a_scope_reaches_the_series(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-02"}, recurrence={"rule": "FREQ=DAILY"})
    await batch(ebb, {"op": "update", "id": task["id"], "scope": "all", "body": {"title": "b"}})
    await batch(ebb, {"op": "complete", "id": task["id"]})
    await ebb.settle()
    assert ["b", "b"] == [one["title"] for one in await ebb.tasks()]


async def test_a_hundred_operations_are_taken_and_no_more(ebb: Ebb) -> None:
    assert 100 == len(await batch(ebb, *[create(str(n)) for n in range(100)]))
    body = {"operations": [create("a")] * 101}
    answer = await ebb.call("POST", "/v1/tasks/batch", body)
    assert (422, "/operations") == (answer.status_code, answer.json()["errors"][0]["pointer"])
    assert 100 == len(await ebb.tasks("?limit=200"))


@pytest.mark.parametrize(
    ("operation", "pointer"),
    [
        ({"op": "explode"}, "/operations/0/op"),
        ({"op": "update"}, "/operations/0"),
        ({"op": "create", "id": str(uuid4())}, "/operations/0"),
        ({"op": "update", "id": "7"}, "/operations/0/id"),
        ({"op": "delete", "id": str(uuid4()), "scope": "most"}, "/operations/0/scope"),
        ({"op": "delete", "id": str(uuid4()), "why": 1}, "/operations/0/why"),
        ({"op": "create", "body": []}, "/operations/0/body"),
    ],
)
async def test_what_is_no_operation_refuses_the_whole_batch(ebb: Ebb, operation: object, pointer: str) -> None:
    answer = await ebb.call("POST", "/v1/tasks/batch", {"operations": [operation]})
    assert (422, [pointer]) == (answer.status_code, [error["pointer"] for error in answer.json()["errors"]])


async def test_a_foreign_task_looks_like_a_missing_one(ebb: Ebb) -> None:
    bobs = await ebb.create(title="secret", user="bob")
    foreign, missing = await batch(ebb, *({"op": "complete", "id": one} for one in (bobs["id"], str(uuid4()))))
    assert foreign == missing
    assert [bobs] == await ebb.tasks(user="bob")
