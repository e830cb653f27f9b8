"""Tools written in Go, pinned by deploy/tools/<name>/go.mod and built here: `python -m deploy.tools promtool`.

A new one: `go mod init`, `go get -tool <package>@<version>` and `go mod tidy` in a folder of its name. Each has a
module of its own, because in a common one a tool is compiled with libraries that another asks for, and some do not
compile so.
Go checks what it downloads against go.sum.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

TOOLS = Path(__file__).parent / "tools"
CACHE = Path(__file__).parents[1] / ".cache" / "tools"
# promtool without the clients of every cloud: they only try out service discovery, and are most of its build.
_TAGS = {"promtool": "remove_all_sd"}


def tool(name: str, tools: Path = TOOLS, cache: Path = CACHE) -> Path:
    """Return the path of a tool; it is built when it or one of its versions is new. Exits with what is missing."""
    module = tools / name
    if not (module / "go.mod").is_file():
        sys.exit(f"ebb: no tool {name}, but {', '.join(sorted(path.parent.name for path in tools.glob('*/go.mod')))}")
    digest = hashlib.sha256(
        b"".join(path.read_bytes() for path in sorted(module.glob("go.*")) + sorted(module.glob("*.go")))
    )
    target = cache / f"{name}-{digest.hexdigest()[:16]}" / name
    if not target.exists():
        _build(module, target)
    return target


def _build(module: Path, target: Path) -> None:
    if shutil.which("go") is None:
        sys.exit(f"ebb: {target.name} is built on this machine; please install Go 1.26 or newer")
    began = time.monotonic()
    print(f"ebb: building {target.name} (minutes, when Go's cache is cold) …", file=sys.stderr, flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Two builds at the same time each rename their own draft, and the last one wins.
    draft = target.with_name(f"{target.name}.{os.getpid()}.draft")
    # A module without the directive is itself the program.
    pinned = re.findall(r"^tool (\S+)$", (module / "go.mod").read_text(), flags=re.MULTILINE) or ["."]
    flags = ["-trimpath", "-ldflags=-s -w", f"-tags={_TAGS.get(target.name, '')}", "-o", str(draft)]
    environment = os.environ | {"CGO_ENABLED": "0"}
    subprocess.run(["go", "build", *flags, *pinned], cwd=module, env=environment, check=True)
    draft.rename(target)
    print(f"ebb: … {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        print(tool(wanted))
