"""The yardstick of the fault tests: a reminder fires once at the last time asked for, and at no other."""

import datetime as dt

from benchmarks.support.wishes import Firing, Verdict, Wish, judge

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def at(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


def wish(seconds: float | None, acknowledged: float) -> Wish:
    return Wish(None if seconds is None else at(seconds), at(acknowledged))


def fired(seconds: float, late: float = 0.01) -> Firing:
    return Firing(at(seconds), at(seconds + late))


def test_one_firing_at_the_wished_time_is_right_however_late() -> None:
    assert Verdict() == judge([wish(5, 0)], [fired(5, late=40)])


def test_a_reminder_that_never_fires_is_lost() -> None:
    assert [f"never fired at {at(5)}"] == judge([wish(5, 0)], []).lost


def test_two_firings_at_one_time_are_one_too_many() -> None:
    assert [f"fired 2 times at {at(5)}"] == judge([wish(5, 0)], [fired(5), fired(5)]).duplicated


def test_a_moved_reminder_must_fire_at_its_new_time() -> None:
    wishes = [wish(5, 0), wish(9, 1)]
    assert Verdict() == judge(wishes, [fired(9)])
    assert [f"never fired at {at(9)}"] == judge(wishes, []).lost


def test_a_change_acknowledged_a_second_before_the_old_time_wins() -> None:
    assert judge([wish(5, 0), wish(9, 4)], [fired(5), fired(9)]).stale
    assert judge([wish(5, 0), wish(2, 1)], [fired(2), fired(5)]).stale
    assert judge([wish(5, 0), wish(None, 4)], [fired(5)]).stale


def test_a_change_acknowledged_later_than_that_may_lose_the_race() -> None:
    assert Verdict() == judge([wish(5, 0), wish(9, 4.001)], [fired(5), fired(9)])
    assert Verdict() == judge([wish(5, 0), wish(None, 6)], [fired(5)])


def test_a_cancelled_reminder_need_not_fire() -> None:
    assert Verdict() == judge([wish(5, 0), wish(None, 1)], [])


def test_nobody_wished_for_another_time_or_an_earlier_firing() -> None:
    assert judge([wish(5, 0)], [fired(5), fired(7)]).stale
    assert judge([wish(5, 0)], [fired(5, late=-0.001)]).stale
