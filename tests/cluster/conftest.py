"""What the tests on a cluster share: one installation, made before the first and removed after the last of them."""

from collections.abc import Iterator

import httpx
import pytest

from tests.cluster.installation import Installation, missing


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """Yield an installation of the local overlay in which everything is ready."""
    if lacking := missing():
        pytest.fail(f"set {', '.join(lacking)}: tests/cluster/installation.py says what they are")
    one = Installation.fresh()
    one.prepare()
    try:
        one.deploy()
        yield one
    finally:
        one.remove()


@pytest.fixture(scope="session")
def token(installation: Installation) -> str:
    """Return the token of a user. The account of the load is about this one."""
    return installation.token("local")


@pytest.fixture
def alice(installation: Installation, token: str) -> Iterator[httpx.Client]:
    """Yield a client of the public address. From zero an answer may take its time on a busy machine."""
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=installation.url, headers=headers, trust_env=False, timeout=60) as client:
        yield client
