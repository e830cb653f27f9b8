"""A database that is not there stops the start with a message that names the setting."""

import pytest

from shared.errors import SettingError
from shared.migrate import upgrade


@pytest.mark.parametrize("url", ["mysql://localhost/ebb", "localhost:5432", ""])
def test_only_postgresql_is_migrated(url: str) -> None:
    with pytest.raises(SettingError, match="DATABASE_URL must begin with postgresql://"):
        upgrade(url)


def test_a_server_that_is_away_is_named_without_the_password() -> None:
    with pytest.raises(SettingError, match="DATABASE_URL: PostgreSQL cannot be reached") as caught:
        upgrade("postgresql://ebb:secret@/ebb?host=/nowhere")
    assert "secret" not in caught.value.detail
