"""Dapr's mail bindings: one text/html part by SMTP as bindings.smtp sends it, or as a file where no server is set up.

https://docs.dapr.io/reference/components-reference/supported-bindings/smtp/; errors keep daprd's words.
"""

import asyncio
import json
import secrets
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from shared.clock import Clock
from shared.embedded.output import Answer, OutputFailed
from shared.errors import SettingError

_TIMEOUT = 10.0  # seconds for each step of the conversation
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_FAILED = "error from smtp binding, sending email failed"


@dataclass(frozen=True, slots=True)
class Mail:
    """A composed message and whom it goes to."""

    message: EmailMessage
    sender: str
    recipients: list[str]


class SmtpBinding:
    """Sends through the server of `settings` (host, port, user, password, emailFrom). Raises `SettingError`."""

    operations: tuple[str, ...] = ("create",)

    def __init__(self, settings: Mapping[str, str], clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._host, port = settings.get("host", ""), settings.get("port", "")
        if not self._host or not port.isdecimal():
            raise SettingError("SMTP_HOST and SMTP_PORT belong together: set both (a port is a number) or neither")
        if bool(settings.get("user")) != bool(settings.get("password")):
            raise SettingError("SMTP_USER and SMTP_PASSWORD belong together: set both or neither")
        self._port = int(port)

    async def call(self, operation: str, data: object, metadata: Mapping[str, str]) -> Answer:  # noqa: ARG002
        """Send one mail. Raises `OutputFailed` with the server's words."""
        mail = compose(self._settings, metadata, data, self._clock)
        try:
            await asyncio.to_thread(self._send, mail)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise OutputFailed(f"{_FAILED}: {error}") from error
        return Answer()

    def _send(self, mail: Mail) -> None:
        tls = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(self._host, self._port, timeout=_TIMEOUT, context=tls)
            if self._port == 465
            else smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT)
        ) as server:
            server.ehlo()
            if self._port != 465 and server.has_extn("starttls"):
                server.starttls(context=tls)
                server.ehlo()
            self._log_in(server)
            # Step by step: sendmail() would go on without the recipients that are refused.
            _expect(server.mail(mail.sender))
            for recipient in mail.recipients:
                _expect(server.rcpt(recipient))
            _expect(server.data(mail.message.as_bytes(policy=SMTP)))

    def _log_in(self, server: smtplib.SMTP) -> None:
        user = self._settings.get("user", "")
        if user and server.has_extn("auth"):
            if not isinstance(server.sock, ssl.SSLSocket) and self._host not in _LOCAL:
                raise ValueError("unencrypted connection")
            server.login(user, self._settings["password"])


class MailDrop:
    """Writes each mail as an .eml file into `folder`, for the person at this machine. `tell` is told once."""

    operations: tuple[str, ...] = ("create",)

    def __init__(self, settings: Mapping[str, str], folder: Path, clock: Clock, tell: Callable[[str], None]) -> None:
        self._settings = {"emailFrom": "ebb@localhost", **{name: value for name, value in settings.items() if value}}
        self._folder, self._clock, self._tell = folder, clock, tell

    async def call(self, operation: str, data: object, metadata: Mapping[str, str]) -> Answer:  # noqa: ARG002
        """Write one mail. Raises `OutputFailed`."""
        mail = compose(self._settings, metadata, data, self._clock)
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700)
            self._tell(f"mail is written to {self._folder}; set SMTP_HOST and SMTP_PORT to have it sent")
        name = f"{self._clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.eml"
        (self._folder / name).write_bytes(mail.message.as_bytes(policy=SMTP))
        return Answer()


def compose(settings: Mapping[str, str], metadata: Mapping[str, str], data: object, clock: Clock) -> Mail:
    """Return the mail of a request: its metadata wins over the component's. Raises `OutputFailed`."""
    given = {**settings, **{name: value for name, value in metadata.items() if value}}
    for name in ("emailFrom", "emailTo", "subject"):
        if not given.get(name):
            raise OutputFailed(
                f"smtp binding error: {name} property not supplied in configuration- or request-metadata"
            )
    to, cc, bcc = (
        [one for one in given.get(name, "").split(";") if one] for name in ("emailTo", "emailCC", "emailBCC")
    )
    # Before they become headers: what is no address could be anything.
    sender, recipients = _address(given["emailFrom"]), list(dict.fromkeys(map(_address, to + cc + bcc)))
    message = EmailMessage()
    message["From"], message["To"] = given["emailFrom"], ", ".join(to)
    if cc:
        message["Cc"] = ", ".join(cc)
    message["Subject"] = " ".join(given["subject"].splitlines())  # a line break must not begin another header
    message["X-Priority"] = given.get("priority", "3")
    message["Date"] = format_datetime(clock.now())
    html = data if isinstance(data, str) else json.dumps(data)
    message.set_content(html, subtype="html", cte="quoted-printable")
    return Mail(message, sender, recipients)


def _address(text: str) -> str:
    _, address = parseaddr(text)
    if "@" not in address or " " in address or not text.isprintable():
        raise OutputFailed(f"{_FAILED}: gomail: could not send email 1: gomail: invalid address {text!r}")
    return address


def _expect(answer: tuple[int, bytes]) -> None:
    code, text = answer
    if not 200 <= code < 300:
        raise smtplib.SMTPException(f'gomail: could not send email 1: {code} "{text.decode(errors="replace")}"')
