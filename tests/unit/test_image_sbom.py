"""The bill of materials says what is in the image: files of the lock, licences, Debian's packages, the base."""

from pathlib import Path

import pytest

from deploy import sbom
from deploy.base import Base

BASE = Base(Path(), "registry.example/python:3", "sha256:0123", "linux/arm64", {}, {})
IMAGE = sbom.Described("ebb", "0.1.0", "sha256:4567", "2026-01-02T03:04:05Z", BASE)
LOCK = """
[[package]]
name = "quick-thing"
version = "1.2"
sdist = { url = "https://example/quick_thing-1.2.tar.gz", hash = "sha256:aa" }
wheels = [
    { url = "https://x/q-1.2-cp313-cp313-manylinux_2_17_x86_64.whl", hash = "sha256:bb" },
    { url = "https://x/q-1.2-cp313-cp313-manylinux2014_aarch64.manylinux_2_17_aarch64.whl", hash = "sha256:cc" },
]
"""
ARM = ["cp313-cp313-manylinux2014_aarch64", "cp313-cp313-manylinux_2_17_aarch64"]


def component(folder: Path, tags: list[str], *metadata: str) -> sbom.Component:
    """Return the component of a package that was installed from a file with these tags."""
    info = folder / "packages" / "quick_thing-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("\n".join(["Name: Quick_Thing", "Version: 1.2", *metadata, "", "Text"]))
    (info / "WHEEL").write_text("".join(f"Tag: {tag}\n" for tag in tags))
    (folder / "uv.lock").write_text(LOCK)
    (found,) = sbom.python_components(folder / "packages", folder / "uv.lock")
    return found


@pytest.mark.parametrize(("tags", "content"), [(ARM, "cc"), (["py3-none-any"], "aa")])
def test_the_hash_is_that_of_the_file_that_was_installed(tmp_path: Path, tags: list[str], content: str) -> None:
    found = component(tmp_path, tags)
    assert [{"alg": "SHA-256", "content": content}] == found["hashes"]
    assert "pkg:pypi/quick-thing@1.2" == found["purl"] == found["bom-ref"]


@pytest.mark.parametrize(
    ("metadata", "licences"),
    [
        (["License-Expression: MIT OR Apache-2.0", "License: x"], [{"expression": "MIT OR Apache-2.0"}]),
        (["Classifier: License :: OSI Approved :: MIT License"], [{"license": {"name": "MIT License"}}]),
        (["License: BSD"], [{"license": {"name": "BSD"}}]),
        ([], None),
    ],
)
def test_a_licence_is_what_the_package_says(tmp_path: Path, metadata: list[str], licences: object) -> None:
    assert licences == component(tmp_path, ARM, *metadata).get("licenses")


def test_what_is_not_in_the_lock_cannot_be_in_the_image(tmp_path: Path) -> None:
    component(tmp_path, ARM)
    (tmp_path / "uv.lock").write_text(LOCK.replace("quick-thing", "another"))
    with pytest.raises(KeyError, match="quick-thing"):
        sbom.python_components(tmp_path / "packages", tmp_path / "uv.lock")


def test_debians_packages_have_their_package_urls() -> None:
    found = sbom.debian_components([{"Package": "libstdc++6", "Version": "1:14.2-19", "Architecture": "arm64"}])
    assert ["pkg:deb/debian/libstdc%2B%2B6@1%3A14.2-19?arch=arm64"] == [part["purl"] for part in found]


def test_a_bill_names_the_image_its_base_and_every_part_and_is_the_same_each_time() -> None:
    parts = sbom.debian_components([{"Package": "tzdata", "Version": "2026a", "Architecture": "all"}])
    bill = sbom.bill(IMAGE, parts)
    assert bill == sbom.bill(IMAGE, parts)
    assert ("CycloneDX", "1.6", "2026-01-02T03:04:05Z") == (
        bill["bomFormat"],
        bill["specVersion"],
        bill["metadata"]["timestamp"],
    )
    assert [("registry.example/python:3", "sha256:0123"), ("tzdata", "2026a")] == [
        (part["name"], part["version"]) for part in bill["components"]
    ]
    assert [part["bom-ref"] for part in bill["components"]] == bill["dependencies"][0]["dependsOn"]
    assert "4567" == bill["metadata"]["component"]["hashes"][0]["content"]
