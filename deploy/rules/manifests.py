"""The rendered objects of one installation as the rules ask for them: by kind, by name, as pods.

An object is what `yaml.safe_load` makes of a manifest. A kind is written `<API group>/<Kind>`, without the version, and
for the core group just `<Kind>`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Object = Mapping[str, Any]
# An object and what is wrong with it.
Fault = tuple[Object, str]

KNATIVE_SERVICE = "serving.knative.dev/Service"
BROKER = "eventing.knative.dev/Broker"
TRIGGER = "eventing.knative.dev/Trigger"
KAFKA_SINK = "eventing.knative.dev/KafkaSink"
KAFKA_SOURCE = "sources.knative.dev/KafkaSource"
PING_SOURCE = "sources.knative.dev/PingSource"
HTTP_ROUTE = "gateway.networking.k8s.io/HTTPRoute"
GATEWAY = "gateway.networking.k8s.io/Gateway"
REFERENCE_GRANT = "gateway.networking.k8s.io/ReferenceGrant"
COMPONENT = "dapr.io/Component"
NETWORK_POLICY = "networking.k8s.io/NetworkPolicy"
BUDGET = "policy/PodDisruptionBudget"
STRIMZI_KAFKA = "kafka.strimzi.io/Kafka"
STRIMZI_USER = "kafka.strimzi.io/KafkaUser"
CNPG_CLUSTER = "postgresql.cnpg.io/Cluster"
CERTIFICATE = "cert-manager.io/Certificate"
EXTERNAL_SECRET = "external-secrets.io/ExternalSecret"  # noqa: S105 a kind, not a secret

_POD_TEMPLATES: Mapping[str, Sequence[str]] = {
    KNATIVE_SERVICE: ("spec", "template"),
    "apps/Deployment": ("spec", "template"),
    "apps/StatefulSet": ("spec", "template"),
    "apps/DaemonSet": ("spec", "template"),
    "batch/Job": ("spec", "template"),
    "batch/CronJob": ("spec", "jobTemplate", "spec", "template"),
}


def at(value: Any, *path: str) -> Any:
    """Return what stands at the path of mapping keys, or an empty mapping where there is nothing."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return {} if value is None else value


def kind(document: Object) -> str:
    """Return `<API group>/<Kind>`, or `<Kind>` of the core group."""
    group, slash, _ = document.get("apiVersion", "").rpartition("/")
    return f"{group}{slash}{document.get('kind')}"


def name(document: Object) -> str:
    """Return `metadata.name`."""
    return str(at(document, "metadata").get("name", ""))


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key with its value, at any depth; the items of a list have the list's key."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            for item in inner if isinstance(inner, list) else [inner]:
                yield str(key), item
                yield from walk(item)


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that makes pods: its object, and the metadata and spec of the pods."""

    owner: Object
    metadata: Mapping[str, Any]
    pod: Mapping[str, Any]

    @property
    def containers(self) -> list[Mapping[str, Any]]:
        """All containers, those that run first included."""
        return [*at(self.pod, "initContainers"), *at(self.pod, "containers")]

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the pods; Knative adds one of its own."""
        own = {"serving.knative.dev/service": name(self.owner)} if kind(self.owner) == KNATIVE_SERVICE else {}
        return {**at(self.metadata, "labels"), **own}


class Manifests:
    """The objects of one installation, and whether it is one for production."""

    def __init__(self, documents: Sequence[Object], *, production: bool = True) -> None:
        self.documents = documents
        self.production = production

    def of(self, *kinds: str) -> list[Object]:
        """Return the objects of these kinds."""
        return [one for one in self.documents if kind(one) in kinds]

    def names(self, *kinds: str) -> set[str]:
        """Return the names of the objects of these kinds."""
        return {name(one) for one in self.of(*kinds)}

    def find(self, wanted: str, named: str) -> Object | None:
        """Return the object of this kind and name, if there is one."""
        return next((one for one in self.of(wanted) if name(one) == named), None)

    def refers(self, reference: Mapping[str, Any]) -> bool:
        """Tell whether a reference (apiVersion, kind, name) leads to an object of the set."""
        return self.find(kind(reference), str(reference.get("name"))) is not None

    @property
    def namespace(self) -> str:
        """The namespace of the installation: that of its Namespace object."""
        return next(iter(self.names("Namespace")), "")

    @cached_property
    def workloads(self) -> list[Workload]:
        """Everything that makes pods, but for what the operators of Kafka and PostgreSQL make."""
        found = [(one, at(one, *_POD_TEMPLATES[kind(one)])) for one in self.of(*_POD_TEMPLATES)]
        return [Workload(one, at(template, "metadata"), at(template, "spec")) for one, template in found]

    @cached_property
    def functions(self) -> list[Workload]:
        """The Knative Services."""
        return [one for one in self.workloads if kind(one.owner) == KNATIVE_SERVICE]

    @cached_property
    def hosts(self) -> set[str]:
        """Names that resolve within the namespace: Services, and those that the operators make."""
        made = {f"{kafka}-kafka-{role}" for kafka in self.names(STRIMZI_KAFKA) for role in ("bootstrap", "brokers")}
        made |= {f"{cluster}-{role}" for cluster in self.names(CNPG_CLUSTER) for role in ("rw", "ro", "r")}
        return self.names("Service", KNATIVE_SERVICE) | made
