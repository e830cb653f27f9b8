"""The layer with the base's standard library, byte-compiled.

Neither the official images of Python nor distroless ones contain that, to be smaller; a container that may not write
compiles hundreds of modules at each start. Debian's own packages contain it once they are installed.
"""

import tarfile
from pathlib import Path

from deploy.base import Base, Interpreter, blob
from deploy.dependencies import compile_all

# What no function imports, or is not of the standard library.
_LEFT_OUT = {"ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tests", "tkinter", "turtledemo"} | {
    *("dist-packages", "site-packages"),
}


def fill(root: Path, base: Base, python: Interpreter, compiler: str) -> bool:
    """Put what the base has not compiled below `root`, at the places where its Python looks; tell if there was any."""
    library = str(Path(python.path.lstrip("/")).parents[1] / "lib" / f"python{python.version}")
    compiled = f"{library}/__pycache__/os.cpython-{python.version.replace('.', '')}.pyc"
    for layer in base.manifest["layers"]:
        with tarfile.open(blob(base.layout, layer["digest"])) as archive:
            for entry in archive:
                name = entry.name.removeprefix("./")
                if name == compiled:
                    return False
                if entry.isfile() and _wanted(name, library) and (content := archive.extractfile(entry)):
                    target = root / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content.read())
    compile_all(root, compiler)
    for source in root.rglob("*.py"):
        source.unlink()
    return True


def _wanted(name: str, library: str) -> bool:
    return name.startswith(f"{library}/") and name.endswith(".py") and not _LEFT_OUT & set(name.split("/"))
