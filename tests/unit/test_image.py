"""The image: layers whose bytes depend on nothing else, settings, and nothing in it but what is meant to be."""

import json
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

import pytest

from deploy import dependencies, image, oci
from deploy.base import BaseError
from deploy.layers import write_layer
from tests.unit.image_parts import made_base, tree

TAG = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
LABELS = image.labels("registry.example/python:3", "sha256:0123", "2026-01-02T03:04:05Z")


def test_what_no_function_needs_is_left_out_and_licences_stay(tmp_path: Path) -> None:
    stays = ["p/__init__.py", "p/testing.py", "p-1.dist-info/METADATA", "p-1.dist-info/licenses/LICENSE"]
    goes = ["p/tests/test_p.py", "p/deep/er.pyi", "p-1.dist-info/RECORD", "p-nspkg.pth", "bin/p", ".lock"]
    for name in stays + goes:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    dependencies.prune(tmp_path)
    assert sorted(stays) == sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    )


def test_the_code_in_the_image_is_what_a_function_may_import_and_no_more() -> None:
    names = {path.as_posix() for path in dependencies.code()}
    assert {"functions/create_task/main.py", "shared/bootstrap.py", "shared/migrations/env.py"} <= names
    assert set() == {name for name in names if "/embedded/" in name or not name.startswith(("functions/", "shared/"))}


def test_no_file_beside_modules_is_forgotten() -> None:
    """A new kind of file in these folders has to be put into the image, or into this list."""
    not_needed = {".mako": "the template of a new migration", ".yaml": "deployment descriptions", ".pyc": "made anew"}
    taken = {dependencies.ROOT / path for path in dependencies.code()}
    files = {path for part in ("functions", "shared") for path in (dependencies.ROOT / part).rglob("*.*")}
    found = {path.suffix for path in files - taken}
    assert set() == found - {".py", *not_needed}


def test_compiled_modules_do_not_depend_on_the_place_or_time_and_name_the_path_in_the_image(tmp_path: Path) -> None:
    roots = [tree(tmp_path / name) for name in ("one", "another")]
    for root in roots:
        dependencies.compile_all(root, sys.executable)
    compiled = [(root / "b" / "__pycache__" / f"module.{TAG}.pyc").read_bytes() for root in roots]
    assert compiled[0] == compiled[1]
    # PEP 552: hash-based, and not to be checked against the source.
    assert MAGIC_NUMBER + (1).to_bytes(4, "little") == compiled[0][:8]
    assert b"/b/module.py" in compiled[0]
    assert str(tmp_path).encode() not in compiled[0]


def test_a_container_starts_as_nobody_with_the_bases_python_and_our_modules(tmp_path: Path) -> None:
    base = made_base(tmp_path, {}, Env=["PATH=/usr/local/bin:/bin", "LANG=C.UTF-8"], Cmd=["python3"], User="root")
    found = image.settings(base, LABELS)
    environment = dict(item.split("=", 1) for item in found.pop("Env"))
    assert LABELS == found.pop("Labels")
    assert {
        "User": "65532:65532",
        "WorkingDir": "/ebb",
        "Entrypoint": ["python", "-m", "shared.bootstrap"],
        "ExposedPorts": {"8080/tcp": {}},
    } == found
    assert "/ebb/.venv/bin:/usr/local/bin:/bin" == environment["PATH"]
    assert ("C.UTF-8", "/ebb", "1") == tuple(environment[n] for n in ("LANG", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"))


def test_what_another_python_compiled_would_not_be_used_so_it_is_refused(tmp_path: Path) -> None:
    base = made_base(tmp_path, {"usr/bin/python3.99": b""})
    with pytest.raises(BaseError, match=r"is Python 3\.1\d.*, the base registry.example/python:3 has Python 3.99"):
        image.build(tmp_path / "layout", base, LABELS, sys.executable)


def test_the_labels_say_what_the_image_is_made_of() -> None:
    found = {name.removeprefix("org.opencontainers.image."): value for name, value in LABELS.items()}
    assert ("registry.example/python:3", "sha256:0123") == (found["base.name"], found["base.digest"])
    assert ("ebb", "Apache-2.0", "2026-01-02T03:04:05Z") == (found["title"], found["licenses"], found["created"])
    assert 40 == len(found["revision"].removesuffix("-dirty"))


def test_an_image_is_its_base_with_our_layers_above_and_is_the_same_each_time(tmp_path: Path) -> None:
    base = made_base(tmp_path / "base", {"usr/bin/python3.13": b""}, platform="linux/arm64")
    layer = write_layer(tree(tmp_path / "root"), tmp_path / "layer.tar.gz")
    written = []
    for name in ("one", "another"):
        descriptor = oci.write_image(tmp_path / name, base, {"ours": layer}, {"Labels": LABELS})
        written.append((descriptor, oci.write_index(tmp_path / name, [descriptor], LABELS)))
    assert written[0] == written[1]
    again = read_base_of(tmp_path / "one", written[0][0])
    assert [*base.manifest["layers"], layer.descriptor] == again["layers"]
    config = json.loads((tmp_path / "one" / "blobs" / again["config"]["digest"].replace(":", "/")).read_text())
    assert [*base.config["rootfs"]["diff_ids"], layer.diff_id] == config["rootfs"]["diff_ids"]
    assert ("linux", "arm64", "2026-01-02T03:04:05Z") == (config["os"], config["architecture"], config["created"])


def read_base_of(layout: Path, descriptor: oci.Descriptor) -> Any:
    return json.loads((layout / "blobs" / descriptor["digest"].replace(":", "/")).read_text())
