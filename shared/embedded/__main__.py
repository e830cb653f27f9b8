"""The local run: `python -m shared.embedded --port 8080 --data-dir .ebb`. For one person on one machine."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from shared.due import zone
from shared.embedded.machine import Machine, OneAtATime, progress
from shared.errors import SettingError


def main() -> None:
    """Start everything, say `ready <url>`, and stop cleanly on SIGTERM or Ctrl-C."""
    options = _options()
    try:
        with OneAtATime(options.data_dir):
            asyncio.run(Machine(options.data_dir, options.port, options.dapr_port, options.time_zone).run(os.environ))
    except SettingError as error:
        sys.exit(f"ebb: {error.detail}")
    progress("stopped; everything that was promised is stored")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s serve --", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--dapr-port", type=int, default=0, help="of the stand-in for the sidecar; 0 takes a free one")
    parser.add_argument("--data-dir", type=Path, default=Path(".ebb"), help="database, token and log live here")
    parser.add_argument("--time-zone", type=_zone, help="the local user's IANA zone, for example Europe/Berlin")
    return parser.parse_args()


def _zone(name: str) -> str:
    try:
        return zone(name).key
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    main()
