"""Folders and bases that tests of the image are made of."""

from pathlib import Path
from typing import Any

from deploy import oci
from deploy.base import Base, read_base
from deploy.layers import write_layer


def tree(folder: Path, mode: int = 0o644) -> Path:
    """Make a folder with a module, a program, a link and an empty folder."""
    (folder / "b" / "empty").mkdir(parents=True)
    (folder / "b" / "module.py").write_text("x = {'a', 'b', 'c'}\n")
    (folder / "a").write_bytes(b"\0" * 2000)
    (folder / "b" / "link").symlink_to("/usr/bin/python3")
    for path in (folder / "a", folder / "b" / "module.py"):
        path.chmod(mode)
    return folder


def made_base(folder: Path, files: dict[str, bytes], platform: str = "linux/amd64", **config: Any) -> Base:
    """Write a base image of one layer and read it."""
    root = folder / "root"
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    system, _, architecture = platform.partition("/")
    empty = Base(folder, "", "", platform, {"layers": []}, {"rootfs": {"diff_ids": []}})
    layer = write_layer(root, folder / "base.tar.gz")
    labels = {"org.opencontainers.image.created": "2026-01-01T00:00:00Z"}
    descriptor = oci.write_image(folder / "layout", empty, {"base": layer}, {"Labels": labels, **config})
    oci._hold(folder / "layout", descriptor)
    assert {"os": system, "architecture": architecture} == descriptor["platform"]
    return read_base(folder / "layout", "registry.example/python:3", "sha256:0123", platform)
