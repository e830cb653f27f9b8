"""The token bucket of each user."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import TooManyRequests
from shared.rate_limit import USERS, RateLimit
from tests.harness import StillClock


def limit(per_second: float = 10, burst: int = 20) -> tuple[RateLimit, StillClock]:
    clock = StillClock()
    return RateLimit(per_second, burst, clock), clock


def taken(bucket: RateLimit, times: int, user: str = "alice") -> int:
    """Return how many of some requests are let in."""
    done = 0
    for _ in range(times):
        try:
            bucket.take(user)
        except TooManyRequests:
            continue
        done += 1
    return done


def test_a_burst_is_let_in_at_once_and_no_more() -> None:
    bucket, _ = limit()
    assert 20 == taken(bucket, 100)


def test_an_empty_bucket_lets_in_what_the_rate_fills_it_up_with() -> None:
    bucket, clock = limit()
    taken(bucket, 100)
    clock.pass_by(seconds=0.5)
    assert 5 == taken(bucket, 100)
    clock.pass_by(hours=1)
    assert 20 == taken(bucket, 100)


def test_a_refused_request_costs_nothing() -> None:
    bucket, clock = limit()
    taken(bucket, 1_000)
    clock.pass_by(seconds=0.1)
    assert 1 == taken(bucket, 1_000)


def test_users_have_buckets_of_their_own() -> None:
    bucket, _ = limit()
    taken(bucket, 100)
    assert 20 == taken(bucket, 100, "bob")


def test_who_is_refused_is_told_when_to_come_back_and_is_let_in_then() -> None:
    bucket, clock = limit(per_second=0.25, burst=1)
    bucket.take("alice")
    with pytest.raises(TooManyRequests) as refusal:
        bucket.take("alice")
    assert ("4", '"user";r=0;t=4') == (refusal.value.headers["Retry-After"], refusal.value.headers["RateLimit"])
    clock.pass_by(seconds=4)
    assert 1 == taken(bucket, 5)


def test_an_allowance_says_what_is_left() -> None:
    bucket, _ = limit()
    assert {"RateLimit-Policy": '"user";q=20;w=2', "RateLimit": '"user";r=19;t=1'} == bucket.take("alice").headers()


def test_a_clock_that_is_set_back_locks_nobody_out_for_longer_than_a_bucket_takes_to_fill() -> None:
    bucket, clock = limit()
    taken(bucket, 100)
    clock.pass_by(hours=-5)
    assert 0 == taken(bucket, 100)
    clock.pass_by(seconds=2)
    assert 20 == taken(bucket, 100)


def test_only_so_many_buckets_are_kept() -> None:
    bucket, _ = limit()
    for number in range(USERS + 100):
        bucket.take(str(number))
    assert len(bucket._full_at) == USERS


@given(st.lists(st.floats(0, 3), max_size=60))
def test_no_window_lets_in_more_than_a_burst_and_what_the_rate_gives(pauses: list[float]) -> None:
    bucket, clock = limit()
    began, done = clock.now(), 0
    for pause in pauses:
        clock.instant += dt.timedelta(seconds=pause)
        done += taken(bucket, 7)
    assert done <= 20 + 10 * (clock.now() - began).total_seconds() + 1e-3
