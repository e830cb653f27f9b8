"""The circuit breaker: after three failures calls fail at once, then one probe decides."""

import datetime as dt
from dataclasses import dataclass

import pytest

from shared.breaker import CircuitBreaker
from shared.errors import BackendAway


@dataclass
class Clock:
    """Stands still until it is moved."""

    instant: dt.datetime = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)

    def now(self) -> dt.datetime:
        """Return the instant it stands at."""
        return self.instant

    async def wait_until(self, instant: dt.datetime) -> None:
        """Move there."""
        self.instant = max(self.instant, instant)

    def pass_by(self, seconds: float) -> None:
        """Move on."""
        self.instant += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    """Make a breaker that opens at three failures for 1 s, then 2, 4, and 8 at most."""
    return CircuitBreaker("sidecar", clock)


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.check()
        breaker.failed()


def refuses(breaker: CircuitBreaker) -> bool:
    try:
        breaker.check()
    except BackendAway:
        return True
    return False


def test_it_stays_closed_below_the_threshold(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    assert not breaker.is_open
    assert not refuses(breaker)


def test_a_success_starts_the_count_again(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert not breaker.is_open


def test_it_opens_at_the_threshold_and_names_what_is_away(breaker: CircuitBreaker) -> None:
    fail(breaker, 3)
    assert breaker.is_open
    with pytest.raises(BackendAway, match="sidecar"):
        breaker.check()


def test_when_the_pause_is_over_one_caller_probes_and_the_others_wait(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.pass_by(1)
    assert [False, True, True] == [refuses(breaker) for _ in range(3)]


def test_a_probe_that_never_comes_back_is_followed_by_another(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.pass_by(1)
    assert not refuses(breaker)
    clock.pass_by(1)
    assert not refuses(breaker)


def test_a_probe_that_succeeds_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.pass_by(1)
    breaker.check()
    breaker.succeeded()
    assert [False, False] == [refuses(breaker) for _ in range(2)]


def test_the_pause_doubles_up_to_its_limit_while_probes_fail(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    pauses = []
    for _ in range(5):
        pauses.append(breaker.retry_after)
        clock.pass_by(breaker.retry_after)
        fail(breaker, 1)
    assert [1, 2, 4, 8, 8] == pauses


def test_the_next_outage_begins_with_the_short_pause_again(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.pass_by(1)
    fail(breaker, 1)
    breaker.succeeded()
    fail(breaker, 3)
    assert 1 == breaker.retry_after


def test_calls_that_were_under_way_when_it_opened_do_not_lengthen_the_pause(breaker: CircuitBreaker) -> None:
    for _ in range(5):
        breaker.check()
    for _ in range(5):
        breaker.failed()
    assert 1 == breaker.retry_after


def test_the_time_to_try_again_is_never_zero(breaker: CircuitBreaker, clock: Clock) -> None:
    assert 1 == breaker.retry_after
    fail(breaker, 3)
    clock.pass_by(60)
    assert 0 < breaker.retry_after <= 1
