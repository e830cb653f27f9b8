"""English for numbers, days and lists, as `text.py` needs it."""

from collections.abc import Iterable, Iterator

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_SHORTEST_SPAN = 3


def nth(number: int, *, spelled: bool = True) -> str:
    """Return "first", "21st", "last", "second to last"; `spelled=False` gives "1st" for positive numbers."""
    if number < 0:
        return "last" if number == -1 else f"{nth(-number)} to last"
    if spelled and number in _ORDINALS:
        return _ORDINALS[number]
    teen = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield ascending numbers as (first, last): three or more in a row are one span, others stand alone."""
    row: list[int] = []
    for number in [*numbers, None]:
        if row and number != row[-1] + 1:
            yield from [(row[0], row[-1])] if len(row) >= _SHORTEST_SPAN else [(one, one) for one in row]
            row = []
        if number is not None:
            row.append(number)


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return "a, b and c"."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end
