"""Reading words: quick-add side by side with dateparser's `search_dates` and with `recurrent`.

`nox -s bench -- words [ROUNDS]` reads the project's own lines, then texts of 2,000 characters of several kinds (prose,
lists of tasks, the words that begin dates over and over, noise): ROUNDS (5) times by Ebb and once by the others, each
text in a process of its own that the kernel ends after a second of CPU. Figures are seconds of CPU, the best round of a
text, since other work on the machine only adds to it; a text that was stopped counts as that second. It prints
percentiles over the texts, the others as a multiple of Ebb's, and how many texts raised or were stopped; then what the
first line of each language costs a new process. Exits with 1 when Ebb raised, or needs more than 5 ms for p95 of the
long texts.
"""

import datetime as dt
import multiprocessing
import random
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
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
PATIENCE = 1  # seconds of CPU for one text, for the others
FIRST = {
    "de": "Miete jeden Montag um 9 Uhr bis zum 3. Januar",
    "es": "Pagar el alquiler cada lunes a las 9",
    "fr": "Payer le loyer tous les lundis à 9h",
    "it": "Pagare l'affitto ogni lunedì alle 9",
    "nl": "Huur betalen elke maandag om 9 uur",
    "pt": "Pagar o aluguel toda segunda às 9h",
}
# Words that begin a date, a time, a recurrence or a mark, without completing one.
STARTS = (
    "mon", "sun", "1/1", "first", "in 3", "at 9 people", "two weeks from", "every", "every mon,", "1st and", "1",
    "may 5 times", "half past", "next", "day after", "#a", "!30m", "9-5", "10:0", "one two", "1 day", "2nd to last",
    "the", "tomorrow", "an hour and a half", "7:30 -",
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
        self._note(text, *timed(self.read, text))

    def take_apart(self, text: str) -> None:
        """Do so in a process that the kernel ends: a library may hang, and catch whatever would stop it from inside."""
        receiver, sender = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(target=_answer, args=(sender, self.read, text))
        process.start()
        sender.close()
        try:
            self._note(text, *receiver.recv())
        except EOFError:
            self.stopped.add(text)
            self._note(text, PATIENCE, raised=False)
        process.join()

    def _note(self, text: str, took: float, raised: bool) -> None:
        self.seconds[text] = min(took, self.seconds.get(text, took))
        if raised:
            self.raised.add(text)

    def percentile(self, percent: int) -> float:
        """Return a percentile in seconds."""
        return statistics.quantiles(self.seconds.values(), n=100, method="inclusive")[percent - 1]


def timed(read: Callable[[str], object], text: str) -> tuple[float, bool]:
    """Return the CPU seconds that reading took, and whether it raised."""
    began, raised = time.process_time(), False
    try:
        read(text)
    except Exception:  # noqa: BLE001  (any error is what is counted)
        raised = True
    return time.process_time() - began, raised


def _answer(sender: Connection, read: Callable[[str], object], text: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE + 1))
    sender.send(timed(read, text))


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


def measure(texts: list[str], rounds: int) -> list[Reader]:
    """Let each read every text, Ebb in several rounds."""
    found = readers()
    for reader in found:
        reader.read("warm up friday at 9")
    own, *others = found
    for _ in range(rounds):
        for text in texts:
            own.take(text)
    for reader in others:
        for text in texts:
            reader.take_apart(text)
    return found


def first_lines() -> None:
    """Print what the first line of each language costs a process, over an English one."""
    print("  first line of a language")
    for code, line in FIRST.items():
        program = (
            "import datetime as dt, time; from shared.quick_add import parse; now = dt.datetime(2026, 11, 18, 10)\n"
            "parse('warm up friday at 9', now); began = time.process_time()\n"
            f"parse({line!r}, now, {code!r}); print(time.process_time() - began)"
        )
        took = [float(subprocess.check_output([sys.executable, "-c", program], cwd=ROOT)) for _ in range(5)]
        print(f"    {code}: {min(took) * 1000:.0f} ms")


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
    lines = measure(LINES, rounds)
    texts = measure(long_texts(), rounds)
    report(f"{len(LINES)} lines of tasks", lines)
    report(f"{len(texts[0].seconds)} texts of {LENGTH:,} characters", texts)
    first_lines()
    return int(bool(lines[0].raised or texts[0].raised) or texts[0].percentile(95) > MOST)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 5))
