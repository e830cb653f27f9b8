"""The bill of materials of an image: CycloneDX 1.6, JSON, one per platform.

Made of what was installed, not of what was asked for: names, versions and licences are those in the metadata of the
packages (core metadata 2.4), and the hash is that of the very file in the lock.
"""

import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deploy.base import Base

MEDIA_TYPE = "application/vnd.cyclonedx+json"
Component = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Described:
    """What a bill is about: the image of one platform. `digest` is that of its manifest, `created` in RFC 3339."""

    name: str
    version: str
    digest: str
    created: str
    base: Base


def python_components(packages: Path, lock: Path) -> list[Component]:
    """Return the components of the packages in a site-packages, by name. Raises KeyError for one not in the lock."""
    locked = {package["name"]: package for package in tomllib.loads(lock.read_text())["package"]}
    found: list[Component] = []
    for folder in sorted(packages.glob("*.dist-info")):
        metadata = HeaderParser().parsestr((folder / "METADATA").read_text())
        # Normalised as in the lock and in a package URL.
        name = metadata["Name"].lower().replace("_", "-").replace(".", "-")
        tags = HeaderParser().parsestr((folder / "WHEEL").read_text()).get_all("Tag", [])
        file = _installed_file(locked[name], set(tags))
        origin = {"type": "distribution", "url": file["url"]}
        component = _component(name, metadata["Version"], f"pkg:pypi/{name}@{quote(metadata['Version'])}")
        found.append(component | _licences(metadata) | _hashes(file["hash"]) | {"externalReferences": [origin]})
    return found


def debian_components(packages: Iterable[Mapping[str, str]]) -> list[Component]:
    """Return the components of Debian's packages, by name; each is described by the fields of deb-control(5)."""
    found: list[Component] = []
    for package in sorted(packages, key=lambda package: package["Package"]):
        name, version = package["Package"], package["Version"]
        purl = f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={package['Architecture']}"
        found.append(_component(name, version, purl))
    return found


def bill(image: Described, parts: Iterable[Component]) -> dict[str, Any]:
    """Return the bill of an image, with its base as a component before the parts."""
    base = {"type": "container", "bom-ref": "base", "name": image.base.name, "version": image.base.digest}
    itself = {"type": "container", "bom-ref": "image", "name": image.name, "version": image.version}
    platform = {"properties": [{"name": "ebb:platform", "value": image.base.platform}]}
    components = [base | _hashes(image.base.digest), *parts]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # The same image has the same bill, down to its number.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, image.digest)}",
        "version": 1,
        "metadata": {"timestamp": image.created, "component": itself | _hashes(image.digest) | platform},
        "components": components,
        "dependencies": [{"ref": "image", "dependsOn": [component["bom-ref"] for component in components]}],
    }


def _component(name: str, version: str, purl: str) -> dict[str, Any]:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _hashes(digest: str) -> dict[str, Any]:
    return {"hashes": [{"alg": "SHA-256", "content": digest.removeprefix("sha256:")}]}


def _licences(metadata: Message) -> dict[str, Any]:
    """Return the licence: an SPDX expression, or what older packages say, in a line or as classifiers."""
    if expression := metadata["License-Expression"]:
        return {"licenses": [{"expression": expression}]}
    classifiers = metadata.get_all("Classifier", [])
    names = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License :: ")]
    line = (metadata["License"] or "").strip()
    if not names and line and "\n" not in line:
        names = [line]
    return {"licenses": [{"license": {"name": name}} for name in names]} if names else {}


def _installed_file(package: Mapping[str, Any], tags: set[str]) -> Mapping[str, str]:
    """Return the file that was installed: the wheel with these tags (PEP 425), or the source where there is none."""
    for wheel in package.get("wheels", []):
        pythons, interfaces, platforms = (part.split(".") for part in wheel["url"].removesuffix(".whl").split("-")[-3:])
        if tags == {f"{p}-{i}-{m}" for p in pythons for i in interfaces for m in platforms}:
            return dict(wheel)
    return dict(package["sdist"])
