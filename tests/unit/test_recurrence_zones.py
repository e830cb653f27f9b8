"""Rules in zones: the clock on the wall is kept, and an UNTIL in UTC is an instant."""

import datetime as dt
from itertools import pairwise
from zoneinfo import available_timezones

import pytest

from shared import recurrence
from shared.due import instant, local, zone

START = dt.datetime.fromisoformat("2006-01-02T09:30:00")
HOUR = dt.timedelta(hours=1)
# The files of the database that are no zones of it, as `shared.due` has them.
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


def test_the_time_on_the_wall_survives_twenty_years_in_every_zone() -> None:
    """A day in a gap moves forward by the gap (RFC 5545 section 3.3.5), and the next day is back at its time."""
    rules = ("FREQ=DAILY;INTERVAL=41", "FREQ=WEEKLY;INTERVAL=7", "FREQ=MONTHLY", "FREQ=YEARLY")
    dates = [date for rule in rules for date in recurrence.occurrences(rule, START, 600) if date.year < 2026]
    assert {START.time()} == {date.time() for date in dates}
    for name in ZONES:
        here = zone(name)
        for date in dates:
            shown = date.replace(tzinfo=here).astimezone(dt.UTC).astimezone(here).replace(tzinfo=None)
            # No zone has skipped 09:30 by its clock in these years but those that left out a whole day.
            assert shown == date or shown - date == dt.timedelta(days=1), (name, date)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-29T01:30:00", "2026-03-29T00:30:00+00:00"),
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00+00:00"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00+00:00"),
    ],
)
def test_a_time_in_a_gap_moves_forward_and_one_in_an_overlap_is_the_first(written: str, expected: str) -> None:
    assert dt.datetime.fromisoformat(expected) == instant(dt.datetime.fromisoformat(written), "Europe/Berlin")


def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    """The day has 25 hours: the third of these is four hours after the second."""
    found = recurrence.occurrences("FREQ=HOURLY;INTERVAL=3", dt.datetime.fromisoformat("2026-10-24T21:00:00"), 3)
    assert ["21:00", "00:00", "03:00"] == [f"{moment:%H:%M}" for moment in found]
    instants = [instant(moment, "Europe/Berlin") for moment in found]
    assert [3 * HOUR, 4 * HOUR] == [second - first for first, second in pairwise(instants)]


def until(rule: str, start: str, name: str) -> list[str]:
    begin = dt.datetime.fromisoformat(start)
    found, following = [], recurrence.first_from(rule, begin, name)
    while following is not None:
        found.append(f"{following:%d %H:%M}")
        following = recurrence.next_after(rule, begin, following, name)
    return found


@pytest.mark.parametrize(
    ("rule", "start", "name", "expected"),
    [
        (
            "FREQ=DAILY;UNTIL=20260103T140000Z",
            "2026-01-01T09:00:00",
            "America/New_York",
            ["01 09:00", "02 09:00", "03 09:00"],
        ),
        ("FREQ=DAILY;UNTIL=20260103T135959Z", "2026-01-01T09:00:00", "America/New_York", ["01 09:00", "02 09:00"]),
        (
            "FREQ=DAILY;UNTIL=20260102T160000Z",
            "2026-01-01T01:00:00",
            "Asia/Tokyo",
            ["01 01:00", "02 01:00", "03 01:00"],
        ),
        ("FREQ=DAILY;UNTIL=20260103T090000", "2026-01-02T09:00:00", "Asia/Tokyo", ["02 09:00", "03 09:00"]),
        # 02:30 comes first at 00:30 UTC; at 01:15 UTC the clock shows 02:15 for the second time.
        ("FREQ=DAILY;UNTIL=20261025T011500Z", "2026-10-24T02:30:00", "Europe/Berlin", ["24 02:30", "25 02:30"]),
        # 02:30 is in the gap and means 01:30 UTC; at 01:10 UTC the clock shows 03:10, and 03:00 was there before.
        (
            "FREQ=MINUTELY;INTERVAL=30;UNTIL=20260329T011000Z",
            "2026-03-29T01:30:00",
            "Europe/Berlin",
            ["29 01:30", "29 02:00", "29 03:00"],
        ),
    ],
)
def test_until_in_utc_is_an_instant(rule: str, start: str, name: str, expected: list[str]) -> None:
    assert expected == until(rule, start, name)


def test_until_in_utc_holds_no_more_than_its_instant_in_any_zone() -> None:
    rule, start = "FREQ=HOURLY;INTERVAL=5;UNTIL=20261025T013000Z", dt.datetime.fromisoformat("2026-10-23T00:00:00")
    last = dt.datetime.fromisoformat("2026-10-25T01:30:00+00:00")
    for name in ZONES:
        found = recurrence.next_after(rule, start, local(last, name) - 6 * HOUR, name)
        assert found is not None
        assert instant(found, name) <= last
        assert recurrence.next_after(rule, start, local(last, name) + HOUR, name) is None
