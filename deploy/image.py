"""Builds the image of all functions without a container engine, and pushes it.

`python -m deploy.image --repository registry.example/ebb`. The same commit, base and tools give the same digest. It
prints REPOSITORY@sha256:…, which is how the image is deployed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from deploy import dependencies, oci, registry, sbom, standard_library
from deploy.base import Base, BaseError, contents
from deploy.layers import ForeignLibraryError, cached_layer, write_layer
from shared import __version__

# Debian 13 with its Python 3.13 and without a shell; built anew whenever Debian mends something.
BASE = "gcr.io/distroless/python3-debian13:nonroot"
CACHE = dependencies.ROOT / ".cache" / "image"
TITLE = "ebb"
# The modules that decide what a layer holds.
MAKERS = ("dependencies", "layers", "sbom", "standard_library")


@dataclass(frozen=True, slots=True)
class Built:
    """The image of one platform: what an index says of it, and its bill of materials."""

    descriptor: oci.Descriptor
    bill: Mapping[str, Any]


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("deploy.image", description="Build the image of all functions and push it.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--repository", help="where it is pushed, e.g. registry.example/ebb")
    where.add_argument("--output", type=Path, metavar="DIR", help="an OCI layout that is written instead")
    parser.add_argument("--tag", action="append", help="may be repeated; default: the version")
    parser.add_argument("--base", default=BASE, metavar="REF", help="default: %(default)s")
    parser.add_argument("--platform", action="append", choices=sorted(dependencies.PLATFORMS), help="default: both")
    parser.add_argument("--python", help="byte-compiles; of the base's minor version; default: uv finds or fetches one")
    parser.add_argument(
        "--digest-file", type=Path, metavar="FILE", help="gets REPOSITORY@DIGEST; the bills go beside it"
    )
    given = parser.parse_args(words)
    given.tag = given.tag or [__version__]
    given.platform = sorted(set(given.platform or dependencies.PLATFORMS))
    return given


def labels(name: str, digest: str, created: str) -> dict[str, str]:
    """Return the labels of the image on a base, named after OCI's annotations."""
    revision = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--", "functions", "shared", "deploy", "uv.lock")
    found = {
        "title": TITLE,
        "description": "A task manager made of small functions on Knative",
        "licenses": "Apache-2.0",
        "version": __version__,
        "revision": f"{revision}-dirty" if changed else revision,
        "created": created,
        "base.name": name,
        "base.digest": digest,
    }
    return {f"org.opencontainers.image.{name}": value for name, value in found.items()}


def settings(base: Base, named: Mapping[str, str]) -> dict[str, Any]:
    """Return what a container of the image starts with (OCI image configuration, `config`)."""
    environment = dict(item.split("=", 1) for item in base.config["config"].get("Env", []))
    path = environment.get("PATH", "/usr/local/bin:/usr/bin:/bin")
    environment |= {
        "PATH": f"/{dependencies.VENV}/bin:{path}",
        "PYTHONPATH": f"/{dependencies.HOME}",
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # A cluster's user numbers have no home, and libpq looks for its files there.
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


def build(layout: Path, base: Base, named: Mapping[str, str], compiler: str | None) -> Built:
    """Build the image of one platform into a layout. Raises BaseError, ForeignLibraryError."""
    python, debian = contents(base)
    compiler = compiler or dependencies.interpreter(python.version)
    version = dependencies.version(compiler)
    if not version.startswith(f"Python {python.version}."):
        raise BaseError(f"{compiler} is {version.partition(' (')[0]}, the base {base.name} has Python {python.version}")
    locked = dependencies.requirements()

    def packages(root: Path) -> list[sbom.Component]:
        folder = dependencies.install(root, base.platform, python, compiler, locked)
        return sbom.python_components(folder, dependencies.ROOT / "uv.lock")

    def library(root: Path) -> bool:
        return standard_library.fill(root, base, python, compiler)

    # A layer is built anew when anything that it is made of, or the way it is made, has changed.
    ways = [path.read_text() for name in MAKERS for path in Path(__file__).parent.glob(f"{name}.py")]
    made_of = [*ways, base.platform, python.path, version]
    layers = {}
    compiled, any_compiled = cached_layer(CACHE / "layers", [*made_of, base.digest], library)
    if any_compiled:
        layers["standard library, compiled"] = compiled
    layers["dependencies"], components = cached_layer(CACHE / "layers", [*made_of, locked], packages)
    with tempfile.TemporaryDirectory() as work:
        dependencies.copy_code(Path(work, "root"), compiler)
        layers["functions"] = write_layer(Path(work, "root"), Path(work, "layer.tar.gz"))
        descriptor = oci.write_image(layout, base, layers, settings(base, named))
    created = named["org.opencontainers.image.created"]
    described = sbom.Described(TITLE, __version__, descriptor["digest"], created, base)
    return Built(descriptor, sbom.bill(described, [*components, *sbom.debian_components(debian)]))


def publish(given: argparse.Namespace, layout: Path, built: list[Built], digest: str) -> None:
    """Push the image and its bills, and write the files that were asked for."""
    if given.repository:
        registry.push(layout, given.repository, digest, given.tag)
        for one in built:
            registry.attach(one.bill, sbom.MEDIA_TYPE, given.repository, one.descriptor)
    reference = f"{given.repository or given.output}@{digest}"
    if given.digest_file:
        given.digest_file.parent.mkdir(parents=True, exist_ok=True)
        given.digest_file.write_text(f"{reference}\n")
        for one in built:
            name = f"{given.digest_file.stem}.{one.descriptor['platform']['architecture']}.cdx.json"
            given.digest_file.with_name(name).write_text(json.dumps(one.bill, indent=1, ensure_ascii=False) + "\n")
    print(reference)


def main(words: list[str] | None = None) -> None:
    """Build for every platform, and push or write."""
    given = arguments(words)
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct"))
    created = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with tempfile.TemporaryDirectory() as work:
        layout = given.output or Path(work)
        try:
            name, digest = registry.resolve(given.base)
            named = labels(name, digest, created)
            bases = [registry.fetch(name, digest, platform, CACHE / "bases") for platform in given.platform]
            with ThreadPoolExecutor() as pool:
                built = list(pool.map(partial(build, layout, named=named, compiler=given.python), bases))
            publish(given, layout, built, oci.write_index(layout, [one.descriptor for one in built], named))
        except (BaseError, ForeignLibraryError) as error:
            sys.exit(f"ebb: {error}")
        except subprocess.CalledProcessError as error:
            sys.exit(f"ebb: {' '.join(error.cmd[:3])} … failed ({error.returncode})")


def _git(*words: str) -> str:
    command = ["git", *words]
    return subprocess.run(command, cwd=dependencies.ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    main()
