"""Layers: their bytes depend on nothing but names and contents, and every user can read them."""

import os
import stat
import tarfile
from pathlib import Path

import pytest

from deploy.layers import ForeignLibraryError, Layer, cached_layer, check_machine, write_layer
from tests.unit.image_parts import tree


def elf(machine: int) -> bytes:
    """Return the beginning of a library for a machine, by its number in System V's ABI."""
    return b"\x7fELF\x02\x01\x01" + bytes(9) + (3).to_bytes(2, "little") + machine.to_bytes(2, "little") + bytes(44)


def entries(layer: Layer) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(layer.path) as archive:
        return {entry.name: entry for entry in archive}


def test_a_layer_is_the_same_wherever_whenever_and_by_whomever_it_is_written(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "one"), tree(tmp_path / "another" / "place", mode=0o600)
    os.utime(second / "a", (1, 1))
    assert write_layer(first, tmp_path / "1.tar.gz").digest == write_layer(second, tmp_path / "2.tar.gz").digest
    assert (tmp_path / "1.tar.gz").read_bytes() == (tmp_path / "2.tar.gz").read_bytes()


def test_every_user_can_read_what_is_in_a_layer_and_none_can_write(tmp_path: Path) -> None:
    found = entries(write_layer(tree(tmp_path / "root", mode=0o600), tmp_path / "layer.tar.gz"))
    modes = {name: stat.filemode(entry.mode)[1:] for name, entry in found.items() if not entry.issym()}
    files = {"a": "rw-r--r--", "b/module.py": "rw-r--r--"}
    assert files | {"b": "rwxr-xr-x", "b/empty": "rwxr-xr-x"} == modes
    assert {(0, 0, 0, "", "")} == {(e.uid, e.gid, e.mtime, e.uname, e.gname) for e in found.values()}
    assert "/usr/bin/python3" == found["b/link"].linkname


def test_a_layer_is_made_once_and_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fails(root: Path) -> None:
        raise OSError(str(tree(root / "half")))

    with pytest.raises(OSError, match="half"):
        cached_layer(tmp_path / "cache", "key", fails)
    assert [] == list((tmp_path / "cache").iterdir())
    made = cached_layer(tmp_path / "cache", "key", lambda root: [tree(root / "whole").name])
    assert made == cached_layer(tmp_path / "cache", "key", fails)
    assert ["whole"] == made[1]


@pytest.mark.parametrize(("machine", "name"), [(62, "amd64"), (183, "arm64"), (243, "machine 243")])
def test_a_library_for_another_machine_stops_the_build(tmp_path: Path, machine: int, name: str) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "_speedups.so.1").write_bytes(elf(machine))
    for wanted in ("amd64", "arm64"):
        if wanted == name:
            check_machine(tmp_path, wanted)
        else:
            with pytest.raises(ForeignLibraryError, match=f"_speedups.so.1 is for {name}, the image for {wanted}"):
                check_machine(tmp_path, wanted)
