"""The table of ways is whole: no function takes a request that does not stand in it."""

import pytest
from pydantic import BaseModel

from shared.embedded.wiring import Route
from shared.inputs import Input
from shared.paths import WORDS
from tests.functions.ways import COMMANDS, SOMETHING, WAYS, Way, all_scopes, contents
from tests.harness import WIRING, Ebb


def form(path: str) -> str:
    """Return a path with `{id}` for whatever it needs the id of."""
    return "/".join("{id}" if part.startswith("{") or part == SOMETHING else part for part in path.split("/"))


# What describe-api gives are files, the same for everybody: tests/functions/test_describe_api.py.
ROUTES = [route for route in WIRING.routes if route.method != "OPTIONS" and route.function != "describe-api"]
FILES = {"openapi.json", "docs", "health", "liveness", "readiness"}
KNOWN = {(way.method, form(way.path)) for way in WAYS}
PUT_TOGETHER = {"WebhookConfig"}  # by a way, of what has come in
NOTHING = {404, 405}
PREFIXES = {route.path for route in ROUTES if not route.exact}


async def there(ebb: Ebb, method: str, path: str) -> int:
    """Tell what a function thinks of a path: 404 for none, 405 for another method, else something is there.

    The query of a question and the body of a command are wrong for every way, so no id is looked for.
    """
    target, body = (f"{path}?unknown=1", None) if method == "GET" else (path, b"{")
    answer = await ebb.call(method, target, body, user="", authorization=await all_scopes(ebb))
    return answer.status_code


async def answers(ebb: Ebb, path: str, methods: list[str]) -> dict[str, int]:
    """Return what the functions think of a path."""
    return {method: await there(ebb, method, path) for method in methods}


async def ways_from(ebb: Ebb, path: str, statuses: dict[str, int]) -> set[tuple[str, str]]:
    """Return all ways at a path and below it."""
    assert path.count("/") < 7, f"{path}: a function that takes whatever stands below"
    found = {(method, form(path)) for method, status in statuses.items() if status not in NOTHING}
    if path in PREFIXES or found:
        with_id = await answers(ebb, f"{path}/{SOMETHING}", list(statuses))
        if path in PREFIXES or set(with_id.values()) - NOTHING:
            found |= await ways_from(ebb, f"{path}/{SOMETHING}", with_id)
        for word in sorted(WORDS - FILES - {"v1"}):
            with_word = await answers(ebb, f"{path}/{word}", list(statuses))
            # A word that is answered as an id is one, only a strange one; below a word, as below an id.
            below_an_id = await answers(ebb, f"{path.rpartition('/')[0]}/{SOMETHING}/{word}", list(statuses))
            if with_word not in (with_id, below_an_id):
                found |= await ways_from(ebb, f"{path}/{word}", with_word)
    return found


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
async def test_every_way_that_a_function_takes_stands_in_the_table(ebb: Ebb, path: str) -> None:
    await ebb.call("GET", "/v1/tags", user="", authorization=await all_scopes(ebb))  # notes that the token is used
    before = await contents(ebb)
    methods = sorted({route.method for route in ROUTES if route.path == path})
    found = await ways_from(ebb, path, await answers(ebb, path, methods))
    assert set() == found - KNOWN
    assert before == await contents(ebb)


def test_every_route_leads_somewhere() -> None:
    taken = {route for way in WAYS for route in ROUTES if leads(route, way)}
    assert set(ROUTES) == taken


def leads(route: Route, way: Way) -> bool:
    """Tell whether a route takes a way; Gateway API prefers an exact path."""
    below = not route.exact and way.path.startswith(f"{route.path}/")
    return route.method == way.method and (way.path == route.path or below)


def test_every_word_of_a_path_stands_in_a_way() -> None:
    assert set(WORDS) - FILES == {part for way in WAYS for part in way.path.split("/")} & set(WORDS)


def test_every_model_of_what_comes_in_is_of_a_way_or_part_of_one() -> None:
    taken = {way.model.__name__ for way in COMMANDS if way.model}
    taken |= {part for way in COMMANDS if way.model for part in way.model.model_json_schema().get("$defs", {})}
    assert PUT_TOGETHER == {model.__name__ for model in kinds_of(Input)} - taken


def kinds_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    """Return the models of the product that are made from another; those of a file's parts are of its import."""
    found = {kind for kind in model.__subclasses__() if kind.__module__.startswith("shared.")}
    found = {kind for kind in found if kind.__module__ != "shared.json_read"}
    return found.union(*(kinds_of(kind) for kind in found))
