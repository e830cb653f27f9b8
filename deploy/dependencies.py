"""What goes into the two layers: the locked dependencies of one platform, and our own code; both byte-compiled.

Nothing of the target runs here. Wheels are chosen and unpacked for the platform by uv, which needs no emulation.
"""

import os
import shutil
import subprocess
from itertools import chain
from pathlib import Path

from deploy.base import Interpreter
from deploy.layers import check_machine

ROOT = Path(__file__).parents[1]
HOME = "ebb"  # the folder of everything of ours, from the root of the image
VENV = f"{HOME}/.venv"
# The oldest glibc that a supported base has decides, and Debian 12's is much newer (PEP 600).
PLATFORMS = {"linux/amd64": "x86_64-manylinux_2_28", "linux/arm64": "aarch64-manylinux_2_28"}
# Published only as source, of pure Python; the version of what builds them is part of the result.
FROM_SOURCE = {"http-ece": "setuptools==80.9.0"}
# Tests of the packages themselves, types for checkers, scripts with the path of this machine, and what pip writes for
# its own uninstall. Metadata and licences stay. A .pth file would be run at every start; those here are for Python 2.
LEFT_OUT = (
    *("*/tests", "**/*.pyi", "**/*.pyx", "**/*.pxd", "bin"),
    *("*.pth", "*.dist-info/RECORD", "*.dist-info/REQUESTED", ".lock"),
)
PAGE = "shared/openapi/swagger_ui"  # files that describe-api serves
# Only the local run needs these.
NOT_IN_THE_IMAGE = ("shared/embedded",)


def requirements() -> str:
    """Return the locked requirements of the functions and of the migrations, with their hashes."""
    extras = ["--extra=schema", "--extra=telemetry"]
    options = ["--frozen", "--quiet", "--no-default-groups", "--no-emit-project", "--no-header", "--no-annotate"]
    return _run("uv", "export", *options, *extras, "--format=requirements.txt")


def install(folder: Path, platform: str, python: Interpreter, compiler: str, locked: str) -> Path:
    """Make the virtual environment of a platform below `folder`, as it is in the image. Return its site-packages.

    platform: one of PLATFORMS.
    compiler: a Python of this machine of the same minor version.
    Raises ForeignLibraryError, or subprocess.CalledProcessError where a package has no wheel for the platform.
    """
    packages = folder / VENV / "lib" / f"python{python.version}" / "site-packages"
    packages.mkdir(parents=True)
    source, constraints = folder.with_suffix(".txt"), folder.with_suffix(".build.txt")
    source.write_text(locked)
    constraints.write_text("\n".join(FROM_SOURCE.values()))
    only = ["--only-binary=:all:", *(f"--no-binary={name}" for name in FROM_SOURCE)]
    target = [f"--python={compiler}", f"--python-version={python.version}", f"--python-platform={PLATFORMS[platform]}"]
    checked = ["--require-hashes", "--no-deps", f"--build-constraints={constraints}", f"--requirements={source}"]
    _run("uv", "pip", "install", "--quiet", "--link-mode=copy", f"--target={packages}", *target, *only, *checked)
    prune(packages)
    check_machine(folder, platform.removeprefix("linux/"))
    _make_environment(folder / VENV, python)
    compile_all(folder, compiler)
    return packages


def prune(packages: Path) -> None:
    """Remove from site-packages what no function can need."""
    for pattern in LEFT_OUT:
        for path in list(packages.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _make_environment(venv: Path, python: Interpreter) -> None:
    """Make a virtual environment of the folder (PEP 405): its Python is the base's, and packages of the base unseen."""
    home = python.path.rpartition("/")[0]
    (venv / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
    (venv / "bin").mkdir()
    for name in ("python", "python3"):
        (venv / "bin" / name).symlink_to(python.path)


def copy_code(folder: Path, compiler: str) -> None:
    """Put the functions and what they share below `folder`, as they are in the image."""
    for path in code():
        target = folder / HOME / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    compile_all(folder, compiler)


def code() -> list[Path]:
    """Return the paths, in the repository, of our modules that belong in the image, and of the page they serve."""
    modules = (path for part in ("functions", "shared") for path in (ROOT / part).rglob("*.py"))
    found = (path.relative_to(ROOT) for path in chain(modules, (ROOT / PAGE).iterdir()))
    return sorted(path for path in found if not path.as_posix().startswith(NOT_IN_THE_IMAGE))


def compile_all(folder: Path, compiler: str) -> None:
    """Byte-compile every module below `folder`, so that a start neither compiles nor looks at the sources' times.

    The bytes depend on the order of sets in constants, hence the fixed seed, and on the names of files, hence the names
    they have in the image (PEP 552, unchecked hashes).
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    arguments = ["-q", "--invalidation-mode=unchecked-hash", "-s", str(folder), "-p", "/", str(folder)]
    _run(compiler, "-S", "-m", "compileall", *arguments, environment=environment | {"PYTHONHASHSEED": "0"})


def interpreter(version: str) -> str:
    """Return the path of a Python of this machine, of a minor version; uv fetches one where there is none."""
    for again in (False, True):
        try:
            found = _run("uv", "python", "find", "--system", version).strip()
        except subprocess.CalledProcessError:
            if again:
                raise
            _run("uv", "python", "install", version)
    return found


def version(compiler: str) -> str:
    """Return the full version and build of a Python of this machine."""
    return _run(compiler, "-VV")


def _run(*command: str, environment: dict[str, str] | None = None) -> str:
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
