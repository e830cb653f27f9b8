"""A chunk of the archive: gzipped JSON Lines, one entry each as shared/audit_chain.py describes it.

The object's name tells whose they are (a digest, for a user's id may be an address), which, and the hashes at both
ends; so the archive can be proved without the database. The same entries always make the same bytes.
"""

import base64
import gzip
import hashlib
from collections.abc import Sequence
from typing import Any

from shared.audit_chain import Chain, ChainBroken, Chunk, canonical, parsed
from shared.dapr import Dapr
from shared.errors import BackendAway

BINDING = "archive"
MOST = 5_000  # entries of one chunk
LARGEST = 2_000_000  # characters of `changes` in one chunk, if it holds more than one entry; Dapr takes 4 MiB as base64
_ANSWER = 8_000_000  # bytes of an object, as base64, that are read


def key(chunk: Chunk) -> str:
    """Return the name of the object."""
    owner = hashlib.sha256(chunk.user_id.encode()).hexdigest()[:32]
    ends = f"{chunk.first_seq:012}-{chunk.last_seq:012}-{chunk.previous.hex()}-{chunk.hash.hex()}"
    return f"audit/{owner}/{ends}.jsonl.gz"


def packed(entries: Sequence[dict[str, Any]]) -> bytes:
    """Return the object's bytes."""
    text = "".join(canonical(entry) + "\n" for entry in entries)
    return gzip.compress(text.encode(), mtime=0)


def unpacked(chunk: Chunk, data: bytes) -> list[dict[str, Any]]:
    """Return the entries of a chunk, all of them as they were appended. Raises `ChainBroken`."""
    try:
        # No canonical JSON has a line break in it; other separators that str.splitlines knows may stand in text.
        lines = gzip.decompress(data).decode().split("\n")[:-1]
        entries = [parsed(text) for text in lines]
        for entry in entries:
            entry.update(seq=int(entry["seq"]), position=int(entry["position"]))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChainBroken(chunk.user_id, chunk.first_seq, None, f"cannot be read in the archive: {error}") from None
    prove(chunk, entries)
    return entries


def prove(chunk: Chunk, entries: Sequence[dict[str, Any]]) -> None:
    """Raise `ChainBroken` unless the entries are those of the chunk."""
    chain = Chain(chunk.user_id, chunk.first_seq - 1, chunk.previous)
    for entry in entries:
        chain.follow(entry)
    if (chain.seq, chain.hash) != (chunk.last_seq, chunk.hash):
        raise ChainBroken(
            chunk.user_id, chain.seq, None, f"is not the last of its chunk, which ends at {chunk.last_seq}"
        )


def as_text(data: bytes) -> str:
    """Return bytes as Dapr's binding takes and gives them."""
    return base64.b64encode(data).decode()


async def fetch(dapr: Dapr, chunk: Chunk) -> list[dict[str, Any]]:
    """Return the entries of a stored chunk, proved. Raises `ChainBroken` and `BackendAway`."""
    reply = await dapr.bind(BINDING, "get", None, {"key": key(chunk)}, _ANSWER)
    if reply.status >= 400:
        raise BackendAway(f"the archive does not give {key(chunk)}: {reply.text[:200]}")
    try:
        data = base64.b64decode(reply.body, validate=True)
    except ValueError:
        raise ChainBroken(chunk.user_id, chunk.first_seq, None, f"the object {key(chunk)} is no base64") from None
    return unpacked(chunk, data)
