"""Changing a task: JSON merge patch (RFC 7396), If-Match, reminders, recurrence and scope."""

from typing import Any

import httpx
import pytest

from tests.harness import Ebb

FULL: dict[str, Any] = {
    "title": "Pay rent",
    "notes": "to the landlord",
    "priority": "high",
    "tags": ["home"],
    "due": {"date": "2026-12-31", "time": "09:00", "time_zone": "Europe/Berlin"},
    "reminders": [{"minutes_before": 30}],
}
WEEKLY = {"rule": "FREQ=WEEKLY"}


async def patch(ebb: Ebb, task: dict[str, Any], body: object, scope: str = "", **headers: str) -> httpx.Response:
    return await ebb.call("PATCH", f"/v1/tasks/{task['id']}{scope and '?scope=' + scope}", body, **headers)


async def patched(ebb: Ebb, task: dict[str, Any], body: object, scope: str = "") -> dict[str, Any]:
    answer = await patch(ebb, task, body, scope)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def close(ebb: Ebb, task: dict[str, Any], action: str = "complete") -> dict[str, Any]:
    """Close an occurrence and return the one that follows."""
    assert (await ebb.call("POST", f"/v1/tasks/{task['id']}/{action}")).status_code == 200
    await ebb.settle()
    (following,) = await ebb.tasks("?status=open")
    return following


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"title": "Rent"}, {"title": "Rent"}),
        ({"notes": "cash"}, {"notes": "cash"}),
        ({"priority": "none"}, {"priority": "none"}),
        ({"tags": ["Home", "flat"]}, {"tags": ["home", "flat"]}),
        ({"tags": []}, {"tags": []}),
        ({"reminders": []}, {"reminders": []}),
    ],
)
async def test_a_patch_changes_what_it_names_and_nothing_else(ebb: Ebb, body: object, shown: dict[str, object]) -> None:
    task = await ebb.create(**FULL)
    ebb.clock.pass_by(minutes=1)
    assert {**task, **shown, "version": 2, "updated_at": "2026-03-02T12:01:00Z"} == await patched(ebb, task, body)


@pytest.mark.parametrize(
    ("field", "cleared"),
    [("notes", ""), ("priority", "none"), ("tags", []), ("due", None), ("reminders", [])],
)
async def test_null_clears_a_field(ebb: Ebb, field: str, cleared: object) -> None:
    task = await ebb.create(**FULL)
    assert cleared == (await patched(ebb, task, {field: None}))[field]


async def test_a_title_cannot_be_cleared(ebb: Ebb) -> None:
    task = await ebb.create(**FULL)
    assert 422 == (await patch(ebb, task, {"title": None})).status_code
    assert [task] == await ebb.tasks()


@pytest.mark.parametrize(
    ("body", "due"),
    [
        ({"time": "10:00"}, ("2026-12-31", "10:00", "Europe/Berlin")),
        ({"date": "2027-01-01"}, ("2027-01-01", "09:00", "Europe/Berlin")),
        ({"time_zone": None}, ("2026-12-31", "09:00", None)),
        ({"time": None, "time_zone": None}, ("2026-12-31", None, None)),
    ],
)
async def test_a_patch_merges_into_the_due_value(ebb: Ebb, body: object, due: tuple[str | None, ...]) -> None:
    after = await patched(ebb, await ebb.create(**FULL), {"due": body})
    assert due == tuple(after["due"][name] for name in ("date", "time", "time_zone"))


async def test_a_stale_version_is_412_and_nothing_changes(ebb: Ebb) -> None:
    task = await ebb.create(**FULL)
    newer = await patched(ebb, task, {"title": "Rent"})
    await ebb.settle()
    answer = await patch(ebb, task, {"title": "Lost", "tags": ["lost"]}, if_match='"1"')
    assert (412, "urn:ebb:problem:stale-version") == (answer.status_code, answer.json()["type"])
    assert [newer] == await ebb.tasks()
    assert [] == await ebb.settle()


@pytest.mark.parametrize("if_match", ['"1"', "*", '"7", "1"'])
async def test_the_current_version_is_taken(ebb: Ebb, if_match: str) -> None:
    answer = await patch(ebb, await ebb.create(**FULL), {"title": "Rent"}, if_match=if_match)
    assert (200, '"2"') == (answer.status_code, answer.headers["etag"])


@pytest.mark.parametrize("if_match", ["1", 'W/"1"', '"01"', "", '"2"'])
async def test_what_is_not_the_current_version_is_412(ebb: Ebb, if_match: str) -> None:
    assert 412 == (await patch(ebb, await ebb.create(**FULL), {"title": "Rent"}, if_match=if_match)).status_code


@pytest.mark.parametrize(
    "body", [{}, {"title": "Pay rent"}, {"tags": ["HOME"]}, {"due": FULL["due"]}, {"recurrence": None}]
)
async def test_a_patch_that_changes_nothing_keeps_the_version_and_emits_nothing(ebb: Ebb, body: object) -> None:
    task = await ebb.create(**FULL)
    await ebb.settle()
    ebb.clock.pass_by(minutes=1)
    answer = await patch(ebb, task, body)
    assert (task, '"1"') == (answer.json(), answer.headers["etag"])
    assert [] == await ebb.settle()


async def test_an_update_event_names_the_changed_fields_only(ebb: Ebb) -> None:
    task = await ebb.create(**FULL)
    await ebb.settle()
    await patched(ebb, task, {"title": "Rent", "priority": "high"})
    (event,) = await ebb.settle()
    assert "ebb.task.updated.v1" == event["type"]
    assert {"title": {"before": "Pay rent", "after": "Rent"}} == event["data"]["changes"]


async def test_relative_reminders_move_with_the_due_value(ebb: Ebb) -> None:
    task = await ebb.create(**FULL | {"reminders": [{"minutes_before": 30}, {"at": "2026-12-01T08:00:00Z"}]})
    moved = await patched(ebb, task, {"due": FULL["due"] | {"date": "2027-01-15"}})
    assert ["2027-01-15T07:30:00Z", "2026-12-01T08:00:00Z"] == [r["fire_at"] for r in moved["reminders"]]
    assert [r["id"] for r in task["reminders"]] == [r["id"] for r in moved["reminders"]]


async def test_clearing_the_due_value_takes_relative_reminders_with_it(ebb: Ebb) -> None:
    task = await ebb.create(**FULL | {"reminders": [{"minutes_before": 30}, {"at": "2026-12-01T08:00:00Z"}]})
    assert [task["reminders"][1]] == (await patched(ebb, task, {"due": None}))["reminders"]


async def test_reminders_are_replaced_and_those_named_by_id_are_kept(ebb: Ebb) -> None:
    task = await ebb.create(**FULL | {"reminders": [{"minutes_before": 30}, {"minutes_before": 60}]})
    thirty, sixty = task["reminders"]
    after = await patched(ebb, task, {"reminders": [{"minutes_before": 5}, sixty]})
    five, kept = after["reminders"]
    assert (sixty, 5) == (kept, five["minutes_before"])
    assert five["id"] not in {thirty["id"], sixty["id"]}
    assert after == (await ebb.tasks())[0]


async def test_a_reminder_keeps_its_id_when_it_is_given_another_time(ebb: Ebb) -> None:
    task = await ebb.create(**FULL)
    reminder_id = task["reminders"][0]["id"]
    (after,) = (await patched(ebb, task, {"reminders": [{"id": reminder_id, "minutes_before": 45}]}))["reminders"]
    assert (reminder_id, 45, "2026-12-31T07:15:00Z") == (after["id"], after["minutes_before"], after["fire_at"])


async def test_a_removed_reminder_can_be_put_back_by_its_id(ebb: Ebb) -> None:
    task = await ebb.create(**FULL)
    await ebb.settle()
    await patched(ebb, task, {"reminders": []})
    after = await patched(ebb, task, {"reminders": task["reminders"]})
    assert [r["id"] for r in task["reminders"]] == [r["id"] for r in after["reminders"]]
    assert after == (await ebb.tasks())[0]


async def test_one_reminder_id_twice_is_refused(ebb: Ebb) -> None:
    task = await ebb.create(**FULL)
    reminder_id = task["reminders"][0]["id"]
    twice = [{"id": reminder_id, "minutes_before": 5}, {"id": reminder_id, "minutes_before": 10}]
    answer = await patch(ebb, task, {"reminders": twice})
    assert (422, "/reminders/1/id") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_a_reminder_that_needs_a_due_value_is_refused_without_one(ebb: Ebb) -> None:
    task = await ebb.create(title="a")
    answer = await patch(ebb, task, {"reminders": [{"minutes_before": 5}]})
    assert (422, "/reminders/0/minutes_before") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_a_task_becomes_recurring(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"})
    after = await patched(ebb, task, {"recurrence": WEEKLY})
    assert ("FREQ=WEEKLY", "2026-03-03T00:00:00") == (after["series"]["rule"], after["occurrence"])
    assert "2026-03-10" == (await close(ebb, after))["due"]["date"]


@pytest.mark.parametrize("scope", ["", "future", "all"])
async def test_another_recurrence_of_the_first_occurrence_changes_the_whole_series(ebb: Ebb, scope: str) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    await ebb.settle()
    after = await patched(ebb, task, {"recurrence": {"rule": "FREQ=DAILY"}}, scope)
    assert (task["series"]["id"], "FREQ=DAILY") == (after["series"]["id"], after["series"]["rule"])
    assert ["ebb.series.updated.v1", "ebb.task.updated.v1"] == [event["type"] for event in await ebb.settle()]
    assert "2026-03-04" == (await close(ebb, after))["due"]["date"]


@pytest.mark.parametrize("scope", ["", "this", "future"])
async def test_another_recurrence_later_on_ends_the_series_and_begins_another(ebb: Ebb, scope: str) -> None:
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    second = await close(ebb, first)
    after = await patched(ebb, second, {"recurrence": {"rule": "FREQ=DAILY"}}, scope)
    assert first["series"]["id"] != after["series"]["id"]
    assert ["ebb.series.ended.v1", "ebb.series.created.v1", "ebb.task.updated.v1"] == [
        event["type"] for event in await ebb.settle()
    ]
    assert "2026-03-11" == (await close(ebb, after))["due"]["date"]
    (kept,) = await ebb.tasks(f"?series={first['series']['id']}")
    assert ("FREQ=WEEKLY", "2026-03-03T00:00:00") == (kept["series"]["rule"], kept["occurrence"])


async def test_scope_all_keeps_what_was_done_in_the_series_that_it_changes(ebb: Ebb) -> None:
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    second = await close(ebb, first)
    after = await patched(ebb, second, {"recurrence": {"rule": "FREQ=DAILY"}, "title": "b"}, "all")
    done, now_open = sorted(await ebb.tasks(f"?series={first['series']['id']}"), key=lambda task: task["status"])
    assert (after, "b", "2026-03-04") == (now_open, after["title"], after["due"]["date"])  # the third is done
    assert ("a", "2026-03-03", "FREQ=DAILY", 3) == (
        done["title"], done["due"]["date"], done["series"]["rule"], done["version"],
    )  # fmt: skip


async def test_an_edit_of_a_closed_occurrence_changes_the_rule_for_the_open_one(ebb: Ebb) -> None:
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    await close(ebb, first)
    after = await patched(ebb, first, {"recurrence": {"rule": "FREQ=MONTHLY"}})
    (following,) = await ebb.tasks("?status=open")
    assert ("completed", "FREQ=MONTHLY", "2026-04-03") == (
        after["status"], after["series"]["rule"], following["due"]["date"],
    )  # fmt: skip
    assert 200 == (await patch(ebb, after, {"notes": "n"}, if_match=f'"{after["version"]}"')).status_code
    assert "2026-05-03" == (await close(ebb, following))["due"]["date"]


@pytest.mark.parametrize(("scope", "title"), [("future", "exception"), ("all", "a")])
async def test_what_follows_is_like_the_occurrence_that_the_future_was_edited_on(
    ebb: Ebb, scope: str, title: str
) -> None:
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    second = await close(ebb, first)
    await patched(ebb, second, {"title": "exception"})
    await patched(ebb, second, {"due": {"date": "2026-03-12"}}, scope)
    following = await close(ebb, second)
    assert (title, "2026-03-19") == (following["title"], following["due"]["date"])


async def test_a_new_series_starts_with_the_reminders_the_task_has_now(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, reminders=[{"minutes_before": 10}])
    await patched(ebb, task, {"reminders": [{"minutes_before": 30}]})
    await patched(ebb, task, {"recurrence": WEEKLY})
    assert [30] == [r["minutes_before"] for r in (await close(ebb, task))["reminders"]]


async def test_a_removed_recurrence_leaves_a_plain_task(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    after = await patched(ebb, task, {"recurrence": None})
    assert (None, None, task["due"]) == (after["series"], after["occurrence"], after["due"])
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    await ebb.settle()
    assert [] == await ebb.tasks("?status=open")


@pytest.mark.parametrize("scope", ["", "this"])
async def test_scope_this_changes_one_occurrence(ebb: Ebb, scope: str) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, tags=["x"], recurrence=WEEKLY)
    await patched(ebb, task, {"title": "b", "tags": []}, scope)
    following = await close(ebb, task)
    assert ("a", ["x"]) == (following["title"], following["tags"])


@pytest.mark.parametrize("scope", ["future", "all"])
async def test_a_wider_scope_changes_what_follows_too(ebb: Ebb, scope: str) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    body = {"title": "b", "notes": "n", "priority": "low", "tags": ["y"], "reminders": [{"minutes_before": 5}]}
    await patched(ebb, task, body, scope)
    following = await close(ebb, task)
    assert ("b", "n", "low", ["y"]) == tuple(following[name] for name in ("title", "notes", "priority", "tags"))
    assert [5] == [r["minutes_before"] for r in following["reminders"]]


@pytest.mark.parametrize(("scope", "title"), [("this", "a"), ("future", "b"), ("all", "b")])
async def test_an_edit_of_a_closed_occurrence_reaches_the_open_one_by_scope(ebb: Ebb, scope: str, title: str) -> None:
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    await close(ebb, first)
    await patched(ebb, first, {"title": "b"}, scope)
    assert [title] == [task["title"] for task in await ebb.tasks("?status=open")]


async def test_scope_future_of_a_later_occurrence_leaves_the_earlier_ones(ebb: Ebb) -> None:
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    second = await close(ebb, first)
    await patched(ebb, second, {"title": "b"}, "future")
    assert [("completed", "a"), ("open", "b")] == sorted((t["status"], t["title"]) for t in await ebb.tasks())


@pytest.mark.parametrize("scope", ["future", "all"])
async def test_a_due_value_moved_with_a_wider_scope_moves_the_series(ebb: Ebb, scope: str) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    moved = await patched(ebb, task, {"due": {"date": "2026-03-05", "time": "10:00"}}, scope)
    assert "2026-03-05T10:00:00" == moved["occurrence"]
    assert "2026-03-12T10:00:00Z" == (await close(ebb, moved))["due"]["at"]


@pytest.mark.parametrize("scope", ["future", "all"])
@pytest.mark.parametrize(
    ("rule", "due", "to", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", "2026-03-03", "2026-03-05", ("FREQ=WEEKLY;BYDAY=TH", "2026-03-12")),
        ("FREQ=WEEKLY;BYDAY=TU,SA", "2026-03-03", "2026-03-05", ("FREQ=WEEKLY;BYDAY=TH,SA", "2026-03-07")),
        ("FREQ=MONTHLY;BYDAY=1TU", "2026-03-03", "2026-03-13", ("FREQ=MONTHLY;BYDAY=2FR", "2026-04-10")),
        ("FREQ=MONTHLY;BYDAY=-1TU", "2026-03-31", "2026-03-26", ("FREQ=MONTHLY;BYDAY=-1TH", "2026-04-30")),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "2026-03-15", "2026-03-20", ("FREQ=MONTHLY;BYMONTHDAY=20", "2026-04-20")),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-03-31", "2026-03-30", ("FREQ=MONTHLY;BYMONTHDAY=-2", "2026-04-29")),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=15", "2026-03-15", "2026-04-01",
         ("FREQ=YEARLY;BYMONTHDAY=1;BYMONTH=4", "2027-04-01")),
    ],
)  # fmt: skip
async def test_a_rule_that_names_its_days_moves_with_the_due_value(
    ebb: Ebb, scope: str, rule: str, due: str, to: str, expected: tuple[str, str]
) -> None:
    task = await ebb.create(title="a", due={"date": due}, recurrence={"rule": rule})
    moved = await patched(ebb, task, {"due": {"date": to}}, scope)
    assert (to, expected) == (
        moved["due"]["date"], (moved["series"]["rule"], (await close(ebb, moved))["due"]["date"]),
    )  # fmt: skip


async def test_a_rule_that_names_its_time_moves_with_the_due_value(ebb: Ebb) -> None:
    task = await ebb.create(title="a", recurrence={"cron": "30 9 * * *"})
    moved = await patched(ebb, task, {"due": {"time": "11:00"}}, "all")
    assert ("FREQ=DAILY;BYMINUTE=0;BYHOUR=11", "11:00") == (
        moved["series"]["rule"], (await close(ebb, moved))["due"]["time"],
    )  # fmt: skip


async def test_a_due_value_that_the_rule_cannot_follow_is_refused(ebb: Ebb) -> None:
    workdays = {"rule": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"}
    task = await ebb.create(title="a", due={"date": "2026-03-31"}, recurrence=workdays)
    for scope in ("future", "all"):
        answer = await patch(ebb, task, {"due": {"date": "2026-03-28"}}, scope)
        assert (422, "/due") == (answer.status_code, answer.json()["errors"][0]["pointer"])
    assert [task] == await ebb.tasks()


async def test_a_date_that_has_its_occurrence_is_not_given_again(ebb: Ebb) -> None:
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    second = await close(ebb, first)
    assert 422 == (await patch(ebb, second, {"due": {"date": "2026-03-03"}}, "all")).status_code
    assert "2026-03-02" == (await patched(ebb, second, {"due": {"date": "2026-03-02"}}, "all"))["due"]["date"]
    daily = await patched(ebb, second, {"recurrence": {"rule": "FREQ=DAILY"}}, "all")
    assert "2026-03-04" == (await close(ebb, daily))["due"]["date"]  # the third was done before


async def test_a_series_keeps_its_dates(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    for scope in ("future", "all"):
        assert 422 == (await patch(ebb, task, {"due": None}, scope)).status_code
    assert (await patched(ebb, task, {"due": None}))["due"] is None  # one occurrence may do without


async def test_an_excluded_date_moves_with_its_series(ebb: Ebb) -> None:
    recurrence = WEEKLY | {"exdates": ["2026-03-10T00:00:00"]}
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=recurrence)
    await patched(ebb, task, {"due": {"date": "2026-03-05", "time": "10:00"}}, "all")
    assert "2026-03-19T10:00:00" == (await close(ebb, task))["occurrence"]


@pytest.mark.parametrize("scope", ["future", "all"])
async def test_until_is_respected_by_a_series_that_is_moved(ebb: Ebb, scope: str) -> None:
    rule = {"rule": "FREQ=WEEKLY;UNTIL=20260317"}
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=rule)
    second = await close(ebb, first)
    moved = await patched(ebb, second, {"due": {"date": "2026-03-11"}}, scope)
    await ebb.call("POST", f"/v1/tasks/{moved['id']}/complete")
    await ebb.settle()
    assert [] == await ebb.tasks("?status=open")  # the 18th is too late


async def test_all_is_refused_where_it_would_leave_no_date(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    answer = await patch(ebb, task, {"recurrence": {"rule": "FREQ=WEEKLY;UNTIL=20260301"}}, "all")
    assert (422, "/recurrence") == (answer.status_code, answer.json()["errors"][0]["pointer"])
    assert [task] == await ebb.tasks()


async def test_a_paused_series_is_still_paused_after_it_was_split(ebb: Ebb) -> None:
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence=WEEKLY)
    second = await close(ebb, first)
    await ebb.call("POST", f"/v1/series/{first['series']['id']}/pause")
    after = await patched(ebb, second, {"recurrence": {"rule": "FREQ=DAILY"}}, "future")
    assert not (await ebb.call("GET", f"/v1/series/{after['series']['id']}")).json()["is_active"]
    await ebb.call("POST", f"/v1/tasks/{second['id']}/complete")
    await ebb.settle()
    assert [] == await ebb.tasks("?status=open")


@pytest.mark.parametrize("scope", ["future", "all"])
async def test_a_series_that_is_moved_keeps_its_count(ebb: Ebb, scope: str) -> None:
    first = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence={"rule": "FREQ=WEEKLY;COUNT=3"})
    second = await close(ebb, first)
    await patched(ebb, second, {"due": {"date": "2026-03-11"}}, scope)
    third = await close(ebb, second)
    await ebb.call("POST", f"/v1/tasks/{third['id']}/complete")
    await ebb.settle()
    assert 3 == len(await ebb.tasks())


async def test_a_scope_means_nothing_to_a_task_that_does_not_recur(ebb: Ebb) -> None:
    task, other = await ebb.create(title="a"), await ebb.create(title="c")
    assert "b" == (await patched(ebb, task, {"title": "b"}, "all"))["title"]
    assert other in await ebb.tasks()


async def test_a_closed_task_can_be_edited_and_gets_no_pending_reminders(ebb: Ebb) -> None:
    task = await ebb.create(**FULL)
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    after = await patched(ebb, task, {"title": "Rent", "reminders": [{"minutes_before": 5}]})
    assert ("completed", "Rent", ["cancelled"]) == (
        after["status"],
        after["title"],
        [r["state"] for r in after["reminders"]],
    )


async def test_a_closed_task_cannot_begin_a_series(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"})
    await ebb.call("POST", f"/v1/tasks/{task['id']}/complete")
    answer = await patch(ebb, task, {"recurrence": WEEKLY})
    assert (422, "/recurrence") == (answer.status_code, answer.json()["errors"][0]["pointer"])
    await ebb.call("POST", f"/v1/tasks/{task['id']}/reopen")
    assert "FREQ=WEEKLY" == (await patched(ebb, task, {"recurrence": WEEKLY}))["series"]["rule"]
