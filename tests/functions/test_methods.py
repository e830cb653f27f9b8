"""Every public path answers a method that it does not take with 405, and names those that it takes."""

import pytest

from shared.paths import METHODS
from tests.harness import Ebb

KNOWN = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
SOMETHING = "01999999-0000-7000-8000-000000000000"
WRONG = [(method, path) for path, methods in METHODS.items() for method in KNOWN if method not in methods]


@pytest.mark.parametrize(("method", "path"), WRONG)
async def test_a_method_that_a_path_does_not_take_is_405_and_allow_names_the_others(
    ebb: Ebb, method: str, path: str
) -> None:
    answer = await ebb.call(method, path.replace("{id}", SOMETHING), {"title": "a"})
    assert (405, set(METHODS[path])) == (answer.status_code, set(answer.headers["allow"].split(", ")))
    assert "urn:ebb:problem:method-not-allowed" == answer.json()["type"]


RIGHT = [(method, path) for path, methods in METHODS.items() for method in methods if path != "/v1/stream"]


@pytest.mark.parametrize(("method", "path"), RIGHT)
async def test_a_method_that_a_path_takes_reaches_its_function(ebb: Ebb, method: str, path: str) -> None:
    answer = await ebb.call(method, path.replace("{id}", SOMETHING))
    assert 405 != answer.status_code


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_task_is_neither_changed_nor_deleted_below_its_own_path(ebb: Ebb, method: str) -> None:
    task = await ebb.create(title="a")
    for action in ("complete", "explode"):
        answer = await ebb.call(
            method, f"/v1/tasks/{task['id']}/{action}", {"title": "b"} if method == "PATCH" else None
        )
        assert answer.status_code in (404, 405)
    assert [task] == await ebb.tasks()
