"""What a killed process leaves in the data directory of PostgreSQL does not mislead the next start."""

import json
import os
import subprocess
from pathlib import Path

from shared.embedded.postgres import _forget_the_dead


def dead_process() -> int:
    with subprocess.Popen(["true"]) as process:
        return process.pid


def test_a_user_that_was_killed_does_not_keep_the_server_running(tmp_path: Path) -> None:
    users = tmp_path / ".handle_pids.json"
    users.write_text(json.dumps([dead_process(), os.getppid()]))
    _forget_the_dead(tmp_path)
    assert [os.getppid()] == json.loads(users.read_text())


def test_a_process_that_only_inherited_the_id_is_no_server(tmp_path: Path) -> None:
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (tmp_path / name).write_text(f"{os.getpid()}\n{tmp_path}\n")
    _forget_the_dead(tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_a_new_directory_needs_no_correction(tmp_path: Path) -> None:
    _forget_the_dead(tmp_path / "postgres")
