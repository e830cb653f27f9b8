"""The bill of materials of an image: CycloneDX 1.6, JSON, one per platform.

Made of what was installed, not of what was asked for: names, versions and licences are those in the metadata of the
packages (Core metadata 2.4), and the hash is that of the very file in the lock.
"""

import json
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

MEDIA_TYPE = "application/vnd.cyclonedx+json"
_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # of URLs, RFC 9562


def components(packages: Path, lock: Path) -> list[dict[str, Any]]:
    """Return the components of the packages in a site-packages, by name. Raises KeyError for one not in the lock."""
    locked = {package["name"]: package for package in tomllib.loads(lock.read_text())["package"]}
    found = []
    for folder in sorted(packages.glob("*.dist-info")):
        metadata = HeaderParser().parsestr((folder / "METADATA").read_text())
        name = metadata["Name"].lower().replace("_", "-").replace(".", "-")
        tags = HeaderParser().parsestr((folder / "WHEEL").read_text()).get_all("Tag", [])
        found.append(_component(name, metadata["Version"], _licence(metadata), _file(locked[name], set(tags))))
    return found


def _component(name: str, version: str, licence: str | None, file: Mapping[str, Any]) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{quote(version)}"
    component: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if licence:
        component["licenses"] = [{"license": {"name": licence}}]
    component["hashes"] = [{"alg": "SHA-256", "content": file["hash"].removeprefix("sha256:")}]
    component["externalReferences"] = [{"type": "distribution", "url": file["url"]}]
    return component


def _licence(metadata: Message) -> str | None:
    return metadata.get("License-Expression") or metadata.get("License")


def _file(package: Mapping[str, Any], tags: set[str]) -> Mapping[str, Any]:
    """Return the file that was installed: the wheel with these tags, or the source where there is none."""
    for wheel in package.get("wheels", []):
        pythons, interfaces, platforms = wheel["url"].removesuffix(".whl").split("-")[-3:]
        named = {
            f"{p}-{i}-{m}" for p in pythons.split(".") for i in interfaces.split(".") for m in platforms.split(".")
        }
        if named == tags:
            return dict(wheel)
    return dict(package["sdist"])


def bill(image: Mapping[str, Any], found: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the bill of an image.

    image: name, version, digest (of the platform's manifest), platform, created, and the base's name and digest.
    """
    base = {
        "type": "container",
        "bom-ref": "base",
        "name": image["base"],
        "version": image["base_digest"],
        "hashes": [{"alg": "SHA-256", "content": image["base_digest"].removeprefix("sha256:")}],
    }
    described = {
        "type": "container",
        "bom-ref": "image",
        "name": image["name"],
        "version": image["version"],
        "hashes": [{"alg": "SHA-256", "content": image["digest"].removeprefix("sha256:")}],
        "properties": [{"name": "ebb:platform", "value": image["platform"]}],
    }
    parts = [base, *found]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, image['digest'])}",
        "version": 1,
        "metadata": {"timestamp": image["created"], "component": described},
        "components": parts,
        "dependencies": [{"ref": "image", "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def write_bill(path: Path, image: Mapping[str, Any], found: Iterable[Mapping[str, Any]]) -> None:
    """Write the bill of an image into a file."""
    path.write_text(json.dumps(bill(image, found), indent=1, ensure_ascii=False) + "\n")
