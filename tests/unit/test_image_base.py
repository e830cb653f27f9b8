"""Bases: what they are made of is read from their files, and what they lack is added."""

import py_compile
import sys
from pathlib import Path

import pytest

from deploy import standard_library
from deploy.base import BaseError, Interpreter, contents, read_base
from tests.unit.image_parts import made_base

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
TAG = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
DPKG = "Package: zlib1g\nStatus: install ok installed\nVersion: 1:1.3\nArchitecture: amd64\nDescription: a\n library\n"
GONE = "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n"


@pytest.mark.parametrize("path", ["usr/bin/python3.13", "usr/local/bin/python3.12", "bin/python3.11"])
def test_the_python_of_a_base_is_found_where_bases_have_it(tmp_path: Path, path: str) -> None:
    base = made_base(tmp_path, {path: b"", "usr/bin/python3": b"", "opt/bin/python3.13": b""})
    assert (Interpreter(f"/{path}", path.rpartition("python")[2]), []) == contents(base)


def test_the_newest_python_of_a_base_is_taken(tmp_path: Path) -> None:
    base = made_base(tmp_path, {f"usr/bin/python3.{minor}": b"" for minor in (9, 10, 13, 11)})
    assert Interpreter("/usr/bin/python3.13", "3.13") == contents(base)[0]


def test_debians_packages_are_found_in_one_list_or_in_many(tmp_path: Path) -> None:
    python = {"usr/bin/python3.13": b""}
    lists = [{"status": f"{DPKG}\n{GONE}"}, {"status.d/zlib1g": DPKG, "status.d/zlib1g.md5sums": "0123  usr/lib/z"}]
    for number, files in enumerate(lists):
        base = made_base(tmp_path / str(number), python | {f"var/lib/dpkg/{k}": v.encode() for k, v in files.items()})
        assert [("zlib1g", "1:1.3")] == [(package["Package"], package["Version"]) for package in contents(base)[1]]


def test_a_base_without_a_python_or_for_another_platform_is_refused(tmp_path: Path) -> None:
    base = made_base(tmp_path, {"bin/sh": b""})
    with pytest.raises(BaseError, match="has no Python"):
        contents(base)
    with pytest.raises(BaseError, match="is for linux/amd64, not for linux/arm64"):
        read_base(base.layout, base.name, base.digest, "linux/arm64")


def test_the_standard_library_is_compiled_where_the_base_has_it_not(tmp_path: Path) -> None:
    library = f"usr/lib/python{MINOR}"
    files = {f"{library}/os.py": b"x = 1", f"{library}/test/bad.py": b"?", f"{library}/site-packages/p.py": b""}
    base = made_base(tmp_path / "bare", files)
    python = Interpreter(f"/usr/bin/python{MINOR}", MINOR)
    assert standard_library.fill(tmp_path / "out", base, python, sys.executable)
    found = [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [f"{library}/__pycache__/os.{TAG}.pyc"] == found
    py_compile.compile(str(tmp_path / "bare" / "root" / library / "os.py"))
    compiled = made_base(tmp_path / "bare", {})
    assert not standard_library.fill(tmp_path / "other", compiled, python, sys.executable)
