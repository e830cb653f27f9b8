"""The pages that a search finds, best first.

Few hits are ranked and sorted as they are. Where a word is in very many tasks, that would take longer the more there
are, so then the list is walked from its newest task on, rank by rank, until a page is full. The index tells which of
both it is: it counts what is found, and stops when it is too much.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from shared.listing import Listing
from shared.paging import Key, Order, read_cursor, read_limit, single, write_cursor
from shared.search import Search, parse, search

FEW = 1_000
# A tag that is being merged into another is found by the name of that one, whose tasks these already are.
NAMED_TAGS = """
SELECT y.id, g.name FROM tags y JOIN tags g ON g.id = coalesce(y.merged_into, y.id)
WHERE y.user_id = %s AND g.deleted_at IS NULL
"""
# PostgreSQL plans the inner query as if all of it was wanted, which the index does best, and yet stops early.
COUNT = """
WITH hits AS MATERIALIZED (SELECT FROM task_words WHERE words @@ %s::tsquery)
SELECT count(*) FROM (SELECT FROM hits LIMIT %s) counted
"""
_HITS = """
(SELECT task_id, CASE WHEN words @@ %s::tsquery THEN 0 WHEN words @@ %s::tsquery THEN 1 ELSE 2 END AS rank
 FROM task_words WHERE words @@ %s::tsquery OFFSET 0) w JOIN tasks t ON t.id = w.task_id
LEFT JOIN series s ON s.id = t.series_id
"""
# OFFSET keeps the index of words out of it: the order is that of the list.
_HAS_WORDS = "EXISTS (SELECT FROM task_words w WHERE w.task_id = t.id AND w.words @@ %s::tsquery OFFSET 0)"
_NEWEST = (Key("t.created_at", "timestamptz", descending=True), Key("t.id", "uuid", descending=True))
BY_RANK = Order((Key("w.rank", "int"), *_NEWEST))


@dataclass(slots=True)
class Found:
    """What is known of a search before its page is read."""

    search: Search
    few: bool

    def restrict(self, listing: Listing) -> None:
        """Let a list in an order of its own show hits only."""
        if self.few:
            listing.source, listing.source_parameters = _HITS, self._queries
        else:
            listing.where(_HAS_WORDS, self.search.anywhere)

    async def page(
        self, connection: AsyncConnection, listing: Listing, given: dict[str, list[str]]
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return a page of a list, best hits first: title before tags before notes, newer before older."""
        if self.few:
            listing.source, listing.source_parameters, listing.order = _HITS, self._queries, BY_RANK
            return await listing.page(connection, given)
        return await self._walk(connection, listing, given)

    @property
    def _queries(self) -> tuple[str, ...]:
        title, tagged, _ = self.search.ranks
        return title, tagged, self.search.anywhere

    async def _walk(
        self, connection: AsyncConnection, listing: Listing, given: dict[str, list[str]]
    ) -> tuple[list[dict[str, Any]], str | None]:
        limit, cursor = read_limit(given), single(given, "cursor")
        begin, *after = ["0"] if cursor is None else read_cursor(BY_RANK, cursor)
        found: list[tuple[str, dict[str, Any]]] = []
        better = 0 if begin == "0" else 1  # hits of the ranks before, as far as they were counted
        for rank, query in self._ranks():
            if rank < _number(begin) or len(found) > limit:
                continue
            one = Listing(listing.columns, listing.source, Order(_NEWEST), [*listing.conditions], [*listing.parameters])
            # Where no rank before has any, this one has all of them, which were too many.
            sure = not self.search.narrows or (rank == 2 and not better)
            hits = FEW + 1 if sure else await _count(connection, query)
            better += hits
            if hits > FEW:
                one.where(_HAS_WORDS, query)
            else:
                one.where("t.id IN (SELECT task_id FROM task_words WHERE words @@ %s::tsquery OFFSET 0)", query)
            rows = await one.rows(connection, after if rank == _number(begin) and after else None, limit + 1)
            found += ((str(rank), row) for row in rows)
        following = None
        if len(found) > limit:
            rank_of_last, last = found[limit - 1]
            following = write_cursor(BY_RANK, [rank_of_last, *last["sort_values"]])
        return [row for _, row in found[:limit]], following

    def _ranks(self) -> list[tuple[int, str]]:
        """Return the queries of the ranks that can have hits: without a wanted word all have the first."""
        title, tagged, anywhere = self.search.ranks
        if not self.search.narrows:
            return [(0, title)]
        return [(0, title), *([(1, tagged)] if any(self.search.tags) else []), (2, anywhere)]


def _number(rank: str) -> int:
    return int(rank) if rank in {"0", "1", "2"} else 0


async def find(connection: AsyncConnection, user_id: str, text: str) -> Found | None:
    """Return what a query finds; None where it has no word. Raises `InvalidInput` for one that is too long."""
    terms = parse(text)
    if not terms:
        return None
    tags = await (await connection.execute(NAMED_TAGS, (user_id,))).fetchall()
    sought = search(user_id, terms, tags)
    few = sought.narrows and await _count(connection, sought.anywhere) <= FEW
    return Found(sought, few)


async def _count(connection: AsyncConnection, query: str) -> int:
    row = await (await connection.execute(COUNT, (query, FEW + 1), prepare=False)).fetchone()
    return int(row[0]) if row else 0
