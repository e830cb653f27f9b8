"""A list that is filtered, ordered and read page by page: one SQL statement for every list there is."""

from dataclasses import dataclass, field
from typing import Any

from psycopg import AsyncConnection, DataError
from psycopg.rows import dict_row

from shared.errors import Fault, InvalidInput
from shared.paging import Order, read_cursor, read_limit, single, write_cursor


@dataclass(slots=True)
class Listing:
    """Rows of `source` (a FROM list) with `columns`, in an order. All of these are SQL of ours, never of a caller."""

    columns: str
    source: str
    order: Order
    conditions: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)
    source_parameters: tuple[object, ...] = ()

    def where(self, condition: str, *parameters: object) -> None:
        """Add a condition; all of them must hold."""
        self.conditions.append(condition)
        self.parameters += parameters

    async def page(
        self, connection: AsyncConnection, given: dict[str, list[str]]
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return one page and the cursor of the next, by the query parameters `limit` and `cursor`.

        Raises `InvalidInput` for wrong ones.
        """
        limit, cursor = read_limit(given), single(given, "cursor")
        after = None if cursor is None else read_cursor(self.order, cursor)
        rows = await self.rows(connection, after, limit + 1)
        following = write_cursor(self.order, rows[limit - 1]["sort_values"]) if len(rows) > limit else None
        return rows[:limit], following

    async def rows(self, connection: AsyncConnection, after: list[str] | None, most: int) -> list[dict[str, Any]]:
        """Return the first rows after some sort values. Raises `InvalidInput` for values that are not of their type."""
        conditions, parameters = self.conditions, [*self.source_parameters, *self.parameters]
        if after is not None:
            condition, values = self.order.after(after)
            conditions, parameters = [*conditions, condition], [*parameters, *values]
        statement = f"SELECT {self.columns}, {self.order.values} FROM {self.source}"
        if conditions:
            statement += f" WHERE {' AND '.join(conditions)}"
        statement += f" ORDER BY {self.order.sql} LIMIT %s"
        reading = connection.cursor(row_factory=dict_row)
        try:
            # Planned for its values each time: how many rows a filter leaves decides which index to take.
            return await (await reading.execute(statement, [*parameters, most], prepare=False)).fetchall()
        except DataError:
            raise InvalidInput(Fault("?cursor", "is not a cursor of this list in this order")) from None
