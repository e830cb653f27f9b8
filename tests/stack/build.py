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
from dataclasses import dataclass
from pathlib import Path

MODULE = Path(__file__).parent / "module"
CACHE = Path(__file__).parents[2] / ".cache" / "stack"
# A runtime has no compiler, which reads ReadBack.java.
_TOOLS = {
    "go": "Go 1.26 or newer",
    "java": "a Java 17 JDK",
    "javac": "a Java 17 JDK (a runtime alone does not do)",
    "mvn": "Maven 3",
}
_PACKAGES = {"daprd": ".", "scheduler": "github.com/dapr/dapr/cmd/scheduler"}


@dataclass(frozen=True, slots=True)
class Binaries:
    """Where the built parts are."""

    daprd: Path
    scheduler: Path
    jars: Path  # the folder of Kafka's, and of the CloudEvents library


def build() -> Binaries:
    """Return the real parts, building what is missing; exits with what to install when a tool is missing."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        # Without any Java one line about it is enough.
        wanted = [_TOOLS[tool] for tool in missing if tool != "javac" or "java" not in missing]
        sys.exit(f"ebb: the real parts are built and run on this machine; please install {', '.join(wanted)}")
    # What does not change is not built again: Kafka comes with pom.xml, Dapr with the Go module.
    dapr, kafka = _folder("dapr", "go.mod", "go.sum", "main.go"), _folder("kafka", "pom.xml")
    built = Binaries(dapr / "daprd", dapr / "scheduler", kafka / "jars")
    _step(built.jars, "Kafka (a few seconds)", _kafka)
    _step(built.scheduler, "Dapr's scheduler (minutes, when Go's cache is cold)", _go)
    _step(built.daprd, "Dapr's sidecar (minutes, when Go's cache is cold)", _go)
    return built


def _folder(name: str, *inputs: str) -> Path:
    digest = hashlib.sha256(b"".join((MODULE / file).read_bytes() for file in inputs))
    return CACHE / f"{name}-{digest.hexdigest()[:16]}"


def _step(target: Path, what: str, make: Callable[[Path], None]) -> None:
    if target.exists():
        return
    began = time.monotonic()
    print(f"ebb: building {what} …", flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
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
    package = _PACKAGES[draft.name.removesuffix(".draft")]
    subprocess.run(["go", "build", *flags, package], check=True, cwd=MODULE, env=os.environ | {"CGO_ENABLED": "0"})


if __name__ == "__main__":
    print(build())
