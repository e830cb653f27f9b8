"""The outputs of a local run: where secrets come from, and what happens with mail when there is no mail server."""

import json
from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx
import pytest

from shared.bootstrap import FUNCTIONS
from shared.embedded.bindings import connect
from shared.embedded.http_binding import go_json
from shared.embedded.local_secrets import LocalSecrets
from shared.embedded.mail import compose
from shared.embedded.manifests import load
from shared.embedded.output import Output, OutputFailed
from shared.errors import SettingError
from tests.manual_clock import ManualClock

WIRING = load(FUNCTIONS.parent)
SMTP = {"host": "SMTP_HOST", "emailFrom": "SMTP_EMAIL_FROM"}
TO_BOB = {"emailTo": "bob@example.com", "subject": "Grüße"}


def outputs(folder: Path, environment: Mapping[str, str], told: list[str] | None = None) -> dict[str, Output]:
    secrets = LocalSecrets(environment, folder / "secrets.json")
    tell = (told if told is not None else []).append
    return connect(WIRING.bindings, secrets, folder / "outbox", httpx.AsyncClient(), ManualClock(), tell)


def stored(folder: Path, content: object) -> Path:
    file = folder / "secrets.json"
    file.write_text(json.dumps(content))
    return file


def test_a_secret_comes_from_the_environment_or_else_from_the_file(tmp_path: Path) -> None:
    file = stored(tmp_path, {"smtp": {"host": "file", "emailFrom": "file@x"}})
    secrets = LocalSecrets({"SMTP_HOST": "environment"}, file)
    assert {"a": "environment", "b": "file@x", "c": ""} == secrets.values(
        "smtp", {"a": "host", "b": "emailFrom", "c": "user"}
    )


def test_a_secret_without_any_key_is_missing(tmp_path: Path) -> None:
    assert LocalSecrets({"SMTP_EMAIL_FROM": ""}, tmp_path / "none").values("smtp", {"a": "emailFrom"}) is None


@pytest.mark.parametrize("content", [[], {"smtp": "host"}, "text", 7])
def test_a_file_of_another_shape_stops_the_start(tmp_path: Path, content: object) -> None:
    with pytest.raises(SettingError, match=r"secrets\.json"):
        LocalSecrets({}, stored(tmp_path, content))


def test_a_binding_without_its_secret_is_left_out_but_mail_is_kept(tmp_path: Path) -> None:
    assert ["ses", "smtp"] == sorted(outputs(tmp_path, {}))
    given = {"FCM_URL": "https://fcm.test", "ARCHIVE_BUCKET": "ebb"}
    assert ["archive", "fcm", "ses", "smtp"] == sorted(outputs(tmp_path, given))


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"SMTP_HOST": "mail.test"}, "SMTP_PORT"),
        ({"SMTP_HOST": "mail.test", "SMTP_PORT": "smtp"}, "SMTP_PORT"),
        ({"SMTP_PORT": "25"}, "SMTP_HOST"),
        ({"SMTP_HOST": "mail.test", "SMTP_PORT": "25", "SMTP_USER": "ebb"}, "SMTP_PASSWORD"),
    ],
)
def test_a_mail_server_that_is_half_set_up_stops_the_start(
    tmp_path: Path, environment: dict[str, str], names: str
) -> None:
    with pytest.raises(SettingError, match=names):
        outputs(tmp_path, environment)


@pytest.mark.parametrize("binding", ["smtp", "ses"])
async def test_without_a_mail_server_mails_are_files_and_the_person_is_told_once(tmp_path: Path, binding: str) -> None:
    told: list[str] = []
    output = outputs(tmp_path, {}, told)[binding]
    for _ in range(2):
        await output.call("create", "<p>ä</p>", TO_BOB)
    files = sorted((tmp_path / "outbox").glob("20260301T120000Z-*.eml"))
    assert (2, 1) == (len(files), len(told))
    message = message_from_bytes(files[0].read_bytes(), EmailMessage, policy=default)
    assert ("ebb@localhost", "bob@example.com", "Grüße") == (message["from"], message["to"], message["subject"])
    assert ("text/html", "<p>ä</p>") == (message.get_content_type(), message.get_content().strip())


def test_copies_go_to_their_recipients_and_a_blind_one_is_not_named() -> None:
    metadata = {**TO_BOB, "emailFrom": "e@x", "emailTo": "a@x;b@x", "emailCC": "c@x", "emailBCC": "d@x;a@x"}
    mail = compose({}, metadata, "x", ManualClock())
    assert ["a@x", "b@x", "c@x", "d@x"] == mail.recipients
    assert ("a@x, b@x", "c@x", None) == tuple(mail.message[name] for name in ("to", "cc", "bcc"))


@pytest.mark.parametrize("missing", ["emailFrom", "emailTo", "subject"])
def test_a_mail_needs_a_sender_a_recipient_and_a_subject(missing: str) -> None:
    given = {**TO_BOB, "emailFrom": "ebb@example.com"}
    del given[missing]
    with pytest.raises(OutputFailed, match=missing):
        compose({}, given, "x", ManualClock())


def test_json_is_written_as_go_writes_it() -> None:
    assert b'{"a":[1,true,null],"b":"\\u003c\xc3\xa4\\u0026\\u003e\\u2028"}' == go_json(
        {"b": "<ä&>\u2028", "a": [1, True, None]}
    )
