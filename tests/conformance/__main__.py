"""Score the case files of a folder: `python -m tests.conformance ../shared/cases [--misses] [kind …]`."""

import argparse
import importlib
import sys
from pathlib import Path

from tests.conformance.score import Score

# The file of each kind of cases and the module that reads it.
KINDS = {"rrule": "rrule.json", "phrases": "phrases.json", "dates": "dates.json"}


def main(arguments: list[str]) -> int:
    """Print a line per score; return 1 when one aim is not reached or a file is missing."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the case files are")
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], help="only these")
    parser.add_argument("--misses", action="store_true", help="also print every case that is wrong")
    options = parser.parse_args(arguments)
    kinds = options.kinds or list(KINDS)
    if missing := [KINDS[kind] for kind in kinds if not (options.folder / KINDS[kind]).is_file()]:
        print(f"{options.folder} has no {', '.join(missing)}: name the folder of the case files", file=sys.stderr)
        return 1
    found = [score for kind in kinds for score in _scores(kind, options.folder)]
    for score in found:
        print(score.line())
        for line in (*score.disputed, *score.wrong) if options.misses else ():
            print(f"  {line}")
    return 0 if all(score.is_reached for score in found) else 1


def _scores(kind: str, folder: Path) -> list[Score]:
    module = importlib.import_module(f"tests.conformance.{kind}")
    found: list[Score] = module.scores(folder / KINDS[kind])
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
