"""Bad input: each kind has its documented answer, names what is wrong, and leaves nothing behind."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.harness import Ebb

MISSING = "01999999-0000-7000-8000-000000000000"
NUL = "a\x00b"
DAY = {"date": "2026-03-05"}
DEEP = b"[" * 100_000 + b"]" * 100_000


async def refused(ebb: Ebb, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
    """Send what must be refused, and see that no table has changed."""
    await ebb.token("alice")
    before = await ebb.row_counts()
    answer = await ebb.call(method, path, body, **headers)
    assert before == await ebb.row_counts()
    assert "application/problem+json" == answer.headers["content-type"]
    assert answer.status_code == answer.json()["status"], answer.text
    return answer


def pointers(answer: httpx.Response) -> list[str]:
    """Return where the errors are; also checks that each of them says something."""
    assert all(error["message"] for error in answer.json()["errors"])
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="unfinished"),
        pytest.param(b"title=a", id="a form"),
        pytest.param(b'{"title": "a",}', id="trailing comma"),
        pytest.param(b'{"title": "a"} {}', id="two documents"),
        pytest.param(b'{"title": "\xff"}', id="not UTF-8"),
        pytest.param('{"title": "a"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"title": "\\ud800"}', id="lone surrogate"),
        pytest.param(b'{"notes": "\\udfff", "title": "a"}', id="lone low surrogate"),
        pytest.param(b'{"title": ' + DEEP + b"}", id="deep"),
        pytest.param(
            b'{"title": "a", "due": {"date": "2026-03-05", "at": ' + DEEP + b"}}", id="deep in an ignored field"
        ),
        pytest.param(b'{"title": "a\nb"}', id="raw control character"),
    ],
)
async def test_what_is_no_json_is_400(ebb: Ebb, body: bytes) -> None:
    task = await ebb.create(title="a")
    for method, path in (("POST", "/v1/tasks"), ("PATCH", f"/v1/tasks/{task['id']}")):
        answer = await refused(ebb, method, path, body)
        assert (400, "urn:ebb:problem:malformed-body") == (answer.status_code, answer.json()["type"])


FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"title": 7}, "/title"),
    ({"title": ""}, "/title"),
    ({"title": " \t\n "}, "/title"),
    ({"title": "x" * 501}, "/title"),
    ({"title": NUL}, "/title"),
    ({"title": ["a"]}, "/title"),
    ({"notes": 7}, "/notes"),
    ({"notes": "x" * 50_001}, "/notes"),
    ({"notes": NUL}, "/notes"),
    ({"priority": "huge"}, "/priority"),
    ({"priority": 3}, "/priority"),
    ({"tags": "home"}, "/tags"),
    ({"tags": ["a", 1]}, "/tags/1"),
    ({"tags": [" "]}, "/tags/0"),
    ({"tags": ["x" * 101]}, "/tags/0"),
    ({"tags": [NUL]}, "/tags/0"),
    ({"tags": [f"{n}" for n in range(51)]}, "/tags"),
    ({"colour": "red"}, "/colour"),
    ({"id": MISSING}, "/id"),
    ({"a/b~c": 1}, "/a~1b~0c"),
    ({"due": "2026-03-05"}, "/due"),
    ({"due": {}}, "/due/date"),
    ({"due": {"date": "2026-02-30"}}, "/due/date"),
    ({"due": {"date": "2026-13-01"}}, "/due/date"),
    ({"due": {"date": "tomorrow"}}, "/due/date"),
    ({"due": {"date": 20260305}}, "/due/date"),
    ({"due": {"date": "86400"}}, "/due/date"),
    ({"due": {"date": "1899-12-31"}}, "/due/date"),
    ({"due": {"date": "9001-01-01"}}, "/due/date"),
    ({"due": DAY | {"hour": 9}}, "/due/hour"),
    ({"due": {"time": "09:00"}}, "/due/date"),
    ({"due": DAY | {"time": "24:00"}}, "/due/time"),
    ({"due": DAY | {"time": "09:60"}}, "/due/time"),
    ({"due": DAY | {"time": 9}}, "/due/time"),
    ({"due": DAY | {"time": "09:00Z"}}, "/due/time"),
    ({"due": DAY | {"time": "32400"}}, "/due/time"),
    ({"due": DAY | {"time_zone": "Europe/Berlin"}}, "/due"),
    ({"due": DAY | {"time": "09:00", "time_zone": "Mars/Olympus"}}, "/due/time_zone"),
    ({"due": DAY | {"time": "09:00", "time_zone": "../../etc/passwd"}}, "/due/time_zone"),
    ({"due": DAY | {"time": "09:00", "time_zone": "Europe"}}, "/due/time_zone"),
    ({"due": DAY | {"time": "09:00", "time_zone": "Europe/Berlin\x00"}}, "/due/time_zone"),
    ({"due": DAY | {"time": "09:00", "time_zone": ""}}, "/due/time_zone"),
    ({"due": DAY, "reminders": {}}, "/reminders"),
    ({"due": DAY, "reminders": [{}]}, "/reminders/0"),
    ({"due": DAY, "reminders": [{"minutes_before": 5, "at": "2026-03-05T00:00:00Z"}]}, "/reminders/0"),
    ({"due": DAY, "reminders": [{"minutes_before": -1}]}, "/reminders/0/minutes_before"),
    ({"due": DAY, "reminders": [{"minutes_before": "5"}]}, "/reminders/0/minutes_before"),
    ({"due": DAY, "reminders": [{"minutes_before": 1.5}]}, "/reminders/0/minutes_before"),
    ({"due": DAY, "reminders": [{"minutes_before": True}]}, "/reminders/0/minutes_before"),
    ({"due": DAY, "reminders": [{"minutes_before": 10**30}]}, "/reminders/0/minutes_before"),
    ({"due": None, "reminders": [{"minutes_before": 5}]}, "/reminders/0/minutes_before"),
    ({"due": DAY, "reminders": [{"at": "2026-03-05T00:00:00"}]}, "/reminders/0/at"),
    ({"due": DAY, "reminders": [{"at": "2026-03-05"}]}, "/reminders/0/at"),
    ({"due": DAY, "reminders": [{"at": "1772000000"}]}, "/reminders/0/at"),
    ({"due": DAY, "reminders": [{"at": 1772000000}]}, "/reminders/0/at"),
    ({"due": DAY, "reminders": [{"at": "9999-12-31T23:59:59Z"}]}, "/reminders/0/at"),
    ({"due": DAY, "reminders": [{"minutes_before": 5, "id": "7"}]}, "/reminders/0/id"),
    ({"due": DAY, "reminders": [{"minutes_before": 5}] * 21}, "/reminders"),
    ({"recurrence": "daily"}, "/recurrence"),
    ({"recurrence": {}}, "/recurrence"),
    ({"recurrence": {"rule": "FREQ=DAILY", "text": "every day"}}, "/recurrence"),
    ({"recurrence": {"rule": "FREQ=SOMETIMES"}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "every day"}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "FREQ=DAILY;INTERVAL=0"}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "FREQ=DAILY;COUNT=0"}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "FREQ=DAILY;COUNT=3;UNTIL=20270101"}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "FREQ=DAILY;FREQ=WEEKLY"}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "FREQ=DAILY;X-A=1"}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "FREQ=DAILY\x00"}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "FREQ=DAILY;" + "BYHOUR=1," * 200}}, "/recurrence/rule"),
    ({"recurrence": {"rule": "FREQ=DAILY;UNTIL=20260101"}}, "/recurrence"),
    ({"recurrence": {"text": "buy milk"}}, "/recurrence/text"),
    ({"recurrence": {"text": NUL}}, "/recurrence/text"),
    ({"recurrence": {"cron": "61 * * * *"}}, "/recurrence/cron"),
    ({"recurrence": {"cron": "0 9 1 * 1"}}, "/recurrence/cron"),
    ({"recurrence": {"cron": "0 9 * *"}}, "/recurrence/cron"),
    ({"recurrence": {"cron": "0 9 30 2 *"}}, "/recurrence/cron"),
    ({"recurrence": {"cron": NUL}}, "/recurrence/cron"),
    ({"recurrence": {"pattern": {}}}, "/recurrence/pattern/frequency"),
    ({"recurrence": {"pattern": {"frequency": "sometimes"}}}, "/recurrence/pattern/frequency"),
    ({"recurrence": {"pattern": {"frequency": "daily", "interval": 0}}}, "/recurrence/pattern/interval"),
    ({"recurrence": {"pattern": {"frequency": "daily", "end_date": "2027-01-01", "occurrences": 3}}},
     "/recurrence/pattern"),
    ({"recurrence": {"pattern": {"frequency": "weekly", "days_of_week": ["noday"]}}}, "/recurrence/pattern"),
    ({"recurrence": {"pattern": {"frequency": "weekly", "days_of_week": [NUL]}}}, "/recurrence/pattern/days_of_week/0"),
    ({"recurrence": {"pattern": {"frequency": "monthly", "day_of_month": 0}}}, "/recurrence/pattern"),
    ({"recurrence": {"rule": "FREQ=DAILY", "mode": "sometimes"}}, "/recurrence/mode"),
    ({"recurrence": {"rule": "FREQ=DAILY", "skip_overdue": "yes"}}, "/recurrence/skip_overdue"),
    ({"recurrence": {"rule": "FREQ=DAILY", "exdates": ["2026-02-30T00:00:00"]}}, "/recurrence/exdates/0"),
    ({"recurrence": {"rule": "FREQ=DAILY", "exdates": ["2026-03-05T00:00:00Z"]}}, "/recurrence"),
    ({"recurrence": {"rule": "FREQ=DAILY", "every": 2}}, "/recurrence/every"),
]  # fmt: skip


def name_of(value: object) -> str:
    return ascii(value)[:70] if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(("fields", "pointer"), FIELDS, ids=name_of)
async def test_a_wrong_field_is_422_for_a_new_task(ebb: Ebb, fields: dict[str, Any], pointer: str) -> None:
    answer = await refused(ebb, "POST", "/v1/tasks", {"title": "a", "tags": ["new tag"]} | fields)
    assert (422, "urn:ebb:problem:invalid-input") == (answer.status_code, answer.json()["type"])
    assert [pointer] == pointers(answer)


@pytest.mark.parametrize(("fields", "pointer"), FIELDS, ids=name_of)
async def test_a_wrong_field_is_422_for_a_patch(ebb: Ebb, fields: dict[str, Any], pointer: str) -> None:
    task = await ebb.create(title="a")
    answer = await refused(ebb, "PATCH", f"/v1/tasks/{task['id']}", {"tags": ["new tag"]} | fields)
    assert (422, "urn:ebb:problem:invalid-input") == (answer.status_code, answer.json()["type"])
    assert [pointer] == pointers(answer)
    assert [task] == await ebb.tasks()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [([], ""), ("a", ""), (7, ""), (b"null", ""), ({}, ""), (None, ""), ({"title": None}, ""), ({"text": ""}, "/text"),
     ({"text": NUL}, "/text"), ({"text": "x" * 2001}, "/text"), ({"text": 7}, "/text")],
)  # fmt: skip
async def test_a_new_task_needs_a_title_or_a_text(ebb: Ebb, body: object, pointer: str) -> None:
    answer = await refused(ebb, "POST", "/v1/tasks", body)
    assert (422, [pointer]) == (answer.status_code, pointers(answer))


async def test_all_wrong_fields_are_named_at_once(ebb: Ebb) -> None:
    answer = await refused(ebb, "POST", "/v1/tasks", {"title": 7, "notes": 7, "colour": "red"})
    assert {"/title", "/notes", "/colour"} == set(pointers(answer))


@pytest.mark.parametrize(
    ("action", "body", "pointer"),
    [
        ("complete", {"completed_at": "2026-03-02"}, "/completed_at"),
        ("complete", {"completed_at": "2026-03-02T09:00:00"}, "/completed_at"),
        ("complete", {"completed_at": 1772000000}, "/completed_at"),
        ("complete", {"done": True}, "/done"),
        ("reopen", {"status": "open"}, "/status"),
        ("skip", {"why": "no"}, "/why"),
        ("snooze", {"minutes": "5"}, "/minutes"),
        ("snooze", {"until": "soon"}, "/until"),
    ],
)
async def test_a_wrong_value_of_an_action_is_422(ebb: Ebb, action: str, body: object, pointer: str) -> None:
    task = await ebb.create(title="a", recurrence={"rule": "FREQ=DAILY"})
    answer = await refused(ebb, "POST", f"/v1/tasks/{task['id']}/{action}", body)
    assert (422, [pointer]) == (answer.status_code, pointers(answer))
    assert [task] == await ebb.tasks()


@pytest.mark.parametrize("length", [1_048_577, 10_000_000])
async def test_a_body_over_the_limit_is_413(ebb: Ebb, length: int) -> None:
    answer = await refused(ebb, "POST", "/v1/tasks", b'{"title": "' + b"a" * length + b'"}')
    assert (413, "urn:ebb:problem:body-too-large") == (answer.status_code, answer.json()["type"])


async def test_a_body_over_the_limit_is_413_when_its_length_is_not_declared(ebb: Ebb) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b" " * 100_000

    before = await ebb.row_counts() | {"tokens": 1, "users": 1}
    headers = {"authorization": f"Bearer {await ebb.token('alice')}"}
    answer = await ebb._http.post("/v1/tasks", content=endless(), headers=headers)
    assert ("content-length" not in answer.request.headers, 413) == (True, answer.status_code)
    assert before == await ebb.row_counts()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PATCH", f"/v1/tasks/{MISSING}", 404),
        ("DELETE", f"/v1/tasks/{MISSING}", 404),
        ("POST", f"/v1/tasks/{MISSING}/complete", 404),
        ("POST", f"/v1/tasks/{MISSING}/explode", 404),
        ("PATCH", "/v1/tasks/7", 404),
        ("PATCH", "/v1/tasks/%00", 404),
        ("DELETE", f"/v1/tasks/{MISSING}/complete/now", 404),
        ("GET", "/v1/nothing", 404),
        ("PUT", f"/v1/tasks/{MISSING}", 405),
        ("PUT", "/v1/tasks", 405),
        ("DELETE", "/v1/tasks", 405),
        ("PATCH", "/v1/tasks", 405),
        ("DELETE", "/v1/audit", 405),
        ("DELETE", f"/v1/tasks/{MISSING}?scope=some", 422),
        ("DELETE", f"/v1/tasks/{MISSING}?scope=all&scope=this", 422),
        ("PATCH", f"/v1/tasks/{MISSING}?scope=", 422),
        ("PATCH", f"/v1/tasks/{MISSING}?range=all", 422),
        ("POST", "/v1/tasks?scope=all", 422),
        ("POST", f"/v1/tasks/{MISSING}/complete?scope=all", 422),
    ],
)
async def test_a_wrong_path_method_or_scope_has_its_answer(ebb: Ebb, method: str, path: str, status: int) -> None:
    answer = await refused(ebb, method, path, {"title": "a"} if method in {"PATCH", "PUT"} else b"")
    assert status == answer.status_code
    assert (status == 405) == ("allow" in answer.headers)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_task_is_neither_changed_nor_deleted_by_a_path_that_goes_on_behind_its_id(
    ebb: Ebb, method: str
) -> None:
    task = await ebb.create(title="a")
    answer = await refused(
        ebb, method, f"/v1/tasks/{task['id']}/reminders", {"title": "b"} if method == "PATCH" else None
    )
    assert 404 == answer.status_code
    assert [task] == await ebb.tasks()


async def test_a_wrong_idempotency_key_is_422(ebb: Ebb) -> None:
    answer = await refused(ebb, "POST", "/v1/tasks", {"title": "a"}, idempotency_key=NUL)
    assert 422 == answer.status_code
