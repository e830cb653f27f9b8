"""Rules for functions, that is Knative Services: they scale to zero, wake fast, and only the cluster can call them."""

import re
from collections.abc import Iterator

from deploy.rules.manifests import CNPG_CLUSTER, KNATIVE_SERVICE, Fault, Manifests, Object, Workload, at, kind, name

_SCALE = "autoscaling.knative.dev/"


def functions_scale_within_bounds(manifests: Manifests) -> Iterator[Fault]:
    """Zero pods while nobody calls, and a largest number, because each pod holds database connections.

    Knative refuses the scaling annotations outside of the template.
    """
    for one in manifests.functions:
        annotations = at(one.metadata, "annotations")
        if annotations.get(f"{_SCALE}min-scale", "0") != "0":
            yield one.owner, "min-scale is not 0: it would cost while nobody uses it"
        if not str(annotations.get(f"{_SCALE}max-scale", "0")).strip("0"):
            yield one.owner, "has no max-scale: a flood would use up the database's connections"
        if not one.pod.get("containerConcurrency"):
            yield one.owner, "has no containerConcurrency: one pod would take any number of requests"
        if any(key.startswith(_SCALE) for key in at(one.owner, "metadata", "annotations")):
            yield one.owner, "has scaling annotations outside of the template"


def functions_wake_fast(manifests: Manifests) -> Iterator[Fault]:
    """Knative probes every few milliseconds on a cold start, if the readiness probe has no periodSeconds.

    With one, kubelet probes once a second at best. A liveness probe ends a pod that hangs, timeoutSeconds a request.
    """
    for one in manifests.functions:
        for container in one.containers:
            readiness = at(container, "readinessProbe")
            if not readiness:
                yield one.owner, "has no readiness probe"
            if "periodSeconds" in readiness:
                yield one.owner, "its readiness probe has periodSeconds, which slows a cold start"
            if not at(container, "livenessProbe"):
                yield one.owner, "has no liveness probe"
        if not one.pod.get("timeoutSeconds"):
            yield one.owner, "has no timeoutSeconds"


def functions_are_private(manifests: Manifests) -> Iterator[Fault]:
    """The gateway's routes are the only way in: a function with a public address of its own would pass them by."""
    for one in manifests.functions:
        labels = at(one.owner, "metadata", "labels")
        if labels.get("networking.knative.dev/visibility") != "cluster-local":
            yield one.owner, "needs the label networking.knative.dev/visibility: cluster-local"


def functions_have_no_sidecar(manifests: Manifests) -> Iterator[Fault]:
    """A daprd beside each function would go to zero with it, and miss jobs; `func` adds one unless told not to."""
    for one in manifests.functions:
        for annotations in (at(one.owner, "metadata", "annotations"), at(one.metadata, "annotations")):
            if annotations.get("dapr.io/enabled") != "false":
                yield one.owner, 'needs the annotation dapr.io/enabled: "false" on itself and on its template'
                break


def functions_have_own_accounts(manifests: Manifests) -> Iterator[Fault]:
    """A cloud's identity is given to one account, so each function has its own and no other's rights."""
    users: dict[str, str] = {}
    for one in manifests.functions:
        account = str(one.pod.get("serviceAccountName", ""))
        if account in users:
            yield one.owner, f"shares the service account {account} with {users[account]}"
        users[account] = name(one.owner)


def connections_fit_the_database(manifests: Manifests) -> Iterator[Fault]:
    """In a database of this set the last pod must still get a connection when every function has all its pods.

    Three are PostgreSQL's own, for superusers. The size of a pool is DATABASE_POOL_SIZE (shared/settings.py).
    """
    wanted = sum(_most_pods(one) * _pool_size(one) for one in manifests.functions)
    for owner, limit in _connections(manifests):
        if wanted > limit - 3:
            yield owner, f"has {limit} connections, the functions may want {wanted}"


def _most_pods(function: Workload) -> int:
    return int(at(function.metadata, "annotations").get(f"{_SCALE}max-scale", 0))


def _pool_size(function: Workload) -> int:
    env = {one.get("name"): one for container in function.containers for one in at(container, "env")}
    return int(env.get("DATABASE_POOL_SIZE", {}).get("value", 8)) if "DATABASE_URL" in env else 0


def _connections(manifests: Manifests) -> Iterator[tuple[Object, int]]:
    for one in manifests.of(CNPG_CLUSTER):
        yield one, int(at(one, "spec", "postgresql", "parameters").get("max_connections", 100))
    for workload in manifests.workloads:
        for container in workload.containers:
            for match in re.finditer(r"max_connections=(\d+)", " ".join(map(str, at(container, "args")))):
                yield workload.owner, int(match[1])


def images_are_pinned(manifests: Manifests) -> Iterator[Fault]:
    """A tag that moves runs what nobody tested, and makes no new revision: a function's image is named by its digest.

    Elsewhere at least a version is named.
    """
    for one in manifests.workloads:
        for container in one.containers:
            image = str(container.get("image", ""))
            tag = image.rpartition("/")[2].partition(":")[2]
            if kind(one.owner) == KNATIVE_SERVICE and "@sha256:" not in image:
                yield one.owner, f"its image {image} is not named by a digest"
            elif "@sha256:" not in image and tag in ("", "latest"):
                yield one.owner, f"its image {image} has no version"
