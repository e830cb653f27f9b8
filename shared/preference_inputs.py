"""What `PATCH /v1/settings` takes: a JSON merge patch (RFC 7396). What is absent stays, null clears."""

import datetime as dt
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.channel_inputs import EmailConfig, FcmConfig, Secret, Url, WebPushConfig
from shared.input_types import ClockTime, Shown, ZoneName, exactly_one
from shared.inputs import Input
from shared.locales import canonical_locale

Locale = Annotated[
    str,
    StringConstraints(min_length=2, max_length=35),
    AfterValidator(canonical_locale),
    Shown({"format": "locale", "examples": ["de-AT"]}),
]
# The client's own name for a device, such as a random id that it keeps.
Device = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class QuietHours(Input):
    """From one local time to another, over midnight where the second is earlier."""

    begin: Annotated[ClockTime, Field(alias="from")]
    until: ClockTime

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.begin == self.until:
            raise ValueError("from and until must differ; null means no quiet hours")
        return self


class WebhookInput(Input):
    """A URL; without a secret it keeps the one it has, or gets a new one."""

    url: Url
    secret: Secret | None = None


class PushConfig(Input):
    """A device, by exactly one of the two push services."""

    model_config = ConfigDict(json_schema_extra=exactly_one("web_push", "fcm"))

    web_push: WebPushConfig | None = None
    fcm: FcmConfig | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.web_push is None) == (self.fcm is None):
            raise ValueError("give either web_push or fcm")
        return self


_NO_OTHER_NAMES = Shown({"additionalProperties": False})


class ChannelsPatch(Input):
    """Channels by name; null removes one."""

    email: EmailConfig | None = None
    webhook: WebhookInput | None = None
    push: Annotated[dict[Device, PushConfig | None], Field(max_length=20), _NO_OTHER_NAMES] | None = None


class SettingsPatch(Input):
    """The settings of a user; null brings a default back."""

    time_zone: ZoneName | None = None
    locale: Locale | None = None
    all_day_reminder_time: ClockTime | None = None
    quiet_hours: QuietHours | None = None
    channels: ChannelsPatch | None = None


DEFAULTS = {"time_zone": "UTC", "locale": "en", "all_day_reminder_time": dt.time(9)}
