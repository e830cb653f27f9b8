"""The settings of a local run: those of a deployed function, with what only one machine can answer for itself."""

import secrets
from collections.abc import Mapping
from pathlib import Path

import yaml

from shared import vapid
from shared.bootstrap import FUNCTIONS
from shared.settings import Settings


def local_settings(
    environment: Mapping[str, str], data_dir: Path, database_url: str, dapr_url: str, public_url: str
) -> Settings:
    """Return the settings: the environment wins, then what is local, then what func.yaml gives to all functions.

    Raises `SettingError`.
    """
    shared = yaml.safe_load((FUNCTIONS.parent / "func.yaml").read_text())["run"]["envs"]
    plain = {env["name"]: str(env["value"]) for env in shared if not str(env["value"]).startswith("{{")}
    local = {
        "DATABASE_URL": database_url,
        "DATABASE_POOL_SIZE": "16",
        "DAPR_HTTP_ENDPOINT": dapr_url,
        "DAPR_API_TOKEN": secrets.token_urlsafe(32),
        "PUBLIC_URL": public_url,
        "EMAIL_BINDING": "smtp",
        "VAPID_PRIVATE_KEY": _vapid_key(data_dir / "vapid"),
        "VAPID_SUBJECT": "mailto:operator@localhost",
        "WEBHOOK_ALLOW_PRIVATE": "true",
    }
    return Settings.from_environment({**plain, **local, **environment})


def _vapid_key(file: Path) -> str:
    """Return the key of this data directory; browsers have subscribed with it, so it stays the same."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(vapid.new_private_key() + "\n")
    return file.read_text().strip()
