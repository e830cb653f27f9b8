"""The detail of a problem ends with what to do next, on every path."""

import httpx
import pytest

from tests.functions.test_every_path_refuses_bad_requests import WITH_TOKEN
from tests.functions.ways import WAYS, Way, all_scopes
from tests.harness import Ebb

TO_DO = {401: "; send a valid token", 404: "; check the path and the id", 405: "use ", 413: "; send less at a time"}


def told(answer: httpx.Response) -> tuple[int, bool]:
    """Return the status of a problem, and whether its detail says what to do about it."""
    detail = answer.json()["detail"]
    return answer.status_code, TO_DO[answer.status_code] in detail and len(detail) < 200


@pytest.mark.parametrize("way", WITH_TOKEN, ids=str)
async def test_who_has_no_valid_token_is_told_to_send_one(ebb: Ebb, way: Way) -> None:
    for authorization in ("", "Basic YTpi", "Bearer x", "Bearer ebb_x", "Bearer a.b.c", "Bearer " + "x" * 20_000):
        answer = await ebb.call(way.method, way.at(), b"{}", user="", authorization=authorization)
        assert (401, True) == told(answer), answer.text
    assert (401, True) == told(await ebb.call(way.method, way.at(), b"{}", user=""))


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_a_wrong_path_id_or_method_is_told_with_what_is_right(ebb: Ebb, way: Way) -> None:
    good = await all_scopes(ebb)
    body = None if way.method == "GET" or not way.bodies else way.bodies[0]
    wrong = [way.at().partition("?")[0] + "/x/y"]
    wrong += [way.at(name) for name in ("7", "01999999-0000-7000-8000-000000000001")] if way.thing else []
    for path in wrong:
        answer = await ebb.call(way.method, path, body, user="", authorization=good)
        assert answer.status_code in {404, 405}, answer.text
        assert told(answer)[1], answer.text
    answer = await ebb.call("PUT", way.at(), body, user="", authorization=good)
    assert (405, True) == told(answer), answer.text
    assert answer.headers["allow"]


@pytest.mark.parametrize("way", [way for way in WAYS if way.model or way.path == "/v1/import"], ids=str)
async def test_who_sends_too_much_is_told_to_send_less(ebb: Ebb, way: Way) -> None:
    answer = await ebb.call(way.method, way.at(), b" ", user="", authorization=await all_scopes(ebb),
                            content_length="99999999")  # fmt: skip
    assert (413, True) == told(answer), answer.text
