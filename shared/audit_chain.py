"""The chain of audit entries: what is hashed, and the proof that nothing was changed, taken out or put in.

Each user's entries are numbered from 1. The hash of an entry is the SHA-256 of the canonical JSON, in UTF-8, of

    actor, changes, event_id, previous, recorded_at, seq, source, task, time, type, user

where `previous` is the hash of the entry before it in lower-case hex (64 zeros for the first), `task` is null where
there is none, and instants are UTC with six digits, such as 2026-03-02T12:00:00.250000Z. Canonical JSON is that of
RFC 8785: no spaces, keys in order (by code point), only the escapes that JSON needs. It differs where numbers are no
integers: these keep all their digits, without an exponent and without trailing zeros. The database computes the same as
it appends (migration 0007); what is here never writes a hash.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import EbbError

GENESIS = bytes(32)  # the hash before the first entry
# The columns of an entry, as text where Python and PostgreSQL could differ. The order of a cursor is not part of the
# hash, but the archive keeps it.
COLUMNS = """
position, seq, encode(previous, 'hex') AS previous, encode(hash, 'hex') AS hash, event_id, user_id AS user, type,
source, audit_instant(time) AS time, actor, task_id::text AS task, changes::text AS changes,
audit_instant(recorded_at) AS recorded_at
"""
_NOT_HASHED = ("position", "hash")


class Number(str):
    """A JSON number as it was written: a float would lose digits."""

    __slots__ = ()


class ChainBroken(EbbError):
    """An entry is not what it was when it was appended, or it is not where it was."""

    slug, title = "audit-chain-broken", "The audit log is not what it was"

    def __init__(self, user_id: str, seq: int, event_id: str | None, why: str) -> None:
        entry = f"entry {seq}" + (f" (event {event_id})" if event_id else "")
        super().__init__(f"user {user_id}, {entry}: {why}")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Entries of one user that the archive holds: their numbers, the hash before the first and that of the last."""

    user_id: str
    first_seq: int
    last_seq: int
    previous: bytes
    hash: bytes


@dataclass(slots=True)
class Chain:
    """How far the chain of one user has been followed: the number and the hash of the last entry."""

    user_id: str
    seq: int = 0
    hash: bytes = GENESIS

    def follow(self, entry: Mapping[str, Any]) -> None:
        """Go on by one entry, as `entry_of` gives it. Raises `ChainBroken`."""
        expected = self.seq + 1
        if entry["seq"] != expected:
            why = "is missing" if entry["seq"] > expected else f"is followed by {entry['seq']}"
            raise ChainBroken(self.user_id, expected, None, why)
        if entry["user"] != self.user_id or entry["previous"] != self.hash.hex():
            raise ChainBroken(self.user_id, expected, entry["event_id"], "does not follow the entry before it")
        digest = entry_hash(entry)
        if entry["hash"] != digest.hex():
            raise ChainBroken(self.user_id, expected, entry["event_id"], "was changed: it does not have its hash")
        self.seq, self.hash = expected, digest

    def pass_over(self, chunk: Chunk) -> None:
        """Go on by entries that only the archive holds. Raises `ChainBroken`."""
        if chunk.first_seq != self.seq + 1:
            raise ChainBroken(self.user_id, self.seq + 1, None, f"is missing: the archive goes on at {chunk.first_seq}")
        if chunk.previous != self.hash:
            raise ChainBroken(self.user_id, chunk.first_seq, None, "begins a chunk that does not follow what is before")
        self.seq, self.hash = chunk.last_seq, chunk.hash


def entry_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of a row of `COLUMNS`."""
    return {**row, "changes": parsed(row["changes"])}


def entry_hash(entry: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 (32 bytes) of an entry's canonical JSON."""
    hashed = {name: value for name, value in entry.items() if name not in _NOT_HASHED}
    return hashlib.sha256(canonical(hashed).encode()).digest()


def parsed(text: str | bytes) -> Any:
    """Return a JSON value; numbers keep their digits."""
    return json.loads(text, parse_int=Number, parse_float=Number)


def canonical(value: object) -> str:
    """Return the canonical JSON of a value of `parsed`, of text, or of integers."""
    return "".join(_parts(value))


def _parts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for n, key in enumerate(sorted(value)):
            yield f"{',' if n else ''}{_text(key)}:"
            yield from _parts(value[key])
        yield "}"
    elif isinstance(value, list):
        yield "["
        for n, one in enumerate(value):
            yield "," if n else ""
            yield from _parts(one)
        yield "]"
    elif isinstance(value, Number):
        yield _plain(value)
    else:
        yield _text(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(number: str) -> str:
    """Return a number of PostgreSQL, which writes no exponents, without what its scale adds."""
    return number.rstrip("0").rstrip(".") if "." in number else number
