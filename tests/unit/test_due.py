"""Due values: local times become instants as RFC 5545 section 3.3.5 says, and zone names are IANA names only."""

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.due import Due, instant, local, zone

BERLIN, NEW_YORK, APIA = "Europe/Berlin", "America/New_York", "Pacific/Apia"
ZONES = st.sampled_from([BERLIN, NEW_YORK, APIA, "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"])
LOCAL_TIMES = st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(9000, 12, 30))  # noqa: DTZ001  (local by meaning)
NINE = dt.time(9)


def naive(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text + "+00:00")


@pytest.mark.parametrize(
    ("zone_name", "clock", "expected"),
    [
        (BERLIN, "2026-01-15T09:00", "2026-01-15T08:00"),
        (BERLIN, "2026-07-15T09:00", "2026-07-15T07:00"),
        (BERLIN, "2026-03-29T02:30", "2026-03-29T01:30"),  # in the gap: 03:30 summer time
        (BERLIN, "2026-10-25T02:30", "2026-10-25T00:30"),  # in the overlap: the first of two
        (NEW_YORK, "2026-03-08T02:00", "2026-03-08T07:00"),  # the first moment of a gap
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45"),  # a gap of half an hour
        (APIA, "2011-12-30T12:00", "2011-12-30T22:00"),  # a whole day that never was
        ("Asia/Kathmandu", "2026-01-01T05:45", "2026-01-01T00:00"),
    ],
)
def test_a_local_time_becomes_an_instant(zone_name: str, clock: str, expected: str) -> None:
    assert utc(expected) == instant(naive(clock), zone_name)


@given(LOCAL_TIMES, ZONES)
def test_a_local_time_comes_back_the_same_or_moved_forward_out_of_a_gap(here: dt.datetime, zone_name: str) -> None:
    back = local(instant(here, zone_name), zone_name)
    assert back == here or (here < back and back - here <= dt.timedelta(days=1))


@given(LOCAL_TIMES, ZONES)
def test_of_two_equal_local_times_the_first_is_meant(here: dt.datetime, zone_name: str) -> None:
    at = instant(here, zone_name)
    other = here.replace(tzinfo=zone(zone_name), fold=1).astimezone(dt.UTC)
    assert at <= other or local(at, zone_name) != here


@given(st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(9000, 1, 1)), ZONES)  # noqa: DTZ001
def test_an_instant_that_is_not_in_an_overlap_comes_back(at: dt.datetime, zone_name: str) -> None:
    at = at.replace(tzinfo=dt.UTC)
    here = at.astimezone(zone(zone_name))
    assert here.fold == 1 or at == instant(local(at, zone_name), zone_name)


def test_a_floating_time_is_in_the_zone_of_whoever_looks() -> None:
    due = Due(dt.date(2026, 7, 1), NINE)
    assert utc("2026-07-01T07:00") == due.instant(BERLIN)
    assert utc("2026-07-01T13:00") == due.instant(NEW_YORK)


def test_a_zoned_time_is_the_same_instant_for_everybody() -> None:
    due = Due(dt.date(2026, 7, 1), NINE, BERLIN)
    assert utc("2026-07-01T07:00") == due.instant(BERLIN) == due.instant(NEW_YORK)


def test_an_all_day_date_begins_at_the_users_midnight() -> None:
    due = Due(dt.date(2026, 7, 1))
    assert naive("2026-07-01T00:00") == due.local
    assert utc("2026-06-30T22:00") == due.instant(BERLIN)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (Due(dt.date(2026, 7, 1), NINE), "2026-07-01T07:00"),
        (Due(dt.date(2026, 7, 1), NINE, NEW_YORK), "2026-07-01T13:00"),
        (Due(dt.date(2026, 7, 1)), "2026-07-01T22:00"),
        (Due(dt.date(2026, 3, 29)), "2026-03-29T22:00"),  # a day of 23 hours
        (Due(dt.date(2026, 10, 25)), "2026-10-25T23:00"),  # a day of 25 hours
    ],
)
def test_a_time_is_over_when_it_comes_and_a_date_when_it_ends(due: Due, expected: str) -> None:
    assert utc(expected) == due.over(BERLIN)


def test_a_due_value_moves_within_its_own_zone() -> None:
    at = utc("2026-07-02T12:00")
    assert Due(dt.date(2026, 7, 2), dt.time(8), NEW_YORK) == Due(dt.date(2026, 7, 1), NINE, NEW_YORK).moved_to(
        at, BERLIN
    )
    assert Due(dt.date(2026, 7, 2), dt.time(14)) == Due(dt.date(2026, 7, 1)).moved_to(at, BERLIN)


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Olympus", "Europe", "Europe/", "../UTC", "/etc/passwd", "Europe/../UTC", "tzdata.zi", "zone.tab",
     "GMT+1", " UTC", "UTC ", "Eur\x00ope", "\ud800", "x" * 5_000, "europe/berlin", "CEST"],
)  # fmt: skip
def test_what_is_no_zone_is_refused_also_paths_and_folders(name: str) -> None:
    with pytest.raises(ValueError, match="is not an IANA time zone"):
        zone(name)


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "posix/Etc/UTC", "right/Etc/UTC"])
def test_a_file_beside_the_zones_is_no_zone_because_each_machine_has_another(name: str) -> None:
    with pytest.raises(ValueError, match="is not an IANA time zone"):
        zone(name)


@given(st.text(max_size=80))
def test_any_text_is_a_zone_or_a_value_error(name: str) -> None:
    with suppress(ValueError):
        assert name == zone(name).key
