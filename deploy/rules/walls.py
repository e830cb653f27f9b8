"""Rules for what keeps things apart: the namespace, the network, the rights."""

import re
from collections.abc import Iterator

from deploy.rules.manifests import (
    CNPG_CLUSTER,
    NETWORK_POLICY,
    REFERENCE_GRANT,
    STRIMZI_KAFKA,
    Fault,
    Manifests,
    Object,
    at,
    kind,
    name,
    walk,
)
from deploy.rules.pods import selects

_RBAC = "rbac.authorization.k8s.io"
_IN_THE_FILES = "ebb"
_OURS = re.compile(r"\.ebb\.svc\b|\bns/ebb/")
# Objects that have no namespace, or that must be in another one to have an effect.
_ELSEWHERE = {
    ("Namespace", None),
    ("scheduling.k8s.io/PriorityClass", None),
    (REFERENCE_GRANT, "kourier-system"),
}


def namespace_is_restricted(manifests: Manifests) -> Iterator[Fault]:
    """The cluster itself refuses a pod with more rights than the "restricted" Pod Security Standard grants."""
    spaces = manifests.of("Namespace")
    if len(spaces) != 1:
        yield {"kind": "Namespace"}, f"there must be one, there are {len(spaces)}"
    for one in spaces:
        labels = at(one, "metadata", "labels")
        for mode in ("enforce", "warn"):
            if labels.get(f"pod-security.kubernetes.io/{mode}") != "restricted":
                yield one, f"needs the label pod-security.kubernetes.io/{mode}: restricted"


def objects_stay_in_the_namespace(manifests: Manifests) -> Iterator[Fault]:
    """An installation may not change what others in the cluster use, so that two of them can live side by side."""
    for one in manifests.documents:
        space = at(one, "metadata").get("namespace")
        if space != manifests.namespace and (kind(one), space) not in _ELSEWHERE:
            yield one, f"is in the namespace {space}"


def objects_speak_of_their_namespace(manifests: Manifests) -> Iterator[Fault]:
    """The files speak of `ebb`; where another namespace did not take its place, staging reaches production."""
    if manifests.namespace == _IN_THE_FILES:
        return
    for one in manifests.documents:
        for field, value in walk(one):
            if isinstance(value, str) and (_OURS.search(value) or _names_ours(field, value)):
                yield one, f"{field} still speaks of the namespace {_IN_THE_FILES}"


def _names_ours(field: str, value: str) -> bool:
    return field.lower().endswith("namespace") and value == _IN_THE_FILES


def objects_have_labels(manifests: Manifests) -> Iterator[Fault]:
    """Labels are how people and dashboards find what belongs together, and how a removed object is seen."""
    for one in manifests.documents:
        labels = at(one, "metadata", "labels")
        if labels.get("app.kubernetes.io/part-of") != "ebb" or not labels.get("app.kubernetes.io/name"):
            yield one, "needs the labels app.kubernetes.io/part-of: ebb and app.kubernetes.io/name"


def network_is_closed(manifests: Manifests) -> Iterator[Fault]:
    """A function that is broken into must reach nothing but what it needs, and nothing else may reach it."""
    closed: set[str] = set()
    for policy in manifests.of(NETWORK_POLICY):
        spec = at(policy, "spec")
        if not at(spec, "podSelector") and not spec.get("ingress") and not spec.get("egress"):
            closed |= set(at(spec, "policyTypes"))
    if missing := {"Ingress", "Egress"} - closed:
        yield {"kind": "NetworkPolicy"}, f"nothing denies by default: {', '.join(sorted(missing))}"


def pods_have_a_policy(manifests: Manifests) -> Iterator[Fault]:
    """Where everything is denied by default, pods that no policy allows anything do nothing at all.

    A policy for all pods (DNS) does not count, because it says nothing about these.
    """
    allowing = [one for one in manifests.of(NETWORK_POLICY) if at(one, "spec", "podSelector") and _allows(one)]
    for owner, labels in _pods(manifests):
        if not any(selects(at(policy, "spec", "podSelector"), labels) for policy in allowing):
            yield owner, "no NetworkPolicy selects its pods"


def _allows(policy: Object) -> bool:
    return bool(at(policy, "spec", "ingress") or at(policy, "spec", "egress"))


def _pods(manifests: Manifests) -> Iterator[tuple[Object, dict[str, str]]]:
    """Yield what makes pods with their labels; the operators' are as Strimzi and CloudNativePG document them."""
    for one in manifests.workloads:
        yield one.owner, one.labels
    for kafka in manifests.of(STRIMZI_KAFKA):
        yield kafka, {"strimzi.io/cluster": name(kafka), "strimzi.io/kind": "Kafka"}
    for cluster in manifests.of(CNPG_CLUSTER):
        yield cluster, {"cnpg.io/cluster": name(cluster)}


def rights_are_narrow(manifests: Manifests) -> Iterator[Fault]:
    """A wildcard grants what the next version of Kubernetes adds, a cluster role reaches into every namespace.

    Secrets are named one by one: `get` without names reads all of the namespace.
    """
    for one in manifests.of(f"{_RBAC}/ClusterRole", f"{_RBAC}/ClusterRoleBinding"):
        yield one, "reaches beyond the namespace"
    for one in manifests.of(f"{_RBAC}/RoleBinding"):
        role = at(one, "roleRef")
        if role.get("kind") != "Role" or not manifests.find(f"{_RBAC}/Role", role.get("name", "")):
            yield one, f"binds {role.get('kind')} {role.get('name')}, which is not a Role of this set"
    for one in manifests.of(f"{_RBAC}/Role"):
        for rule in at(one, "rules"):
            if any("*" in rule.get(part, []) for part in ("apiGroups", "resources", "verbs")):
                yield one, "grants a wildcard"
            if "secrets" in rule.get("resources", []) and not rule.get("resourceNames"):
                yield one, "grants all secrets of the namespace"
