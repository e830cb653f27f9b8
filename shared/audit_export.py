"""The audit log as a file: CSV (RFC 4180) for people, JSON Lines for machines, sent as it is read.

Each piece is one page of a keyset, so no export holds more than a page in memory, nor a connection while its client is
slow or gone. It holds what was there when it began, each entry once, newest first, and nothing that came later.
"""

import asyncio
import csv
import datetime as dt
import io
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

from psycopg import DataError
from psycopg.rows import dict_row

from shared.audit import ORDER, filters
from shared.audit_chain import COLUMNS
from shared.database import Database
from shared.errors import Fault, InvalidInput
from shared.paging import read_cursor, single

PARAMETERS = ("format", "task", "type", "actor", "from", "to", "limit", "cursor")
PAGE = 1_000  # entries
NEWEST = "SELECT coalesce(max(position), 0) FROM audit"  # of all users: the end of an index
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8; header=present", "jsonl": "application/jsonl; charset=utf-8"}
_HEADER = ("time", "type", "actor", "task", "changes", "event_id", "source", "recorded_at", "seq", "previous", "hash")
# What a spreadsheet would take for the beginning of a formula (OWASP, "CSV Injection"), full-width forms too.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


@dataclass(slots=True)
class Export:
    """One export of one user. `first()` reads its beginning, `pieces()` goes on."""

    database: Database
    user_id: str
    given: dict[str, list[str]]
    format: str = field(init=False)
    _conditions: list[str] = field(default_factory=list)
    _parameters: list[Any] = field(default_factory=list)
    _after: tuple[str, str] | None = None
    _left: int | None = None  # None for all

    def __post_init__(self) -> None:
        """Read the parameters. Raises `InvalidInput`."""
        wanted = single(self.given, "format")
        self.format = "jsonl" if wanted is None else wanted
        if self.format not in CONTENT_TYPES:
            raise InvalidInput(Fault("?format", f"is one of {', '.join(CONTENT_TYPES)}"))
        for comparison, value in filters(self.given).items():
            self._conditions.append(f"{comparison} %s")
            self._parameters.append(value)
        self._left = _limit(self.given)
        cursor = single(self.given, "cursor")
        if cursor is not None:
            time, position = read_cursor(ORDER, cursor)
            self._after = time, position

    def headers(self, now: dt.datetime) -> dict[str, str]:
        """Return the headers of the answer (RFC 6266 for the name of the file)."""
        name = f"ebb-audit-{now:%Y%m%dT%H%M%SZ}.{self.format}"
        return {
            "Content-Type": CONTENT_TYPES[self.format],
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }

    async def first(self) -> list[dict[str, Any]]:
        """Return the first page, so that what is wrong is answered before a file begins. Raises `InvalidInput`."""
        async with self.database.statements() as connection:
            row = await (await connection.execute(NEWEST)).fetchone()
        self._conditions.append("user_id = %s AND position <= %s")
        self._parameters += [self.user_id, row[0] if row else 0]
        try:
            return await self._page()
        except DataError:
            raise InvalidInput(Fault("?cursor", "is not a cursor of this list in this order")) from None

    async def pieces(self, page: list[dict[str, Any]]) -> AsyncIterator[bytes]:
        """Yield the file, a piece for each page."""
        yield _csv([_HEADER]) if self.format == "csv" else b""
        while page:
            yield self._piece(page)
            # On its own: when the client leaves, Starlette cancels every await from here on, also the one that would
            # give the connection back.
            page = await asyncio.shield(asyncio.create_task(self._page()))

    def _piece(self, page: list[dict[str, Any]]) -> bytes:
        if self.format == "csv":
            return _csv(_cells(row) for row in page)
        return "".join(map(_line, page)).encode()

    async def _page(self) -> list[dict[str, Any]]:
        if self._left == 0:
            return []
        conditions, parameters = list(self._conditions), list(self._parameters)
        if self._after is not None:
            # As one row, so that the index is entered where the last page ended.
            conditions.append("(time, position) < (%s::timestamptz, %s::bigint)")
            parameters += self._after
        size = PAGE if self._left is None else min(PAGE, self._left)
        # Of the table, not of the columns shown, where `time` is text.
        order = "audit.time DESC, audit.position DESC"
        statement = f"SELECT {COLUMNS} FROM audit WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT %s"
        async with self.database.statements() as connection:
            reading = connection.cursor(row_factory=dict_row)
            rows = await (await reading.execute(statement, [*parameters, size])).fetchall()
        if rows:
            self._after = rows[-1]["time"], str(rows[-1]["position"])
        if self._left is not None:
            self._left -= len(rows)
        return rows


def _limit(given: dict[str, list[str]]) -> int | None:
    text = single(given, "limit")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= 1):
        raise InvalidInput(Fault("?limit", "must be a number of entries, at least 1"))
    return int(text)


def _line(row: dict[str, Any]) -> str:
    """Return an entry with all that its hash covers. `changes` is JSON already, as PostgreSQL wrote it."""
    told = json.dumps({name: row[name] for name in _HEADER if name != "changes"}, ensure_ascii=False)
    return f'{told[:-1]}, "user": {json.dumps(row["user"], ensure_ascii=False)}, "changes": {row["changes"]}}}\n'


def _cells(row: dict[str, Any]) -> list[str]:
    return [_harmless(str(row[name])) if row[name] is not None else "" for name in _HEADER]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
