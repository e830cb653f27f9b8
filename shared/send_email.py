"""E-mail through Dapr's bindings.smtp or bindings.aws.ses, which carry exactly one text/html part.

Dapr answers 500 with the text of the error; the codes in it decide (RFC 5321, section 4.2, and RFC 3463).
"""

import re

from shared.channel_inputs import EmailConfig
from shared.outputs import Reply
from shared.sending import SENT, Gateway, Outcome, Parcel, Verdict

# Only what comes behind these words is about this message: before, gomail dials and logs in. Built with Go 1.26, daprd
# quotes the server's text (net/textproto, Error).
_SMTP = re.compile(r'gomail: could not send email \d+: (\d{3})[ -]"?(?:(\d\.\d{1,3}\.\d{1,3})\b)?')
# The names of errors in the AWS SDK's text: "…, MessageRejected: …" or "api error Throttling: …".
_SES = re.compile(r"\b(MessageRejected|InvalidParameterValue|InvalidParameterCombination)\b: ?(.{0,200})")

# The recipient's mailbox does not exist, has moved, or is disabled; 5.1.10 is a domain that takes no mail (RFC 7505).
_NO_MAILBOX = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1"}
_NO_MAILBOX_CODES = {550, 551, 553}
_FULL = "5.2.2"
# What the operator can repair: authentication and encryption, and the sender's own address.
_MISCONFIGURED = {"5.1.7", "5.1.8", "5.7.8", "5.7.9", "5.7.11", "5.7.14"}
_MISCONFIGURED_CODES = {530, 534, 535, 538}


async def send_email(gateway: Gateway, binding: str, config: EmailConfig, parcel: Parcel) -> Outcome:
    """Send the message's HTML to the address. `binding` is the name of the component: smtp or ses.

    bindings.smtp keeps the recipient in a value that all its requests share (components-contrib 1.18, smtp.go): two
    requests at once can swap their recipients. See `senders.must_not_overlap`.
    """
    metadata = {"emailTo": config.address, "subject": parcel.message.subject}
    reply = await gateway.bind(binding, "create", parcel.message.html, metadata)
    return SENT if reply.status < 300 else classified(reply)


def classified(reply: Reply) -> Outcome:
    """Return what an error of the binding means; the text itself may name addresses and is not repeated."""
    text = reply.body.decode(errors="replace")
    if match := _SMTP.search(text):
        return _smtp(int(match[1]), match[2])
    if match := _SES.search(text):
        return _ses(match[1], match[2])
    return Outcome(Verdict.LATER, "The mail service cannot be reached or refuses to work for this installation")


def _smtp(code: int, enhanced: str | None) -> Outcome:
    """Return what codes mean; the enhanced one is more exact: 550 5.7.1 is a policy, 550 5.1.1 a missing mailbox."""
    told = f"{code} {enhanced}" if enhanced else str(code)
    full = enhanced == _FULL or (enhanced is None and code == 552)
    if code < 500 or full or code in _MISCONFIGURED_CODES or enhanced in _MISCONFIGURED:
        return Outcome(Verdict.LATER, f"The mail server cannot take the message now ({told})")
    if enhanced in _NO_MAILBOX or (enhanced is None and code in _NO_MAILBOX_CODES):
        return Outcome(Verdict.GONE, f"The mail server knows no such mailbox ({told})")
    return Outcome(Verdict.REFUSED, f"The mail server refuses the message ({told})")


def _ses(name: str, detail: str) -> Outcome:
    if "not verified" in detail:  # in the sandbox, or a sender that the operator has yet to verify
        return Outcome(Verdict.LATER, f"Amazon SES has an identity that is not verified ({name})")
    return Outcome(Verdict.REFUSED, f"Amazon SES refuses the message ({name})")
