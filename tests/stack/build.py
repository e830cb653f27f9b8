"""Builds the real parts: Dapr by Go, Kafka and the OIDC issuer from their Maven artifacts. Cached by their versions.

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
ISSUER = Path(__file__).parent / "issuer"
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
    _need(*_TOOLS)
    # What does not change is not built again: Kafka comes with pom.xml, Dapr with the Go module.
    dapr, kafka = _folder("dapr", "go.mod", "go.sum", "main.go"), _folder("kafka", "pom.xml")
    built = Binaries(dapr / "daprd", dapr / "scheduler", kafka / "jars")
    _step(built.jars, "Kafka (a few seconds)", _maven(MODULE / "pom.xml"))
    _step(built.scheduler, "Dapr's scheduler (minutes, when Go's cache is cold)", _go)
    _step(built.daprd, "Dapr's sidecar (minutes, when Go's cache is cold)", _go)
    return built


def build_issuer() -> Path:
    """Return the folder of the OIDC issuer (`classes`, `jars`); exits with what to install when a tool is missing."""
    _need("java", "javac", "mvn")
    folder = _folder("issuer", "pom.xml", "Issuer.java", where=ISSUER)
    _step(folder / "jars", "Spring Authorization Server (a few seconds)", _maven(ISSUER / "pom.xml"))
    _step(folder / "classes", "the OIDC issuer (a few seconds)", _javac)
    return folder


def _need(*tools: str) -> None:
    """Exit with what to install unless all tools are there."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        # Without any Java one line about it is enough.
        wanted = [_TOOLS[tool] for tool in missing if tool != "javac" or "java" not in missing]
        sys.exit(f"ebb: the real parts are built and run on this machine; please install {', '.join(wanted)}")


def _folder(name: str, *inputs: str, where: Path = MODULE) -> Path:
    digest = hashlib.sha256(b"".join((where / file).read_bytes() for file in inputs))
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


def _maven(pom: Path) -> Callable[[Path], None]:
    """Return what copies the artifacts that a pom.xml names, with all they need."""

    def copy(draft: Path) -> None:
        command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
        subprocess.run([*command, f"-DoutputDirectory={draft}"], check=True)

    return copy


def _javac(draft: Path) -> None:
    jars = draft.with_name("jars")
    subprocess.run(
        ["javac", "-proc:none", "-cp", f"{jars}/*", "-d", str(draft), str(ISSUER / "Issuer.java")], check=True
    )


def _go(draft: Path) -> None:
    # Without a component tag daprd ends at once.
    flags = ["-trimpath", "-ldflags=-s -w", "-tags=stablecomponents", "-o", str(draft)]
    package = _PACKAGES[draft.name.removesuffix(".draft")]
    subprocess.run(["go", "build", *flags, package], check=True, cwd=MODULE, env=os.environ | {"CGO_ENABLED": "0"})


if __name__ == "__main__":
    print(build(), build_issuer())
