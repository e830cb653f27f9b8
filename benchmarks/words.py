"""Reading words: quick-add side by side with dateparser's `search_dates` and with `recurrent`.

`nox -s bench -- words [ROUNDS]` reads the project's own lines, then texts of 2,000 characters of several kinds (prose,
lists of tasks, the words that begin dates over and over, noise), each by each of the three in turn: ROUNDS (5) times
by Ebb and once by the others, which are stopped after 0.25 s of CPU. The time of a text is the
best of its rounds, since other work on the machine only adds to it. It prints percentiles over the texts, the others as
a multiple of Ebb's, and how many texts raised or were stopped. Exits with 1 when Ebb raised, or needs more than 5 ms
for p95 of the long texts.
"""

import datetime as dt
import random
import signal
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dateparser.search import search_dates
from recurrent.event_parser import RecurringEvent

from shared.quick_add import parse

ROOT = Path(__file__).parent.parent
NOW = dt.datetime.fromisoformat("2026-11-18T10:00")
LENGTH = 2_000
MOST = 0.005  # seconds, p95 of a long text
LINES = (ROOT / "tests" / "data" / "quick_add.txt").read_text("utf-8").splitlines()
TITLES = (ROOT / "tests" / "data" / "quick_add_titles.txt").read_text("utf-8").splitlines()
PATIENCE = 0.25  # seconds for one text
# Words that begin a date, a time, a recurrence or a mark, without completing one.
STARTS = (
    "mon", "1/1", "first", "in 3", "at 9 people", "two weeks from", "every", "every mon,", "1st and", "may 5 times",
    "1", "half past", "next", "day after", "#a", "!30m", "9-5", "10:0", "one two", "1 day",
)  # fmt: skip


@dataclass
class Reader:
    """One library: what it took for each text at best, for which it raised, and for which it was stopped."""

    name: str
    read: Callable[[str], object]
    seconds: dict[str, float] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)

    def take(self, text: str) -> None:
        """Read one text and note its time."""
        began = time.perf_counter()
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
        try:
            self.read(text)
        except TimeoutError:
            self.stopped.add(text)
        except Exception:  # noqa: BLE001  (any error is what is counted)
            self.raised.add(text)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        took = time.perf_counter() - began
        self.seconds[text] = min(took, self.seconds.get(text, took))

    def percentile(self, percent: int) -> float:
        """Return a percentile in seconds."""
        return statistics.quantiles(self.seconds.values(), n=100, method="inclusive")[percent - 1]


def readers() -> list[Reader]:
    """Return Ebb and the two beside it, each asked as its documentation says."""
    chosen = {"RELATIVE_BASE": NOW, "PREFER_DATES_FROM": "future"}
    return [
        Reader("ebb", lambda text: parse(text, NOW, "en-US")),
        Reader("dateparser", lambda text: search_dates(text, languages=["en"], settings=chosen)),
        Reader("recurrent", lambda text: RecurringEvent(now_date=NOW).parse(text)),
    ]


def long_texts() -> list[str]:
    """Return texts of 2,000 characters of every kind."""
    draw = random.Random(7)
    prose = (ROOT / "README.md").read_text("utf-8")
    lists = [" ".join(draw.sample(source, len(source))) for source in (LINES, TITLES) for _ in range(4)]
    noise = ["".join(chr(draw.randrange(32, 0x2FFF)) for _ in range(LENGTH)) for _ in range(4)]
    starts = [f"{word} " * LENGTH for word in STARTS]
    texts = [prose, prose[LENGTH:], *lists, *noise, *starts, " " * LENGTH, '"' * LENGTH, "9" * LENGTH]
    return [text[:LENGTH] for text in texts]


def measure(texts: list[str], rounds: int, *, others: int) -> list[Reader]:
    """Let each read every text in turn, the others in the first rounds only."""
    found = readers()
    for reader in found:
        reader.read("warm up friday at 9")
    for turn in range(rounds):
        for text in texts:
            for reader in found if turn < others else found[:1]:
                reader.take(text)
    return found


def _stop(_signal: int, _frame: object) -> None:
    raise TimeoutError


def report(what: str, found: list[Reader]) -> None:
    """Print a table of one kind of texts."""
    own = found[0]
    print(f"  {what}")
    for reader in found:
        times = " / ".join(f"{reader.percentile(percent) * 1000:.2f} ms" for percent in (50, 95))
        ratio = " / ".join(f"{reader.percentile(percent) / own.percentile(percent):.1f}" for percent in (50, 95))
        beside = "" if reader is own else f", {ratio} times as long"
        stopped = f", {len(reader.stopped)} stopped" if reader.stopped else ""
        raised = f"{len(reader.raised)} of {len(reader.seconds)} raised"
        print(f"    {reader.name}: p50 / p95 {times}{beside}, {raised}{stopped}")


def main(rounds: int) -> int:
    """Measure and print; return the exit status."""
    warnings.simplefilter("ignore")  # dateparser warns of dates without a year
    signal.signal(signal.SIGVTALRM, _stop)
    texts = measure(long_texts(), rounds, others=1)
    lines = measure(LINES, rounds, others=1)
    report(f"{len(LINES)} lines of tasks", lines)
    report(f"{len(texts[1].seconds)} texts of {LENGTH:,} characters", texts)
    return int(bool(lines[0].raised or texts[0].raised) or texts[0].percentile(95) > MOST)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 5))
