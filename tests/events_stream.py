"""Reads server-sent events as a browser's EventSource does (HTML Living Standard, section 9.2.6)."""

import json
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class EventSource:
    """`last_id` is what a reconnect sends as Last-Event-ID, after `retry` milliseconds."""

    last_id: str = ""
    retry: int = 0
    comments: int = 0
    ends: int = 0
    _data: list[str] = field(default_factory=list)

    async def read(self, lines: AsyncIterable[str]) -> AsyncIterator[Any]:
        """Yield the data of each event, parsed, until the stream ends."""
        async for line in lines:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line and self._data:
                data, self._data = self._data, []
                yield json.loads("\n".join(data))
            elif name == "data":
                self._data.append(value)
            elif name == "id":
                self.last_id = value
            elif name == "retry":
                self.retry = int(value)
            elif line.startswith(":"):
                self.comments += 1
