"""Images as files: an OCI image layout (OCI Image Format 1.1) with the base's blobs, ours, and their index.

Written by hand, because then each byte of settings and manifests is ours to keep the same.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.base import Base, blob
from deploy.layers import GZIP, Layer

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
# The same bytes under the older name, which does not belong in a manifest of OCI's.
_SAME = {"application/vnd.docker.image.rootfs.diff.tar.gzip": GZIP}

# What says of a blob where it is used: mediaType, digest, size (bytes), and more.
Descriptor = Mapping[str, Any]


def write_image(layout: Path, base: Base, layers: Mapping[str, Layer], settings: Mapping[str, Any]) -> Descriptor:
    """Write the image of one platform and return its descriptor for an index.

    layers: what lies above the base's, lowest first, by what the history says of each.
    settings: its `config`, with Labels, which are the annotations of the manifest too.
    """
    labels = settings["Labels"]
    created = labels["org.opencontainers.image.created"]
    system, _, architecture = base.platform.partition("/")
    named = {"os": system, "architecture": architecture}
    named |= {"variant": base.config["variant"]} if "variant" in base.config else {}
    digests = [*base.config["rootfs"]["diff_ids"], *(layer.diff_id for layer in layers.values())]
    history = [{"created": created, "created_by": "deploy.image", "comment": comment} for comment in layers]
    config = {
        **named,
        "created": created,
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": digests},
        "history": [*base.config.get("history", []), *history],
    }
    for layer in base.manifest["layers"]:
        _copy(blob(base.layout, layer["digest"]), layout, layer["digest"])
    for layer in layers.values():
        _copy(layer.path, layout, layer.digest)
    below = [
        layer | {"mediaType": _SAME.get(layer["mediaType"], layer["mediaType"])} for layer in base.manifest["layers"]
    ]
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": write_json(layout, config, CONFIG),
        "layers": [*below, *(layer.descriptor for layer in layers.values())],
        "annotations": labels,
    }
    return {**write_json(layout, manifest, MANIFEST), "platform": named}


def write_index(layout: Path, images: list[Descriptor], annotations: Mapping[str, str]) -> str:
    """Write the index of the images of all platforms, make it what the layout holds, and return its digest."""
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": images, "annotations": annotations}
    return _hold(layout, write_json(layout, index, INDEX))


def write_referrer(layout: Path, subject: Descriptor, document: object, media_type: str) -> str:
    """Write a layout that holds a JSON document about an image (OCI 1.1, `subject`), and return its digest."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": media_type,
        "config": write_json(layout, {}, EMPTY),
        "layers": [write_json(layout, document, media_type)],
        "subject": {name: subject[name] for name in ("mediaType", "digest", "size")},
    }
    return _hold(layout, write_json(layout, manifest, MANIFEST))


def write_json(layout: Path, value: object, media_type: str) -> Descriptor:
    """Write a value as a blob and return its descriptor."""
    data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    _made(blob(layout, digest)).write_bytes(data)
    return {"mediaType": media_type, "digest": digest, "size": len(data)}


def _hold(layout: Path, descriptor: Descriptor) -> str:
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]}))
    return str(descriptor["digest"])


def _copy(path: Path, layout: Path, digest: str) -> None:
    if not blob(layout, digest).exists():
        shutil.copyfile(path, _made(blob(layout, digest)))


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
