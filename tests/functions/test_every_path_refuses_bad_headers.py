"""Every path with wrong headers, and with bodies where none belongs: an answer as documented, never a failure."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.functions.test_every_path_refuses_bad_requests import essence
from tests.functions.ways import COMMANDS, WAYS, Way, all_scopes, contents, path_of
from tests.harness import Ebb

TAGS = {
    "a word": b"x", "nothing": b"", "not in quotes": b"1", "half a quote": b'"1', "single quotes": b"'1'",
    "a weak one": b'W/"1"', "a list": b'"7", "8", W/"9"', "commas": b",,,", "long": b'"' + b"1" * 8_000 + b'"',
    "a control": b'"1\x01"', "no UTF-8": b'"\xff"', "negative": b'"-1"', "a star in quotes": b'"*"', "a zero": b'"01"',
    "a hundred": b", ".join(b'"%d"' % n for n in range(100, 200)),
}  # fmt: skip
STALE = (412, "urn:ebb:problem:stale-version")
TOO_LARGE = (413, "urn:ebb:problem:body-too-large")
CONTENT_TYPES = (
    b"", b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b";", b"\xff",
    b"application/cloudevents+json", b"application/json; charset=utf-16", b"a" * 8_000,
)  # fmt: skip
HOSTS = (b"[", b"", b"[::1", b"a b", b"\xff", b"x:99999999", b"a" * 8_000, b"../..", b"ebb@evil")
# Whose resource has a version: where a stale one is refused and a current one is 304.
VERSIONED = ("task", "series")


async def ready(ebb: Ebb, way: Way) -> tuple[str, bytes | None, dict[bytes, bytes]]:
    """Return path, body and headers of a request that succeeds; its token has been used, which is noted."""
    path, headers = await path_of(ebb, way), {b"authorization": (await all_scopes(ebb)).encode()}
    await ebb._http.get("/v1/tags", headers=headers)
    body = {"POST /v1/import": b'{"tasks": []}'}.get(str(way))
    return path, json.dumps(way.bodies[0]).encode() if way.bodies else body, headers


def told(name: str, answer: httpx.Response) -> str:
    """Return what stands in the report of a test."""
    return f"{name}: {answer.status_code} {answer.text[:200]}"


@pytest.mark.parametrize("way", [way for way in COMMANDS if way.thing in VERSIONED], ids=str)
async def test_an_if_match_that_is_not_the_version_is_412_and_changes_nothing(ebb: Ebb, way: Way) -> None:
    path, body, headers = await ready(ebb, way)
    before, wrong = await contents(ebb), list[str]()
    for name, tag in TAGS.items():
        answer = await ebb._http.request(way.method, path, content=body, headers={**headers, b"if-match": tag})
        if essence(answer) != STALE:
            wrong.append(told(name, answer))
    assert [] == wrong
    assert before == await contents(ebb)
    answer = await ebb._http.request(way.method, path, content=body, headers={**headers, b"if-match": b'"7", "1"'})
    assert answer.is_success, answer.text


async def test_an_if_none_match_that_is_not_the_version_shows_the_task(ebb: Ebb) -> None:
    path, _, headers = await ready(ebb, next(way for way in WAYS if str(way) == "GET /v1/tasks/{task}"))
    asked = {
        name: await ebb._http.get(path, headers={**headers, b"if-none-match": tag})
        for name, tag in {**TAGS, "the version": b'"7", "1"', "any": b"*"}.items()
    }
    assert {"a weak one", "the version", "any"} == {name for name, answer in asked.items() if answer.status_code == 304}
    assert {200, 304} == {answer.status_code for answer in asked.values()}


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_wrong_hosts_types_and_versions_of_what_has_none_are_no_failure(ebb: Ebb, way: Way) -> None:
    path, body, headers = await ready(ebb, way)
    tried = [(b"host", value) for value in HOSTS] + [(b"if-none-match", value) for value in TAGS.values()]
    tried += [(b"content-type", value) for value in CONTENT_TYPES]
    if way.thing not in VERSIONED:
        tried += [(b"if-match", value) for value in TAGS.values()]
    wrong = list[str]()
    again = {404, 409, {"DELETE /v1/account": 401, "POST /v1/filters": 422}.get(str(way), 404)}
    for number, (name, value) in enumerate(tried):
        answer = await ebb._http.request(way.method, path, content=body, headers={**headers, name: value})
        # What one request has deleted or made, the next one misses or is refused for.
        if not (answer.is_success or answer.status_code == 304) and (number == 0 or answer.status_code not in again):
            wrong.append(told(f"{name!r} {value!r:.40}", answer))
    assert [] == wrong


@pytest.mark.parametrize("way", [way for way in WAYS if way.method == "GET"], ids=str)
async def test_the_body_of_a_question_is_not_read(ebb: Ebb, way: Way) -> None:
    path, _, headers = await ready(ebb, way)
    before = await contents(ebb)
    for body in (b"{}", b'{"title": "a"}', b"\xff{", b"[" * 10_000, b"\x00", b"cursor=x"):
        assert (200, "") == essence(await ebb._http.request("GET", path, content=body, headers=headers))
    assert before == await contents(ebb)


@pytest.mark.parametrize("way", [way for way in WAYS if way.model or way.path == "/v1/import"], ids=str)
async def test_a_body_over_the_limit_is_413_on_every_path(ebb: Ebb, way: Way) -> None:
    path, _, headers = await ready(ebb, way)
    before, limit = await contents(ebb), ebb.parts.settings.max_body_bytes * (8 if way.path == "/v1/import" else 1)

    async def undeclared() -> AsyncIterator[bytes]:
        for _ in range(limit // 2**20 + 1):
            yield b" " * 2**20

    for body, more in ((b" ", {b"content-length": str(limit + 1).encode()}), (undeclared(), dict[bytes, bytes]())):
        answer = await ebb._http.request(way.method, path, content=body, headers={**headers, **more})
        assert TOO_LARGE == essence(answer), answer.text
    assert before == await contents(ebb)
