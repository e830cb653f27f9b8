"""E-mail: what goes to the binding, and what each error of a mail service means."""

import pytest

from shared.channel_inputs import EmailConfig
from shared.outputs import Reply
from shared.send_email import classified, send_email
from shared.sending import SENT, Verdict
from tests.gateway import PARCEL, RecordingGateway

SMTP = "error from smtp binding, sending email failed: gomail: could not send email 1: "
SES = "SES binding error. Sending email failed: operation error SES: SendEmail, https response error StatusCode: 400, "
LATER, REFUSED, GONE = Verdict.LATER, Verdict.REFUSED, Verdict.GONE
MEANINGS = [
    (SMTP + '550 "5.1.1 <bob@example.org>: User unknown"', GONE),
    (SMTP + '550 "5.7.1 blocked"', REFUSED),
    (SMTP + "550 5.1.1 <bob@example.org>: Recipient address rejected: User unknown", GONE),
    (SMTP + "550 No such user here", GONE),
    (SMTP + "550-5.1.1 The email account that you tried to reach\n5.1.1 does not exist", GONE),
    (SMTP + "550 5.2.1 The account is disabled", GONE),
    (SMTP + "551 User not local", GONE),
    (SMTP + "553 Mailbox name not allowed", GONE),
    (SMTP + "553 5.1.2 We weren't able to find the recipient domain", GONE),
    (SMTP + "556 5.1.10 Recipient address has null MX", GONE),
    (SMTP + "552 5.2.2 Mailbox full", LATER),
    (SMTP + "552 Requested mail action aborted: exceeded storage allocation", LATER),
    (SMTP + "552 5.3.4 Message size exceeds limit", REFUSED),
    (SMTP + "550 5.7.1 Message rejected as spam", REFUSED),
    (SMTP + "554 5.7.1 Relay access denied", REFUSED),
    (SMTP + "554 Transaction failed", REFUSED),
    (SMTP + "553 5.6.7 Address needs SMTPUTF8", REFUSED),
    (SMTP + "501 5.5.4 Invalid argument", REFUSED),
    (SMTP + "503 Bad sequence of commands", REFUSED),
    (SMTP + "550 5.1.8 Sender address rejected: Domain not found", LATER),
    (SMTP + "553 5.1.7 Sender address has a wrong form", LATER),
    (SMTP + "530 5.7.0 Must issue a STARTTLS command first", LATER),
    (SMTP + "530 Authentication required", LATER),
    (SMTP + "534 5.7.9 Application-specific password required", LATER),
    (SMTP + "538 5.7.11 Encryption required for requested authentication mechanism", LATER),
    (SMTP + "421 4.7.0 Try again later", LATER),
    (SMTP + "450 4.2.0 Greylisted", LATER),
    (SMTP + "451 Local error", LATER),
    (SMTP + "452 4.2.2 Over quota", LATER),
    (SMTP + "EOF", LATER),
    (SMTP + "read tcp 10.0.0.1:4000->10.0.0.2:25: i/o timeout", LATER),
    ("error from smtp binding, sending email failed: 535 5.7.8 Username and Password not accepted", LATER),
    ("error from smtp binding, sending email failed: 550 5.7.1 Client host blocked", LATER),
    ("error from smtp binding, sending email failed: dial tcp 10.0.0.2:550: connect: connection refused", LATER),
    ("smtp binding error: emailFrom property not supplied in configuration- or request-metadata", LATER),
    (SES + "MessageRejected: Illegal content", REFUSED),
    (SES + "MessageRejected: Email address is not verified. The following identities failed the check", LATER),
    (SES + "api error InvalidParameterValue: Domain contains illegal character", REFUSED),
    (SES + "MailFromDomainNotVerifiedException: the MAIL FROM domain has no MX record", LATER),
    (SES + "ConfigurationSetDoesNotExistException: no such set", LATER),
    (SES + "AccountSendingPausedException: Email sending is disabled", LATER),
    (SES + "api error Throttling: Maximum sending rate exceeded.", LATER),
    (SES + "api error Throttling: Daily message quota exceeded.", LATER),
    (SES + "api error AccessDenied: User is not authorized to perform ses:SendEmail", LATER),
    (SES + "api error InvalidClientTokenId: The security token included in the request is invalid.", LATER),
    ("context deadline exceeded", LATER),
    ("", LATER),
]


@pytest.mark.parametrize(("text", "verdict"), MEANINGS)
def test_an_error_means_what_its_codes_say(text: str, verdict: Verdict) -> None:
    outcome = classified(Reply(500, body=text.encode()))
    assert verdict is outcome.verdict
    assert "bob@example.org" not in outcome.reason
    assert outcome.reason


@pytest.mark.parametrize("binding", ["smtp", "ses"])
async def test_the_binding_gets_the_html_the_address_and_the_subject(binding: str) -> None:
    gateway = RecordingGateway([Reply(204)])
    assert SENT == await send_email(gateway, binding, EmailConfig(address="alice@example.org"), PARCEL)
    (call,) = gateway.calls
    assert (f"{binding} create", "<p>Pay rent</p>") == (call.where, call.sent)
    assert {"emailTo": "alice@example.org", "subject": "Reminder: Pay rent"} == call.how


async def test_an_error_of_the_binding_is_told() -> None:
    gateway = RecordingGateway([Reply(500, body=(SMTP + "550 5.1.1 unknown").encode())])
    outcome = await send_email(gateway, "smtp", EmailConfig(address="alice@example.org"), PARCEL)
    assert (GONE, "The mail server knows no such mailbox (550 5.1.1)") == (outcome.verdict, outcome.reason)
