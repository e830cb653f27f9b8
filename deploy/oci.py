"""Images as files: an OCI image layout (OCI Image Format 1.1) with the base's blobs and ours, and its index.

Written by hand, because then each byte of configuration and manifest is ours to keep the same.
"""

import hashlib
import json
import re
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.dependencies import Interpreter
from deploy.layers import GZIP, Layer

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
_DOCKER = {"application/vnd.docker.image.rootfs.diff.tar.gzip": GZIP}
_PYTHON = re.compile(r"(?:\./)?((?:usr/(?:local/)?)?bin/python(3\.\d+))")


class BaseError(Exception):
    """The base cannot carry the functions; the message says why."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base image of one platform, in a layout on disk; `name` and `digest` are those it was asked for by."""

    layout: Path
    name: str
    digest: str
    manifest: Mapping[str, Any]
    config: Mapping[str, Any]

    @property
    def layers(self) -> list[Path]:
        """The files of its layers, lowest first."""
        return [blob(self.layout, layer["digest"]) for layer in self.manifest["layers"]]


def blob(layout: Path, digest: str) -> Path:
    """Return the path of a blob in a layout."""
    return layout / "blobs" / digest.replace(":", "/")


def read_base(layout: Path, name: str, digest: str, platform: str) -> Base:
    """Read a layout that holds one image. Raises BaseError where it is for another platform."""
    descriptor = json.loads((layout / "index.json").read_text())["manifests"][0]
    manifest = json.loads(blob(layout, descriptor["digest"]).read_text())
    config = json.loads(blob(layout, manifest["config"]["digest"]).read_text())
    found = f"{config.get('os') or 'linux'}/{config.get('architecture') or platform.partition('/')[2]}"
    if found != platform:
        raise BaseError(f"{name} is for {found}, not for {platform}")
    return Base(layout, name, digest, manifest, config)


def find_python(base: Base) -> Interpreter:
    """Return the newest Python that lies in /usr/local/bin, /usr/bin or /bin of the base.

    Bases name it differently in their settings, or not at all; its file is there in any of them.
    """
    found = {}
    for path in base.layers:
        with tarfile.open(path) as archive:
            for entry in archive:
                if (match := _PYTHON.fullmatch(entry.name)) and (entry.isfile() or entry.issym()):
                    found[Interpreter(f"/{match[1]}", match[2])] = tuple(map(int, match[2].split(".")))
    if not found:
        raise BaseError(f"{base.name} has no Python in /usr/local/bin, /usr/bin or /bin")
    return max(found, key=lambda python: (found[python], python.path))


def write_json(layout: Path, value: object, media_type: str) -> dict[str, Any]:
    """Write a value as a blob and return its descriptor."""
    data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    target = blob(layout, digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return {"mediaType": media_type, "digest": digest, "size": len(data)}


def write_image(
    layout: Path, base: Base, platform: str, layers: Mapping[str, Layer], settings: Mapping[str, Any], created: str
) -> dict[str, Any]:
    """Write the image of one platform; `layers` by what their history says. Return its descriptor for an index."""
    for layer in base.manifest["layers"]:
        _copy(blob(base.layout, layer["digest"]), layout, layer["digest"])
    for layer in layers.values():
        _copy(layer.path, layout, layer.digest)
    system, _, architecture = platform.partition("/")
    history = [{"created": created, "created_by": name, "comment": "deploy.image"} for name in layers]
    config = {
        "created": created,
        "os": system,
        "architecture": architecture,
        **{name: base.config[name] for name in ("variant",) if name in base.config},
        "config": settings,
        "rootfs": {
            "type": "layers",
            "diff_ids": [*base.config["rootfs"]["diff_ids"], *(layer.diff_id for layer in layers.values())],
        },
        "history": [*base.config.get("history", []), *history],
    }
    below = [
        layer | {"mediaType": _DOCKER.get(layer["mediaType"], layer["mediaType"])} for layer in base.manifest["layers"]
    ]
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": write_json(layout, config, CONFIG),
        "layers": [*below, *(layer.descriptor for layer in layers.values())],
        "annotations": settings["Labels"],
    }
    named = {"os": system, "architecture": architecture, **{k: config[k] for k in ("variant",) if k in config}}
    return write_json(layout, manifest, MANIFEST) | {"platform": named}


def _copy(path: Path, layout: Path, digest: str) -> None:
    target = blob(layout, digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        shutil.copyfile(path, target)


def write_index(layout: Path, images: list[dict[str, Any]], annotations: Mapping[str, str]) -> str:
    """Write the index of the images of all platforms, make it what the layout holds, and return its digest."""
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": images, "annotations": annotations}
    return finish(layout, write_json(layout, index, INDEX))


def write_referrer(layout: Path, subject: Mapping[str, Any], path: Path, media_type: str) -> str:
    """Write a layout that holds a file as an artifact about an image (OCI 1.1, `subject`), and return its digest."""
    content = json.loads(path.read_text())
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": media_type,
        "config": write_json(layout, {}, EMPTY),
        "layers": [
            write_json(layout, content, media_type) | {"annotations": {"org.opencontainers.image.title": path.name}}
        ],
        "subject": {name: subject[name] for name in ("mediaType", "digest", "size")},
    }
    return finish(layout, write_json(layout, manifest, MANIFEST))


def finish(layout: Path, descriptor: Mapping[str, Any]) -> str:
    """Make a blob what the layout holds, and return its digest."""
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]}))
    return str(descriptor["digest"])
