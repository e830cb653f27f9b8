"""The settings of a user as the HTTP interface shows them. Secrets and keys stay inside."""

from collections.abc import Mapping

from pydantic import Field

from shared import vapid
from shared.channel_rows import Channel
from shared.reminder import Owner
from shared.senders import available
from shared.settings import Settings
from shared.task_view import ClockTime, View


class QuietHoursView(View):
    """From one local time to another."""

    begin: ClockTime = Field(serialization_alias="from")
    until: ClockTime


class EmailView(View):
    """`problem` says why nothing is sent there any more."""

    address: str
    problem: str | None


class WebhookView(View):
    """`secret` is shown only in the answer that made it."""

    url: str
    secret: str | None
    problem: str | None


class DeviceView(View):
    """A device that gets pushes; `endpoint` is that of a Web Push subscription."""

    kind: str
    endpoint: str | None
    problem: str | None


class ChannelsView(View):
    """Where the user is told, besides in the app."""

    email: EmailView | None
    webhook: WebhookView | None
    push: dict[str, DeviceView]


class SettingsView(View):
    """All settings. `available_channels` and `vapid_public_key` are what this installation offers."""

    time_zone: str
    locale: str
    all_day_reminder_time: ClockTime
    quiet_hours: QuietHoursView | None
    channels: ChannelsView
    available_channels: tuple[str, ...]
    vapid_public_key: str | None

    def with_secret(self, channels: Mapping[str, Channel]) -> "SettingsView":
        """Return the settings with the secret of the webhook."""
        webhook = self.channels.webhook
        if webhook is None:
            return self
        shown = webhook.model_copy(update={"secret": channels["webhook"].config["secret"]})
        return self.model_copy(update={"channels": self.channels.model_copy(update={"webhook": shown})})


def settings_view(owner: Owner, channels: Mapping[str, Channel], settings: Settings) -> SettingsView:
    """Return what a user sees of their settings."""
    key = settings.vapid_private_key
    return SettingsView(
        time_zone=owner.zone,
        locale=owner.locale,
        all_day_reminder_time=owner.all_day_reminder_time,
        quiet_hours=_quiet_hours(owner),
        channels=_channels(channels),
        available_channels=tuple(sorted(available(settings))),
        vapid_public_key=vapid.public_key(key) if key else None,
    )


def _quiet_hours(owner: Owner) -> QuietHoursView | None:
    if owner.quiet_from is None or owner.quiet_until is None:
        return None
    return QuietHoursView(begin=owner.quiet_from, until=owner.quiet_until)


def _channels(channels: Mapping[str, Channel]) -> ChannelsView:
    email, webhook = channels.get("email"), channels.get("webhook")
    return ChannelsView(
        email=EmailView(address=email.config["address"], problem=email.problem) if email else None,
        webhook=WebhookView(url=webhook.config["url"], secret=None, problem=webhook.problem) if webhook else None,
        push={
            name.removeprefix("push/"): DeviceView(
                kind=one.kind, endpoint=one.config.get("endpoint"), problem=one.problem
            )
            for name, one in channels.items()
            if name.startswith("push/")
        },
    )
