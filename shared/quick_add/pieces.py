"""The stretches of a text that were understood, and the text with their English in place of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch [start, end) of the text and what it is in English; `kind`: rule, time, date or lead."""

    start: int
    end: int
    english: str
    kind: str


@dataclass(frozen=True, slots=True)
class Translation:
    """The text with its pieces in English. `places`: (start, end) of each piece here, and in the original."""

    text: str
    places: tuple[tuple[int, int, int, int], ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original text that became [start, end); a piece counts as a whole."""
        return self._offset(start, last=False), self._offset(end, last=True)

    def _offset(self, offset: int, *, last: bool) -> int:
        shift = 0
        for start, end, was, was_end in self.places:
            if offset < start or (last and offset == start):
                break
            if offset < end or (last and offset == end):
                return was_end if last else was
            shift = was_end - end
        return offset + shift
