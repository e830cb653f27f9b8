"""The description of the interface: served to anybody, kept by clients, and true of what the functions check."""

import json
import re

import pytest

from shared.openapi import OPERATIONS, document
from shared.openapi.operation import Operation
from shared.openapi.page import FILES
from tests.harness import Ebb

SOMETHING = "01999999-0000-7000-8000-000000000000"
PAGES = ["/openapi.json", "/docs", *(f"/docs/{name}" for name in sorted(FILES))]


async def test_the_document_is_served_without_a_token(ebb: Ebb) -> None:
    answer = await ebb.call("GET", "/openapi.json", user="")
    assert (200, "application/json") == (answer.status_code, answer.headers["content-type"])
    assert json.loads(json.dumps(document())) == answer.json()


@pytest.mark.parametrize("path", PAGES)
async def test_a_client_keeps_what_it_has_until_it_is_another(ebb: Ebb, path: str) -> None:
    first = await ebb.call("GET", path, user="")
    again = await ebb.call("GET", path, user="", if_none_match=first.headers["etag"])
    other = await ebb.call("GET", path, user="", if_none_match='"of an earlier version"')
    assert (200, 304, 200) == (first.status_code, again.status_code, other.status_code)
    assert (b"", "public, no-cache", first.headers["etag"]) == (
        again.content,
        again.headers["cache-control"],
        again.headers["etag"],
    )


@pytest.mark.parametrize("path", PAGES)
async def test_a_client_that_takes_no_gzip_gets_the_same_uncompressed(ebb: Ebb, path: str) -> None:
    compressed = await ebb.call("GET", path, user="", accept_encoding="gzip")
    plain = await ebb.call("GET", path, user="", accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    assert plain.content == compressed.content  # the client unpacks it


async def test_the_page_may_run_its_own_scripts_and_ask_its_own_host_only(ebb: Ebb) -> None:
    policy = (await ebb.call("GET", "/docs", user="")).headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy.split("; "))
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/docs/other.js", "/docs/..%2fpage.py", "/docs/start.js/more", "/docs/README.md"])
async def test_nothing_but_the_parts_of_the_page_is_served(ebb: Ebb, path: str) -> None:
    assert 404 == (await ebb.call("GET", path, user="")).status_code


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
async def test_the_query_parameters_are_those_that_the_function_knows(ebb: Ebb, operation: Operation) -> None:
    path = operation.path.replace("{id}", await thing_at(ebb, operation.path))
    body = next(iter(operation.examples.values()), {}) if operation.body else None
    headers = {"authorization": f"Bearer {await ebb.token('alice', ['read', 'write', 'admin'])}"}
    answer = await ebb.call(operation.method, f"{path}?undocumented=1", body, user="", **headers)
    if operation.path.startswith("/health/"):
        return
    assert 422 == answer.status_code, answer.text
    known = re.search(r"known are (.*)", answer.json()["errors"][0]["message"])
    assert known is not None
    assert {*operation.query} == {*known[1].split(", ")} - {"none"}


async def thing_at(ebb: Ebb, path: str) -> str:
    """Return the id of something that is there: some functions look for it before they look at the query."""
    if path.startswith("/v1/tasks/{id}"):
        return str((await ebb.create(title="a"))["id"])
    if path.startswith("/v1/series/{id}"):
        task = await ebb.create(title="a", recurrence={"rule": "FREQ=DAILY"})
        return str(task["series"]["id"])
    return "start.js" if path == "/docs/{id}" else SOMETHING
