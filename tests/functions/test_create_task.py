"""Creating a task: fields, quick-add text, every kind of due value, reminders and recurrence."""

from typing import Any

import pytest

from tests.harness import Ebb

FULL: dict[str, Any] = {
    "title": "Pay rent",
    "notes": "to the landlord",
    "priority": "high",
    "tags": ["home", "money"],
    "due": {"date": "2026-12-31", "time": "09:00", "time_zone": "Europe/Berlin"},
    "reminders": [{"minutes_before": 30}, {"at": "2026-12-30T08:00:00Z"}],
}
BERLIN = "Europe/Berlin"


async def test_a_new_task_shows_every_field_it_was_given(ebb: Ebb) -> None:
    task = await ebb.create(**FULL)
    assert {"title": "Pay rent", "notes": "to the landlord", "priority": "high", "tags": ["home", "money"]} == {
        name: task[name] for name in ("title", "notes", "priority", "tags")
    }
    assert {**FULL["due"], "at": "2026-12-31T08:00:00Z"} == task["due"]
    assert ["2026-12-31T07:30:00Z", "2026-12-30T08:00:00Z"] == [r["fire_at"] for r in task["reminders"]]


async def test_a_title_is_enough_and_the_rest_has_its_defaults(ebb: Ebb) -> None:
    task = await ebb.create(title="  Call Mum ")
    assert ("Call Mum", "", "open", "none", [], None, [], None, None, 1, None) == tuple(
        task[name]
        for name in (
            "title", "notes", "status", "priority", "tags", "due", "reminders", "series", "occurrence", "version",
            "completed_at",
        )
    )  # fmt: skip
    assert ("2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z") == (task["created_at"], task["updated_at"])


async def test_a_created_task_is_what_is_read_back(ebb: Ebb) -> None:
    task = await ebb.create(**FULL, recurrence={"rule": "FREQ=MONTHLY;BYMONTHDAY=-1"})
    assert task == (await ebb.call("GET", f"/v1/tasks/{task['id']}")).json()
    assert [task] == await ebb.tasks()


async def test_creation_answers_201_with_location_and_etag(ebb: Ebb) -> None:
    answer = await ebb.call("POST", "/v1/tasks", {"title": "Call Mum"})
    assert (201, f"/v1/tasks/{answer.json()['id']}", '"1"') == (
        answer.status_code,
        answer.headers["location"],
        answer.headers["etag"],
    )


async def test_quick_add_text_fills_the_fields(ebb: Ebb) -> None:
    task = await ebb.create(text="Pay rent every last day of the month at 9 !high #home")
    assert ("Pay rent", "high", ["home"]) == (task["title"], task["priority"], task["tags"])
    assert ("2026-03-31", "09:00") == (task["due"]["date"], task["due"]["time"])
    assert "FREQ=MONTHLY;BYMONTHDAY=-1" == task["series"]["rule"]
    assert "2026-03-31T09:00:00" == task["occurrence"]


async def test_quick_add_reads_relative_dates_in_the_users_zone(ebb: Ebb) -> None:
    await ebb.live_in("Pacific/Kiritimati")  # fourteen hours ahead: there it is Tuesday already
    task = await ebb.create(text="Call Mum tomorrow")
    assert "2026-03-04" == task["due"]["date"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Rent"),
        ("priority", "low"),
        ("tags", ["flat"]),
        ("notes", "by transfer"),
        ("tags", []),
    ],
)
async def test_a_given_field_wins_over_the_text(ebb: Ebb, field: str, value: Any) -> None:
    task = await ebb.create(text="Pay rent tomorrow !high #home", **{field: value})
    assert value == task[field]
    assert "2026-03-03" == task["due"]["date"]


async def test_a_null_due_wins_over_the_date_of_the_text(ebb: Ebb) -> None:
    assert (await ebb.create(text="Pay rent tomorrow", due=None))["due"] is None


async def test_a_tag_keeps_its_first_spelling(ebb: Ebb) -> None:
    await ebb.create(title="a", tags=["Home", "Straße"])
    assert ["Straße", "Home", "new"] == (await ebb.create(title="b", tags=["STRASSE", "home", "HOME", "new"]))["tags"]
    assert [("Home",), ("Straße",), ("new",)] == await ebb.sql('SELECT name FROM tags ORDER BY name COLLATE "C"')


async def test_the_same_tag_twice_in_one_task_counts_once(ebb: Ebb) -> None:
    assert ["Work"] == (await ebb.create(title="a", tags=["Work", "work", "ＷＯＲＫ"]))["tags"]


@pytest.mark.parametrize(
    ("due", "at"),
    [
        pytest.param({"date": "2026-12-31"}, None, id="all day"),
        pytest.param({"date": "2026-12-31", "time": "09:00"}, "2026-12-31T14:00:00Z", id="floating: New York"),
        pytest.param({"date": "2026-12-31", "time": "09:00", "time_zone": BERLIN}, "2026-12-31T08:00:00Z", id="zoned"),
        pytest.param({"date": "2026-03-29", "time": "02:30", "time_zone": BERLIN}, "2026-03-29T01:30:00Z", id="gap"),
        pytest.param(
            {"date": "2026-10-25", "time": "02:30", "time_zone": BERLIN}, "2026-10-25T00:30:00Z", id="overlap"
        ),
        pytest.param({"date": "2026-11-01", "time": "01:30"}, "2026-11-01T05:30:00Z", id="floating overlap"),
        pytest.param({"date": "2026-06-01", "time": "09:00:30"}, "2026-06-01T13:00:30Z", id="seconds"),
        pytest.param({"date": "1999-01-01", "time": "00:00", "time_zone": "UTC"}, "1999-01-01T00:00:00Z", id="past"),
    ],
)
async def test_each_kind_of_due_value_has_its_instant(ebb: Ebb, due: dict[str, str], at: str | None) -> None:
    await ebb.live_in("America/New_York")
    task = await ebb.create(title="a", due=due)
    assert {"time": None, "time_zone": None, **due, "at": at} == task["due"]


async def test_the_read_only_parts_of_a_due_value_and_a_reminder_may_be_sent_back(ebb: Ebb) -> None:
    task = await ebb.create(**FULL)
    again = await ebb.create(title="b", due=task["due"], reminders=[{"minutes_before": 30, "fire_at": "x", "state": 1}])
    assert task["due"] == again["due"]


@pytest.mark.parametrize(
    ("due", "reminder", "fire_at"),
    [
        ({"date": "2026-06-01"}, {"minutes_before": 30}, "2026-06-01T06:30:00Z"),  # 09:00 in Berlin
        ({"date": "2026-06-01"}, {"minutes_before": 0}, "2026-06-01T07:00:00Z"),
        ({"date": "2026-06-01", "time": "08:00"}, {"minutes_before": 90}, "2026-06-01T04:30:00Z"),
        (
            {"date": "2026-06-01", "time": "08:00", "time_zone": "UTC"},
            {"minutes_before": 1440},
            "2026-05-31T08:00:00Z",
        ),
        ({"date": "2026-06-01"}, {"at": "2026-05-01T10:00:00+02:00"}, "2026-05-01T08:00:00Z"),
        (None, {"at": "2026-05-01T10:00:00Z"}, "2026-05-01T10:00:00Z"),
        # One day before the clocks change: minutes are minutes, not wall-clock hours.
        ({"date": "2026-03-29", "time": "12:00"}, {"minutes_before": 1440}, "2026-03-28T10:00:00Z"),
    ],
)
async def test_a_reminder_knows_when_it_rings(ebb: Ebb, due: object, reminder: dict[str, object], fire_at: str) -> None:
    await ebb.live_in(BERLIN)
    (made,) = (await ebb.create(title="a", due=due, reminders=[reminder]))["reminders"]
    assert (fire_at, "pending") == (made["fire_at"], made["state"])


@pytest.mark.parametrize(
    ("recurrence", "rule", "text"),
    [
        ({"rule": "rrule:freq=weekly;byday=mo"}, "FREQ=WEEKLY;BYDAY=MO", "every Monday"),
        ({"text": "every other friday"}, "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks on Friday"),
        ({"cron": "0 9 * * 1-5"}, "FREQ=WEEKLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO,TU,WE,TH,FR", "every weekday at 09:00"),
        (
            {"pattern": {"frequency": "monthly", "day_of_month": 31, "occurrences": 12}},
            "FREQ=MONTHLY;COUNT=12;BYMONTHDAY=31;SKIP=BACKWARD",
            "every month on the 31st or the last day, 12 times",
        ),
        ({"pattern": {"frequency": "weekly", "interval": 2, "days_of_week": ["monday"], "end_date": "2026-12-31"}},
         "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231;BYDAY=MO", "every 2 weeks on Monday, until 31 December 2026"),
    ],
)  # fmt: skip
async def test_each_form_of_recurrence_is_kept_as_a_rule_and_plain_english(
    ebb: Ebb, recurrence: dict[str, object], rule: str, text: str
) -> None:
    series = (await ebb.create(title="a", recurrence=recurrence))["series"]
    assert (rule, "scheduled") == (series["rule"], series["mode"])
    assert text == series["text"]


async def test_the_due_value_moves_to_the_first_occurrence(ebb: Ebb) -> None:
    task = await ebb.create(title="a", due={"date": "2026-03-03"}, recurrence={"rule": "FREQ=WEEKLY;BYDAY=MO"})
    assert ("2026-03-09", "2026-03-09T00:00:00") == (task["due"]["date"], task["occurrence"])


async def test_the_first_occurrence_is_no_excluded_date(ebb: Ebb) -> None:
    recurrence = {"rule": "FREQ=DAILY", "exdates": ["2026-03-05T00:00:00", "2026-03-06T00:00:00"]}
    task = await ebb.create(title="a", due={"date": "2026-03-05"}, recurrence=recurrence)
    assert "2026-03-07" == task["due"]["date"]


async def test_reminders_count_from_the_first_occurrence(ebb: Ebb) -> None:
    task = await ebb.create(
        title="a", due={"date": "2026-03-03", "time": "10:00"}, recurrence={"rule": "FREQ=WEEKLY;BYDAY=MO"},
        reminders=[{"minutes_before": 60}],
    )  # fmt: skip
    assert "2026-03-09T09:00:00Z" == task["reminders"][0]["fire_at"]


async def test_the_hour_of_a_rule_wins_over_the_time_of_the_due_value(ebb: Ebb) -> None:
    due = {"date": "2026-03-03", "time": "07:00", "time_zone": BERLIN}
    task = await ebb.create(title="a", due=due, recurrence={"cron": "0 9 * * *"})
    assert "2026-03-03T08:00:00Z" == task["due"]["at"]


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("FREQ=DAILY", {"date": "2026-03-02", "time": None, "time_zone": None, "at": None}),
        ("FREQ=WEEKLY;BYDAY=FR", {"date": "2026-03-06", "time": None, "time_zone": None, "at": None}),
        (
            "FREQ=DAILY;BYHOUR=9;BYMINUTE=0",
            {"date": "2026-03-03", "time": "09:00", "time_zone": None, "at": "2026-03-03T09:00:00Z"},
        ),
    ],
)
async def test_a_recurrence_without_a_due_value_begins_now(ebb: Ebb, rule: str, due: dict[str, object]) -> None:
    assert due == (await ebb.create(title="a", recurrence={"rule": rule}))["due"]


async def test_a_recurrence_that_is_over_before_it_begins_is_refused(ebb: Ebb) -> None:
    body = {"title": "a", "due": {"date": "2026-03-05"}, "recurrence": {"rule": "FREQ=DAILY;UNTIL=20260301"}}
    answer = await ebb.call("POST", "/v1/tasks", body)
    assert (422, "/recurrence") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_creation_emits_the_tag_the_series_and_the_task(ebb: Ebb) -> None:
    task = await ebb.create(title="a", tags=["home"], recurrence={"rule": "FREQ=DAILY"})
    tag, series, created = await ebb.settle()
    assert ["ebb.tag.created.v1", "ebb.series.created.v1", "ebb.task.created.v1"] == [
        tag["type"],
        series["type"],
        created["type"],
    ]
    assert (task["id"], task["id"], "/ebb/create-task") == (
        created["subject"],
        created["partitionkey"],
        created["source"],
    )
    assert {"before": None, "after": "a"} == created["data"]["changes"]["title"]
