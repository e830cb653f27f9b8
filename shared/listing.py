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
        if cursor is not None:
            condition, values = self.order.after(read_cursor(self.order, cursor))
            self.where(condition, *values)
        statement = f"SELECT {self.columns}, {self.order.values} FROM {self.source}"
        if self.conditions:
            statement += f" WHERE {' AND '.join(self.conditions)}"
        statement += f" ORDER BY {self.order.sql} LIMIT %s"
        reading = connection.cursor(row_factory=dict_row)
        try:
            rows = await (await reading.execute(statement, [*self.parameters, limit + 1])).fetchall()
        except DataError:  # a forged cursor: values that are not of their type
            raise InvalidInput(Fault("?cursor", "is not a cursor of this list in this order")) from None
        following = write_cursor(self.order, rows[limit - 1]["sort_values"]) if len(rows) > limit else None
        return rows[:limit], following
