"""The times of day that a rule allows, as seconds since midnight, ascending, without listing them."""

from bisect import bisect_left
from collections.abc import Iterable


class Times:
    """Every combination of some hours, minutes and seconds."""

    __slots__ = ("_hours", "_minutes", "_seconds", "first", "last", "size")

    def __init__(self, hours: Iterable[int], minutes: Iterable[int], seconds: Iterable[int]) -> None:
        self._hours, self._minutes, self._seconds = tuple(hours), tuple(minutes), tuple(seconds)
        self.size = len(self._hours) * len(self._minutes) * len(self._seconds)
        self.first, self.last = self.at(0), self.at(self.size - 1)

    def __bool__(self) -> bool:
        """Return True: no part of a rule is an empty list."""
        return True

    def at(self, place: int) -> int:
        """Return the time at a place, counted from 0."""
        rest, second = divmod(place, len(self._seconds))
        hour, minute = divmod(rest, len(self._minutes))
        return self._hours[hour] * 3_600 + self._minutes[minute] * 60 + self._seconds[second]

    def all(self) -> list[int]:
        """Return every time, up to 86,400 of them."""
        return [
            hour * 3_600 + minute * 60 + second
            for hour in self._hours
            for minute in self._minutes
            for second in self._seconds
        ]

    def at_or_after(self, time: int) -> int | None:
        """Return the first time that is not before `time`, None when all are."""
        if time <= self.first:
            return self.first
        if time > self.last:
            return None
        hour, rest = divmod(time, 3_600)
        minute, second = divmod(rest, 60)
        at_hour = bisect_left(self._hours, hour)
        if self._hours[at_hour] > hour:
            return self._hours[at_hour] * 3_600 + self._minutes[0] * 60 + self._seconds[0]
        at_minute = bisect_left(self._minutes, minute)
        if at_minute < len(self._minutes) and self._minutes[at_minute] == minute:
            at_second = bisect_left(self._seconds, second)
            if at_second < len(self._seconds):
                return time - second + self._seconds[at_second]
            at_minute += 1
        if at_minute < len(self._minutes):
            return hour * 3_600 + self._minutes[at_minute] * 60 + self._seconds[0]
        return self._hours[at_hour + 1] * 3_600 + self._minutes[0] * 60 + self._seconds[0]


class PickedTimes:
    """The times that BYSETPOS picks out of one day, hour or minute; there may be none."""

    __slots__ = ("_times", "first")

    def __init__(self, times: Times, positions: Iterable[int]) -> None:
        self._times = [times.at(place) for place in places(positions, times.size)]
        self.first = self._times[0] if self._times else 0

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._times)

    def at_or_after(self, time: int) -> int | None:
        """Return the first time that is not before `time`, None when all are."""
        at = bisect_left(self._times, time)
        return self._times[at] if at < len(self._times) else None


def places(positions: Iterable[int], size: int) -> list[int]:
    """Return the places, counted from 0, that BYSETPOS picks out of a set of `size`, ascending."""
    found = {position - 1 if position > 0 else size + position for position in positions}
    return sorted(place for place in found if 0 <= place < size)
