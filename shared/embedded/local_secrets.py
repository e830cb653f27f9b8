"""The secrets of a local run: environment variables, or `secrets.json` in the shape of Dapr's local file store.

The key `emailFrom` of the secret `smtp` is SMTP_EMAIL_FROM, or `{"smtp": {"emailFrom": …}}` in the file. The
environment wins.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from shared.errors import SettingError


class LocalSecrets:
    """Looks secrets up. Raises `SettingError` for a file of another shape."""

    def __init__(self, environment: Mapping[str, str], file: Path) -> None:
        self._environment = environment
        self._stored = _read(file) if file.exists() else {}

    def values(self, secret: str, keys: Mapping[str, str]) -> dict[str, str] | None:
        """Return what each name gets for its key of a secret; "" where it has no such key, None without any."""
        found = {name: self._value(secret, key) for name, key in keys.items()}
        if not any(found.values()):
            return None
        return {name: value or "" for name, value in found.items()}

    def _value(self, secret: str, key: str) -> str | None:
        variable = f"{secret}_{re.sub(r'(?=[A-Z])', '_', key)}".upper().replace("-", "_")
        return self._environment.get(variable) or self._stored.get(secret, {}).get(key)


def _read(file: Path) -> dict[str, dict[str, str]]:
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        return {secret: {key: str(value) for key, value in keys.items()} for secret, keys in stored.items()}
    except (ValueError, AttributeError):
        raise SettingError(f'{file}: must be a JSON object of secrets, such as {{"smtp": {{"host": "…"}}}}') from None
