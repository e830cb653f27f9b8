"""What Ebb relies on of Dapr's output bindings and invocation, told in the terms of its own client (shared/dapr.py).

One suite, run against the stand-in and against the real daprd. A subclass gives the fixture `far`: the client of a
sidecar whose components `smtp` and `fcm` lead to the two servers, and whose `ses` has no secret.
"""

# ruff: noqa: D102 -- the name of a test states its rule

from dataclasses import dataclass

import httpx
import pytest

from benchmarks.support.server import free_port
from shared import trace
from shared.clock import SystemClock
from shared.dapr import Dapr
from shared.errors import BackendAway, BindingMissing
from shared.settings import Settings
from tests.receivers import Delivered, HttpReceiver, MailServer

TO_BOB = {"emailTo": "bob@example.com", "subject": "Fällig: Miete zahlen"}
# What may stand in a URL and has a meaning to somebody on the way.
URLS = (
    "", "/", "/hook", "/hook/", "/a//b", "//a", "/a/./b", "/a/../b", "/..", "/%2e%2e/a", "/a%2Fb", "/a%2fb", "/a%20b",
    "/a+b", "/a%2Bb", "/a%25b", "/a%2541b", "/a%3Fb", "/a%23b", "/%C3%A4", "/a%00b", "/a%22%3C%3E%5C%5E%60%7B%7C%7Db",
    "/method/x", "/a/method/", "/v1.0/invoke/x/method/y", "/a;b=1,2", "/a:b@c!$&'()*+,=~",
    "?x=1", "/?x=1", "/a?b=%20+c", "/a?b=/method/&c=?d", "/a/?b=c%26d", "/a//?x", "/a?metadata.path=/x",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Far:
    """A client of the sidecar, its API token, and the servers at the far side."""

    dapr: Dapr
    token: str
    mail: MailServer
    web: HttpReceiver

    async def send(self, body: str = "<p>Hello</p>", **metadata: str) -> Delivered:
        """Send a mail to Bob and return it as it arrived."""
        assert (await self.dapr.bind("smtp", "create", body, TO_BOB | metadata)).status < 300
        return self.mail.to("bob@example.com")[-1]


def client_of(url: str, token: str) -> Dapr:
    """Return the product's client of a sidecar."""
    environment = {"DATABASE_URL": "postgresql://nowhere", "DAPR_HTTP_ENDPOINT": url, "DAPR_API_TOKEN": token}
    return Dapr(Settings.from_environment(environment), SystemClock())


class OutputsContract:
    """The rules."""

    async def test_a_mail_has_one_html_part_and_a_subject_in_any_language(self, far: Far) -> None:
        mail = await far.send("<p>Grüße &amp; 😀</p>")
        assert ("ebb@example.com", ["bob@example.com"]) == (mail.sender, mail.recipients)
        assert "Fällig: Miete zahlen" == mail.message["subject"]
        assert "text/html" == mail.message.get_content_type()
        assert "<p>Grüße &amp; 😀</p>" == mail.html

    async def test_the_addresses_of_a_mail_stand_in_its_head(self, far: Far) -> None:
        message = (await far.send()).message
        assert ("Ebb <ebb@example.com>", "bob@example.com") == (message["from"], message["to"])
        assert message["date"]

    async def test_long_lines_and_lines_with_a_dot_arrive_as_they_are(self, far: Far) -> None:
        body = "x" * 5000 + "\n.\n..dots"
        assert body == (await far.send(body)).html

    async def test_a_line_break_in_a_subject_makes_no_header(self, far: Far) -> None:
        message = (await far.send(subject="One\r\nX-Injected: yes")).message
        assert message["x-injected"] is None
        assert message["subject"].startswith("One")

    async def test_a_recipient_that_the_server_refuses_shows_the_servers_words(self, far: Far) -> None:
        far.mail.refusals["bob@example.com"] = "550 5.1.1 no such person"
        reply = await far.dapr.bind("smtp", "create", "x", TO_BOB)
        assert 500 == reply.status
        assert reply.text.startswith(
            "error from smtp binding, sending email failed: gomail: could not send email 1: 550 "
        )
        assert "5.1.1 no such person" in reply.text
        assert [] == far.mail.mails

    @pytest.mark.parametrize("address", ["nobody", "bob@example.com\r\nBcc: eve@example.com"])
    async def test_an_address_that_is_none_is_refused_before_anything_is_sent(self, far: Far, address: str) -> None:
        reply = await far.dapr.bind("smtp", "create", "x", TO_BOB | {"emailTo": address})
        assert 500 == reply.status
        assert "gomail: invalid address" in reply.text
        assert [] == far.mail.mails

    async def test_a_mail_server_that_is_away_is_500(self, far: Far) -> None:
        async with far.mail.away():
            reply = await far.dapr.bind("smtp", "create", "x", TO_BOB)
        assert 500 == reply.status
        assert "sending email failed" in reply.text

    async def test_a_binding_without_a_component_is_missing_by_name(self, far: Far) -> None:
        with pytest.raises(BindingMissing, match="binding pigeon"):
            await far.dapr.bind("pigeon", "create", "x", {})

    async def test_an_operation_that_the_binding_lacks_is_500(self, far: Far) -> None:
        reply = await far.dapr.bind("smtp", "delete", "x", TO_BOB)
        assert (500, "binding smtp does not support operation delete") == (reply.status, reply.text.partition(".")[0])

    async def test_the_http_binding_posts_json_with_the_headers_that_begin_with_a_capital(self, far: Far) -> None:
        metadata = {"path": "/v1/send", "Authorization": "Bearer t", "x-small": "no"}
        await far.dapr.bind("fcm", "post", {"b": ["<ä>"], "a": 1}, metadata)
        (request,) = far.web.requests
        assert ("POST", "/v1/send") == (request.method, request.target)
        assert b'{"a":1,"b":["\\u003c\xc3\xa4\\u003e"]}' == request.body
        assert "Bearer t" == request.headers["authorization"]
        assert "application/json; charset=utf-8" == request.headers["content-type"]
        assert "x-small" not in request.headers

    @pytest.mark.parametrize("status", [200, 204, 400, 404, 429, 503])
    async def test_the_http_binding_gives_the_status_body_and_headers_of_the_far_side(
        self, far: Far, status: int
    ) -> None:
        body = b"" if status == 204 else b'{"error": "UNREGISTERED"}'
        far.web.answer_with(status, body, retry_after="7")
        reply = await far.dapr.bind("fcm", "post", {}, {})
        assert (status, body, "7") == (reply.status, reply.body, reply.headers["retry-after"])

    async def test_the_http_binding_can_take_every_other_status_for_an_error(self, far: Far) -> None:
        far.web.answer_with(404, b"gone")
        reply = await far.dapr.bind("fcm", "post", {}, {"errorIfNot2XX": "true"})
        assert (404, "received status code 404") == (reply.status, reply.text)

    @pytest.mark.parametrize("rest", URLS)
    async def test_an_invoked_url_is_asked_for_as_it_is(self, far: Far, rest: str) -> None:
        assert 201 == (await far.dapr.invoke(far.web.url + rest, b"x", {})).status
        assert [rest if rest.startswith("/") else f"/{rest}"] == [request.target for request in far.web.requests]

    async def test_every_byte_of_an_invocation_arrives(self, far: Far) -> None:
        body = bytes(range(256)) * 400
        headers = {"Content-Encoding": "aes128gcm", "TTL": "60", "Authorization": "vapid t=a.b.c, k=d"}
        await far.dapr.invoke(f"{far.web.url}/push", body, headers)
        (request,) = far.web.requests
        assert ("POST", body) == (request.method, request.body)
        assert ("aes128gcm", "60", "vapid t=a.b.c, k=d") == tuple(
            request.headers[name] for name in ("content-encoding", "ttl", "authorization")
        )

    async def test_an_invocation_may_have_no_body(self, far: Far) -> None:
        await far.dapr.invoke(far.web.url, b"", {"TTL": "60"})
        assert [b""] == [request.body for request in far.web.requests]

    @pytest.mark.parametrize("status", [200, 204, 302, 401, 404, 410, 429, 500, 503])
    async def test_an_invocation_gives_the_status_body_and_headers_of_the_far_side(self, far: Far, status: int) -> None:
        body = b"" if status == 204 else b"\xff\x00because"
        far.web.answer_with(status, body, retry_after="7", location="/elsewhere")
        reply = await far.dapr.invoke(f"{far.web.url}/a", b"x", {})
        assert (status, body, "7") == (reply.status, reply.body, reply.headers["retry-after"])
        assert 1 == len(far.web.requests)

    async def test_an_invocation_of_a_server_that_is_away_is_502_with_the_reason(self, far: Far) -> None:
        reply = await far.dapr.invoke(f"http://127.0.0.1:{free_port()}/a", b"x", {})
        assert 502 == reply.status
        assert "failed to invoke, id: http://127.0.0.1" in reply.text

    async def test_a_name_that_does_not_exist_is_502(self, far: Far) -> None:
        assert 502 == (await far.dapr.invoke("https://nowhere.invalid/a", b"x", {})).status

    async def test_the_api_token_does_not_reach_a_far_side(self, far: Far) -> None:
        await far.dapr.invoke(far.web.url, b"x", {})
        await far.dapr.bind("fcm", "post", {}, {})
        assert 2 == len(far.web.requests)
        assert not [request for request in far.web.requests if far.token in str(request.headers)]

    async def test_the_trace_goes_on_at_the_far_side(self, far: Far) -> None:
        trace.begin(None)
        await far.dapr.invoke(far.web.url, b"x", {})
        await far.dapr.bind("fcm", "post", {}, {})
        assert [trace.trace_id()] * 2 == [request.headers["traceparent"][3:35] for request in far.web.requests]

    async def test_a_cookie_of_one_far_side_does_not_reach_another(self, far: Far) -> None:
        far.web.answer_with(200, set_cookie="secret=1; Path=/")
        await far.dapr.invoke(far.web.url, b"x", {})
        await far.dapr.bind("fcm", "post", {}, {})
        await far.dapr.invoke(far.web.url.replace("127.0.0.1", "localhost"), b"x", {})
        assert [False] * 3 == ["cookie" in request.headers for request in far.web.requests]

    async def test_a_large_answer_is_cut_off(self, far: Far) -> None:
        far.web.answer_with(200, b"x" * 1_000_000)
        # Again and again: a sidecar that goes on writing to a caller who has left may end by it.
        for _ in range(30):
            assert 65_536 == len((await far.dapr.invoke(far.web.url, b"x", {})).body)

    async def test_a_wrong_api_token_is_no_answer_of_the_far_side(self, far: Far) -> None:
        far.dapr._far_client.headers["dapr-api-token"] = "wrong"
        for call in (far.dapr.invoke(far.web.url, b"x", {}), far.dapr.bind("fcm", "post", {}, {})):
            with pytest.raises(BackendAway):
                await call
        assert [] == far.web.requests

    async def test_a_body_that_is_no_call_is_400(self, far: Far) -> None:
        headers = {"dapr-api-token": far.token}
        async with httpx.AsyncClient(base_url=far.dapr._settings.dapr_http_endpoint, headers=headers) as http:
            answer = await http.post("/v1.0/bindings/smtp", content=b"{")
        assert (400, "ERR_MALFORMED_REQUEST") == (answer.status_code, answer.json()["errorCode"])
