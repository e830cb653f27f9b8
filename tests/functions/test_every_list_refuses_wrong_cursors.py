"""Every list with wrong cursors, and the feed with wrong tokens: the documented error, and nothing of another user."""

import base64
import json
import re
import zlib
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import httpx
import pytest

from tests.functions.test_every_path_is_a_wall import everything_of, ids_in
from tests.functions.test_every_path_refuses_bad_requests import INVALID, essence, parameters
from tests.functions.ways import WAYS, Way, all_scopes, contents, path_of
from tests.harness import Ebb

GONE = (410, "urn:ebb:problem:history-gone")
READS = [way for way in WAYS if way.method == "GET" and way.path != "/v1/feed/{secret}"]
PAGED = {"/v1/tasks", "/v1/series", "/v1/tags", "/v1/audit", "/v1/notifications", "/v1/admin/dead-letters"}
# A file in one piece, which gives no cursor and goes on after one of the list.
WITH_CURSOR = {*PAGED, "/v1/audit/export"}
WITH_TOKEN = {"/v1/changes", "/v1/stream"}
SORTS = ("sort=title", "sort=-created_at", "sort=-priority,due", "q=a")
# What no sort value of any list is.
NO_VALUES: tuple[Any, ...] = (
    None, True, 7, 1.5, [], {}, ["a"], "\x00", "a\x00b", "\ud800",
)  # fmt: skip
# By the form of a value: texts that are none of its type. Any text is a title or a name.
NO_TEXTS = {
    r"\d{4}-\d\d-\d\d .*|-?infinity": (
        "",
        "a",
        "1e400",
        "9" * 40,
        "infinity'; SELECT 1; --",
        "294277-01-01",
        "2026-02-30",
        "x" * 20_000,
    ),
    r"[0-9a-f-]{36}": ("", "a", "-1", "01999999-0000-7000-8000-00000000000g", "' OR true --", "0" * 33, "x" * 20_000),
    r"\d+": ("", "a", "1.5", "9" * 40, "0x", "1 OR true", "x" * 20_000),
}
TOKENS = {
    "cut": "-7", "negative": "-1", "a fraction": "1.5", "a word": "x", "a space": "%20", "NUL": "%00", "three": "1-2-3",
    "huge": "9" * 19, "400 digits": "1" * 400, "another script": "%D9%A3", "a sign": "%2B1", "hexadecimal": "0x1",
    "a list": "%5B1%5D", "half of UTF-8": "%ff", "20 kB": "a" * 20_000, "half": "1-",
}  # fmt: skip


async def live(ebb: Ebb, user: str) -> dict[str, str]:
    """Make two of everything that is listed; return the headers of the user."""
    headers = {"authorization": await all_scopes(ebb, user)}
    rule = {"template": {"title": "water"}, "recurrence": {"rule": "FREQ=DAILY"}}
    for n in range(2):
        reminder = {"at": "2026-03-02T12:01:00Z"}
        body = {"title": f"a {user} {n}", "tags": [f"{user} {n}"], "reminders": [reminder]}
        assert (await ebb.call("POST", "/v1/tasks", body, user="", **headers)).is_success
        assert (await ebb.call("POST", "/v1/series", rule, user="", **headers)).is_success
    for event in (await ebb.settle())[:2]:
        origin = {"knativeerrordest": "http://write-audit.ebb.svc.cluster.local/"}
        await ebb.deliver("keep-dead-letter", {**event, **origin})
    ebb.clock.pass_by(minutes=1)
    await ebb.ring()
    await ebb.settle()
    ebb.clock.pass_by(minutes=-1)
    return headers


async def cursors(ebb: Ebb, headers: dict[str, str]) -> dict[str, str]:
    """Return the cursor behind the first row of each list, and of each other order of tasks."""
    found = {}
    for query in (*sorted(PAGED), *(f"/v1/tasks?{sort}" for sort in SORTS)):
        answer = await ebb.call("GET", f"{query}{'&' if '?' in query else '?'}limit=1", user="", **headers)
        found[query] = answer.json()["next"]
        assert found[query], query
    return found


def broken(cursor: str) -> dict[str, str]:
    """Return a cursor that was cut or changed on its way; tests/unit/test_paging.py tries every place of it."""
    turned = {f"a bit of letter {n}": _turned(cursor, n) for n in (0, 5, 6, len(cursor) // 2, len(cursor) - 1)}
    cut = {f"cut to {n}": cursor[:n] for n in (0, 1, 4, len(cursor) // 2, len(cursor) - 1)}
    return {
        **turned,
        **cut,
        "twice": cursor * 2,
        "a space": f" {cursor}",
        "padding": f"{cursor}==",
        "a line": f"{cursor}\n",
    }


def _turned(cursor: str, place: int) -> str:
    return cursor[:place] + chr(ord(cursor[place]) ^ 1) + cursor[place + 1 :]


def forged(cursor: str) -> dict[str, str]:
    """Return cursors of the same order whose checksum is right and whose values are not."""
    order, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[4:])
    found: dict[str, object] = {
        "a value too few": [order, *values[1:]], "a value too many": [order, *values, "1"], "an order": [order],
        "nothing": [], "an object": {order: values}, "a text": order, "null": None, "no order": ["", *values],
    }  # fmt: skip
    for place, own in enumerate(values):
        for value in (*NO_VALUES, *next((texts for form, texts in NO_TEXTS.items() if re.fullmatch(form, own)), ())):
            found[f"{place}: {value!r:.30}"] = [order, *values[:place], value, *values[place + 1 :]]
    return {name: sealed(json.dumps(given).encode()) for name, given in found.items()} | {"deep": sealed(b"[" * 30_000)}


def sealed(text: bytes) -> str:
    """Return a text in the form of a cursor; its checksum is no secret."""
    return base64.urlsafe_b64encode(zlib.crc32(text).to_bytes(4, "big") + text).decode().rstrip("=")


def at(path: str, name: str, value: str) -> str:
    """Return a path with one more parameter."""
    return f"{path}{'&' if '?' in path else '?'}{name}={quote(value)}"


def pointers(answer: httpx.Response) -> list[str]:
    """Return what a problem calls wrong."""
    return [error["pointer"] for error in answer.json().get("errors", [])]


def shows(answer: httpx.Response, secrets: set[str]) -> list[str]:
    """Return what of another user stands in an answer."""
    return [secret for secret in secrets if secret in answer.text]


@pytest.mark.parametrize("way", READS, ids=str)
async def test_the_ways_that_take_a_cursor_or_a_token_are_those_that_are_tried_here(ebb: Ebb, way: Way) -> None:
    headers = {"authorization": await all_scopes(ebb)}
    names = await parameters(ebb, way, (await path_of(ebb, way)).partition("?")[0], **headers)
    assert (way.path in WITH_CURSOR, way.path in WITH_TOKEN) == ("cursor" in names, "since" in names)


async def test_a_cursor_of_another_list_or_order_or_one_that_was_cut_or_changed_is_422(ebb: Ebb) -> None:
    headers = await live(ebb, "alice")
    given = await cursors(ebb, headers)
    before, wrong = await contents(ebb), list[str]()
    for path in (*given, "/v1/audit/export"):
        own = given["/v1/audit" if path == "/v1/audit/export" else path]
        tried = {other: cursor for other, cursor in given.items() if order_of(cursor) != order_of(own)}
        for kind, cursor in {**tried, **broken(own), **forged(own)}.items():
            answer = await ebb.call("GET", at(path, "cursor", cursor), user="", **headers)
            if (essence(answer), pointers(answer)) != (INVALID, ["?cursor"]) or len(answer.content) > 2_000:
                wrong.append(f"{path} {kind}: {answer.status_code} {answer.text[:200]}")
    assert [] == wrong
    assert before == await contents(ebb)


def order_of(cursor: str) -> str:
    """Return the order that a cursor belongs to."""
    return str(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[4:])[0])


async def test_a_cursor_of_another_user_shows_ones_own_rows_only(ebb: Ebb) -> None:
    bobs = await cursors(ebb, await live(ebb, "bob"))
    alice = {"authorization": f"Bearer {await ebb.token('alice')}"}
    await live(ebb, "alice")
    of_bob = await everything_of(ebb, "bob")
    mine = ids_in(await everything_of(ebb, "alice"))
    secrets = (ids_in(of_bob) | {"bob"}) - mine
    for path in (*(path for path in bobs if "admin" not in path), "/v1/audit/export"):
        cursor = bobs["/v1/audit" if path == "/v1/audit/export" else path]
        answer = await ebb.call("GET", at(path, "cursor", cursor), user="", **alice)
        assert (200, []) == (answer.status_code, shows(answer, secrets)), path
        whole = await ebb.call("GET", path, user="", **alice)
        assert [] == shows(whole, secrets), path
    assert of_bob == await everything_of(ebb, "bob")


@pytest.mark.parametrize("path", sorted(WITH_TOKEN))
async def test_a_wrong_token_of_the_feed_is_422_and_one_from_the_future_410(ebb: Ebb, path: str) -> None:
    await live(ebb, "bob")
    await ebb.create(title="mine")
    last = int((await ebb.call("GET", "/v1/changes")).json()["next"])
    bobs = int((await ebb.call("GET", "/v1/changes", user="bob")).json()["next"])
    assert last < bobs
    before, wrong = await contents(ebb), list[str]()
    ahead = {f"ahead {token}": token for token in (str(last + 1), str(bobs), f"1-{bobs}", "9" * 18, f"{'9' * 18}-1")}
    sent = {b"authorization": f"Bearer {await ebb.token('alice')}".encode()}
    for kind, token in {**TOKENS, **ahead}.items():
        expected = (GONE, []) if kind in ahead else (INVALID, ["?since"])
        answer = await ebb._http.get(f"{path}?since={token}", headers=sent)
        if (essence(answer), pointers(answer)) != expected or len(answer.content) > 2_000:
            wrong.append(f"{kind}: {answer.status_code} {answer.text[:200]}")
        expected = (GONE, []) if kind in ahead else (INVALID, ["Last-Event-ID"])
        answer = await ebb._http.get(path, headers={**sent, b"last-event-id": unquote_to_bytes(token)})
        if (essence(answer), pointers(answer)) != expected or len(answer.content) > 2_000:
            wrong.append(f"Last-Event-ID {kind}: {answer.status_code} {answer.text[:200]}")
    assert [] == wrong
    assert before == await contents(ebb)


@pytest.mark.parametrize("path", sorted(WITH_TOKEN))
async def test_a_token_of_the_feed_of_another_user_tells_of_ones_own_changes_only(ebb: Ebb, path: str) -> None:
    await live(ebb, "alice")
    await ebb.create(title="secret of Bob", user="bob")
    secrets = ids_in(await everything_of(ebb, "bob")) | {"secret of Bob"}
    token = (await ebb.call("GET", "/v1/changes", user="bob")).json()["next"]
    for answer in (
        await ebb.call("GET", f"{path}?since={token}"),
        await ebb.call("GET", path, last_event_id=token),
        await ebb.call("GET", path),
    ):
        assert (200, []) == (answer.status_code, shows(answer, secrets))
