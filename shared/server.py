"""uvicorn, which waits for the requests that it is serving when it is told to stop: streams have to hear of that."""

import socket
from collections.abc import Callable

import uvicorn


class Server(uvicorn.Server):
    """Calls `leaving` before it waits."""

    def __init__(self, config: uvicorn.Config, leaving: Callable[[], None]) -> None:
        super().__init__(config)
        self._leaving = leaving

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests and finish those that have begun."""
        self._leaving()
        await super().shutdown(sockets)
