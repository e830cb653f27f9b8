"""Real quick-add text through the whole system, and the account of every effect.

`nox -s demo -- [FILE …]` starts a fresh server, posts every line (the project's own, or the `text` fields of JSON
files), completes what recurs, sets 200 reminders a few seconds ahead, waits until nothing moves, and prints a table.
Exits with 1 when anything was lost, doubled or reordered.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.support.account import Account, account, settled
from benchmarks.support.load import Ledger, Load, read_lines
from benchmarks.support.server import Server

OWN_LINES = Path(__file__).parent.parent / "tests" / "data" / "quick_add.txt"


def main(files: list[Path]) -> int:
    """Run the demonstration; return the exit status."""
    lines = read_lines(files or [OWN_LINES])
    with tempfile.TemporaryDirectory(prefix="ebb-demo-") as directory:
        server = Server(Path(directory))
        print(f"starting a fresh server … ready after {server.start():.1f} s")
        try:
            print(f"posting {len(lines)} lines …")
            began = time.perf_counter()
            load = Load(server.url, server.token)
            ledger = asyncio.run(load.run(lines))
            duration = time.perf_counter() - began
            print("waiting until every event and reminder has had its effect …")
            asyncio.run(settled(server.database_url, patience=120))
            result = asyncio.run(account(server.database_url, ledger))
        finally:
            server.stop()
    print_table(ledger, result, duration)
    return 0 if result.balanced else 1


def print_table(ledger: Ledger, result: Account, duration: float) -> None:
    """Print the figures, and what is wrong."""
    rows: list[tuple[str, str]] = [
        ("commands acknowledged", f"{ledger.commands} in {duration:.1f} s"),
        ("lines refused with a clear error", str(len(ledger.refused))),
        ("command p50 / p95", percentiles(ledger.seconds, 50, 95)),
        *((name, str(figure)) for name, figure in result.figures.items()),
        ("reminder lateness p50 / p99", percentiles(result.lateness, 50, 99)),
        ("lost", str(len(result.lost))),
        ("duplicated", str(len(result.duplicated))),
        ("rang at an old time", str(len(result.stale))),
        ("out of order", str(result.out_of_order)),
    ]
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f"  {name:<{width}}  {figure}")
    for wrong in result.wrong[:20]:
        print(f"  wrong: {wrong}")


def percentiles(seconds: list[float], *wanted: int) -> str:
    """Return percentiles in milliseconds, p50 and p95 if none are named."""
    if len(seconds) < 2:
        return "too few"
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return " / ".join(f"{cuts[percentile - 1] * 1000:.1f} ms" for percentile in wanted or (50, 95))


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
