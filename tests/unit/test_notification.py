"""Quiet hours, and what an attempt makes of a delivery."""

import datetime as dt
from dataclasses import replace

import pytest

from shared.notification import DeliveryState, may_speak_at, settled
from shared.reminder import Owner
from shared.sending import Outcome, Verdict

NIGHT = Owner("alice", "Europe/Berlin", quiet_from=dt.time(22), quiet_until=dt.time(7))
SIESTA = replace(NIGHT, quiet_from=dt.time(13), quiet_until=dt.time(15))
MADE = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("owner", "now", "expected"),
    [
        (replace(NIGHT, quiet_from=None, quiet_until=None), "2026-03-02T23:00", "2026-03-02T23:00"),
        (NIGHT, "2026-03-02T20:59", "2026-03-02T20:59"),
        (NIGHT, "2026-03-02T21:00", "2026-03-03T06:00"),
        (NIGHT, "2026-03-02T23:30", "2026-03-03T06:00"),  # 00:30 in Berlin: already the day on which they end
        (NIGHT, "2026-03-03T05:59", "2026-03-03T06:00"),
        (NIGHT, "2026-03-03T06:00", "2026-03-03T06:00"),
        (SIESTA, "2026-03-02T11:59", "2026-03-02T11:59"),
        (SIESTA, "2026-03-02T12:00", "2026-03-02T14:00"),
        (SIESTA, "2026-03-02T14:00", "2026-03-02T14:00"),
        (NIGHT, "2026-03-28T22:00", "2026-03-29T05:00"),  # the night in which the clocks go forward
        (NIGHT, "2026-10-24T22:00", "2026-10-25T06:00"),  # and back
    ],
)
def test_nobody_is_disturbed_in_their_quiet_hours(owner: Owner, now: str, expected: str) -> None:
    assert utc(expected) == may_speak_at(owner, utc(now))


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_never_end_in_the_past() -> None:
    owner = replace(NIGHT, quiet_until=dt.time(2, 30))
    second_pass = utc("2026-10-25T01:10")  # 02:10 for the second time
    assert second_pass == may_speak_at(owner, second_pass)


def test_what_was_sent_is_settled() -> None:
    assert DeliveryState.SENT == settled(Outcome(Verdict.SENT), 1, MADE, MADE).state


@pytest.mark.parametrize("verdict", [Verdict.REFUSED, Verdict.GONE])
def test_a_permanent_failure_ends_it_with_its_reason(verdict: Verdict) -> None:
    result = settled(Outcome(verdict, "550 no such user"), 1, MADE, MADE)
    assert (DeliveryState.FAILED, "550 no such user") == (result.state, result.reason)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (40, 3600)])
def test_the_pauses_double_up_to_an_hour(attempts: int, seconds: int) -> None:
    result = settled(Outcome(Verdict.LATER, "421 busy"), attempts, MADE, MADE)
    assert (DeliveryState.PENDING, MADE + dt.timedelta(seconds=seconds)) == (result.state, result.acts_at)


def test_a_receiver_that_asks_for_a_longer_pause_gets_it() -> None:
    outcome = Outcome(Verdict.LATER, "429", dt.timedelta(minutes=10))
    assert MADE + dt.timedelta(minutes=10) == settled(outcome, 1, MADE, MADE).acts_at


def test_after_a_day_it_is_given_up() -> None:
    now = MADE + dt.timedelta(hours=23, minutes=30)
    result = settled(Outcome(Verdict.LATER, "421 busy"), 30, MADE, now)
    assert (DeliveryState.FAILED, "given up after 30 attempts: 421 busy") == (result.state, result.reason)
