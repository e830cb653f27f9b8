"""What a base image is made of, read from its files: bases say it differently in their settings, or not at all."""

import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

_PYTHON = re.compile(r"(?:usr/(?:local/)?)?bin/python(3\.\d+)")
# Debian's list of installed packages; distroless bases have a file for each, and lists of checksums beside them.
_PACKAGES = re.compile(r"var/lib/dpkg/status(?:\.d/.+(?<!\.md5sums))?")


class BaseError(Exception):
    """The base cannot carry the functions; the message says why."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The Python of the base: its path there, e.g. /usr/bin/python3.13, and its minor version, e.g. 3.13."""

    path: str
    version: str


@dataclass(frozen=True, slots=True)
class Base:
    """A base image of one platform, in an OCI layout on disk; `name` and `digest` are those it was asked for by."""

    layout: Path
    name: str
    digest: str
    platform: str
    manifest: Mapping[str, Any]
    config: Mapping[str, Any]


def blob(layout: Path, digest: str) -> Path:
    """Return the path of a blob in a layout."""
    return layout / "blobs" / digest.replace(":", "/")


def read_base(layout: Path, name: str, digest: str, platform: str) -> Base:
    """Read a layout that holds one image. Raises BaseError where it is for another platform."""
    descriptor = json.loads((layout / "index.json").read_text())["manifests"][0]
    manifest = json.loads(blob(layout, descriptor["digest"]).read_text())
    config = json.loads(blob(layout, manifest["config"]["digest"]).read_text())
    # An archive that was pushed as it is, without settings, says nothing.
    found = f"{config.get('os') or 'linux'}/{config.get('architecture') or platform.partition('/')[2]}"
    if found != platform:
        raise BaseError(f"the base {name} is for {found}, not for {platform}")
    return Base(layout, name, digest, platform, manifest, config)


def contents(base: Base) -> tuple[Interpreter, list[Mapping[str, str]]]:
    """Return the newest Python in /usr/local/bin, /usr/bin or /bin, and Debian's description of each package.

    A description has the fields Package, Version and Architecture (deb-control(5)). A base that is not made of Debian's
    packages has none. Raises BaseError where there is no Python.
    """
    pythons: dict[tuple[int, str], Interpreter] = {}
    lists: dict[str, str] = {}
    for layer in base.manifest["layers"]:
        with tarfile.open(blob(base.layout, layer["digest"])) as archive:
            for entry in archive:
                name = entry.name.removeprefix("./")
                if (match := _PYTHON.fullmatch(name)) and (entry.isfile() or entry.issym()):
                    pythons[int(match[1].partition(".")[2]), name] = Interpreter(f"/{name}", match[1])
                elif _PACKAGES.fullmatch(name) and (content := archive.extractfile(entry)):
                    lists[name] = content.read().decode()
    if not pythons:
        raise BaseError(f"the base {base.name} has no Python in /usr/local/bin, /usr/bin or /bin")
    return pythons[max(pythons)], [package for text in lists.values() for package in _described(text)]


def _described(text: str) -> list[Mapping[str, str]]:
    found = [dict(HeaderParser().parsestr(part)) for part in text.split("\n\n") if part.strip()]
    return [package for package in found if package.get("Status", "installed").endswith("installed")]
