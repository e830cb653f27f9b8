"""A web server and a mail server on loopback that write down what reaches them and answer what they are told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from benchmarks.support.server import free_port
from shared.embedded.listener import Listener


@dataclass(frozen=True, slots=True)
class Received:
    """One HTTP request: the target as it stood in the request line, headers (lower-case names), and the body."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class HttpReceiver:
    """A web server. `answer` gets each request and returns the response; the default is 201."""

    url: str = ""
    requests: list[Received] = field(default_factory=list)
    answer: Callable[[Received], Response] = lambda _request: Response(status_code=201)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["HttpReceiver"]:
        """Serve until left."""
        listener = Listener(0)
        self.url = listener.url
        async with listener.serving(self):
            yield self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write one request down and answer it."""
        request = Request(scope, receive)
        query = scope["query_string"].decode()
        target = scope["raw_path"].decode() + (f"?{query}" if query else "")
        received = Received(request.method, target, dict(request.headers), await request.body())
        self.requests.append(received)
        await self.answer(received)(scope, receive, send)

    def answer_with(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer every request so; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _request: Response(body, status, named)

    def forget(self) -> None:
        """Begin anew."""
        self.requests.clear()
        self.answer_with(201)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One mail: the addresses of its envelope, and the message."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def html(self) -> str:
        """The body, with plain line ends."""
        return str(self.message.get_content()).replace("\r\n", "\n").rstrip("\n")


@dataclass(slots=True)
class MailServer:
    """An SMTP server without TLS. `refusals` are answers such as "550 5.1.1 unknown" by recipient."""

    port: int = field(default_factory=free_port)
    mails: list[Delivered] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    _server: asyncio.Server | None = None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["MailServer"]:
        """Serve until left."""
        await self._open()
        try:
            yield self
        finally:
            await self.close()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", self.port)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Take no connections until left."""
        await self.close()
        try:
            yield
        finally:
            await self._open()

    async def close(self) -> None:
        """Take no more connections."""
        if self._server is not None:
            self._server.close()

    @property
    def secret(self) -> dict[str, str]:
        """The secret `smtp` that sends through it."""
        return {"host": "127.0.0.1", "port": str(self.port), "emailFrom": "Ebb <ebb@example.com>"}

    def to(self, recipient: str) -> list[Delivered]:
        """Return the mails that reached somebody."""
        return [mail for mail in self.mails if recipient in mail.recipients]

    def forget(self) -> None:
        """Begin anew."""
        self.mails.clear()
        self.refusals.clear()

    async def handle_RCPT(  # noqa: N802 -- the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or refuse."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = message_from_bytes(content, EmailMessage, policy=default)
        self.mails.append(Delivered(envelope.mail_from or "", list(envelope.rcpt_tos), message))
        return "250 OK"
