"""What an environment of a cloud has differently: `clouds/<cloud>/cloud.yaml`, `<environment>.yaml`, and its parts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deploy.merge import merged

Manifest = dict[str, Any]
ENVIRONMENTS = ("staging", "production")


def kind(manifest: Manifest) -> str:
    """Return "<apiVersion> <kind>"."""
    return f"{manifest['apiVersion']} {manifest['kind']}"


class RenderError(Exception):
    """Something in the description is wrong; the message names the file and what to do."""


class Overlay(BaseModel):
    """One file of differences. Later ones are laid over earlier ones; parts and patches add up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    namespace: str | None = Field(default=None, pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
    image: str | None = None  # the repository; which image of it is said when it is rendered
    parts: tuple[str, ...] = ()  # folders of clouds/parts
    left_out: tuple[str, ...] = ()  # parts that this installation has otherwise; what is patched of them is not there
    functions: dict[str, Any] = Field(default_factory=dict)  # over every func.yaml
    function: dict[str, dict[str, Any]] = Field(default_factory=dict)  # over that of one function
    # Secrets by name, made with the first deployment; "{random}" is a random text, the same within one Secret.
    secrets: dict[str, dict[str, str]] = Field(default_factory=dict)
    patches: tuple[Manifest, ...] = ()  # over the manifest of the same apiVersion, kind and name ("*" is every name)

    def under(self, over: Self) -> Self:
        """Return this overlay with another one laid over it."""
        return self.model_copy(
            update={
                "namespace": over.namespace or self.namespace,
                "image": over.image or self.image,
                "parts": tuple(dict.fromkeys((*self.parts, *over.parts))),
                "functions": merged(self.functions, over.functions),
                "function": merged(self.function, over.function),
                "secrets": self.secrets | over.secrets,
                "patches": (*self.patches, *over.patches),
            }
        )


def load(root: Path, cloud: str, environment: str, values: Sequence[Path], without: Sequence[str] = ()) -> Overlay:
    """Return the sum of a cloud's files, then `values`, laid over the parts they name but `without`.

    Raises `RenderError`.
    """
    folder = root / "clouds" / cloud
    files = [folder / "cloud.yaml", folder / f"{environment}.yaml", *values]
    own = Overlay()
    for file in files:
        own = own.under(_read(file, root))
    if unknown := [part for part in own.parts if not (root / "clouds" / "parts" / part).is_dir()]:
        raise RenderError(f"{folder}: there is no part {unknown[0]} in clouds/parts")
    parts = tuple(part for part in own.parts if part not in without)
    below = Overlay()
    for part in parts:
        file = root / "clouds" / "parts" / part / "part.yaml"
        below = below.under(_read(file, root)) if file.exists() else below
    return below.under(own).model_copy(update={"parts": parts, "left_out": tuple(without)})


def _read(file: Path, root: Path) -> Overlay:
    if not file.exists():
        known = sorted(path.parent.name for path in root.glob("clouds/*/cloud.yaml"))
        raise RenderError(f"{file} is missing; the clouds are {', '.join(known)}, each with staging and production")
    try:
        return Overlay.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except yaml.YAMLError as error:
        raise RenderError(f"{file}: not valid YAML: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise RenderError(f"{file}: {wrong}") from None
