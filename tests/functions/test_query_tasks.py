"""Reading tasks: one, and lists that are filtered, sorted and paged."""

import base64
import itertools
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from shared.paging import Key, Order, write_cursor
from tests.harness import Ebb

TASKS: tuple[dict[str, Any], ...] = (
    {"title": "Apple", "priority": "urgent", "tags": ["Home", "fruit"], "due": {"date": "2026-03-01"}},
    {"title": "banana", "priority": "low", "tags": ["home"], "due": {"date": "2026-03-02", "time": "13:00"}},
    {"title": "Cherry", "priority": "none", "due": {"date": "2026-03-02"}, "recurrence": {"rule": "FREQ=DAILY"}},
    {"title": "damson", "priority": "high", "tags": ["fruit"]},
    {"title": "Elder", "priority": "medium", "due": {"date": "2026-03-02", "time": "11:00"}, "notes": "red berries"},
)


async def fill(ebb: Ebb) -> list[dict[str, Any]]:
    """Create the five tasks a second apart; complete the last but one, skip none."""
    made = []
    for fields in TASKS:
        made.append(await ebb.create(**fields))
        ebb.clock.pass_by(seconds=1)
    await ebb.call("POST", f"/v1/tasks/{made[3]['id']}/complete")
    return made


async def titles(ebb: Ebb, query: str) -> str:
    """Return the first letters of the titles, in order."""
    return "".join(task["title"][0] for task in await ebb.tasks(query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "AbCdE"),
        ("?status=open", "AbCE"),
        ("?status=completed", "d"),
        ("?status=skipped", ""),
        ("?status=open,completed", "AbCdE"),
        ("?priority=high", "d"),
        ("?priority=high,urgent", "Ad"),
        ("?priority=none", "C"),
        ("?tag=HOME", "Ab"),
        ("?tag=home&tag=fruit", "A"),
        ("?tag=nowhere", ""),
        ("?due_from=2026-03-02", "bCE"),
        ("?due_to=2026-03-01", "A"),
        ("?due_from=2026-03-02&due_to=2026-03-02", "bCE"),
        ("?due_from=2026-03-02T12:00:00Z", "b"),
        ("?due_from=0001-01-01&due_to=9999-12-31", "AbCE"),
        ("?due_from=0001-01-01T00:00:00Z&due_to=9999-12-31T23:59:59Z", "AbCE"),
        ("?due_from=2026-03-02&overdue=true", "E"),
        ("?due_from=2026-03-02T12:00:00%2B01:00&due_to=2026-03-02T12:00:00Z", "E"),
        ("?overdue=true", "AE"),
        ("?overdue=false", "bCd"),
        ("?recurring=true", "C"),
        ("?recurring=false", "AbdE"),
        ("?status=open&priority=urgent,low&tag=home&overdue=false", "b"),
        (f"?series={uuid4()}", ""),
    ],
)
async def test_a_filter_shows_what_it_says(ebb: Ebb, query: str, expected: str) -> None:
    await fill(ebb)
    assert expected == await titles(ebb, query)


async def test_the_series_filter_shows_all_occurrences(ebb: Ebb) -> None:
    task = (await fill(ebb))[2]
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    assert ["completed", "open"] == [one["status"] for one in await ebb.tasks(f"?series={task['series']['id']}")]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("created_at", "AbCdE"),
        ("-created_at", "EdCbA"),
        ("title", "AbCdE"),
        ("-title", "EdCbA"),
        ("priority", "CbEdA"),
        ("-priority", "AdEbC"),
        ("due", "ACEbd"),
        ("-due", "bECAd"),  # what is not due comes last, whichever the direction
        ("updated_at", "AbCEd"),
        ("-updated_at", "dECbA"),
        ("-priority,due,created_at,title,updated_at", "AdEbC"),
    ],
)
async def test_a_list_is_sorted_and_its_pages_are_its_parts(ebb: Ebb, sort: str, expected: str) -> None:
    await fill(ebb)
    assert expected == await titles(ebb, f"?sort={sort}")
    assert expected == "".join(task["title"][0] for task in await pages(ebb, f"?sort={sort}&limit=2"))


async def pages(ebb: Ebb, query: str, cursor: str | None = None) -> list[dict[str, Any]]:
    """Return the tasks of all pages, or of those from a cursor on."""
    found: list[dict[str, Any]] = []
    for _ in range(100):
        page = (await ebb.call("GET", f"/v1/tasks{query}{f'&cursor={quote(cursor)}' if cursor else ''}")).json()
        found += page["tasks"]
        cursor = page["next"]
        if cursor is None:
            break
    return found


@pytest.mark.parametrize("sort", ["priority", "-due", "title", "-updated_at"])
async def test_pages_hold_each_task_once_where_many_are_equal(ebb: Ebb, sort: str) -> None:
    made = {(await ebb.create(title="same"))["id"] for _ in range(7)}
    found = [task["id"] for task in await pages(ebb, f"?sort={sort}&limit=3")]
    assert (7, made) == (len(found), set(found))


@pytest.mark.parametrize("sort", ["title", "-created_at", "due"])
async def test_a_page_neither_repeats_nor_misses_what_was_there_all_along(ebb: Ebb, sort: str) -> None:
    made = [
        await ebb.create(title=f"{n:02}", due={"date": f"2026-04-{n + 1:02}"}) for n in range(0, 20, 2)
    ]  # even ones
    first = (await ebb.call("GET", f"/v1/tasks?sort={sort}&limit=5")).json()
    for n in range(1, 20, 2):  # odd ones come in between, and some of both pages go
        await ebb.create(title=f"{n:02}", due={"date": f"2026-04-{n + 1:02}"})
    shown = {task["id"] for task in first["tasks"]}
    for gone in (first["tasks"][-1], next(task for task in made if task["id"] not in shown)):
        await ebb.call("DELETE", f"/v1/tasks/{gone['id']}")
        made.remove(next(task for task in made if task["id"] == gone["id"]))
    rest = await pages(ebb, f"?sort={sort}&limit=5", first["next"])
    later = [task["id"] for task in rest]
    assert not shown & set(later)
    assert {task["id"] for task in made} - shown <= set(later)


async def test_the_last_page_has_no_cursor(ebb: Ebb) -> None:
    await fill(ebb)
    assert (await ebb.call("GET", "/v1/tasks?limit=5")).json()["next"] is None
    assert (await ebb.call("GET", "/v1/tasks?limit=4")).json()["next"]


def forged(*values: Any) -> str:
    """Return a cursor of the default order with these sort values."""
    return write_cursor(Order((Key("t.created_at", "timestamptz"), Key("t.id", "uuid"))), list(values))


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "äöü",
        "%00",
        "e30",
        forged(),
        forged("yesterday-ish", str(uuid4())),
        forged("2026-03-02", "no id"),
        forged("2026-03-02", 7),
        forged("2026-03-02\x00", str(uuid4())),
        forged("2026-03-02", "\ud800"),
        forged("infinity'; DROP TABLE tasks; --", str(uuid4())),
        base64.urlsafe_b64encode(b"[" * 30_000).decode(),
        write_cursor(Order((Key("t.title", "text"),)), ["a"]),
    ],
)
async def test_a_forged_cursor_is_refused(ebb: Ebb, cursor: str) -> None:
    await ebb.create(title="a")
    answer = await ebb.call("GET", f"/v1/tasks?cursor={cursor}")
    assert (422, "?cursor") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_a_cursor_of_another_order_is_refused(ebb: Ebb) -> None:
    await fill(ebb)
    cursor = (await ebb.call("GET", "/v1/tasks?sort=title&limit=1")).json()["next"]
    assert 422 == (await ebb.call("GET", f"/v1/tasks?sort=-title&cursor={cursor}")).status_code


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("colour=red", "?colour"),
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("limit=-1", "?limit"),
        ("limit=ten", "?limit"),
        ("limit=%D9%A1", "?limit"),  # an Arabic digit
        ("limit=1&limit=2", "?limit"),
        ("status=done", "?status"),
        ("status=", "?status"),
        ("priority=high,huge", "?priority"),
        ("sort=colour", "?sort"),
        ("sort=title,-title", "?sort"),
        ("sort=--title", "?sort"),
        ("overdue=maybe", "?overdue"),
        ("recurring=1", "?recurring"),
        ("series=7", "?series"),
        ("due_from=tomorrow", "?due_from"),
        ("due_to=2026-02-30", "?due_to"),
        ("tag=%00", "?tag"),
    ],
)
async def test_a_wrong_parameter_is_422_and_named(ebb: Ebb, query: str, pointer: str) -> None:
    answer = await ebb.call("GET", f"/v1/tasks?{query}")
    assert (422, [pointer]) == (answer.status_code, [error["pointer"] for error in answer.json()["errors"]])


async def test_a_page_has_fifty_tasks_unless_asked_and_two_hundred_at_most(ebb: Ebb) -> None:
    for n in range(51):
        await ebb.create(title=str(n))
    assert (50, 51, 1) == (len(await ebb.tasks()), len(await ebb.tasks("?limit=200")), len(await ebb.tasks("?limit=1")))


async def test_nobody_elses_rows_and_no_tombstones_are_listed(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    await ebb.create(title="b", user="bob")
    await ebb.call("DELETE", f"/v1/tasks/{(await ebb.create(title='c'))['id']}")
    assert [task] == await ebb.tasks()


@pytest.mark.parametrize("known", ['"1"', '"7", "1"', '"1" , "7"', 'W/"1"', "*"])
async def test_a_known_version_is_304_without_a_body(ebb: Ebb, known: str) -> None:
    task = await ebb.create(title="a")
    answer = await ebb.call("GET", f"/v1/tasks/{task['id']}", if_none_match=known)
    assert (304, b"", '"1"') == (answer.status_code, answer.content, answer.headers["etag"])


@pytest.mark.parametrize("known", ['"2"', "1", '"11"', ""])
async def test_another_version_is_sent(ebb: Ebb, known: str) -> None:
    task = await ebb.create(title="a")
    answer = await ebb.call("GET", f"/v1/tasks/{task['id']}", if_none_match=known)
    assert (200, task) == (answer.status_code, answer.json())


@pytest.mark.parametrize("path", [f"/v1/tasks/{uuid4()}", "/v1/tasks/7", "/v1/tasks/%00", f"/v1/tasks/{uuid4()}/x"])
async def test_what_is_not_there_is_404(ebb: Ebb, path: str) -> None:
    answer = await ebb.call("GET", path)
    assert (404, "urn:ebb:problem:not-found") == (answer.status_code, answer.json()["type"])


async def test_an_overdue_task_is_overdue_from_its_minute_and_an_all_day_one_from_the_end_of_its_day(ebb: Ebb) -> None:
    await ebb.live_in("Europe/Berlin")
    await ebb.create(title="Timed", due={"date": "2026-03-02", "time": "13:00"})
    await ebb.create(title="Day", due={"date": "2026-03-02"})
    seen = [await titles(ebb, "?overdue=true")]
    for seconds in (60 * 60 * 11 - 1, 1):  # to 23:59:59 and to midnight in Berlin
        ebb.clock.pass_by(seconds=seconds)
        seen.append(await titles(ebb, "?overdue=true"))
    assert ["T", "T", "TD"] == seen


async def test_every_pair_of_sort_keys_pages_like_it_lists(ebb: Ebb) -> None:
    await fill(ebb)
    for pair in itertools.permutations(["priority", "-due", "-updated_at"], 2):
        sort = f"?sort={','.join(pair)}"
        assert await ebb.tasks(sort) == await pages(ebb, f"{sort}&limit=2")
