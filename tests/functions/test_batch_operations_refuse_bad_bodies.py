"""The bodies inside a batch: each wrong value is answered as by the command's own request, and spoils no other."""

import json
from typing import Any

import pytest

from tests.functions.ways import COMMANDS, Way, all_scopes, contents, path_of
from tests.functions.wrong_values import Case, cases
from tests.harness import Ebb

OPERATIONS = {
    "create": "POST /v1/tasks", "update": "PATCH /v1/tasks/{task}", "complete": "POST /v1/tasks/{task}/complete",
    "skip": "POST /v1/tasks/{task}/skip", "delete": "DELETE /v1/tasks/{task}",
}  # fmt: skip
MOST = 40  # wrong operations of one batch, each between two good ones
GOOD = {"op": "create", "body": {"title": "good"}}


def refused(way: Way) -> list[Case]:
    """Return the wrong values of the command's own request that are short and JSON which a batch can hold."""
    return [case for case in cases(way) if case.refused and len(case.raw) < 10_000 and b"1e400" not in case.raw]


def bodies(op: str) -> list[Any]:
    """Return what is wrong as the body of an operation."""
    way = next(way for way in COMMANDS if str(way) == OPERATIONS[op])
    return [*(json.loads(case.raw) for case in refused(way)), {"unknown": 1}, {"": {}}]


def batch(op: str, task: str, wrong: list[Any], *, atomic: bool) -> dict[str, Any]:
    """Return a batch with good operations around each wrong one."""
    target = {} if op == "create" else {"id": task}
    operations = [each for body in wrong for each in ({"op": op, "body": body, **target}, GOOD)]
    return {"operations": [GOOD, *operations], "atomic": atomic}


@pytest.mark.parametrize("op", OPERATIONS)
async def test_a_wrong_body_fails_alone_with_what_its_own_request_is_answered(ebb: Ebb, op: str) -> None:
    way, wrong = next(way for way in COMMANDS if str(way) == OPERATIONS[op]), bodies(op)
    path, headers = await path_of(ebb, next(way for way in COMMANDS if way.thing == "task")), await all_scopes(ebb)
    task, missed = path.rpartition("/")[2], list[str]()
    shown = (await ebb.call("GET", f"/v1/tasks/{task}")).json()
    for some in (wrong[n : n + MOST] for n in range(0, len(wrong), MOST)):
        sent = batch(op, task, some, atomic=False)
        answer = await ebb.call("POST", "/v1/tasks/batch", sent, user="", authorization=headers)
        assert 200 == answer.status_code, answer.text
        results = answer.json()["results"]
        assert [201] * (len(some) + 1) == [result["status"] for result in results[::2]]
        for body, result in zip(some, results[1::2], strict=True):
            own = await ebb.call(way.method, way.at(task), body, user="", authorization=headers)
            told = [result["status"], *(result["body"][name] for name in ("type", "detail", "errors"))]
            if [own.status_code, *(own.json().get(name) for name in ("type", "detail", "errors"))] != told:
                missed.append(f"{body}: {told} {own.text}"[:400])
    assert [] == missed
    assert shown == (await ebb.call("GET", f"/v1/tasks/{task}")).json()


@pytest.mark.parametrize("op", OPERATIONS)
async def test_a_wrong_body_in_an_atomic_batch_undoes_all_of_it(ebb: Ebb, op: str) -> None:
    path, headers = await path_of(ebb, next(way for way in COMMANDS if way.thing == "task")), await all_scopes(ebb)
    await ebb.call("GET", "/v1/tags", user="", authorization=headers)
    before = await contents(ebb)
    for body in bodies(op):
        sent = batch(op, path.rpartition("/")[2], [body], atomic=True)
        answer = await ebb.call("POST", "/v1/tasks/batch", sent, user="", authorization=headers)
        assert (422, "urn:ebb:problem:batch-refused") == (answer.status_code, answer.json()["type"]), body
        assert [424, 422, 424] == [result["status"] for result in answer.json()["results"]]
    assert before == await contents(ebb)
