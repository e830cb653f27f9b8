"""Rules for everything that makes pods: bounded, probed, without rights, moved without harm."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.rules.manifests import BUDGET, KNATIVE_SERVICE, Fault, Manifests, Workload, at, kind, name

_ALWAYS_ON = ("apps/Deployment", "apps/StatefulSet", "apps/DaemonSet")
# What the Pod Security Standard "restricted" lets a pod mount.
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def resources_are_bounded(manifests: Manifests) -> Iterator[Fault]:
    """Without requests a pod lands where there is no room, without a memory limit it takes its neighbours down."""
    for one in manifests.workloads:
        for container in one.containers:
            requests, limits = at(container, "resources", "requests"), at(container, "resources", "limits")
            if not {"cpu", "memory"} <= set(requests) or "memory" not in limits:
                yield one.owner, f"container {container.get('name')}: needs requests of cpu and memory, a memory limit"


def servers_are_probed(manifests: Manifests) -> Iterator[Fault]:
    """What runs always must say when it can be asked and when it hangs; a Job says so by its end."""
    for one in manifests.workloads:
        if kind(one.owner) in _ALWAYS_ON:
            for container in at(one.pod, "containers"):
                if not (at(container, "readinessProbe") and at(container, "livenessProbe")):
                    yield one.owner, f"container {container.get('name')}: needs a readiness and a liveness probe"


def containers_are_restricted(manifests: Manifests) -> Iterator[Fault]:
    """Pod Security refuses anything else, and on a root file system that cannot be written no intruder stays."""
    for one in manifests.workloads:
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if one.pod.get(key):
                yield one.owner, f"uses {key}"
        for volume in at(one.pod, "volumes"):
            if not (set(volume) - {"name"}) <= _VOLUMES:
                yield one.owner, f"volume {volume.get('name')}: of a kind that is not restricted"
        for container in one.containers:
            for why in _loose(one.pod, container):
                yield one.owner, f"container {container.get('name')}: {why}"


def _loose(pod: Mapping[str, Any], container: Mapping[str, Any]) -> Iterator[str]:
    own = at(container, "securityContext")
    both = {**at(pod, "securityContext"), **own}
    if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
        yield "may run as root"
    if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
        yield "may gain privileges"
    if at(own, "capabilities").get("drop") != ["ALL"] or at(own, "capabilities").get("add"):
        yield "keeps capabilities"
    if at(both, "seccompProfile").get("type") != "RuntimeDefault":
        yield "has no seccomp profile"
    if own.get("readOnlyRootFilesystem") is not True:
        yield "may write to its root file system"


def accounts_exist(manifests: Manifests) -> Iterator[Fault]:
    """Rights are given to accounts: the namespace's default one is everybody's."""
    known = manifests.names("ServiceAccount")
    for one in manifests.workloads:
        account = one.pod.get("serviceAccountName", "default")
        if account == "default":
            yield one.owner, "uses the default service account"
        elif account not in known:
            yield one.owner, f"its service account {account} is not there"


def tokens_are_for_those_with_rights(manifests: Manifests) -> Iterator[Fault]:
    """The token of an account without a right can only be stolen: it is mounted where a RoleBinding names the account.

    Never in a function. An account without a right of its own may still show itself to a cloud: that token is a
    projected one, which Kubernetes or the cloud's webhook adds for its audience.
    """
    subjects = [at(one, "subjects") for one in manifests.of("rbac.authorization.k8s.io/RoleBinding")]
    bound = {subject.get("name") for group in subjects for subject in group}
    for one in manifests.workloads:
        account = one.pod.get("serviceAccountName", "default")
        by_account = (manifests.find("ServiceAccount", account) or {}).get("automountServiceAccountToken", True)
        mounted = one.pod.get("automountServiceAccountToken", by_account)
        if mounted and (account not in bound or kind(one.owner) == KNATIVE_SERVICE):
            yield one.owner, f"mounts the token of {account}: set automountServiceAccountToken: false"


def budgets_let_nodes_drain(manifests: Manifests) -> Iterator[Fault]:
    """A budget that no eviction can satisfy keeps a node from being drained, and so a cluster from its upgrade."""
    for budget in manifests.of(BUDGET):
        spec = at(budget, "spec")
        chosen = [one for one in manifests.workloads if selects(at(spec, "selector"), one.labels)]
        if not chosen:
            yield budget, "selects no pods of this set"
        if _share(spec.get("maxUnavailable", 1), 1) < 1:
            yield budget, "allows no pod to be away"
        for one in chosen:
            if _share(spec.get("minAvailable", 0), replicas := _replicas(one)) >= replicas:
                yield budget, f"wants as many pods as {name(one.owner)} has"


def _replicas(workload: Workload) -> int:
    return int(at(workload.owner, "spec").get("replicas", 1))


def _share(amount: object, of: int) -> int:
    """Return a number or percentage of pods, rounded up as Kubernetes rounds it."""
    text = str(amount)
    return math.ceil(int(text[:-1]) * of / 100) if text.endswith("%") else int(text)


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether a label selector matches; an empty one matches everything."""
    equal = all(labels.get(key) == value for key, value in at(selector, "matchLabels").items())
    return equal and all(_meets(expression, labels) for expression in at(selector, "matchExpressions"))


def _meets(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value = labels.get(expression["key"])
    match expression["operator"]:
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "In":
            return value in expression["values"]
        case _:
            return value not in expression["values"]
