"""Every command with wrong values at every place of its body: the documented error, and no table changed."""

import json
from typing import Any

import httpx
import pytest

from tests.functions.ways import COMMANDS, Way, all_scopes, contents, path_of
from tests.functions.wrong_values import (
    LONG_NAME,
    MANY,
    NO_JSON,
    NOT_AN_OBJECT,
    WHOLE_BODIES,
    cases,
    stands_in,
    with_value,
)
from tests.harness import Ebb

MALFORMED, INVALID = (400, "urn:ebb:problem:malformed-body"), (422, "urn:ebb:problem:invalid-input")
LONGEST = 64 * 1024  # bytes of an answer, however much is wrong
# A wrong value may also be one that means another thing: an id that is not there, a name that is taken.
REFUSALS = {400, 403, 404, 409, 412, 422}
FIRST_OF = {way.model: way for way in reversed(COMMANDS)}  # for what costs a second each


class Asked:
    """One way with the id that it needs, asked again and again."""

    def __init__(self, ebb: Ebb, way: Way, path: str, authorization: str) -> None:
        self.ebb, self.way, self.path, self.headers = ebb, way, path, {"authorization": authorization}
        self.wrong: list[str] = []

    async def send(self, body: bytes | None, **headers: str) -> httpx.Response:
        """Send a body."""
        return await self.ebb.call(self.way.method, self.path, body, user="", **self.headers, **headers)

    def expect(self, name: str, answer: httpx.Response, *expected: tuple[int, str]) -> dict[str, Any]:
        """Note an answer that is not the documented one; return what it says."""
        problem = dict(answer.json()) if "problem" in answer.headers.get("content-type", "") else {}
        told = problem.get("title") and problem.get("detail") and problem["status"] == answer.status_code
        if (answer.status_code, problem.get("type")) not in expected or not told or len(answer.content) > LONGEST:
            self.wrong.append(f"{name}: {answer.status_code} {answer.text[:300]} ({len(answer.content)})")
        return problem


async def asked(ebb: Ebb, way: Way) -> Asked:
    """Return a way with everything it needs; its token has been used, which is noted once an hour."""
    found = Asked(ebb, way, await path_of(ebb, way), await all_scopes(ebb))
    await ebb.call("GET", "/v1/tags", user="", **found.headers)
    return found


@pytest.mark.parametrize("way", COMMANDS, ids=str)
async def test_each_body_of_the_table_succeeds(ebb: Ebb, way: Way) -> None:
    for body in way.bodies:
        answer = await (await asked(ebb, way)).send(json.dumps(body).encode())
        assert answer.is_success, answer.text


@pytest.mark.parametrize("way", COMMANDS, ids=str)
async def test_a_body_that_is_no_json_is_400(ebb: Ebb, way: Way) -> None:
    one = await asked(ebb, way)
    before = await contents(ebb)
    for name, raw in WHOLE_BODIES.items():
        one.expect(name, await one.send(raw), MALFORMED)
    for case in {case.place: case for case in cases(way)}.values():
        for name, raw in NO_JSON.items():
            one.expect(f"{case.pointer}: {name}", await one.send(with_value(way.bodies[0], case.place, raw)), MALFORMED)
    assert [] == one.wrong
    assert before == await contents(ebb)


@pytest.mark.parametrize("way", COMMANDS, ids=str)
async def test_a_body_that_is_no_object_or_names_what_is_unknown_is_422_and_said_in_short(ebb: Ebb, way: Way) -> None:
    one = await asked(ebb, way)
    before = await contents(ebb)
    large = {"50,000 names": MANY, "a name of 900 kB": LONG_NAME} if FIRST_OF[way.model] is way else {}
    for name, raw in {**NOT_AN_OBJECT, **large}.items():
        problem = one.expect(name, await one.send(raw), INVALID)
        assert all(error["message"] for error in problem["errors"])
    assert [] == one.wrong
    assert before == await contents(ebb)


@pytest.mark.parametrize("way", COMMANDS, ids=str)
async def test_a_wrong_value_is_422_where_it_stands_at_every_place(ebb: Ebb, way: Way) -> None:
    one = await asked(ebb, way)
    before = await contents(ebb)
    tried = list(cases(way))
    for case in (case for case in tried if case.refused):
        problem = one.expect(case.name, await one.send(case.raw), INVALID)
        pointers = [error["pointer"] for error in problem.get("errors", [])]
        # What two values say together is wrong where both stand.
        near = [at for at in pointers if f"{at}/".startswith(f"{case.pointer}/") or case.pointer.startswith(at)]
        if not near or not all(stands_in(pointer, json.loads(case.raw)) for pointer in pointers):
            one.wrong.append(f"{case.name}: {pointers}"[:400])
    assert [] == one.wrong
    assert before == await contents(ebb)
    for case in (case for case in tried if not case.refused):
        answer = await one.send(case.raw)
        if not answer.is_success:
            problem = one.expect(case.name, answer, *((status, answer.json().get("type")) for status in REFUSALS))
            for error in problem.get("errors", []):
                if not error["message"] or not stands_in(error["pointer"], json.loads(case.raw)):
                    one.wrong.append(f"{case.name}: {error}"[:400])
    assert [] == one.wrong
