"""What one kind of cases came to, for Ebb and for the libraries beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Score:
    """How many of `of` cases are right.

    `aim` is the share wanted, from 0 to 1; `wrong` has one line per miss; `others` says how many each other library
    has right; `disputed` has one line, with the reason, per case that Ebb answers otherwise on purpose: not counted.
    """

    kind: str
    right: int
    of: int
    aim: float
    wrong: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_reached(self) -> bool:
        """Whether enough of the cases are right."""
        return self.right >= self.aim * self.of

    def line(self) -> str:
        """Return one row of the table."""
        beside = "".join(f", {name} {right / self.of:.1%}" for name, right in self.others.items())
        met = "reached" if self.is_reached else "NOT reached"
        told = f", {len(self.disputed)} disputed" if self.disputed else ""
        share = f"{self.right} of {self.of}, {self.right / self.of:.1%}"
        return f"{self.kind}: {share} (aim {self.aim:.0%} {met}{told}{beside})"
