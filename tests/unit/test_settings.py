"""Settings: each wrong one is named, none is ever shown, and what may be left out has a default."""

import os
import subprocess
import sys

import pytest

from shared.errors import SettingError
from shared.settings import Settings

GOOD = {"DATABASE_URL": "postgresql://ebb:s3cret@db/ebb", "DAPR_HTTP_ENDPOINT": "http://daprd:3500"}
WRONG = [
    ("DATABASE_URL", "sqlite:///s3cret"),
    ("DATABASE_URL", "db.example.org/s3cret"),
    ("DATABASE_POOL_SIZE", "0"),
    ("DATABASE_POOL_SIZE", "s3cret"),
    ("DATABASE_POOL_SIZE", "1.5"),
    ("DAPR_HTTP_ENDPOINT", "daprd:3500"),
    ("DAPR_HTTP_ENDPOINT", "http://"),
    ("WAKE_EARLY_SECONDS", "-1"),
    ("WAKE_EARLY_SECONDS", "nan"),
    ("WAKE_EARLY_SECONDS", "s3cret"),
    ("STREAM_SECONDS", "300"),  # Knative cuts a request off then
    ("SWEEP_AFTER_SECONDS", "0"),
    ("SWEEP_AFTER_SECONDS", "inf"),
    ("MAX_BODY_BYTES", "10"),
    ("RATE_LIMIT_PER_SECOND", "-1"),
    ("RATE_LIMIT_PER_SECOND", "0.5"),
    ("RATE_LIMIT_BURST", "0"),
    ("CORS_ORIGINS", "*"),
    ("CORS_ORIGINS", "https://s3cret.example/"),
    ("CORS_ORIGINS", "https://app.example.org, s3cret.example"),
    ("LOG_LEVEL", "loud"),
]


def refusal(**environment: str) -> str:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment(GOOD | environment)
    return refused.value.detail


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(name: str, value: str) -> None:
    message = refusal(**{name: value})
    assert f"{name}: " in message
    assert "s3cret" not in message


def test_all_wrong_settings_are_named_at_once() -> None:
    message = refusal(DATABASE_URL="x", LOG_LEVEL="y")
    assert "DATABASE_URL" in message
    assert "LOG_LEVEL" in message


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("empty", [True, False])
def test_a_setting_without_a_default_must_be_there_and_not_empty(name: str, *, empty: bool) -> None:
    environment = {key: value for key, value in GOOD.items() if key != name} | ({name: ""} if empty else {})
    with pytest.raises(SettingError, match=f"{name}: Field required"):
        Settings.from_environment(environment)


@pytest.mark.parametrize("alone", [{"OIDC_ISSUER": "https://login.example.org"}, {"OIDC_AUDIENCE": "ebb"}])
def test_issuer_and_audience_belong_together(alone: dict[str, str]) -> None:
    message = refusal(**alone)
    assert "OIDC_ISSUER and OIDC_AUDIENCE" in message


def test_what_may_be_left_out_has_a_default_and_an_empty_value_counts_as_left_out() -> None:
    settings = Settings.from_environment(GOOD | {"DAPR_PUBSUB": "", "OIDC_ISSUER": "", "PATH": "/bin"})
    assert ("pubsub", None, 3.0, "info") == (
        settings.dapr_pubsub, settings.oidc_issuer, settings.wake_early_seconds, settings.log_level,
    )  # fmt: skip


def test_text_becomes_numbers() -> None:
    settings = Settings.from_environment(GOOD | {"DATABASE_POOL_SIZE": "20", "WAKE_EARLY_SECONDS": "0.5"})
    assert (20, 0.5) == (settings.database_pool_size, settings.wake_early_seconds)


def test_there_is_no_default_secret() -> None:
    assert Settings.from_environment(GOOD).dapr_api_token is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("FUNCTION_TARGET", ""),
        ("DATABASE_URL", "s3cret"),
        ("FUNCTION_SOURCE", "/nowhere/s3cret.py"),
        ("PORT", "eighty"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(name: str, wrong: str) -> None:
    environment = {"PATH": os.environ["PATH"], "FUNCTION_TARGET": "create_task", **GOOD, name: wrong}
    start = subprocess.run(
        [sys.executable, "-m", "shared.bootstrap"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert 1 == start.returncode
    assert [True] == [line.startswith("ebb: ") and name in line for line in start.stderr.splitlines()]
