"""Renders one installation: complete func.yaml files, and plain manifests that any GitOps tool can apply.

The base is `knative/`, `eventing/`, `dapr/` and `security/`; an overlay adds parts and lays patches over all of it. The
manifests speak of the namespace `ebb`; another one takes its place wherever Kubernetes would look it up.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.functions import account, func_yaml, function, names, service
from deploy.merge import merged
from deploy.migration import migration
from deploy.overlay import Manifest, Overlay, RenderError, kind

BASE = ("security", "dapr", "knative", "eventing")
NAMESPACE = "ebb"
# By this token daprd knows the functions.
SECRETS = {"ebb-dapr": {"token": "{random}"}}
_DIGEST = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
_OVERLAYS = ("part.yaml", "patches.yaml")
# `.ebb.svc`, a path `/ebb/…` of the Broker's ingress, `ns/ebb/` of a SPIFFE id, and a query of Prometheus.
_IN_STRINGS = re.compile(r"(?<=\.)ebb(?=\.svc\b)|(?<=^/)ebb(?=/)|(?<=\bns/)ebb(?=/)|(?<=namespace=\")ebb(?=\")")
# Environment variables that hold it, which are spelt as name and value.
_VARIABLES = {"NAMESPACE", "INSTALLATION"}
_PART_OF = "app.kubernetes.io/part-of"
_NAME = "app.kubernetes.io/name"


@dataclass(frozen=True, slots=True)
class Rendering:
    """What one installation is: descriptions for func by name, and manifests by file name."""

    namespace: str
    functions: dict[str, dict[str, Any]]
    secrets: dict[str, dict[str, str]]  # to be made where they are missing; they stand in no manifest
    manifests: dict[str, list[Manifest]]

    @property
    def objects(self) -> list[Manifest]:
        """Every object."""
        return [manifest for file in self.manifests.values() for manifest in file]

    def of(self, *kinds: str) -> list[Manifest]:
        """Return the objects of some kinds, each named as "<apiVersion> <kind>"."""
        return [one for one in self.objects if kind(one) in kinds]

    def write(self, folder: Path) -> None:
        """Write everything below `folder`, in place of what was there."""
        if folder.exists():
            shutil.rmtree(folder)
        for name, described in self.functions.items():
            _write(folder / "functions" / name / "func.yaml", [described])
        for name, manifests in self.manifests.items():
            _write(folder / "manifests" / f"{name}.yaml", manifests)


def render(root: Path, overlay: Overlay, image: str, namespace: str | None = None) -> Rendering:
    """Render an installation that runs `image` (with its digest: a moved tag makes no new revision).

    Raises `RenderError`.
    """
    if not _DIGEST.fullmatch(image):
        raise RenderError(f"the image {image} needs its digest: name it as REPOSITORY@sha256:…")
    space = namespace or overlay.namespace or NAMESPACE
    described = {name: function(root, name, overlay, image, space) for name in names(root)}
    if unknown := overlay.function.keys() - described.keys():
        raise RenderError(f"an overlay speaks of a function {min(unknown)} that does not exist")
    files = {file.stem: _documents(file) for folder in BASE for file in sorted((root / folder).glob("*.yaml"))}
    patches: list[Manifest] = []
    for part in overlay.parts:
        files[part], more = _part(root, part)
        patches += more
    files["functions"] = [make(one) for one in described.values() for make in (account, service)]
    files["migration"] = migration(image, described["create-task"])
    gone = [one for part in overlay.left_out for one in _part(root, part)[0]]
    wanted = [patch for patch in overlay.patches if not any(_is_meant(patch, one) for one in gone)]
    files = _patched(files, [*patches, *wanted])
    placed = {file: [_in_namespace(one, space) for one in some] for file, some in files.items() if some}
    return Rendering(
        space, {name: func_yaml(one) for name, one in described.items()}, SECRETS | overlay.secrets, placed
    )


def _part(root: Path, name: str) -> tuple[list[Manifest], list[Manifest]]:
    """Return the objects and the patches of a part."""
    files = sorted((root / "clouds" / "parts" / name).glob("*.yaml"))
    objects = [one for file in files if file.name not in _OVERLAYS for one in _documents(file)]
    return objects, [one for file in files if file.name == "patches.yaml" for one in _documents(file)]


def _patched(files: dict[str, list[Manifest]], patches: list[Manifest]) -> dict[str, list[Manifest]]:
    for patch in patches:
        found = [one for some in files.values() for one in some if _is_meant(patch, one)]
        if not found:
            raise RenderError(f"a patch is for {patch.get('kind')} {patch['metadata']['name']}, which does not exist")
        difference = {name: value for name, value in patch.items() if name != "$patch"}
        difference["metadata"] = {name: value for name, value in patch["metadata"].items() if name != "name"}

        def apply(one: Manifest, patch: Manifest = patch, difference: Manifest = difference) -> Manifest | None:
            if not _is_meant(patch, one):
                return one
            return None if patch.get("$patch") == "delete" else merged(one, difference)

        files = {name: [done for one in some if (done := apply(one))] for name, some in files.items()}
    return files


def _is_meant(patch: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    same = all(patch.get(field) == manifest.get(field) for field in ("apiVersion", "kind"))
    return same and patch["metadata"]["name"] in {"*", manifest["metadata"]["name"]}


def _in_namespace(manifest: Manifest, space: str) -> Manifest:
    """Return the manifest with `space` in place of `ebb`, and the label that says what it is a part of."""
    placed: Manifest = _each(manifest, lambda text: _IN_STRINGS.sub(space, text), space)
    metadata = placed["metadata"]
    if metadata.get("namespace") != space and metadata["name"] == NAMESPACE:
        metadata = {**metadata, "name": space}  # the Namespace itself, and what stands in another one
    labels = {_PART_OF: "ebb", _NAME: metadata["name"], **metadata.get("labels", {})}
    return {**placed, "metadata": {**metadata, "labels": labels}}


def _each(value: Any, change: Callable[[str], str], space: str, field: str = "") -> Any:
    if isinstance(value, dict):
        name = "namespace" if value.get("name") in _VARIABLES else ""
        return {key: _each(one, change, space, name if key == "value" else key) for key, one in value.items()}
    if isinstance(value, list):
        return [_each(one, change, space) for one in value]
    if isinstance(value, str):
        return space if field.lower().endswith("namespace") and value == NAMESPACE else change(value)
    return value


def _documents(file: Path) -> list[Manifest]:
    return list(_objects(file, yaml.safe_load_all(file.read_text(encoding="utf-8"))))


def _objects(file: Path, found: Iterator[Any]) -> Iterator[Manifest]:
    try:
        for one in found:
            if one is not None:
                if not isinstance(one, dict) or not isinstance(one.get("metadata"), dict) or "kind" not in one:
                    raise RenderError(f"{file}: not a Kubernetes object: {str(one)[:60]}")
                yield one
    except yaml.YAMLError as error:
        raise RenderError(f"{file}: not valid YAML: {error}") from None


def _write(file: Path, documents: list[Manifest]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump_all(documents, sort_keys=False, width=120), encoding="utf-8")
