"""Builds the real parts: Dapr's sidecar and scheduler by Go, Kafka from its Maven artifacts. Cached by their versions.

`python -m tests.stack.build` takes some ten minutes on two cores the first time, and nothing after that.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

MODULE = Path(__file__).parent / "module"
CACHE = Path(__file__).parents[2] / ".cache" / "stack"
_TOOLS = {"go": "Go 1.26 or newer", "java": "a Java 17 runtime", "mvn": "Maven 3"}
_DAPR = "github.com/dapr/dapr/cmd/"


def build() -> Path:
    """Return the folder with `daprd`, `scheduler` and `kafka/`, building what is missing."""
    missing = [name for tool, name in _TOOLS.items() if shutil.which(tool) is None]
    if missing:
        sys.exit(f"ebb: the integration tests run real parts; please install {', '.join(missing)}")
    inputs = b"".join(path.read_bytes() for path in sorted(MODULE.iterdir()))
    target = CACHE / hashlib.sha256(inputs).hexdigest()[:16]
    target.mkdir(parents=True, exist_ok=True)
    _step(target / "kafka", "Kafka (a few seconds)", _kafka)
    _step(target / "scheduler", "Dapr's scheduler (minutes, when Go's cache is cold)", _go)
    _step(target / "daprd", "Dapr's sidecar (minutes, when Go's cache is cold)", _go)
    return target


def _step(target: Path, what: str, make: Callable[[Path], None]) -> None:
    if target.exists():
        return
    began = time.monotonic()
    print(f"ebb: building {what} …", flush=True)
    draft = target.with_name(f"{target.name}.draft")
    make(draft)
    draft.rename(target)
    print(f"ebb: … {time.monotonic() - began:.0f} s", flush=True)


def _kafka(draft: Path) -> None:
    command = ["mvn", "-q", "-B", "-f", str(MODULE / "pom.xml"), "dependency:copy-dependencies"]
    subprocess.run([*command, f"-DoutputDirectory={draft}"], check=True)


def _go(draft: Path) -> None:
    # Without a component tag daprd ends at once.
    flags = ["-trimpath", "-ldflags=-s -w", "-tags=stablecomponents", "-o", str(draft)]
    package = _DAPR + draft.name.removesuffix(".draft")
    subprocess.run(["go", "build", *flags, package], check=True, cwd=MODULE, env=os.environ | {"CGO_ENABLED": "0"})


if __name__ == "__main__":
    print(build())
