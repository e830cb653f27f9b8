"""Unit tests reach nothing outside their process: opening a network socket is an error."""

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    # Unix sockets stay allowed: an asyncio event loop wakes itself through a pair of them.
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
