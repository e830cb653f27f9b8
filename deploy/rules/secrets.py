"""Rules for secrets: none stands in a manifest, and every one that is asked for is known by its name and keys."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.rules.manifests import (
    CERTIFICATE,
    CNPG_CLUSTER,
    EXTERNAL_SECRET,
    STRIMZI_KAFKA,
    STRIMZI_USER,
    Fault,
    Manifests,
    at,
    name,
    walk,
)

# What whoever installs Ebb provides, by hand or by the part external-secrets: name and keys. `kafka` is described
# twice, as Dapr's component and as Knative's data plane read it.
SECRETS: Mapping[str, frozenset[str]] = {
    "ebb-database": frozenset({"url", "password"}),
    "ebb-dapr": frozenset({"token"}),
    "ebb-vapid": frozenset({"privateKey", "subject"}),
    "kafka": frozenset(
        {"brokers", "authType", "saslMechanism", "saslUsername", "saslPassword"}
        | {"protocol", "sasl.mechanism", "user", "password", "ca.crt"}
    ),
    "smtp": frozenset({"host", "port", "user", "password", "emailFrom"}),
    "ses": frozenset({"region", "accessKey", "secretKey", "emailFrom"}),
    "fcm": frozenset({"url"}),
    "archive": frozenset({"bucket", "region", "endpoint", "accessKey", "secretKey"}),
    # By which pods pull their image, where no identity of theirs may.
    "registry": frozenset({".dockerconfigjson"}),
}
_CNPG_KEYS = frozenset({"username", "user", "password", "dbname", "host", "port", "uri", "fqdn-uri", "pgpass"})
_SECRET_NAME = re.compile(
    r"(?i)(^|[_-]|[a-z])(password|passwd|secret|secret_?key|access_?key|api_?key|private_?key|token|credentials?)$"
)
_SECRET_VALUE = re.compile(r"://[^/\s:@]+:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY-----")


def secrets_are_not_written_down(manifests: Manifests) -> Iterator[Fault]:
    """What stands in a manifest is in Git, in the cluster's history and in every log of a deployment."""
    for one in manifests.of("Secret"):
        if at(one, "data") or at(one, "stringData"):
            yield one, "a Secret with data"
    for one in manifests.documents:
        for _, value in walk(one):
            if isinstance(value, Mapping) and _is_named_like_a_secret(value):
                yield one, f"{value['name']} is written out: use a secretKeyRef"
            elif isinstance(value, str) and _SECRET_VALUE.search(value):
                yield one, "holds a password or a private key"


def _is_named_like_a_secret(value: Mapping[str, Any]) -> bool:
    given = value.get("value")
    return bool(isinstance(given, str) and given and _SECRET_NAME.search(str(value.get("name", ""))))


def secrets_are_known(manifests: Manifests) -> Iterator[Fault]:
    """A typo in the name or key of a secret shows itself only in a pod that does not start."""
    known = {**SECRETS, **_made(manifests)}
    for one in manifests.documents:
        for secret, key in sorted(set(_references(one))):
            if secret not in known:
                yield one, f"secret {secret} is not known"
            elif key and key not in known[secret]:
                yield one, f"secret {secret} has no key {key}"


def _references(document: Any) -> Iterator[tuple[str, str]]:
    """Yield the (name, key) of every secret that is read; the key is empty where all of it is."""
    for field, value in walk(document):
        if field in ("secretKeyRef", "secretRef") and isinstance(value, Mapping):
            yield str(value.get("name")), str(value.get("key", ""))
        elif field == "secret" and isinstance(value, Mapping):
            # A volume, a projected source, or the `auth.secret.ref` of a KafkaSink.
            found = value.get("secretName") or value.get("name") or at(value, "ref").get("name")
            if isinstance(found, str):
                yield found, ""
        elif field in ("certificateRefs", "imagePullSecrets") and isinstance(value, Mapping):
            yield str(value.get("name")), ""
        elif field == "auth.secret.ref.name" and isinstance(value, str):
            yield value, ""


def _made(manifests: Manifests) -> dict[str, frozenset[str]]:
    """Return the secrets that operators make of objects in the set."""
    made = {name(one): frozenset({"password", "sasl.jaas.config", "user.crt", "user.key", "ca.crt"})
            for one in manifests.of(STRIMZI_USER)}  # fmt: skip
    made |= {f"{name(one)}-cluster-ca-cert": frozenset({"ca.crt"}) for one in manifests.of(STRIMZI_KAFKA)}
    for one in manifests.of(CNPG_CLUSTER):
        made |= {f"{name(one)}-app": _CNPG_KEYS, f"{name(one)}-ca": frozenset({"ca.crt"})}
    for one in manifests.of(CERTIFICATE):
        made[at(one, "spec").get("secretName", "")] = frozenset({"tls.crt", "tls.key", "ca.crt"})
    for one in manifests.of(EXTERNAL_SECRET):
        target = at(one, "spec", "target")
        keys = {item.get("secretKey") for item in at(one, "spec", "data")} | set(at(target, "template", "data"))
        made[target.get("name", name(one))] = frozenset(keys)
    return made
