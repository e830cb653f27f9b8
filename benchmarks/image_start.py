"""Start of the image: create-task as a cluster runs it, byte-compiled and not.

`nox -s bench -- image-start LAYOUT`, where `nox -s image -- --output LAYOUT` wrote the layout; on Linux, as root. The
layers are unpacked; the process sees nothing else, may not write, and is a user that no file knows. Three roots take
turns: the image, without its layer of the standard library, and without anything that we compiled.
"""

import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.support.server import free_port
from shared.embedded import postgres
from shared.migrate import upgrade

ROUNDS = 20
USER = "1234567890"
# A bind mount becomes read-only when it is mounted again. The mounts end with the process, whose namespace they are in.
ENTER = """
mount --bind "$0" "$0" && mount -t proc proc "$0/proc" && mount -o remount,bind,ro "$0" || exit 1
exec chroot --userspec="$1:$1" --groups= "$0" "${@:2}"
"""


def main(layout: str, rounds: int = ROUNDS) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="ebb-image-", ignore_cleanup_errors=True) as directory:
        roots, config = _unpack(Path(layout), Path(directory))
        data = Path(directory, "data")
        upgrade(postgres.start(data))
        database = _relay(data / "postgres" / ".s.PGSQL.5432")
        seconds: dict[str, list[float]] = {name: [] for name in roots}
        for number in range(rounds + 1):
            print(f"round {number} of {rounds}", end="\r", flush=True)
            for name, root in roots.items():
                taken = _start(root, config, database)
                if number:  # the first only fills the page cache
                    seconds[name].append(taken)
    base = statistics.median(seconds["image"])
    print(f"  {'':<36} {'median':>8} {'min':>8} {'max':>8} {'ratio':>6}")
    for name, measured in seconds.items():
        figures = " ".join(
            f"{value * 1000:5.0f} ms" for value in (statistics.median(measured), min(measured), max(measured))
        )
        print(f"  {name:<36} {figures} {statistics.median(measured) / base:6.2f}")


def _unpack(layout: Path, directory: Path) -> tuple[dict[str, Path], Any]:
    """Return the three roots by what they are, and the settings of the image."""
    index = _read(layout, json.loads((layout / "index.json").read_text())["manifests"][0])
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    manifest = _read(layout, next(one for one in index["manifests"] if machine == one["platform"]["architecture"]))
    image = _read(layout, manifest["config"])
    # A history speaks of more than layers; ours is its end, one entry for each layer.
    comments = [entry.get("comment", "") for entry in image["history"] if entry.get("created_by") == "deploy.image"]
    below = len(manifest["layers"]) - len(comments)
    names = ("image", "standard library not compiled", "nothing compiled by us")
    roots = {name: directory / name.replace(" ", "-") for name in names}
    for name, root in roots.items():
        for number, layer in enumerate(manifest["layers"]):
            if name == "image" or number < below or not comments[number - below].startswith("standard library"):
                with tarfile.open(_blob(layout, layer)) as archive:
                    archive.extractall(root, filter=lambda entry, _: None if entry.isdev() else entry)  # noqa: S202  our own image
        (root / "proc").mkdir(exist_ok=True)
    for compiled in list((roots["nothing compiled by us"] / "ebb").rglob("__pycache__")):
        shutil.rmtree(compiled)
    return roots, image["config"]


def _blob(layout: Path, descriptor: Any) -> Path:
    return layout / "blobs" / str(descriptor["digest"]).replace(":", "/")


def _read(layout: Path, descriptor: Any) -> Any:
    return json.loads(_blob(layout, descriptor).read_text())


def _relay(path: Path) -> str:
    """Lead connections to a port to the socket of PostgreSQL, which other users may not open. Return the URL."""
    port = free_port()

    async def lead(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
        target.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(path)
        await asyncio.gather(lead(reader, far_writer), lead(far_reader, writer), return_exceptions=True)

    async def serve() -> None:
        await (await asyncio.start_server(accept, "127.0.0.1", port)).serve_forever()

    threading.Thread(target=asyncio.run, args=(serve(),), daemon=True).start()
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


def _start(root: Path, config: Any, database: str) -> float:
    """Return the seconds from the start of the process to its readiness."""
    port = free_port()
    environment = dict(item.split("=", 1) for item in config["Env"])
    environment |= {"FUNCTION_TARGET": "create_task", "PORT": str(port), "HOST": "127.0.0.1"}
    environment |= {"DATABASE_URL": database, "DAPR_HTTP_ENDPOINT": "http://127.0.0.1:9"}
    # The directory of the tools that enter the root comes last: the image's own Python is found first.
    environment["PATH"] += ":/usr/sbin:/usr/bin:/sbin:/bin"
    command = ["unshare", "--mount", "bash", "-c", ENTER, str(root), USER, *config["Entrypoint"]]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, cwd="/")
    try:
        with httpx.Client(trust_env=False) as http:
            while True:
                try:
                    answer = http.get(f"http://127.0.0.1:{port}/health/readiness")
                except httpx.TransportError:
                    if process.poll() is not None:
                        sys.exit(f"the function ended ({process.returncode})")
                    time.sleep(0.002)
                    continue
                if not answer.is_success:
                    raise RuntimeError(f"create-task answers {answer.status_code}: {answer.text}")
                return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    if os.geteuid():
        sys.exit("only root can enter another root")
    main(sys.argv[1], *map(int, sys.argv[2:3]))
