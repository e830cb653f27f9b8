"""Builds the image of all functions without a container engine, and pushes it.

`python -m deploy.image --repository registry.example/ebb`. The same commit, base and tools give the same digest, which
is the last line it prints, as REPOSITORY@sha256:….
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy import dependencies, oci, sbom
from deploy.layers import Layer, write_layer
from deploy.tools import tool
from shared import __version__

# Debian 13 with Python 3.13 and nothing else, no shell either; rebuilt whenever Debian mends something.
BASE = "gcr.io/distroless/python3-debian13:nonroot"
CACHE = dependencies.ROOT / ".cache" / "image"
LABEL = "org.opencontainers.image"


@dataclass(frozen=True, slots=True)
class Built:
    """The image of one platform: its descriptor, and the components of its bill of materials."""

    platform: str
    descriptor: dict[str, Any]
    components: list[dict[str, Any]]
    base: oci.Base


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("deploy.image", description="Build the image of all functions and push it.")
    parser.add_argument("--repository", help="where it is pushed, e.g. registry.example/ebb")
    parser.add_argument("--tag", action="append", help="may be repeated; default: the version")
    parser.add_argument("--base", default=BASE, help="default: %(default)s")
    parser.add_argument("--platform", action="append", choices=sorted(dependencies.PLATFORMS), help="default: both")
    parser.add_argument("--python", help="byte-compiles; of the base's minor version; default: uv finds or fetches one")
    parser.add_argument("--digest-file", type=Path, help="gets REPOSITORY@DIGEST; the bills are written beside it")
    parser.add_argument("--output", type=Path, help="an OCI layout to write instead of pushing")
    given = parser.parse_args(words)
    if bool(given.repository) == bool(given.output):
        parser.error("one of --repository and --output")
    return given


def labels(base: oci.Base, created: str) -> dict[str, str]:
    """Return the labels of the image, which are also the annotations of its manifests."""
    revision = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--", "functions", "shared", "deploy", "uv.lock")
    return {
        f"{LABEL}.title": "ebb",
        f"{LABEL}.description": "A task manager made of small functions on Knative",
        f"{LABEL}.licenses": "Apache-2.0",
        f"{LABEL}.version": __version__,
        f"{LABEL}.revision": f"{revision}-dirty" if changed else revision,
        f"{LABEL}.created": created,
        f"{LABEL}.base.name": base.name,
        f"{LABEL}.base.digest": base.digest,
    }


def settings(base: oci.Base, named: Mapping[str, str]) -> dict[str, Any]:
    """Return the run-time settings of the image."""
    environment = dict(item.split("=", 1) for item in base.config["config"].get("Env", []))
    path = environment.get("PATH", "/usr/local/bin:/usr/bin:/bin")
    environment |= {
        "PATH": f"/{dependencies.VENV}/bin:{path}",
        "PYTHONPATH": f"/{dependencies.HOME}",
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Some user numbers have no entry in /etc/passwd, and libpq looks for its files at home.
        "HOME": f"/{dependencies.HOME}",
    }
    return {
        "User": "65532:65532",
        "WorkingDir": f"/{dependencies.HOME}",
        "Env": [f"{name}={value}" for name, value in sorted(environment.items())],
        "Entrypoint": ["python", "-m", "shared.bootstrap"],
        "ExposedPorts": {"8080/tcp": {}},
        "Labels": dict(named),
    }


def fetch_base(reference: str, platform: str) -> oci.Base:
    """Fetch the image of a platform, once per digest."""
    digest = _crane("digest", reference)
    layout = CACHE / "bases" / digest.replace(":", "-") / platform.replace("/", "-")
    if not (layout / "index.json").exists():
        draft = Path(tempfile.mkdtemp(dir=_made(layout.parent)))
        name = reference.partition("@")[0]
        repository = name if "/" in name.rpartition(":")[2] else name.rpartition(":")[0] or name
        _crane("pull", "--format=oci", f"--platform={platform}", f"{repository}@{digest}", str(draft))
        shutil.rmtree(layout, ignore_errors=True)
        draft.rename(layout)
    return oci.read_base(layout, reference.partition("@")[0], digest, platform)


def dependency_layer(
    platform: str, python: dependencies.Interpreter, compiler: str
) -> tuple[Layer, list[dict[str, Any]]]:
    """Return the layer of the dependencies, which is built when the lock, the platform or the Python is new."""
    locked = dependencies.requirements()
    sources = [
        Path(module.__file__ or "").read_text() for module in (dependencies, sbom, sys.modules[Layer.__module__])
    ]
    build = subprocess.run([compiler, "-VV"], check=True, capture_output=True, text=True).stdout
    key = hashlib.sha256(json.dumps([locked, platform, python.path, build, *sources]).encode()).hexdigest()[:16]
    kept = CACHE / "layers" / key
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=_made(CACHE)) as work:
            packages = dependencies.install(platform, python, compiler, Path(work) / "root", locked)
            draft = Path(work) / "kept"
            layer = write_layer(Path(work) / "root", draft / "layer.tar.gz")
            found = sbom.components(packages, dependencies.ROOT / "uv.lock")
            written = [layer.digest, layer.size, layer.diff_id, found]
            (draft / "layer.json").write_text(json.dumps(written))
            if not _made(kept.parent).joinpath(key).exists():
                draft.rename(kept)
    digest, size, diff_id, found = json.loads((kept / "layer.json").read_text())
    return Layer(kept / "layer.tar.gz", digest, size, diff_id), found


def build(given: argparse.Namespace, platform: str, layout: Path, created: str) -> Built:
    """Build the image of one platform into a layout."""
    base = fetch_base(given.base, platform)
    python = oci.find_python(base)
    compiler = given.python or dependencies.interpreter(python.version)
    packages, found = dependency_layer(platform, python, compiler)
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        dependencies.copy_code(Path(work) / "root", compiler)
        code = write_layer(Path(work) / "root", Path(work) / "code.tar.gz")
        layers = {"locked dependencies": packages, "functions and shared": code}
        run = settings(base, labels(base, created))
        descriptor = oci.write_image(layout, base, platform, layers, run, created)
    return Built(platform, descriptor, found, base)


def main() -> None:
    """Build for every platform, write or push."""
    given = arguments()
    platforms = sorted(set(given.platform or dependencies.PLATFORMS))
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct"))
    created = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with tempfile.TemporaryDirectory(dir=_made(CACHE)) as work:
        layout = given.output or Path(work) / "layout"
        with ThreadPoolExecutor() as pool:
            built = list(pool.map(lambda platform: build(given, platform, layout, created), platforms))
        digest = oci.write_index(layout, [one.descriptor for one in built], labels(built[0].base, created))
        reference = f"{given.repository or layout.resolve()}@{digest}"
        if given.repository:
            first, *others = given.tag or [__version__]
            _crane("push", str(layout), f"{given.repository}:{first}")
            for tag in others:
                _crane("tag", reference, tag)
        if given.digest_file:
            given.digest_file.write_text(f"{reference}\n")
        print(reference)


def _crane(*words: str) -> str:
    crane = shutil.which("crane") or str(tool("crane"))
    return subprocess.run([crane, *words], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def _git(*words: str) -> str:
    command = ["git", *words]
    return subprocess.run(command, cwd=dependencies.ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
