"""What users may give for a channel: one address, a real subscription, a URL that can be called."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.base64url import decode, encode
from shared.channel_inputs import check_config, webhook_key
from shared.errors import InvalidInput
from shared.send_webhook import new_webhook_secret


def point(curve: SECP256R1 | SECP384R1, form: PublicFormat) -> str:
    return encode(generate_private_key(curve).public_key().public_bytes(Encoding.X962, form))


P256DH = point(SECP256R1(), PublicFormat.UncompressedPoint)
AUTH = encode(bytes(16))
SUBSCRIPTION = {"endpoint": "https://push.example.org/a/?b=c%2F", "keys": {"p256dh": P256DH, "auth": AUTH}}


def faults(kind: str, config: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        check_config(kind, config, "/config")
    return {fault.pointer: fault.message for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("alice@example.org", "alice@example.org"),
        ("Alice.B+ebb@EXAMPLE.org", "Alice.B+ebb@example.org"),
        ("alice@bücher.example.org", "alice@xn--bcher-kva.example.org"),
    ],
)
def test_an_address_is_kept_in_ascii(given: str, kept: str) -> None:
    assert {"address": kept} == check_config("email", {"address": given}).model_dump(mode="json")


@pytest.mark.parametrize(
    "address",
    [
        "", "alice", "@example.org", "alice@", "alice@localhost", "a@example.org;b@example.org",
        "a@example.org,b@example.org",
        "a@example.org b@example.org", "a@example.org\r\nBcc: b@example.org", "a@example.org\n", "a\r\n@example.org",
        "Alice <alice@example.org>", '"a;b"@example.org', "a;b@example.org", "alice@[127.0.0.1]", "алиса@example.org",
        "a" * 65 + "@example.org", "a@" + "b" * 250 + ".org", "alice@exam\u202eple.org", "alice@example.org\x00",
    ],
)  # fmt: skip
def test_anything_but_one_plain_address_is_refused(address: str) -> None:
    assert {"/config/address"} == faults("email", {"address": address}).keys()


def test_a_subscription_is_taken_as_browsers_write_it() -> None:
    config = check_config("web_push", SUBSCRIPTION | {"expirationTime": None})
    assert SUBSCRIPTION == config.model_dump(mode="json")
    assert config == check_config("web_push", config.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("p256dh", point(SECP384R1(), PublicFormat.UncompressedPoint)),
        ("p256dh", point(SECP256R1(), PublicFormat.CompressedPoint)),
        ("p256dh", encode(b"\x04" + bytes(64))),
        ("p256dh", P256DH[:-1] + "!"),
        ("p256dh", ""),
        ("auth", encode(bytes(15))),
        ("auth", encode(bytes(17))),
        ("auth", "ä" * 22),
    ],
)
def test_keys_that_no_browser_made_are_refused(key: str, value: str) -> None:
    keys = {"p256dh": P256DH, "auth": AUTH, key: value}
    assert {f"/config/keys/{key}"} == faults("web_push", SUBSCRIPTION | {"keys": keys}).keys()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "example.org", "https://", "https://user:pw@example.org/",
        "https://a b/",
        "https://example.org/#x", "https://example.org/ä", "https://example.org/%zz", "https://example.org/\r\nX: y",
        "https://example.org:0/", "https://example.org:99999/", "https://[::1", "https://example.org/?",
        "https://example.org/" + "a" * 2_048, "http://localhost.example.org/",
    ],
)  # fmt: skip
def test_a_url_that_could_not_be_called_as_it_is_written_is_refused(url: str) -> None:
    assert {"/config/url"} == faults("webhook", {"url": url, "secret": new_webhook_secret()}).keys()


@pytest.mark.parametrize(
    "url", ["https://example.org", "https://[2606::1]:8443/a//b/?c=d&e=%2F", "http://localhost:9000/x"]
)
def test_a_url_is_kept_as_it_is(url: str) -> None:
    secret = new_webhook_secret()
    assert {"url": url, "secret": secret} == check_config("webhook", {"url": url, "secret": secret}).model_dump()


@pytest.mark.parametrize("text", ["AA!AA", "AAAA\n", "AA+/", "A", "AA===", "=AAA", "ÄA"])
def test_what_is_no_base64url_is_not_read_around(text: str) -> None:
    with pytest.raises(ValueError, match="must be base64url text"):
        decode(text)


@pytest.mark.parametrize("size", [23, 65])
@pytest.mark.parametrize("prefix", ["whsec_", ""])
def test_a_webhook_secret_has_24_to_64_bytes(size: int, prefix: str) -> None:
    secret = prefix + base64.b64encode(bytes(size)).decode()
    assert {"/config/secret": "must be whsec_ and 24 to 64 bytes as base64"} == (
        faults("webhook", {"url": "https://example.org/", "secret": secret})
    )


def test_a_new_webhook_secret_is_32_bytes_and_never_the_same() -> None:
    secrets = {new_webhook_secret() for _ in range(100)}
    assert (100, {32}) == (len(secrets), {len(webhook_key(secret)) for secret in secrets})


@pytest.mark.parametrize("token", ["", "a\n", "a b", "ä", "a" * 4_097])
def test_a_token_is_printable_ascii(token: str) -> None:
    assert {"/config/token"} == faults("fcm", {"token": token}).keys()


def test_an_unknown_kind_is_answered_with_those_there_are() -> None:
    assert {"/config": "unknown kind of channel; there are email, web_push, fcm, webhook"} == faults("sms", {})


def test_unknown_fields_are_refused() -> None:
    assert {"/config/cc": "unknown field"} == faults("email", {"address": "alice@example.org", "cc": "b@example.org"})
