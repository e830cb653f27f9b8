"""A full disk below the outbox: a real one where this process may mount a small file system, else a simulated one."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from tests.stack.system import System

_ROOM = "1g"
# 53100 is disk_full (PostgreSQL's error codes, appendix A).
_REFUSE = """
CREATE FUNCTION refuse_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER refuse_outbox BEFORE INSERT ON outbox EXECUTE FUNCTION refuse_outbox()
"""
_ACCEPT = "DROP TRIGGER refuse_outbox ON outbox; DROP FUNCTION refuse_outbox()"
# A table that was rewritten has no free room inside: the next rows need more of the disk.
_MOVE = ("ALTER TABLE outbox SET TABLESPACE small", "VACUUM FULL outbox")
_BACK = ("ALTER TABLE outbox SET TABLESPACE pg_default", "DROP TABLESPACE small")


@asynccontextmanager
async def full_disk(system: System) -> AsyncIterator[str]:
    """Leave the outbox no room on its disk. Yields which kind of disk it was."""
    possible = await asyncio.to_thread(_may_mount)
    async with (full_file_system if possible else refusing_trigger)(system) as which:
        yield which


@asynccontextmanager
async def refusing_trigger(system: System) -> AsyncIterator[str]:
    """Let a trigger on the outbox raise what PostgreSQL raises when the disk is full."""
    await _run(system, _REFUSE)
    try:
        yield "simulated by a trigger"
    finally:
        await _run(system, _ACCEPT)


@asynccontextmanager
async def full_file_system(system: System) -> AsyncIterator[str]:
    """Move the outbox to a tmpfs, and make that as small as what it holds. Needs the right to mount."""
    with tempfile.TemporaryDirectory(prefix="ebb-disk-") as folder:
        Path(folder).chmod(0o755)
        disk = Path(folder) / "disk"
        disk.mkdir()
        owner = await _owner(system)
        await asyncio.to_thread(_mount, disk, f"size={_ROOM},mode=700,uid={owner.st_uid},gid={owner.st_gid}")
        try:
            await _run(system, f"CREATE TABLESPACE small LOCATION '{disk}'")
            await _run(system, *_MOVE)
            await asyncio.to_thread(_shrink, disk)
            try:
                yield "a real one"
            finally:
                await asyncio.to_thread(_mount, disk, f"remount,size={_ROOM}")
                await _run(system, *_BACK)
        finally:
            await asyncio.to_thread(_unmount, disk)


async def _owner(system: System) -> os.stat_result:
    async with await psycopg.AsyncConnection.connect(system.database_url) as connection:
        row = await (await connection.execute("SHOW data_directory")).fetchone()
    assert row is not None
    return Path(row[0]).stat()


def _may_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        try:
            _mount(Path(folder), "size=64k")
        except (OSError, subprocess.CalledProcessError):
            return False
        _unmount(Path(folder))
        return True


def _unmount(disk: Path) -> None:
    subprocess.run(["umount", str(disk)], check=True)


def _mount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "ebb", str(disk)], check=True, capture_output=True)


def _shrink(disk: Path) -> None:
    """Leave nothing free. Somebody may write meanwhile, and a size below what is used is refused."""
    while (room := os.statvfs(disk)).f_bavail:
        used = (room.f_blocks - room.f_bfree) * room.f_frsize
        subprocess.run(["mount", "-o", f"remount,size={used}", str(disk)], check=False, capture_output=True)


async def _run(system: System, *statements: str) -> None:
    async with await psycopg.AsyncConnection.connect(system.database_url, autocommit=True) as connection:
        for statement in statements:
            await connection.execute(statement.encode())
