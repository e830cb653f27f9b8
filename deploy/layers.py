"""Layers of an image: folders as compressed archives whose bytes depend on nothing but the names and contents of files.

Format: OCI Image Layer Filesystem Changeset 1.1, tar with gzip.
"""

import gzip
import hashlib
import json
import shutil
import stat
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
_FILE = "layer.tar.gz"
_LEVEL = 6  # the highest makes it 1 % smaller in four times the time
# Numbers of machines in the header of an ELF file (System V ABI), by the names that OCI gives them.
_MACHINES = {62: "amd64", 183: "arm64"}


class ForeignLibraryError(Exception):
    """A layer holds a library for another machine: `path`, `machine`."""

    def __init__(self, path: str, machine: str, wanted: str) -> None:
        """Say which file is for which machine."""
        super().__init__(f"{path} is for {machine}, the image for {wanted}")
        self.path, self.machine = path, machine


@dataclass(frozen=True, slots=True)
class Layer:
    """A written layer: its file, the digest and size (bytes) of that, and the digest of the archive inside."""

    path: Path
    digest: str
    size: int
    diff_id: str

    @property
    def descriptor(self) -> dict[str, object]:
        """What a manifest says of it."""
        return {"mediaType": GZIP, "digest": self.digest, "size": self.size}


def write_layer(root: Path, target: Path) -> Layer:
    """Write all that is below `root` as a layer into the file `target`.

    Sorted by name, owned by root, from 1970, and readable by every user: the cluster may run it under any number.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    plain = target.with_suffix(".tar")
    with tarfile.open(plain, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(root.rglob("*"), key=lambda path: path.relative_to(root).parts):
            _add(archive, path, path.relative_to(root).as_posix())
    # Without the name and the time that a header of gzip (RFC 1952) has otherwise.
    with (
        plain.open("rb") as source,
        target.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=0) as compressed,
    ):
        shutil.copyfileobj(source, compressed, 1 << 20)
    layer = Layer(target, _digest(target), target.stat().st_size, _digest(plain))
    plain.unlink()
    return layer


def cached_layer(cache: Path, key: object, fill: Callable[[Path], object]) -> tuple[Layer, Any]:
    """Return the layer that `fill` makes of an empty folder, and what it returns, kept under a key.

    key and result of `fill`: anything that JSON can hold. A failure leaves nothing behind.
    """
    folder = cache / hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            root, draft = Path(work, "root"), Path(work, "draft")
            root.mkdir()
            facts = fill(root)
            made = write_layer(root, draft / _FILE)
            (draft / "facts.json").write_text(json.dumps([made.digest, made.size, made.diff_id, facts]))
            draft.rename(folder)
    digest, size, diff_id, facts = json.loads((folder / "facts.json").read_text())
    return Layer(folder / _FILE, digest, size, diff_id), facts


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    entry = tarfile.TarInfo(name)
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, str(path.readlink()), 0o777
        archive.addfile(entry)
    elif stat.S_ISDIR(mode):
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(entry)
    else:
        entry.size, entry.mode = path.stat().st_size, 0o644
        with path.open("rb") as content:
            archive.addfile(entry, content)


def check_machine(root: Path, architecture: str) -> None:
    """Raise ForeignLibraryError if a library below `root` is not for the architecture (`amd64`, `arm64`)."""
    for path in libraries(root):
        with path.open("rb") as file:
            header = file.read(20)
        number = int.from_bytes(header[18:20], "little")
        machine = _MACHINES.get(number, f"machine {number}")
        if machine != architecture:
            raise ForeignLibraryError(path.relative_to(root).as_posix(), machine, architecture)


def libraries(root: Path) -> Iterator[Path]:
    """Yield the ELF files below a folder, whatever their names are."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path
