"""Registries, by way of crane: fetching a base, pushing an image and what is said about it."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.base import Base, read_base
from deploy.oci import Descriptor, write_referrer
from deploy.tools import tool


def resolve(reference: str) -> tuple[str, str]:
    """Return the name in a reference, without a digest, and the digest it has now."""
    return reference.partition("@")[0], crane("digest", reference)


def fetch(name: str, digest: str, platform: str, cache: Path) -> Base:
    """Fetch the image of a platform, unless it is in the cache. Raises BaseError where there is none."""
    layout = cache / digest.replace(":", "-") / platform.replace("/", "-")
    if not layout.exists():
        layout.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=layout.parent) as work:
            # The repository alone: a tag may have moved since.
            repository = re.sub(r":[^:/]+$", "", name)
            crane("pull", "--format=oci", f"--platform={platform}", f"{repository}@{digest}", f"{work}/layout")
            Path(work, "layout").rename(layout)
    return read_base(layout, name, digest, platform)


def push(layout: Path, repository: str, digest: str, tags: list[str]) -> None:
    """Push what a layout holds, under all tags."""
    crane("push", str(layout), f"{repository}:{tags[0]}")
    for tag in tags[1:]:
        crane("tag", f"{repository}@{digest}", tag)


def attach(document: object, media_type: str, repository: str, subject: Descriptor) -> None:
    """Push a JSON document as a referrer of an image that was pushed before (OCI Distribution 1.1).

    Where a registry does not keep referrers yet, crane keeps their list under the tag that the specification names.
    """
    with tempfile.TemporaryDirectory() as work:
        digest = write_referrer(Path(work), subject, document, media_type)
        crane("push", work, f"{repository}@{digest}")


def crane(*words: str) -> str:
    """Run crane, the one at hand or the one that is pinned, and return what it prints."""
    command = [shutil.which("crane") or str(tool("crane")), *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
