"""What a fault is, and what it asks of the system it is done to: one on this machine, or one on a cluster."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Parts(Protocol):
    """What the system consists of."""

    def await_ready(self) -> None:
        """Return when every part runs and answers; raises when one does not."""


class System(Protocol):
    """What a trial needs of a system."""

    @property
    def database_url(self) -> str:
        """The URL of its PostgreSQL, for the account."""

    @property
    def stack(self) -> Parts:
        """Its parts."""


AnySystem = TypeVar("AnySystem", bound=System)
# Does something to the system, yields a note about it, and undoes it on leaving.
Fault = Callable[[AnySystem], AbstractAsyncContextManager[str]]


@dataclass(frozen=True, slots=True)
class Scenario(Generic[AnySystem]):
    """One fault. Times are in seconds, of one round; `short` is for a quick look.

    `share` of the rounds are enough where the scenario is one of several of the same kind that take long. `felt` says
    that some command must have been refused for a while, and `answers` with what (0 is no answer at all). `foreign`
    says that it takes away what stands before the functions, so that a proxy answers in their place, without the
    Retry-After that a function gives.
    """

    fault: Fault[AnySystem]
    seconds: float = 1.0
    short: float = 0.5
    share: float = 1.0
    felt: bool = False
    answers: tuple[int, ...] = (503,)
    foreign: bool = False

    def rounds(self, wanted: int) -> int:
        """Return how many of the wanted rounds are its own, one at least."""
        return max(1, round(wanted * self.share))
