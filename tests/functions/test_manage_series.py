"""Series as a whole: begin, read, change, pause, resume and delete them, and see their next dates."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.harness import Ebb

BERLIN = "Europe/Berlin"
TEMPLATE: dict[str, Any] = {
    "title": "Water plants", "notes": "all", "priority": "low", "tags": ["home"], "reminders": [{"minutes_before": 60}],
}  # fmt: skip


async def begin(ebb: Ebb, rule: str = "FREQ=DAILY", start: str | None = "2026-03-02", **more: Any) -> dict[str, Any]:
    """Begin a series; `more` are fields of its recurrence."""
    body = {"template": {"title": "a"}, "recurrence": {"rule": rule, **more}}
    answer = await ebb.call("POST", "/v1/series", body | ({"start": start} if start else {}))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def on(ebb: Ebb, series: dict[str, Any], method: str = "GET", rest: str = "", body: object = None) -> Any:
    """Do something to a series that succeeds; return the answer's JSON."""
    answer = await ebb.call(method, f"/v1/series/{series['id']}{rest}", body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def refused(ebb: Ebb, series: dict[str, Any], method: str, rest: str, body: object = None) -> httpx.Response:
    """Do something to a series that is refused, and changes nothing."""
    before = await on(ebb, series)
    answer = await ebb.call(method, f"/v1/series/{series['id']}{rest}", body)
    assert not answer.is_success
    assert before == await on(ebb, series)
    return answer


async def dates(ebb: Ebb, series: dict[str, Any], count: int = 3) -> list[str]:
    found = (await on(ebb, series, rest=f"/occurrences?count={count}"))["occurrences"]
    return [date.removeprefix("2026-").removesuffix("T00:00:00") for date in found]


async def open_tasks(ebb: Ebb) -> list[dict[str, Any]]:
    await ebb.settle(times=2)
    return await ebb.tasks("?status=open")


async def the_open(ebb: Ebb) -> dict[str, Any]:
    (task,) = await open_tasks(ebb)
    return task


async def close(ebb: Ebb, times: int = 1, action: str = "complete") -> list[str]:
    """Close the open occurrence, and those that follow; return when they were due."""
    seen = []
    for _ in range(times):
        task = await the_open(ebb)
        seen.append(task["due"]["date"].removeprefix("2026-"))
        assert (await ebb.call("POST", f"/v1/tasks/{task['id']}/{action}")).status_code == 200
    await ebb.settle(times=2)
    return seen


async def types(ebb: Ebb) -> list[str]:
    return [event["type"].removeprefix("ebb.").removesuffix(".v1") for event in await ebb.settle()]


async def test_a_series_begins_with_its_first_occurrence(ebb: Ebb) -> None:
    body = {"template": TEMPLATE, "recurrence": {"rule": "freq=daily"}, "start": "2026-03-02T18:00:00"}
    answer = await ebb.call("POST", "/v1/series", body | {"time_zone": BERLIN})
    series = answer.json()
    assert (201, f"/v1/series/{series['id']}", '"1"') == (
        answer.status_code, answer.headers["location"], answer.headers["etag"],
    )  # fmt: skip
    assert (TEMPLATE, "2026-03-02T18:00:00", BERLIN, True, None) == tuple(
        series[name] for name in ("template", "start", "time_zone", "is_active", "ended_at")
    )
    assert {
        "rule": "FREQ=DAILY", "text": "every day", "mode": "scheduled", "skip_overdue": False, "exdates": [],
    } == series["recurrence"]  # fmt: skip
    assert ["series.created", "task.created"] == [one for one in await types(ebb) if one != "tag.created"]
    (task,) = await ebb.tasks()
    assert (series["next_due"], "2026-03-02T18:00:00") == (task["due"], task["occurrence"])
    assert ["2026-03-02T16:00:00Z"] == [reminder["fire_at"] for reminder in task["reminders"]]
    assert series == await on(ebb, series)


async def test_it_is_the_series_that_a_recurring_task_makes(ebb: Ebb) -> None:
    task = await ebb.create(**TEMPLATE, due={"date": "2026-03-02"}, recurrence={"rule": "FREQ=DAILY"})
    other = await ebb.call(
        "POST", "/v1/series", {"template": TEMPLATE, "recurrence": {"rule": "FREQ=DAILY"}, "start": "2026-03-02"}
    )
    assert {**other.json(), "id": task["series"]["id"]} == await on(ebb, task["series"])


@pytest.mark.parametrize(
    ("recurrence", "more", "start", "due"),
    [
        ({"text": "every other friday"}, {}, "2026-03-06", ("2026-03-06", None, None)),
        ({"cron": "30 9 * * *"}, {}, "2026-03-02T12:01:00", ("2026-03-03", "09:30", None)),
        ({"cron": "30 13 * * *"}, {"time_zone": BERLIN}, "2026-03-02T13:01:00", ("2026-03-02", "13:30", BERLIN)),
        ({"pattern": {"frequency": "daily", "occurrences": 2}}, {"start": "2026-04-01"}, "2026-04-01",
         ("2026-04-01", None, None)),
        ({"rule": "FREQ=WEEKLY;BYDAY=WE"}, {"start": "2026-04-02T08:00"}, "2026-04-02T08:00:00",
         ("2026-04-08", "08:00", None)),
    ],
)  # fmt: skip
async def test_a_series_starts_now_or_when_it_is_told_to(
    ebb: Ebb, recurrence: object, more: dict[str, Any], start: str, due: tuple[str | None, ...]
) -> None:
    body = {"template": {"title": "a"}, "recurrence": recurrence, **more}
    series = (await ebb.call("POST", "/v1/series", body)).json()
    assert (start, due) == (
        series["start"], tuple(series["next_due"][name] for name in ("date", "time", "time_zone")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"template": {}}, "/template/title"),
        ({"template": None}, "/template"),
        ({"recurrence": None}, "/recurrence"),
        ({"recurrence": {"rule": "FREQ=NEVER"}}, "/recurrence/rule"),
        ({"recurrence": {"rule": "FREQ=DAILY;UNTIL=20260101"}}, "/recurrence"),
        ({"recurrence": {"rule": "FREQ=DAILY;COUNT=1", "exdates": ["2026-03-02T00:00:00"]}}, "/recurrence"),
        ({"recurrence": {"rule": "FREQ=DAILY", "exdates": ["2026-03-02T00:00:00Z"]}}, "/recurrence"),
        ({"start": "2026-03-02T09:00:00Z"}, "/start"),
        ({"start": "2026-02-30"}, "/start"),
        ({"start": "tomorrow"}, "/start"),
        ({"start": 7}, "/start"),
        ({"start": "0001-01-01"}, "/start"),
        ({"time_zone": BERLIN}, ""),
        ({"start": "2026-03-02T09:00:00", "time_zone": "Europe/Atlantis"}, "/time_zone"),
        ({"title": "b"}, "/title"),
        ({"is_active": False}, "/is_active"),
        ({"template": {"title": "a", "reminders": [{"at": "2026-03-02T09:00:00Z"}]}},
         "/template/reminders/0/minutes_before"),
    ],
)  # fmt: skip
async def test_what_is_no_series_is_refused_and_named(ebb: Ebb, wrong: dict[str, Any], pointer: str) -> None:
    body = {"template": {"title": "a"}, "recurrence": {"rule": "FREQ=DAILY"}, "start": "2026-03-02"} | wrong
    answer = await ebb.call("POST", "/v1/series", body)
    assert (422, pointer) == (answer.status_code, answer.json()["errors"][0]["pointer"]), answer.text
    assert ([], []) == (await ebb.tasks(), (await ebb.call("GET", "/v1/series")).json()["series"])


async def test_the_list_is_paged_and_filtered(ebb: Ebb) -> None:
    made = []
    for _ in range(3):
        made.append(await begin(ebb))
        ebb.clock.pass_by(seconds=1)
    paused = await on(ebb, made[1], "POST", "/pause")
    page = (await ebb.call("GET", "/v1/series?limit=2")).json()
    rest = (await ebb.call("GET", f"/v1/series?limit=2&cursor={page['next']}")).json()
    assert ([made[0], paused, made[2]], None) == (page["series"] + rest["series"], rest["next"])
    for value, expected in (("true", [made[0], made[2]]), ("false", [paused])):
        assert expected == (await ebb.call("GET", f"/v1/series?is_active={value}")).json()["series"]


async def test_an_ended_series_is_not_active_and_can_be_read(ebb: Ebb) -> None:
    series = await begin(ebb, "FREQ=DAILY;COUNT=1")
    await close(ebb)
    (found,) = (await ebb.call("GET", "/v1/series?is_active=false")).json()["series"]
    assert (series["id"], False, None, "2026-03-02T12:00:00Z") == tuple(
        found[name] for name in ("id", "is_active", "next_due", "ended_at")
    )
    assert [] == await dates(ebb, series)


@pytest.mark.parametrize(
    "path",
    ["?colour=red", "?is_active=yes", "?is_active=", "?limit=0", "?limit=x", "?cursor=x",
     "/{id}?x=1", "/{id}/occurrences?count=0", "/{id}/occurrences?count=1001", "/{id}/occurrences?count=x",
     "/{id}/occurrences?limit=3", "/{id}/occurrences?count=1&count=2"],
)  # fmt: skip
async def test_wrong_parameters_are_422(ebb: Ebb, path: str) -> None:
    series = await begin(ebb)
    answer = await ebb.call("GET", "/v1/series" + path.format(id=series["id"]))
    name = "?" + path.partition("?")[2].partition("=")[0]
    assert (422, name) == (answer.status_code, answer.json()["errors"][0]["pointer"])


@pytest.mark.parametrize(
    ("method", "rest", "status"),
    [
        ("PUT", "", 405), ("POST", "/{id}", 405), ("PATCH", "", 405), ("DELETE", "", 405), ("GET", "/{id}/pause", 405),
        ("POST", "/{id}/occurrences", 405), ("PATCH", "/{id}/pause", 405), ("GET", "/{id}/other", 404),
        ("POST", "/{id}/pause/x", 404), ("GET", "/7", 404), ("DELETE", "/{id}/pause", 405),
    ],
)  # fmt: skip
async def test_other_methods_and_paths_are_405_and_404(ebb: Ebb, method: str, rest: str, status: int) -> None:
    series = await begin(ebb)
    answer = await ebb.call(method, "/v1/series" + rest.format(id=series["id"]))
    assert (status, status == 405) == (answer.status_code, "allow" in answer.headers)


FOREIGN: list[tuple[str, str, object]] = [
    ("GET", "", None), ("GET", "/occurrences", None), ("PATCH", "", {"template": {"title": "mine"}}),
    ("DELETE", "", None), ("POST", "/pause", None), ("POST", "/resume", None),
]  # fmt: skip


@pytest.mark.parametrize(("method", "rest", "body"), FOREIGN)
async def test_a_foreign_series_is_answered_like_a_missing_one(ebb: Ebb, method: str, rest: str, body: object) -> None:
    bobs = (await ebb.create(user="bob", title="Secret", recurrence={"rule": "FREQ=DAILY"}))["series"]["id"]
    before = (await ebb.call("GET", f"/v1/series/{bobs}", user="bob")).json()
    for headers in ({}, {"if_match": '"9"'}, {"idempotency_key": "k"}):
        foreign, missing = [
            await ebb.call(method, f"/v1/series/{series_id}{rest}", body, **headers) for series_id in (bobs, uuid4())
        ]
        assert (404, 404) == (foreign.status_code, missing.status_code)
        assert foreign.json() | {"instance": ""} == missing.json() | {"instance": ""}
    assert before == (await ebb.call("GET", f"/v1/series/{bobs}", user="bob")).json()
    assert [] == (await ebb.call("GET", "/v1/series")).json()["series"]


@pytest.mark.parametrize(
    ("method", "rest", "body", "status"),
    [
        ("PATCH", "", {"template": {"title": "b"}}, 200), ("POST", "/pause", None, 200), ("DELETE", "", None, 204),
        ("POST", "/resume", None, 200),
    ],
)  # fmt: skip
async def test_commands_take_a_version_and_a_key(ebb: Ebb, method: str, rest: str, body: object, status: int) -> None:
    path = f"/v1/series/{(await begin(ebb))['id']}{rest}"
    assert 412 == (await ebb.call(method, path, body, if_match='"2"')).status_code
    answers = [await ebb.call(method, path, body, if_match='"1"', idempotency_key="k") for _ in range(2)]
    assert [status] * 2 == [answer.status_code for answer in answers]
    assert answers[0].content == answers[1].content
    assert "idempotent-replayed" in answers[1].headers


async def test_a_series_needs_the_scopes_of_a_token(ebb: Ebb) -> None:
    series = await begin(ebb)
    for scope, calls in (("write", [("GET", "")]), ("read", [("DELETE", ""), ("PATCH", ""), ("POST", "/pause")])):
        bearer = f"Bearer {await ebb.token('alice', scopes=[scope])}"
        for method, rest in calls:
            answer = await ebb.call(method, f"/v1/series/{series['id']}{rest}", authorization=bearer)
            assert 403 == answer.status_code


async def test_the_next_dates_begin_with_the_open_occurrence(ebb: Ebb) -> None:
    series = await begin(ebb, "FREQ=WEEKLY;BYDAY=MO,TH", exdates=["2026-03-09T00:00:00"])
    assert ["03-02", "03-05", "03-12"] == await dates(ebb, series)
    await close(ebb)
    assert ["03-05", "03-12"] == await dates(ebb, series, 2)
    assert 10 == len((await on(ebb, series, rest="/occurrences"))["occurrences"])


@pytest.mark.parametrize(
    ("rule", "more", "expected"),
    [
        ("FREQ=DAILY;COUNT=2", {}, ["03-02", "03-03"]),
        ("FREQ=DAILY;COUNT=4", {"exdates": ["2026-03-04T00:00:00"]}, ["03-02", "03-03", "03-05"]),
        ("FREQ=DAILY;UNTIL=20260303", {}, ["03-02", "03-03"]),
        ("FREQ=DAILY;INTERVAL=3", {"mode": "after_completion"}, ["03-02", "03-05", "03-08"]),
    ],
)
async def test_the_next_dates_end_with_the_series(
    ebb: Ebb, rule: str, more: dict[str, Any], expected: list[str]
) -> None:
    assert expected == await dates(ebb, await begin(ebb, rule, **more))


@pytest.mark.parametrize("more", [{}, {"skip_overdue": True}, {"mode": "after_completion"}])
@pytest.mark.parametrize("rule", ["FREQ=DAILY;COUNT=5", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=DAILY;INTERVAL=2;COUNT=4"])
async def test_the_next_dates_are_those_that_come(ebb: Ebb, rule: str, more: dict[str, Any]) -> None:
    series = await begin(ebb, rule, exdates=["2026-03-04T00:00:00", "2026-03-09T00:00:00"], **more)
    foreseen, seen = await dates(ebb, series, 4), []
    for _ in foreseen:
        task = await the_open(ebb)
        seen.append(task["due"]["date"].removeprefix("2026-"))
        done = {"completed_at": f"{task['due']['date']}T12:00:00Z"}
        await ebb.call("POST", f"/v1/tasks/{task['id']}/complete", done)
    assert foreseen == seen


async def test_a_changed_template_reaches_the_open_occurrence_and_all_that_follow(ebb: Ebb) -> None:
    series = await begin(ebb)
    await close(ebb)
    changed = await on(ebb, series, "PATCH", "", {"template": TEMPLATE})
    assert (TEMPLATE, 2, series["recurrence"]) == tuple(changed[n] for n in ("template", "version", "recurrence"))
    for _ in range(2):
        task = await the_open(ebb)
        assert TEMPLATE == {**{n: task[n] for n in TEMPLATE}, "reminders": TEMPLATE["reminders"]}
        assert [60] == [reminder["minutes_before"] for reminder in task["reminders"]]
        await close(ebb)
    assert ["Water plants"] * 3 + ["a"] == sorted(task["title"] for task in await ebb.tasks())


async def test_what_was_edited_on_one_occurrence_stays(ebb: Ebb) -> None:
    series = await begin(ebb)
    task = await the_open(ebb)
    await ebb.call("PATCH", f"/v1/tasks/{task['id']}", {"title": "mine", "due": {"date": "2026-03-05"}})
    await on(ebb, series, "PATCH", "", {"template": {"title": "b", "notes": "n"}})
    task = await the_open(ebb)
    assert ("mine", "n", "2026-03-05") == (task["title"], task["notes"], task["due"]["date"])
    await close(ebb)
    task = await the_open(ebb)
    assert ("b", "2026-03-03") == (task["title"], task["due"]["date"])


async def test_null_clears_and_absent_stays(ebb: Ebb) -> None:
    body = {"template": TEMPLATE, "recurrence": {"rule": "FREQ=DAILY", "exdates": ["2026-03-05T09:00:00"]},
            "start": "2026-03-02T09:00:00", "time_zone": BERLIN}  # fmt: skip
    series = (await ebb.call("POST", "/v1/series", body)).json()
    patch = {"template": {"notes": None, "reminders": None}, "recurrence": {"exdates": None}, "time_zone": None}
    changed = await on(ebb, series, "PATCH", "", patch)
    assert TEMPLATE | {"notes": "", "reminders": []} == changed["template"]
    assert ("2026-03-02T09:00:00", None, []) == (
        changed["start"], changed["time_zone"], changed["recurrence"]["exdates"],
    )  # fmt: skip
    task = await the_open(ebb)
    assert (None, [], "09:00") == (task["due"]["time_zone"], task["reminders"], task["due"]["time"])


@pytest.mark.parametrize(
    "body", [{}, {"template": {}}, {"recurrence": {}}, {"template": {"title": "a"}, "recurrence": {"mode": None}},
             {"start": "2026-03-02"}, {"time_zone": None}, {"recurrence": {"text": "every day"}}],
)  # fmt: skip
async def test_a_patch_that_changes_nothing_keeps_the_version(ebb: Ebb, body: object) -> None:
    series = await begin(ebb)
    await ebb.settle()
    assert series == await on(ebb, series, "PATCH", "", body)
    assert [] == await ebb.settle()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"template": None}, "/template"), ({"template": {"title": None}}, "/template/title"),
        ({"recurrence": None}, "/recurrence"),
        ({"recurrence": {"rule": "FREQ=DAILY", "cron": "* * * * *"}}, "/recurrence"),
        ({"recurrence": {"rule": "x"}}, "/recurrence/rule"), ({"recurrence": {"mode": "never"}}, "/recurrence/mode"),
        ({"recurrence": {"exdates": ["2026-03-02T00:00:00Z"]}}, "/recurrence"), ({"start": None}, "/start"),
        ({"time_zone": BERLIN}, "/time_zone"), ({"is_active": False}, "/is_active"),
        ({"recurrence": {"rule": "FREQ=DAILY;COUNT=1"}}, "/recurrence"),
    ],
)  # fmt: skip
async def test_a_wrong_patch_is_refused_and_named(ebb: Ebb, body: object, pointer: str) -> None:
    series = await begin(ebb)
    await close(ebb)
    answer = await refused(ebb, series, "PATCH", "", body)
    assert (422, pointer) == (answer.status_code, answer.json()["errors"][0]["pointer"])


@pytest.mark.parametrize(
    ("start", "patch", "expected"),
    [
        # Only the end, the way of counting or the EXDATEs differ: the open occurrence keeps its date.
        ("2026-03-06", {"recurrence": {"rule": "FREQ=WEEKLY;COUNT=2"}}, ["03-06", "03-13"]),
        ("2026-03-06", {"recurrence": {"skip_overdue": True}}, ["03-06", "03-13"]),
        ("2026-03-06", {"recurrence": {"exdates": ["2026-03-13T00:00:00"]}}, ["03-06", "03-20"]),
        # What is excluded goes, and the next date takes its place.
        ("2026-03-06", {"recurrence": {"exdates": ["2026-03-06T00:00:00"]}}, ["03-13", "03-20"]),
        # Another rule: the first date that it has.
        ("2026-03-06", {"recurrence": {"rule": "FREQ=WEEKLY;BYDAY=TU"}}, ["03-10", "03-17"]),
        ("2026-03-06", {"recurrence": {"text": "every 2 days"}}, ["03-06", "03-08"]),
        # What is overdue stays owed, unless overdue dates are passed over.
        ("2026-02-20", {"recurrence": {"rule": "FREQ=WEEKLY;BYDAY=TU"}}, ["02-24", "03-03"]),
        ("2026-02-20", {"recurrence": {"rule": "FREQ=WEEKLY;BYDAY=TU", "skip_overdue": True}}, ["03-03", "03-10"]),
        ("2026-03-06", {"start": "2026-03-04"}, ["03-04", "03-11"]),
        ("2026-03-06", {"start": "2026-03-31"}, ["03-31", "04-07"]),
        ("2026-03-06", {"start": "2026-03-06T10:00:00", "time_zone": BERLIN}, ["03-06T10:00:00", "03-13T10:00:00"]),
    ],
)  # fmt: skip
async def test_a_changed_recurrence_gives_the_open_occurrence_a_fitting_date(
    ebb: Ebb, start: str, patch: object, expected: list[str]
) -> None:
    series = await begin(ebb, "FREQ=WEEKLY", start)
    await on(ebb, series, "PATCH", "", patch)
    assert expected == await dates(ebb, series, 2)
    seen = [(await the_open(ebb))["occurrence"]]
    await close(ebb)
    seen.append((await the_open(ebb))["occurrence"])
    assert expected == [one.removeprefix("2026-").removesuffix("T00:00:00") for one in seen]


async def test_another_zone_keeps_the_local_time(ebb: Ebb) -> None:
    series = await begin(ebb, start="2026-03-02T18:00:00")
    changed = await on(ebb, series, "PATCH", "", {"time_zone": BERLIN})
    assert ("18:00", BERLIN, "2026-03-02T17:00:00Z") == tuple(
        changed["next_due"][name] for name in ("time", "time_zone", "at")
    )
    assert changed["next_due"] == (await the_open(ebb))["due"]


async def test_from_completions_to_a_schedule_goes_on_from_the_open_occurrence(ebb: Ebb) -> None:
    series = await begin(ebb, "FREQ=DAILY;INTERVAL=3", mode="after_completion")
    ebb.clock.pass_by(days=1)
    await close(ebb)
    await on(ebb, series, "PATCH", "", {"recurrence": {"mode": "scheduled"}})
    assert ["03-06", "03-09"] == await dates(ebb, series, 2)


@pytest.mark.parametrize("count", [2, 3, 5])
async def test_count_is_of_all_occurrences_also_when_it_is_changed(ebb: Ebb, count: int) -> None:
    series = await begin(ebb, "FREQ=DAILY;COUNT=4")
    await close(ebb)
    await on(ebb, series, "PATCH", "", {"recurrence": {"rule": f"FREQ=DAILY;COUNT={count}"}})
    assert count - 1 == len(await close(ebb, count - 1))
    assert ([], count) == (await open_tasks(ebb), len(await ebb.tasks()))
    assert (await on(ebb, series))["ended_at"] is not None


async def test_an_excluded_date_that_was_done_before_does_not_count_twice(ebb: Ebb) -> None:
    series = await begin(ebb, "FREQ=DAILY;COUNT=4")
    await close(ebb)
    exdates = ["2026-03-02T00:00:00", "2026-03-04T00:00:00", "2026-03-05T07:00:00"]
    await on(ebb, series, "PATCH", "", {"recurrence": {"exdates": exdates}})
    assert ["03-03", "03-05"] == await close(ebb, 2)
    assert [] == await open_tasks(ebb)


@pytest.mark.parametrize(
    "recurrence", [{"rule": "FREQ=DAILY;UNTIL=20260302"}, {"exdates": ["2026-03-03T00:00:00", "2026-03-04T00:00:00"]}]
)
async def test_a_series_without_a_date_left_ends_and_its_open_occurrence_goes(ebb: Ebb, recurrence: object) -> None:
    series = await begin(ebb, "FREQ=DAILY;COUNT=3")
    await close(ebb)
    changed = await on(ebb, series, "PATCH", "", {"recurrence": recurrence})
    assert (False, None, True) == (changed["is_active"], changed["next_due"], changed["ended_at"] is not None)
    assert ["series.ended", "series.updated", "task.deleted"] == sorted(await types(ebb))
    assert ([], ["completed"]) == (await open_tasks(ebb), [task["status"] for task in await ebb.tasks()])
    assert [(0,)] == await ebb.sql("SELECT count(*) FROM tasks WHERE awaits_successor")


async def test_an_ended_series_takes_no_other_recurrence(ebb: Ebb) -> None:
    series = await begin(ebb, "FREQ=DAILY;COUNT=1")
    await close(ebb)
    for body in ({"recurrence": {"rule": "FREQ=DAILY"}}, {"start": "2026-04-01"}):
        assert 422 == (await refused(ebb, series, "PATCH", "", body)).status_code
    for action in ("pause", "resume"):
        assert 422 == (await refused(ebb, series, "POST", f"/{action}")).status_code
    assert "b" == (await on(ebb, series, "PATCH", "", {"template": {"title": "b"}}))["template"]["title"]


async def test_the_events_of_a_series_tell_what_changed_and_reach_audit_and_feed(ebb: Ebb) -> None:
    series = await begin(ebb)
    await ebb.settle()
    token = (await ebb.call("GET", "/v1/changes")).json()["next"]
    await on(ebb, series, "PATCH", "", {"template": {"title": "b"}, "recurrence": {"rule": "FREQ=WEEKLY"}})
    changes = {
        "title": {"before": "a", "after": "b"}, "rule": {"before": "FREQ=DAILY", "after": "FREQ=WEEKLY"},
        "text": {"before": "every day", "after": "every week"},
    }  # fmt: skip
    expected = {"series_id": series["id"], "version": 2, **changes}
    assert ["series.updated", "task.updated"] == await types(ebb)
    (entry,) = await ebb.audit("?type=ebb.series.updated.v1")
    assert ("alice", expected) == (entry["actor"], entry["changes"])
    feed = (await ebb.call("GET", f"/v1/changes?since={token}")).json()["changes"]
    assert await on(ebb, series) in [change["value"] for change in feed if change["kind"] == "series"]


async def test_closed_occurrences_are_told_again_when_the_rule_that_they_show_changes(ebb: Ebb) -> None:
    series = await begin(ebb)
    await close(ebb, 2)
    token = (await ebb.call("GET", "/v1/changes")).json()["next"]
    await on(ebb, series, "PATCH", "", {"recurrence": {"rule": "FREQ=WEEKLY"}})
    feed = (await ebb.call("GET", f"/v1/changes?since={token}")).json()["changes"]
    told = {change["value"]["id"]: change["value"] for change in feed if change["kind"] == "task"}
    assert {task["id"]: task for task in await ebb.tasks()} == told
    assert {"FREQ=WEEKLY"} == {task["series"]["rule"] for task in told.values()}


async def test_a_paused_series_brings_nothing_and_a_resumed_one_what_is_owed_once(ebb: Ebb) -> None:
    series = await begin(ebb)
    await ebb.settle()
    paused = await on(ebb, series, "POST", "/pause")
    assert (False, series["next_due"]) == (paused["is_active"], paused["next_due"])
    await close(ebb)
    ebb.clock.pass_by(days=5)
    await ebb.tick("sweep")
    assert [] == await open_tasks(ebb)
    assert ["03-07", "03-08", "03-09"] == await dates(ebb, series)
    resumed = await on(ebb, series, "POST", "/resume")
    assert (True, "2026-03-07") == (resumed["is_active"], resumed["next_due"]["date"])
    await ebb.tick("sweep")
    assert "2026-03-07" == (await the_open(ebb))["due"]["date"]
    assert ["03-07", "03-08"] == await close(ebb, 2)


async def test_an_occurrence_that_is_open_when_its_series_is_resumed_stays_the_only_one(ebb: Ebb) -> None:
    series = await begin(ebb)
    await on(ebb, series, "POST", "/pause")
    ebb.clock.pass_by(days=5)
    assert "2026-03-02" == (await on(ebb, series, "POST", "/resume"))["next_due"]["date"]
    assert ["03-02", "03-07"] == await close(ebb, 2)  # the dates of the pause never come


async def test_hours_that_fell_into_a_pause_never_come(ebb: Ebb) -> None:
    series = await begin(ebb, "FREQ=HOURLY", "2026-03-02T11:30:00")
    await on(ebb, series, "POST", "/pause")
    await close(ebb)
    ebb.clock.pass_by(hours=6)
    await on(ebb, series, "POST", "/resume")
    assert "2026-03-02T18:30:00" == (await the_open(ebb))["occurrence"]


async def test_after_completion_the_rhythm_goes_on_behind_a_pause(ebb: Ebb) -> None:
    series = await begin(ebb, "FREQ=DAILY;INTERVAL=3", mode="after_completion")
    await on(ebb, series, "POST", "/pause")
    await close(ebb)
    ebb.clock.pass_by(days=5)
    await on(ebb, series, "POST", "/resume")
    assert "2026-03-08" == (await the_open(ebb))["due"]["date"]


async def test_a_series_whose_until_passed_in_a_pause_ends(ebb: Ebb) -> None:
    series = await begin(ebb, "FREQ=DAILY;UNTIL=20260304")
    await on(ebb, series, "POST", "/pause")
    await close(ebb)
    ebb.clock.pass_by(days=5)
    assert (await on(ebb, series, "POST", "/resume"))["ended_at"] is not None
    assert [] == await open_tasks(ebb)


async def test_pausing_and_resuming_again_changes_nothing(ebb: Ebb) -> None:
    series = await begin(ebb)
    await ebb.settle()
    assert series == await on(ebb, series, "POST", "/resume")
    paused = [await on(ebb, series, "POST", "/pause") for _ in range(2)]
    assert paused[0] == paused[1]
    assert ["series.paused"] == await types(ebb)
    await on(ebb, series, "POST", "/resume")
    assert ["series.resumed"] == await types(ebb)


async def test_deleting_a_series_takes_what_is_open_and_leaves_what_was_done(ebb: Ebb) -> None:
    series = await begin(ebb)
    await close(ebb)
    token = (await ebb.call("GET", "/v1/changes")).json()["next"]
    await on(ebb, series, "DELETE")
    assert ["series.deleted", "task.deleted"] == await types(ebb)
    assert 404 == (await ebb.call("DELETE", f"/v1/series/{series['id']}")).status_code
    assert [] == (await ebb.call("GET", "/v1/series")).json()["series"]
    assert ([], ["completed"]) == (await open_tasks(ebb), [task["status"] for task in await ebb.tasks()])
    feed = (await ebb.call("GET", f"/v1/changes?since={token}")).json()["changes"]
    assert {("series", "delete"), ("task", "delete")} == {(change["kind"], change["op"]) for change in feed}
    ebb.clock.pass_by(days=31)
    await ebb.tick("sweep")
    assert (1, 1) == (len(await ebb.tasks()), (await ebb.row_counts())["series"])


@pytest.mark.parametrize("scope", ["all", "series"])
async def test_a_deleted_series_without_occurrences_is_purged_with_its_tombstones(ebb: Ebb, scope: str) -> None:
    series = await begin(ebb)
    task = await the_open(ebb)
    await ebb.call("DELETE", f"/v1/series/{series['id']}" if scope == "series" else f"/v1/tasks/{task['id']}?scope=all")
    assert 404 == (await ebb.call("GET", f"/v1/series/{series['id']}")).status_code
    await ebb.settle()
    ebb.clock.pass_by(days=31)
    await ebb.tick("sweep")
    counts = await ebb.row_counts()
    assert (0, 0) == (counts["tasks"], counts["series"])
    assert 410 == (await ebb.call("GET", "/v1/changes?since=1")).status_code


async def test_a_paused_series_that_is_deleted_owes_nothing_any_more(ebb: Ebb) -> None:
    series = await begin(ebb)
    await on(ebb, series, "POST", "/pause")
    await close(ebb)
    await on(ebb, series, "DELETE")
    ebb.clock.pass_by(minutes=1)
    await ebb.tick("sweep")
    assert ([], [(False,)]) == (await open_tasks(ebb), await ebb.sql("SELECT awaits_successor FROM tasks"))


async def test_a_snoozed_occurrence_keeps_the_rhythm_of_its_series(ebb: Ebb) -> None:
    await begin(ebb, start="2026-03-02T09:00:00")
    task = await the_open(ebb)
    await ebb.call("POST", f"/v1/tasks/{task['id']}/snooze", {"until": "2026-03-04T17:00:00Z"})
    assert task["occurrence"] == (await the_open(ebb))["occurrence"]
    await close(ebb)
    assert "2026-03-03T09:00:00Z" == (await the_open(ebb))["due"]["at"]


async def test_after_an_outage_one_occurrence_at_a_time_is_owed(ebb: Ebb) -> None:
    await begin(ebb)
    task = await the_open(ebb)
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    ebb.clock.pass_by(days=10)
    for _ in range(3):
        await ebb.tick("sweep")
    assert ["03-03", "03-04"] == await close(ebb, 2)
