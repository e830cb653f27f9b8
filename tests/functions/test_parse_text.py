"""Words and rules explained over HTTP: it is noon on Monday 2 March 2026, and nothing is stored."""

from typing import Any

import httpx
import pytest

from tests.harness import Ebb

RENT = "Pay rent every month on the 31st at 9 !high #home remind me 30 min before"


async def parsed(ebb: Ebb, text: str, **fields: object) -> dict[str, Any]:
    answer = await ebb.call("POST", "/v1/parse", {"text": text, **fields})
    assert 200 == answer.status_code, answer.text
    return dict(answer.json())


async def preview(ebb: Ebb, recurrence: object, **fields: object) -> dict[str, Any]:
    answer = await ebb.call("POST", "/v1/recurrences/preview", {"recurrence": recurrence, **fields})
    assert 200 == answer.status_code, answer.text
    return dict(answer.json())


def pointers(answer: httpx.Response) -> list[str]:
    assert 422 == answer.status_code, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_a_text_becomes_the_fields_of_a_task(ebb: Ebb) -> None:
    found = await parsed(ebb, RENT, time_zone="Europe/Berlin")
    assert {"date": "2026-03-31", "time": "09:00", "time_zone": None, "at": "2026-03-31T07:00:00Z"} == found["due"]
    assert {
        "rule": "FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "text": "every month on the 31st or the last day",
        "mode": "scheduled", "skip_overdue": False, "exdates": [],
    } == found["recurrence"]  # fmt: skip
    assert ("Pay rent", [{"minutes_before": 30}], "high", ["home"]) == tuple(
        found[name] for name in ("title", "reminders", "priority", "tags")
    )
    assert ["03-31", "04-30", "05-31", "06-30", "07-31"] == [date[5:10] for date in found["occurrences"]]
    assert {"2026-03-31T09:00:00"} >= {found["occurrences"][0]}


async def test_it_says_what_the_task_would_get(ebb: Ebb) -> None:
    for text in (RENT, "Swim every friday from 4 april", "Call Bob tomorrow at 7", "Swim every 2 hours", "Read"):
        found, task = await parsed(ebb, text), await ebb.create(text=text)
        assert [task[name] for name in ("title", "due", "priority", "tags")] == [
            found[name] for name in ("title", "due", "priority", "tags")
        ]
        assert task["occurrence"] == (found["occurrences"] or [None])[0]


async def test_spans_count_code_points_of_the_text_as_it_was_sent(ebb: Ebb) -> None:
    text = "  \U0001f600 Bob tomorrow !high "
    spans = (await parsed(ebb, text))["spans"]
    assert [("tomorrow", "due"), ("!high", "priority")] == [(text[s["start"] : s["end"]], s["kind"]) for s in spans]


async def test_now_and_zone_say_what_today_is(ebb: Ebb) -> None:
    assert "2026-03-02" == (await parsed(ebb, "Read today"))["due"]["date"]
    assert "2026-03-03" == (await parsed(ebb, "Read today", time_zone="Pacific/Kiritimati"))["due"]["date"]
    late = await parsed(ebb, "Read today", now="2026-12-31T23:30:00-05:00", time_zone="America/New_York")
    assert "2026-12-31" == late["due"]["date"]


async def test_the_locale_chooses_the_language(ebb: Ebb) -> None:
    assert "2026-04-03" == (await parsed(ebb, "Read 3/4", locale="en-GB"))["due"]["date"]
    assert "2026-03-04" == (await parsed(ebb, "Read 3/4"))["due"]["date"]


async def test_a_text_without_any_date_has_none_and_one_that_is_over_has_no_occurrences(ebb: Ebb) -> None:
    found = await parsed(ebb, "Read remind me 1 h before")
    assert (None, None, [], [{"minutes_before": 60}]) == tuple(
        found[name] for name in ("due", "recurrence", "occurrences", "reminders")
    )
    assert [] == (await parsed(ebb, "Read every day until 2020-01-01"))["occurrences"]


@pytest.mark.parametrize(
    ("recurrence", "rule", "text"),
    [
        ({"rule": "byday=mo;freq=weekly"}, "FREQ=WEEKLY;BYDAY=MO", "every Monday"),
        ({"text": "every monday"}, "FREQ=WEEKLY;BYDAY=MO", "every Monday"),
        ({"cron": "0 9 * * 1"}, "FREQ=WEEKLY;BYMINUTE=0;BYHOUR=9;BYDAY=MO", "every Monday at 09:00"),
        ({"pattern": {"frequency": "weekly", "days_of_week": ["monday"]}}, "FREQ=WEEKLY;BYDAY=MO", "every Monday"),
    ],
)
async def test_a_preview_takes_each_form_of_a_recurrence(
    ebb: Ebb, recurrence: dict[str, object], rule: str, text: str
) -> None:
    found = await preview(ebb, recurrence, start="2026-03-04T09:00:00", count=2)
    assert (rule, text, text) == (found["recurrence"]["rule"], found["recurrence"]["text"], found["text"])
    assert ["2026-03-09T09:00:00", "2026-03-16T09:00:00"] == found["occurrences"]


async def test_a_preview_leaves_out_exdates_and_what_is_not_after(ebb: Ebb) -> None:
    wish = {"rule": "FREQ=DAILY;COUNT=6", "exdates": ["2026-03-04T09:00:00"]}
    found = await preview(ebb, wish, start="2026-03-01T09:00:00", after="2026-03-02T09:00:00")
    assert ["2026-03-03T09:00:00", "2026-03-05T09:00:00", "2026-03-06T09:00:00"] == found["occurrences"]
    assert ["2026-03-04T09:00:00"] == found["recurrence"]["exdates"]


async def test_after_may_be_an_instant_and_until_in_utc_is_read_in_the_zone(ebb: Ebb) -> None:
    zone = {"start": "2026-03-01T09:00:00", "time_zone": "Asia/Tokyo"}
    found = await preview(ebb, {"rule": "FREQ=DAILY;UNTIL=20260304T000000Z"}, after="2026-03-02T00:00:00Z", **zone)
    assert ["2026-03-03T09:00:00", "2026-03-04T09:00:00"] == found["occurrences"]


async def test_a_preview_begins_today_or_with_what_the_words_say(ebb: Ebb) -> None:
    assert ["2026-03-02T00:00:00"] == (await preview(ebb, {"rule": "FREQ=DAILY"}, count=1))["occurrences"]
    assert ["2026-03-02T12:00:00"] == (await preview(ebb, {"rule": "FREQ=HOURLY"}, count=1))["occurrences"]
    assert ["2026-03-06T07:00:00"] == (await preview(ebb, {"text": "every friday at 7"}, count=1))["occurrences"]
    found = await preview(ebb, {"text": "every friday at 7"}, start="2026-03-07", count=1)
    assert ["2026-03-13T07:00:00"] == found["occurrences"]


async def test_ten_dates_unless_more_are_asked_for_up_to_a_thousand(ebb: Ebb) -> None:
    assert 10 == len((await preview(ebb, {"rule": "FREQ=DAILY"}))["occurrences"])
    dates = (await preview(ebb, {"rule": "FREQ=MONTHLY;BYDAY=2FR"}, count=1000))["occurrences"]
    assert 1000 == len(set(dates))
    assert sorted(dates) == dates


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": " \t "}, "/text"),
        ({"text": 7}, "/text"),
        ({"text": "a\x00b"}, "/text"),
        ({"text": "a" * 2001}, "/text"),
        ({"text": "a", "time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"text": "a", "now": "today"}, "/now"),
        ({"text": "a", "now": "2026-03-02T12:00:00"}, "/now"),
        ({"text": "a", "locale": "!"}, "/locale"),
        ({"text": "a", "colour": "red"}, "/colour"),
    ],
)
async def test_what_cannot_be_parsed_is_422_and_says_where(ebb: Ebb, fields: dict[str, object], pointer: str) -> None:
    assert [pointer] == pointers(await ebb.call("POST", "/v1/parse", fields))


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"recurrence": {}}, "/recurrence"),
        ({"recurrence": {"rule": "FREQ=DAILY", "cron": "* * * * *"}}, "/recurrence"),
        ({"recurrence": {"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}}, "/recurrence/rule"),
        ({"recurrence": {"rule": "DAILY"}}, "/recurrence/rule"),
        ({"recurrence": {"cron": "0 25 * * *"}}, "/recurrence/cron"),
        ({"recurrence": {"cron": "0 0 13 * 5"}}, "/recurrence/cron"),
        ({"recurrence": {"text": "buy milk"}}, "/recurrence/text"),
        ({"recurrence": {"pattern": {"frequency": "daily", "day_of_month": 3}}}, "/recurrence/pattern"),
        ({"recurrence": {"rule": "FREQ=DAILY"}, "count": 0}, "/count"),
        ({"recurrence": {"rule": "FREQ=DAILY"}, "count": 1001}, "/count"),
        ({"recurrence": {"rule": "FREQ=DAILY"}, "count": "9"}, "/count"),
        ({"recurrence": {"rule": "FREQ=DAILY"}, "time_zone": "Mars"}, "/time_zone"),
        ({"recurrence": {"rule": "FREQ=DAILY"}, "start": "2026-02-30"}, "/start"),
        ({"recurrence": {"rule": "FREQ=DAILY"}, "start": "2026-02-03T09:00:00Z"}, "/start"),
        ({"recurrence": {"rule": "FREQ=DAILY"}, "after": "soon"}, "/after"),
        ({"recurrence": {"rule": "FREQ=DAILY", "exdates": ["2026-02-03T09:00:00Z"]}}, "/recurrence"),
        # Counted from its start it never gets to the year 8000 in time.
        (
            {
                "recurrence": {"rule": "FREQ=SECONDLY;COUNT=999999999"},
                "start": "2000-01-01",
                "after": "8000-01-01T00:00:00",
            },
            "/recurrence",
        ),
    ],
)
async def test_what_cannot_be_previewed_is_422_and_says_where(
    ebb: Ebb, fields: dict[str, object], pointer: str
) -> None:
    assert [pointer] == pointers(await ebb.call("POST", "/v1/recurrences/preview", fields))


@pytest.mark.parametrize("path", ["/v1/parse", "/v1/recurrences/preview"])
async def test_a_token_is_needed_and_only_post_works(ebb: Ebb, path: str) -> None:
    assert 401 == (await ebb.call("POST", path, {"text": "a"}, user="")).status_code
    assert 401 == (await ebb.call("POST", path, {}, authorization="Bearer ebb_unknown")).status_code
    assert 400 == (await ebb.call("POST", path, b"{")).status_code
    refused = await ebb.call("GET", path)
    assert (405, "POST") == (refused.status_code, refused.headers["allow"])
    assert ["?at"] == pointers(await ebb.call("POST", f"{path}?at=1", {}))


async def test_nothing_is_written_not_even_a_user(ebb: Ebb) -> None:
    await ebb.token("alice")
    before = await ebb.row_counts()
    await parsed(ebb, RENT)
    await preview(ebb, {"rule": "FREQ=DAILY"})
    assert before == await ebb.row_counts()
