"""Pages that stay stable while rows come and go: keyset pagination with an opaque cursor.

A cursor holds the sort values of the last row of its page and the order they belong to (base64 of JSON, with a checksum
in front); used with another order it is refused, and so is one that was cut or changed on its way. The checksum is no
secret: whose rows are listed never depends on a cursor.
"""

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from typing import Any

from shared.errors import Fault, InvalidInput
from shared.storable import storable

MAX_LIMIT, LIMIT = 200, 50


@dataclass(frozen=True, slots=True)
class Key:
    """One part of the order: an SQL expression that is never null, its type, and its direction."""

    expression: str
    type: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A total order; the last key is unique."""

    keys: tuple[Key, ...]

    @property
    def sql(self) -> str:
        """The ORDER BY list."""
        return ", ".join(f"{key.expression} {'DESC' if key.descending else 'ASC'}" for key in self.keys)

    @property
    def values(self) -> str:
        """A select item with the row's sort values, as an array of text."""
        return "ARRAY[" + ", ".join(f"({key.expression})::text" for key in self.keys) + "] AS sort_values"

    def after(self, values: list[str]) -> tuple[str, list[str]]:
        """Return a condition for the rows that come later, and its parameters.

        It is written so that an index in this order begins its scan there, and does not pass by all rows before.
        """
        if len({key.descending for key in self.keys}) == 1:
            names = ", ".join(key.expression for key in self.keys)
            given = ", ".join(f"%s::{key.type}" for key in self.keys)
            return f"({names}) {'<' if self.keys[0].descending else '>'} ({given})", values
        first = self.keys[0]
        bound = f"{first.expression} {'<=' if first.descending else '>='} %s::{first.type}"
        branches, parameters = [], values[:1]
        for n, key in enumerate(self.keys):
            equal = [f"{k.expression} = %s::{k.type}" for k in self.keys[:n]]
            branches.append(" AND ".join([*equal, f"{key.expression} {'<' if key.descending else '>'} %s::{key.type}"]))
            parameters += values[: n + 1]
        return f"({bound} AND (" + " OR ".join(f"({branch})" for branch in branches) + "))", parameters


def write_cursor(order: Order, values: list[str]) -> str:
    """Return the cursor of a row's sort values."""
    return _sealed(json.dumps([order.sql, *values]).encode())


def _sealed(text: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.crc32(text).to_bytes(4, "big") + text).decode().rstrip("=")


def read_cursor(order: Order, cursor: str) -> list[str]:
    """Return the sort values of a cursor; raises `InvalidInput` for one that is not ours or of another order."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)[4:]
        values: Any = json.loads(text) if _sealed(text) == cursor else None
    except (binascii.Error, ValueError, RecursionError):
        values = None
    good = isinstance(values, list) and len(values) == len(order.keys) + 1 and values[0] == order.sql
    if not good or not all(isinstance(value, str) and storable(value) for value in values):
        raise InvalidInput(Fault("?cursor", "is not a cursor of this list in this order"))
    return [str(value) for value in values[1:]]


def read_limit(given: dict[str, list[str]]) -> int:
    """Return the page size; raises `InvalidInput`."""
    text = single(given, "limit")
    if text is None:
        return LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MAX_LIMIT):
        raise InvalidInput(Fault("?limit", f"must be a number from 1 to {MAX_LIMIT}"))
    return int(text)


def choice(given: dict[str, list[str]], name: str, known: tuple[str, ...]) -> str:
    """Return the value of a parameter that names one of a few, the first without it; raises `InvalidInput`."""
    value = single(given, name)
    if value is not None and value not in known:
        raise InvalidInput(Fault(f"?{name}", f"is one of {', '.join(known)}"))
    return value or known[0]


def single(given: dict[str, list[str]], name: str) -> str | None:
    """Return the value of a parameter that may stand once; raises `InvalidInput`."""
    values = given.get(name, [])
    if len(values) > 1:
        raise InvalidInput(Fault(f"?{name}", "may stand only once"))
    return values[0] if values else None
