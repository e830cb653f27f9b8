"""The table of public paths agrees with the routes, and a path says which methods it takes."""

from pathlib import Path

import pytest

from shared.embedded.manifests import load
from shared.embedded.wiring import Route
from shared.paths import METHODS, allowed, route

ROUTES = [one for one in load(Path(__file__).parents[2]).routes if one.method != "OPTIONS"]
# The kubelet asks each pod itself; no route leads there.
ASKED_AT_THE_POD = {"/health/liveness", "/health/readiness"}


def covers(one: Route, method: str, path: str) -> bool:
    return one.method == method and (path == one.path or (not one.exact and path.startswith(f"{one.path}/")))


@pytest.mark.parametrize("path", sorted(METHODS.keys() - ASKED_AT_THE_POD))
def test_every_method_of_every_public_path_has_a_route(path: str) -> None:
    assert [] == [method for method in METHODS[path] if not any(covers(one, method, path) for one in ROUTES)]


@pytest.mark.parametrize("one", ROUTES, ids=lambda one: f"{one.method} {one.path}")
def test_every_route_leads_to_a_public_path(one: Route) -> None:
    assert [path for path, methods in METHODS.items() if one.method in methods and covers(one, one.method, path)]


@pytest.mark.parametrize("path", sorted(METHODS))
def test_the_form_of_a_public_path_is_the_path_itself(path: str) -> None:
    filled = path.replace("{id}", "01999999-0000-7000-8000-000000000000")
    assert (path, METHODS[path]) == (route(filled), allowed(filled))


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/tasks/7/explode", "/v1/tasks/7/complete/now", "/v1/nothing"])
def test_a_path_that_is_not_public_takes_no_method(path: str) -> None:
    assert () == allowed(path)
