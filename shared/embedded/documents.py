"""The Kubernetes objects of the manifests as found: one YAML document each, checked for kind and name."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from shared.embedded.schemas import Auth, Metadata
from shared.errors import SettingError

_Spec = TypeVar("_Spec", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """One object and where it stands. `kind` is "<apiVersion> <kind>"; a Component may name a secret store."""

    file: Path
    kind: str
    metadata: Metadata
    spec: Mapping[str, Any]
    secret_store: str | None

    def wrong(self, why: str) -> SettingError:
        """Return the error that names this object."""
        return SettingError(f"{self.file}: {self.kind} {self.metadata.name}: {why}")

    def must_annotate(self, name: str, value: str) -> None:
        """Raise `SettingError` unless the annotation has this value."""
        if self.metadata.annotations.get(name) != value:
            raise self.wrong(f"needs the annotation {name}: {value}")

    def read(self, schema: type[_Spec]) -> _Spec:
        """Return the spec as `schema`. Raises `SettingError` that names every wrong or unknown field."""
        try:
            return schema.model_validate(self.spec)
        except ValidationError as error:
            raise self.wrong(_explain(error)) from None


def documents(root: Path, kinds: Collection[str], cluster: Collection[str]) -> Iterator[Document]:
    """Read all YAML files below the three folders, but for the kinds that only a `cluster` has.

    Raises `SettingError` for a kind of neither sort, and for a name used twice.
    """
    seen: set[tuple[str, str]] = set()
    for file in _files(root):
        for content in _parse(file):
            if (kind := _kind(file, content)) in cluster:
                continue
            document = _document(file, kind, content)
            if kind not in kinds:
                raise document.wrong("the local server does not support this kind")
            if (key := (document.kind, document.metadata.name)) in seen:
                raise document.wrong("there is another one of this name")
            seen.add(key)
            yield document


def _files(root: Path) -> Iterator[Path]:
    for folder in ("knative", "eventing", "dapr"):
        files = sorted((root / folder).glob("*.yaml"))
        if not files:
            raise SettingError(f"{root / folder}: there are no manifests")
        yield from files


def _parse(file: Path) -> list[Any]:
    try:
        return list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise SettingError(f"{file}: not valid YAML: {error}") from None


def _kind(file: Path, content: object) -> str:
    if not isinstance(content, dict):
        raise SettingError(f"{file}: not an object: {content!r}")
    return f"{content.get('apiVersion')} {content.get('kind')}"


def _document(file: Path, kind: str, content: Mapping[str, Any]) -> Document:
    if unknown := content.keys() - {"apiVersion", "kind", "metadata", "spec", "scopes", "auth"}:
        raise SettingError(f"{file}: {kind}: unknown field {min(unknown)}")
    try:
        metadata = Metadata.model_validate(content.get("metadata"))
        auth = Auth.model_validate(content["auth"]) if "auth" in content else None
        return Document(file, kind, metadata, content.get("spec") or {}, auth.secret_store if auth else None)
    except ValidationError as error:
        raise SettingError(f"{file}: {kind}: metadata: {_explain(error)}") from None


def _explain(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'spec'}: {one['msg']}" for one in error.errors())
