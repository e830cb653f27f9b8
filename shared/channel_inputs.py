"""What a user gives for a channel: its address, subscription, token or URL, as it is stored and as it is sent to.

Store `model_dump(mode="json")`. Whether the host of a URL is public is told by shared/public_hosts.py, with DNS.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from shared import base64url
from shared.errors import Fault, InvalidInput
from shared.input_types import Shown
from shared.inputs import Input
from shared.parsing import checked

# RFC 3986, sections 3.2 to 3.4: what reaches the other end as it is written. No user information: it would end in logs.
_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_URL = re.compile(
    rf"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{{1,5}})?(?:/{_CHARACTER}*)?(?:\?(?:{_CHARACTER}|\?)+)?"
)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_WEBHOOK_SECRET = "whsec_"  # noqa: S105 - the prefix that Standard Webhooks gives to secrets


def _one_address(text: str) -> str:
    """Return one addr-spec in ASCII (RFC 5321): bindings split at ';', and SES takes no other local parts."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise ValueError(f"must be one e-mail address such as alice@example.org: {error}") from None
    if found.ascii_email is None or ";" in found.ascii_email:
        raise ValueError("must be one e-mail address without ';'")
    return found.ascii_email


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError(
            "must be a URL such as https://example.org/hook: ASCII, percent-encoded, without user:password@ and without"
            " #fragment"
        )
    parts = urlsplit(text)
    if parts.port == 0:  # raises ValueError itself for one above 65535
        raise ValueError("the port must lie between 1 and 65535")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("must begin with https://")
    return text


def _point(text: str) -> str:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

    key = base64url.decode(text)
    if len(key) != 65:
        raise ValueError("must be an uncompressed P-256 point: 65 bytes as base64url")
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key)
    except ValueError:
        raise ValueError("is not a point of the curve P-256") from None
    return text


def _auth(text: str) -> str:
    if len(base64url.decode(text)) != 16:
        raise ValueError("must be 16 bytes as base64url")
    return text


def webhook_key(secret: str) -> bytes:
    """Return the key of a Standard Webhooks secret: 24 to 64 bytes. Raises `ValueError`."""
    try:
        key = base64.b64decode(secret.removeprefix(_WEBHOOK_SECRET), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_WEBHOOK_SECRET) or not 24 <= len(key) <= 64:
        raise ValueError("must be whsec_ and 24 to 64 bytes as base64")
    return key


def webhook_secret(key: bytes) -> str:
    """Return a key as Standard Webhooks writes it."""
    return _WEBHOOK_SECRET + base64.b64encode(key).decode()


def _secret(text: str) -> str:
    webhook_key(text)
    return text


Url = Annotated[str, Field(max_length=2_048), AfterValidator(_url), Shown({"format": "https-url"})]
Secret = Annotated[str, Field(max_length=100), AfterValidator(_secret), Shown({"format": "webhook-secret"})]


class EmailConfig(Input):
    """An e-mail address."""

    address: Annotated[str, Field(max_length=254), AfterValidator(_one_address), Shown({"format": "email"})]


class PushKeys(Input):
    """The keys of a push subscription (RFC 8291, section 2), base64url."""

    p256dh: Annotated[str, Field(max_length=100), AfterValidator(_point), Shown({"format": "p256-point"})]
    auth: Annotated[str, Field(max_length=30), AfterValidator(_auth), Shown({"format": "push-auth"})]


class WebPushConfig(Input):
    """`PushSubscription.toJSON()` of a browser; when it expires, the push service says so."""

    endpoint: Url
    keys: PushKeys
    expiration_time: Any = Field(default=None, alias="expirationTime", exclude=True)


class FcmConfig(Input):
    """The registration token of an app."""

    token: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,4096}$")]


class WebhookConfig(Input):
    """A URL and the secret that signs; the installation makes the secret (`send_webhook.new_webhook_secret`)."""

    url: Url
    secret: Secret


ChannelConfig = EmailConfig | WebPushConfig | FcmConfig | WebhookConfig
MODELS: Mapping[str, type[ChannelConfig]] = {
    "email": EmailConfig,
    "web_push": WebPushConfig,
    "fcm": FcmConfig,
    "webhook": WebhookConfig,
}


def check_config(kind: str, config: Mapping[str, Any], pointer: str = "") -> ChannelConfig:
    """Return what a channel of this kind needs. Raises `InvalidInput`, with faults below `pointer`."""
    model = MODELS.get(kind)
    if model is None:
        raise InvalidInput(Fault(pointer, f"unknown kind of channel; there are {', '.join(MODELS)}"))
    return checked(model, dict(config), pointer)
