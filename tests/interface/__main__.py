"""Hold a fresh server against its own description: `nox -s schemathesis -- --max-examples 200`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.support.server import Server
from tests.interface.against import SETTINGS, run


def main() -> int:
    """Print what each user's run came to; return 1 where anything failed."""
    parser = argparse.ArgumentParser("nox -s schemathesis --", description=__doc__)
    parser.add_argument("--max-examples", type=int, default=50, help="of each operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder, "data"), environment=SETTINGS)
        server.start()
        began = time.perf_counter()
        try:
            outcomes = run(server, Path(folder), seed=options.seed, max_examples=options.max_examples)
        finally:
            server.stop()
        seconds = time.perf_counter() - began
    for one in outcomes:
        if one.failed:
            print(one.told)
        print(f"{one.user}: {one.operations} operations, {one.cases} cases, {'FAILED' if one.failed else '0 failures'}")
    print(f"{sum(one.cases for one in outcomes)} cases in {seconds:.0f} s, seed {options.seed}")
    return 1 if any(one.failed for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
