"""Settings from the environment, checked once at the start. A wrong one stops the start and is named."""

import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from shared.errors import SettingError
from shared.sender_settings import SenderSettings

# As browsers send it (RFC 6454, section 6.2): no path, lower case. There is no wildcard: who may call is named.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


def _origins(text: str) -> tuple[str, ...]:
    found = tuple(one.strip() for one in text.split(",") if one.strip())
    if not all(map(_ORIGIN.fullmatch, found)):
        raise ValueError("must be origins such as https://app.example.org, without a path, with commas between them")
    return found


class Settings(SenderSettings):
    """What differs between installations. Names are those of the environment, in lower case."""

    database_url: str = Field(pattern=r"^postgres(ql)?://")
    database_pool_size: int = Field(default=8, ge=1, le=100)
    dapr_http_endpoint: str = Field(pattern=r"^https?://[^/\s]+")
    dapr_api_token: str | None = None
    dapr_pubsub: str = "pubsub"
    oidc_issuer: str | None = Field(default=None, pattern=r"^https?://[^/\s]+")
    oidc_audience: str | None = None
    # A pod at zero needs a second or more to wake, so Dapr is asked to ring this early (seconds).
    wake_early_seconds: float = Field(default=3.0, ge=0, le=60)
    # What no event has done after this long (seconds) is done by sweep: successors, alarms.
    sweep_after_seconds: float = Field(default=20.0, ge=1, le=3600)
    # A stream of changes ends by itself after this long (seconds), before Knative's request timeout of 300 cuts it off.
    stream_seconds: float = Field(default=240.0, ge=1, le=290)
    # Audit entries older than this go to the archive, month by month; without it they stay. Longer than any broker or
    # retry brings an event again: an entry that is gone cannot tell that its event is not new.
    audit_archive_after_days: int | None = Field(default=None, ge=30)
    # OpenTelemetry's own names: where traces and metrics go (OTLP over HTTP, the base URL), and its switch.
    otel_exporter_otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://[^/\s]+")
    otel_sdk_disabled: bool = False
    max_body_bytes: int = Field(default=1_048_576, ge=1024)
    # Requests of one user to one process: so many for ever, and so many at once. 0 sets no limit.
    rate_limit_per_second: int = Field(default=100, ge=0, le=1_000_000)
    rate_limit_burst: int = Field(default=200, ge=1, le=1_000_000)
    # Web pages elsewhere that may call this one: `https://app.example.org`, several with commas between them.
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(_origins)] = ()
    # A pod is reached from outside.
    host: str = "0.0.0.0"  # noqa: S104
    port: int = Field(default=8080, ge=1, le=65535)
    log_level: str = Field(default="info", pattern=r"^(debug|info|warning|error)$")

    @model_validator(mode="after")
    def _issuer_needs_audience(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError("OIDC_ISSUER and OIDC_AUDIENCE belong together: set both or neither")
        return self

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raises `SettingError` that names every wrong one."""
        given = {name: environment[name.upper()] for name in cls.model_fields if environment.get(name.upper())}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            # Only names and messages: the value of a setting may be a secret.
            wrong = [f"{'.'.join(map(str, e['loc'])).upper() or 'settings'}: {e['msg']}" for e in error.errors()]
            raise SettingError("wrong configuration: " + "; ".join(wrong)) from None
