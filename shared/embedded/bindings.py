"""The output bindings of a local run, from the components in dapr/ and the local secrets."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import httpx
import structlog

from shared.clock import Clock
from shared.embedded.http_binding import HttpBinding
from shared.embedded.local_secrets import LocalSecrets
from shared.embedded.mail import MailDrop, SmtpBinding
from shared.embedded.output import Output
from shared.embedded.s3_binding import S3Binding
from shared.embedded.wiring import Binding

_log = structlog.get_logger()


def connect(
    bindings: Iterable[Binding],
    secrets: LocalSecrets,
    outbox: Path,
    http: httpx.AsyncClient,
    clock: Clock,
    tell: Callable[[str], None],
) -> dict[str, Output]:
    """Return the bindings that can work, by name; one without its secret is left out, as daprd leaves it out.

    Mail is the exception: without a server it is written to `outbox`, and so is that of Amazon SES, which a local run
    does not speak. Raises `SettingError` for a server that is half set up.
    """
    outputs: dict[str, Output] = {}
    for binding in bindings:
        settings = _settings(binding, secrets)
        if binding.type == "bindings.aws.ses" or (binding.type == "bindings.smtp" and settings is None):
            outputs[binding.name] = MailDrop(settings or {}, outbox, clock, tell)
        elif settings is None:
            _log.info("binding_left_out", binding=binding.name, why="its secret is missing")
        elif binding.type == "bindings.smtp":
            outputs[binding.name] = SmtpBinding(settings, clock)
        elif binding.type == "bindings.aws.s3":
            outputs[binding.name] = S3Binding(settings)
        else:
            outputs[binding.name] = HttpBinding(settings, http)
    return outputs


def _settings(binding: Binding, secrets: LocalSecrets) -> Mapping[str, str] | None:
    """Return the settings of a component; None when a secret that it names is missing."""
    settings = dict(binding.settings)
    for secret in sorted({secret for secret, _ in binding.secrets.values()}):
        keys = {name: key for name, (one, key) in binding.secrets.items() if one == secret}
        values = secrets.values(secret, keys)
        if values is None:
            return None
        settings |= values
    return settings
