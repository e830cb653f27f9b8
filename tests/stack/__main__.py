"""The real parts, kept running to play with: `python -m tests.stack --port 8080 --data-dir .ebb-stack`.

URL and token are used as those of the local run; here Kafka, Dapr and one process per function stand behind them.
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from shared.embedded.machine import OneAtATime, progress
from shared.errors import SettingError
from tests.stack.build import build
from tests.stack.part import PartFailed
from tests.stack.system import running

_WATCH = 0.5  # seconds between two looks at the parts


def main() -> None:
    """Start everything, say `ready <url>`, and stop cleanly on SIGTERM or Ctrl-C; exits with 1 when a part dies."""
    options = _options()
    build()
    try:
        with OneAtATime(options.data_dir):
            asyncio.run(_session(options.data_dir, options.port))
    except SettingError as error:
        sys.exit(f"ebb: {error.detail}")
    except PartFailed as error:
        sys.exit(f"ebb: {error}")
    progress("stopped; the next start on this --data-dir goes on here")


async def _session(data_dir: Path, port: int) -> None:
    loop = asyncio.get_running_loop()
    watching = loop.create_task(_watch(data_dir, port))
    told = False

    def stop() -> None:
        nonlocal told
        if not told:
            progress("stopping: ending the parts, last first")
            watching.cancel()
        # A second Ctrl-C would interrupt the ending, and leave processes behind.
        told = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    await asyncio.wait({watching})
    if not watching.cancelled():
        watching.result()


async def _watch(data_dir: Path, port: int) -> None:
    """Run the system until cancelled; raises `PartFailed` when a part of it dies."""
    progress(f"the log of each part is in {data_dir}, that of PostgreSQL in {data_dir / 'postgres' / 'log'}")
    async with running(data_dir, port=port) as system:
        progress(f"token in {data_dir / 'token'}")
        print(f"ready {system.url}", flush=True)
        while True:
            await asyncio.sleep(_WATCH)
            system.stack.check()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s stack --", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument(
        "--data-dir", type=Path, default=Path(".ebb-stack"), help="all data, the token and logs live here"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
