"""A uvicorn server on a loopback port that is known before it serves."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from shared.errors import SettingError

HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    """Leaves signals to the machine: two servers share one process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Listener:
    """Holds a port from the start (`port` 0 takes a free one), so that its URL can be passed on."""

    def __init__(self, port: int) -> None:
        # asyncio sets TCP_NODELAY only where the protocol is named; without it answers wait 40 ms for an ACK.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((HOST, port))
        except OSError as error:
            raise SettingError(f"port {port} cannot be used ({error.strerror}); choose another with --port") from None

    @property
    def port(self) -> int:
        """The port it holds."""
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        """The address to reach it at."""
        return f"http://{HOST}:{self.port}"

    def close(self) -> None:
        """Give the port back where `serving` was never reached; after it there is nothing to do."""
        self._socket.close()

    @asynccontextmanager
    async def serving(self, app: ASGIApp) -> AsyncIterator[None]:
        """Serve the app; on leaving, take no more requests and finish those that have begun."""
        config = uvicorn.Config(
            app, lifespan="off", log_level="warning", access_log=False, timeout_graceful_shutdown=10
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve([self._socket]), name=f"listener {self.url}")
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        try:
            yield
        finally:
            server.should_exit = True
            await task
