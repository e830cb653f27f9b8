"""The channels that leave the system: which this installation has, and sending through one of them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from shared.channel_inputs import EmailConfig, FcmConfig, WebhookConfig, WebPushConfig, check_config
from shared.errors import InvalidInput
from shared.public_hosts import PrivateAddress, Resolve, Unresolvable, addresses, refuse_private
from shared.send_email import send_email
from shared.send_fcm import send_fcm
from shared.send_web_push import send_web_push
from shared.send_webhook import send_webhook
from shared.sender_settings import SenderSettings
from shared.sending import Gateway, Outcome, Parcel, Verdict


def available(settings: SenderSettings) -> frozenset[str]:
    """Return the kinds of channels that this installation can serve."""
    has = {
        "email": settings.email_binding is not None,
        "web_push": settings.vapid_private_key is not None and settings.vapid_subject is not None,
        "fcm": settings.fcm_service_account is not None,
        "webhook": True,  # needs nothing but the user's URL
    }
    return frozenset(kind for kind, there in has.items() if there)


def must_not_overlap(settings: SenderSettings, kind: str) -> bool:
    """Tell whether two sends of this kind must not be under way at once, anywhere in the installation.

    bindings.smtp of Dapr 1.18 keeps recipient and subject in a value that all requests share, so that a mail can reach
    the recipient of another one. The caller takes a lock that all processes know.
    """
    return kind == "email" and settings.email_binding == "smtp"


async def send(
    gateway: Gateway,
    secrets: SenderSettings,
    kind: str,
    config: Mapping[str, Any],
    parcel: Parcel,
    now: dt.datetime,
    resolve: Resolve = addresses,
) -> Outcome:
    """Try once; `now` is UTC. Raises `BackendAway` when the sidecar is away. `config` is what `check_config` took."""
    try:
        target = check_config(kind, config)
    except InvalidInput as error:
        return Outcome(Verdict.REFUSED, f"What is stored for this channel is not valid: {error.detail}")
    match target:
        case EmailConfig() if secrets.email_binding:
            return await send_email(gateway, secrets.email_binding, target, parcel)
        case FcmConfig() if secrets.fcm_service_account:
            return await send_fcm(gateway, secrets.fcm_service_account, target, parcel, now)
        case WebPushConfig() if secrets.vapid_private_key and secrets.vapid_subject:
            refusal = await _refusal(target.endpoint, secrets, resolve)
            key, subject = secrets.vapid_private_key, secrets.vapid_subject
            return refusal or await send_web_push(gateway, key, subject, target, parcel, now)
        case WebhookConfig():
            return await _refusal(target.url, secrets, resolve) or await send_webhook(gateway, target, parcel, now)
    # An operator may have lost a setting: what waits is sent when it is back.
    return Outcome(Verdict.LATER, f"This installation cannot send through {kind}: its settings are missing")


async def _refusal(url: str, secrets: SenderSettings, resolve: Resolve) -> Outcome | None:
    """Return why the URL is not called; None when it may be."""
    try:
        await refuse_private(url, allow_private=secrets.webhook_allow_private, resolve=resolve)
    except PrivateAddress as error:
        return Outcome(Verdict.REFUSED, str(error))
    except Unresolvable as error:
        return Outcome(Verdict.LATER, str(error))
    return None
