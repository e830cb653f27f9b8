"""Prove the audit log: `nox -s audit-check` with the settings of a function, `-- --data-dir .ebb` for a local run.

Follows the chain of each user from its first entry to its last, across what is archived. Prints how far it is, and the
first entry that is not as it was appended, and exits with 1 then.

A chain alone cannot tell that its end was cut off, nor that all of it was written anew. `--heads FILE` keeps the end of
each chain in a file, to be stored where nobody who could do that can write: the next run proves that these are still
there. `--archive` reads each object of the archive too, through Dapr.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row

from shared.audit_chain import COLUMNS, Chain, ChainBroken, Chunk, entry_of
from shared.audit_chunk import fetch
from shared.errors import EbbError
from shared.runtime import Runtime, runtime
from shared.settings import Settings

EVERY = 100_000  # entries from one line of progress to the next
# One moment for all of it, and nothing written.
ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
CHUNKS = """
SELECT user_id, first_seq, last_seq, previous, hash FROM audit_chunks WHERE stored_at IS NOT NULL
ORDER BY user_id, first_seq
"""
ENTRIES = f"SELECT {COLUMNS} FROM audit ORDER BY user_id, audit.seq"


class Check:
    """One walk over all chains. `known` are the ends that an earlier walk found: numbers and hashes by user."""

    def __init__(self, chunks: list[Chunk], known: dict[str, tuple[int, str]]) -> None:
        self.heads: dict[str, tuple[int, str]] = {}
        self.entries = 0
        self._known = known
        self._chunks: dict[str, list[Chunk]] = {}
        for chunk in chunks:
            self._chunks.setdefault(chunk.user_id, []).append(chunk)
        self._chain: Chain | None = None

    async def walk(self, rows: AsyncIterator[dict[str, object]], tell: Callable[[str], None]) -> None:
        """Follow the entries of all users, in their order. Raises `ChainBroken` at the first that is wrong."""
        async for row in rows:
            entry = entry_of(row)
            chain = self._chain_of(entry["user"])
            self._pass_over(chain, entry["seq"])
            chain.follow(entry)
            self._compare(chain)
            self.entries += 1
            if self.entries % EVERY == 0:
                tell(f"{self.entries:,} entries are as they were appended")
        self._end()
        for user_id in sorted(self._chunks.keys() - self.heads.keys()):
            self._chain_of(user_id)
            self._end()
        if missing := self._known.keys() - self.heads.keys():
            raise ChainBroken(min(missing), 1, None, "is missing, and with it all others that were there")

    def _chain_of(self, user_id: str) -> Chain:
        if self._chain is None or self._chain.user_id != user_id:
            self._end()
            self._chain = Chain(user_id)
        return self._chain

    def _end(self) -> None:
        if self._chain is not None:
            self._pass_over(self._chain, None)
            self.heads[self._chain.user_id] = (self._chain.seq, self._chain.hash.hex())
            seq, _ = self._known.get(self._chain.user_id, (0, ""))
            if seq > self._chain.seq:
                raise ChainBroken(self._chain.user_id, self._chain.seq + 1, None, f"is missing: there were {seq}")
        self._chain = None

    def _pass_over(self, chain: Chain, seq: int | None) -> None:
        """Go on by the chunks that come before the entry `seq`, or by all that are left."""
        chunks = self._chunks.get(chain.user_id, [])
        while chunks and (chunks[0].last_seq <= chain.seq or seq is None or chain.seq + 1 < seq):
            chunk = chunks.pop(0)
            if chunk.last_seq > chain.seq:  # else its entries are in the table as well, and were followed
                chain.pass_over(chunk)
                self._compare(chain)

    def _compare(self, chain: Chain) -> None:
        """Raise `ChainBroken` where the chain is not the one that an earlier walk saw, or that was archived."""
        seq, digest = self._known.get(chain.user_id, (0, ""))
        if chain.seq == seq and chain.hash.hex() != digest:
            raise ChainBroken(chain.user_id, seq, None, "is another one than at the last check")
        for chunk in self._chunks.get(chain.user_id, [])[:1]:
            if chain.seq == chunk.last_seq and chain.hash != chunk.hash:
                raise ChainBroken(chain.user_id, chain.seq, None, "is another one than in the archive")


async def check(parts: Runtime, known: dict[str, tuple[int, str]], tell: Callable[[str], None]) -> Check:
    """Walk over what the database holds at this moment. Raises `ChainBroken`."""
    async with parts.database.connection() as connection:
        await connection.execute(ONE_MOMENT)
        reading = connection.cursor(row_factory=class_row(Chunk))
        found = Check(await (await reading.execute(CHUNKS)).fetchall(), known)
        await found.walk(_rows(connection), tell)
    return found


async def check_archive(parts: Runtime, tell: Callable[[str], None]) -> int:
    """Read every stored object and prove it; return their number. Raises `ChainBroken` and `BackendAway`."""
    async with parts.database.statements() as connection:
        reading = connection.cursor(row_factory=class_row(Chunk))
        chunks = await (await reading.execute(CHUNKS)).fetchall()
    for number, chunk in enumerate(chunks, 1):
        await fetch(parts.dapr, chunk)
        if number % 100 == 0:
            tell(f"{number:,} of {len(chunks):,} objects are as they were archived")
    return len(chunks)


async def _rows(connection: AsyncConnection) -> AsyncIterator[dict[str, object]]:
    """Read in portions: the log may be larger than memory."""
    async with connection.cursor("audit_check", row_factory=dict_row) as cursor:
        cursor.itersize = 2_000
        await cursor.execute(ENTRIES)
        async for row in cursor:
            yield row


async def run(parts: Runtime, options: argparse.Namespace) -> int:
    """Do what the options say; return the exit status."""
    known = _read(options.heads) if options.heads else {}
    try:
        found = await check(parts, known, _say)
        objects = await check_archive(parts, _say) if options.archive else 0
    except ChainBroken as error:
        _say(f"BROKEN: {error.detail}")
        return 1
    if options.heads:
        lines = (json.dumps([user, *head]) + "\n" for user, head in sorted(found.heads.items()))
        options.heads.write_text("".join(lines))
    _say(f"{found.entries:,} entries in the database, {objects:,} objects read; all {len(found.heads):,} chains hold")
    return 0


def options_of(arguments: list[str]) -> argparse.Namespace:
    """Read the arguments of the command."""
    parser = argparse.ArgumentParser(prog="nox -s audit-check --", description=__doc__)
    parser.add_argument("--heads", type=Path, help="file with the ends of the chains: proved first, then written anew")
    parser.add_argument("--archive", action="store_true", help="read and prove each object of the archive as well")
    parser.add_argument("--data-dir", type=Path, help="of a local server that is running")
    return parser.parse_args(arguments)


async def _main(options: argparse.Namespace) -> int:
    parts = _local(options.data_dir) if options.data_dir else runtime()
    try:
        return await run(parts, options)
    finally:
        await parts.close()


def _local(data_dir: Path) -> Runtime:
    from shared.embedded.postgres import running_url

    away = "http://127.0.0.1:9"  # a local run keeps the address of its sidecar to itself
    return Runtime(Settings.from_environment({"DATABASE_URL": running_url(data_dir), "DAPR_HTTP_ENDPOINT": away}))


def _read(heads: Path) -> dict[str, tuple[int, str]]:
    if not heads.exists():
        return {}
    return {user: (seq, digest) for user, seq, digest in map(json.loads, heads.read_text().splitlines())}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(_main(options_of(sys.argv[1:]))))
    except EbbError as error:
        sys.exit(f"ebb: {error.detail}")
