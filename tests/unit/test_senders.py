"""Which channels an installation has, and the way of a parcel to the sender of its channel."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from shared.base64url import encode
from shared.channel_inputs import MODELS
from shared.errors import BackendAway, SettingError
from shared.outputs import Reply
from shared.phrases import PHRASES
from shared.public_hosts import Unresolvable
from shared.send_webhook import new_webhook_secret
from shared.sender_settings import SenderSettings
from shared.senders import available, must_not_overlap, send
from shared.sending import Outcome, Verdict
from shared.settings import Settings
from shared.wording import Message
from tests.gateway import NOW, PARCEL, RecordingGateway, public

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


P256 = ec.generate_private_key(ec.SECP256R1())
RSA_PEM = pem(rsa.generate_private_key(65537, 2048))
BASE = {"DATABASE_URL": "postgresql://db/ebb", "DAPR_HTTP_ENDPOINT": "http://daprd:3500"}
ACCOUNT = {"type": "service_account", "project_id": "ebb-1", "client_email": "e@example.org", "private_key": RSA_PEM}
SUBSCRIPTION = {
    "endpoint": "https://push.example.org/a",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}
CONFIGS: dict[str, dict[str, Any]] = {
    "email": {"address": "alice@example.org"},
    "web_push": SUBSCRIPTION,
    "fcm": {"token": "abc:def"},
    "webhook": {"url": "https://example.org/hook", "secret": new_webhook_secret()},
}
VAPID = {"VAPID_PRIVATE_KEY": pem(P256), "VAPID_SUBJECT": "https://ebb.example.org"}
EVERYTHING = {"EMAIL_BINDING": "ses", "FCM_SERVICE_ACCOUNT": json.dumps(ACCOUNT), **VAPID}


def settings(**environment: str) -> SenderSettings:
    return Settings.from_environment(BASE | environment)


def refusal(**environment: str) -> str:
    with pytest.raises(SettingError) as refused:
        settings(**environment)
    return refused.value.detail


async def sent(
    kind: str, config: Mapping[str, Any], gateway: RecordingGateway | None = None, **environment: str
) -> Outcome:
    return await send(
        gateway or RecordingGateway(), settings(**(environment or EVERYTHING)), kind, config, PARCEL, NOW, public
    )


def test_a_channel_is_there_when_its_settings_are() -> None:
    assert {"webhook"} == available(settings())
    assert {"webhook", "email"} == available(settings(EMAIL_BINDING="smtp"))
    assert {"webhook", "web_push"} == available(settings(**VAPID))
    assert MODELS.keys() == available(settings(**EVERYTHING))


def test_only_mails_through_smtp_must_not_overlap() -> None:
    kinds = [(binding, kind) for binding in ("smtp", "ses") for kind in MODELS]
    found = [(binding, kind) for binding, kind in kinds if must_not_overlap(settings(EMAIL_BINDING=binding), kind)]
    assert [("smtp", "email")] == found


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("email", ["ses create"]),
        ("web_push", ["https://push.example.org/a"]),
        ("fcm", ["https://oauth2.googleapis.com/token", "fcm post"]),
        ("webhook", ["https://example.org/hook"]),
    ],
)
async def test_each_kind_goes_its_way(kind: str, where: list[str]) -> None:
    gateway = RecordingGateway([Reply(200, body=b'{"access_token": "t", "expires_in": 1}')])
    assert Verdict.SENT is (await sent(kind, CONFIGS[kind], gateway)).verdict
    assert where == [call.where for call in gateway.calls]


@pytest.mark.parametrize("kind", ["email", "web_push", "fcm"])
async def test_a_channel_whose_settings_were_lost_waits_for_them(kind: str) -> None:
    gateway = RecordingGateway()
    outcome = await sent(kind, CONFIGS[kind], gateway, LOG_LEVEL="info")
    assert (Verdict.LATER, []) == (outcome.verdict, gateway.calls)


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("email", {"address": "a@example.org;b@example.org"}),
        ("email", {"address": "a@example.org\r\nBcc: b@example.org"}),
        ("email", {}),
        ("webhook", {"url": "http://example.org/", "secret": new_webhook_secret()}),
        ("carrier_pigeon", {}),
    ],
)
async def test_what_a_channel_should_never_have_kept_is_not_used(kind: str, config: dict[str, str]) -> None:
    gateway = RecordingGateway()
    outcome = await sent(kind, config, gateway)
    assert (Verdict.REFUSED, []) == (outcome.verdict, gateway.calls)


@pytest.mark.parametrize("kind", ["web_push", "webhook"])
async def test_no_request_leaves_for_a_private_address(kind: str) -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["10.0.0.1"] if host in {"push.example.org", "example.org"} else ["93.184.216.34"]

    gateway = RecordingGateway()
    outcome = await send(gateway, settings(**EVERYTHING), kind, CONFIGS[kind], PARCEL, NOW, inside)
    assert (Outcome(Verdict.REFUSED, "The host has an address that is not public"), []) == (outcome, gateway.calls)


@pytest.mark.parametrize("kind", ["web_push", "webhook"])
async def test_a_host_that_dns_does_not_know_now_is_tried_later(kind: str) -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise Unresolvable("The host cannot be resolved")

    outcome = await send(RecordingGateway(), settings(**EVERYTHING), kind, CONFIGS[kind], PARCEL, NOW, nowhere)
    assert Outcome(Verdict.LATER, "The host cannot be resolved") == outcome


async def test_a_local_run_reaches_its_own_machine() -> None:
    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    config = {"url": "http://127.0.0.1:9000/hook", "secret": new_webhook_secret()}
    for allowed, verdict in (("true", Verdict.SENT), ("false", Verdict.REFUSED)):
        local = settings(WEBHOOK_ALLOW_PRIVATE=allowed)
        assert verdict is (await send(RecordingGateway(), local, "webhook", config, PARCEL, NOW, here)).verdict


async def test_a_sidecar_that_is_away_is_the_callers_affair() -> None:
    with pytest.raises(BackendAway):
        await sent("email", CONFIGS["email"], RecordingGateway([]))


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500])
async def test_a_reason_names_neither_secrets_nor_endpoints(kind: str, status: int) -> None:
    told = json.dumps(CONFIGS[kind]).encode()
    outcome = await sent(kind, CONFIGS[kind], RecordingGateway([Reply(status, body=told)]))
    private = ["example.org", "abc:def", "whsec_", "PRIVATE KEY", SUBSCRIPTION["keys"]["auth"]]  # type: ignore[index]
    assert [] == [word for word in private if word in outcome.reason]
    assert outcome.reason


@hypothesis.settings(deadline=None)  # the first example pays for the imports
@given(title=st.text(max_size=100), text=st.text(max_size=100))
async def test_whatever_a_task_is_called_every_channel_takes_it(title: str, text: str) -> None:
    parcel = dataclasses.replace(PARCEL, title=title, message=Message("s", text, text))
    ready = settings(**EVERYTHING)
    for kind in ("email", "web_push", "webhook"):
        outcome = await send(RecordingGateway(), ready, kind, CONFIGS[kind], parcel, NOW, public)
        assert Verdict.SENT is outcome.verdict


def raw_key(size: int = 32, fill: int = 1) -> str:
    return encode(bytes([fill]) * size)


@pytest.mark.parametrize("key", [pem(P256), raw_key(), raw_key() + "=", raw_key().rstrip("=")])
def test_a_vapid_key_is_pem_or_32_bytes(key: str) -> None:
    assert "web_push" in available(settings(**VAPID | {"VAPID_PRIVATE_KEY": key}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_BINDING", "sendmail"),
        ("VAPID_PRIVATE_KEY", raw_key(31)),
        ("VAPID_PRIVATE_KEY", raw_key(fill=0)),
        ("VAPID_PRIVATE_KEY", raw_key(fill=255)),
        ("VAPID_PRIVATE_KEY", raw_key() + "!"),
        ("VAPID_PRIVATE_KEY", RSA_PEM),
        ("VAPID_PRIVATE_KEY", pem(ec.generate_private_key(ec.SECP384R1()))),
        ("VAPID_PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----\ns3cret"),
        ("VAPID_SUBJECT", "s3cret@example.org"),
        ("FCM_SERVICE_ACCOUNT", "{s3cret"),
        ("FCM_SERVICE_ACCOUNT", '"s3cret"'),
        ("FCM_SERVICE_ACCOUNT", json.dumps(ACCOUNT | {"private_key": "s3cret"})),
        ("FCM_SERVICE_ACCOUNT", json.dumps(ACCOUNT | {"private_key": pem(P256)})),
        ("FCM_SERVICE_ACCOUNT", json.dumps(ACCOUNT | {"project_id": "s3cret/../x"})),
        ("FCM_SERVICE_ACCOUNT", json.dumps(ACCOUNT | {"token_uri": "file:///s3cret"})),
        ("PUBLIC_URL", "ebb.example.org"),
        ("PUBLIC_URL", "https://ebb.example.org/?s3cret"),
        ("WEBHOOK_ALLOW_PRIVATE", "perhaps"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(name: str, value: str) -> None:
    message = refusal(**VAPID | {name: value})
    assert name in message
    assert "s3cret" not in message
    assert value not in message


@pytest.mark.parametrize("alone", VAPID)
def test_key_and_subject_belong_together(alone: str) -> None:
    assert "VAPID_PRIVATE_KEY and VAPID_SUBJECT" in refusal(**{alone: VAPID[alone]})


def test_secrets_are_not_in_what_is_printed_of_settings() -> None:
    shown = repr(settings(**EVERYTHING)) + repr(settings(**EVERYTHING).fcm_service_account)
    assert "PRIVATE KEY" not in shown


def test_the_document_names_every_channel_setting_and_language() -> None:
    text = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text()
    names = {*MODELS, *Verdict, *(name.upper() for name in SenderSettings.model_fields)}
    assert set() == {name for name in names if f"`{name}`" not in text}
    languages = text.partition("Languages: ")[2].partition(";")[0]
    assert {language.replace("_", "-") for language in PHRASES} == {*languages.replace(",", " ").split()}
