"""The settings of the senders. Each may be left out: then this installation does not have that channel."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Json, model_validator

from shared import vapid


def _rsa_key(pem: str) -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("must be an RSA private key in PEM, without a password")  # noqa: TRY004 - Pydantic's error
    return pem


def _vapid_key(text: str) -> str:
    vapid.private_key(text)
    return text


class ServiceAccount(BaseModel):
    """What is used of a Google service account's JSON key file."""

    model_config = ConfigDict(frozen=True)

    project_id: str = Field(pattern=r"^[a-z0-9][a-z0-9.:-]*$")
    client_email: str = Field(min_length=1)
    private_key: Annotated[str, AfterValidator(_rsa_key)] = Field(repr=False)
    token_uri: str = Field(default="https://oauth2.googleapis.com/token", pattern=r"^https?://[^/\s]+")


class SenderSettings(BaseModel):
    """Part of `Settings`: what the channels of notifications need."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    # The name of Dapr's output binding, which is also its kind.
    email_binding: Literal["smtp", "ses"] | None = None
    # P-256: 32 bytes as base64url, as `npx web-push generate-vapid-keys` prints them, or PEM.
    vapid_private_key: Annotated[str, AfterValidator(_vapid_key)] | None = Field(default=None, repr=False)
    # Whom a push service can write to about this installation (RFC 8292, section 2.1).
    vapid_subject: str | None = Field(default=None, pattern=r"^(mailto:[^@\s]+@[^@\s]+|https://[^/\s]+\S*)$")
    fcm_service_account: Json[ServiceAccount] | None = Field(default=None, repr=False)
    # The web client, for links in notifications.
    public_url: str | None = Field(default=None, max_length=500, pattern=r"^https?://[^/\s?#]+[^\s?#]*$")
    # For local runs: webhooks and push services at private and loopback addresses.
    webhook_allow_private: bool = False

    @model_validator(mode="after")
    def _vapid_is_a_pair(self) -> Self:
        if (self.vapid_private_key is None) != (self.vapid_subject is None):
            raise ValueError("VAPID_PRIVATE_KEY and VAPID_SUBJECT belong together: set both or neither")
        return self
