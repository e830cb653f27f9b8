"""What an installation needs before anything of it can start: Secrets, and the certificate of Dapr's authority."""

import secrets
from collections.abc import Callable
from itertools import chain

from deploy.kubernetes import Cluster, DeployError
from deploy.overlay import Manifest, kind
from deploy.render import Rendering

_FUNCTION = "serving.knative.dev/v1 Service"
_TRUST = "dapr-trust-bundle"
_DAPRDS = "app.kubernetes.io/name in (dapr-shared, ebb-bridge)"

Say = Callable[[str], None]


def prepare(cluster: Cluster, rendering: Rendering, say: Say) -> None:
    """Make the Secrets that nobody has to know, copy Dapr's trust bundle, and ask for the Secrets that are missing.

    Raises `DeployError`.
    """
    for name, values in rendering.secrets.items():
        if cluster.get("secret", name) is None:
            say(f"making the Secret {name}")
            random = secrets.token_urlsafe(32)
            lines = [f"{key}={value.replace('{random}', random)}\n" for key, value in values.items()]
            # Through stdin: arguments of a process can be read by others.
            cluster.run("create", "secret", "generic", name, "--from-env-file=/dev/stdin", given="".join(lines))
    _copy_trust_bundle(cluster, say)
    made_here = {one["metadata"]["name"] for one in rendering.of("external-secrets.io/v1 ExternalSecret")}
    wanted = sorted({*chain.from_iterable(map(_wanted, rendering.objects))} - made_here)
    # What an operator makes of a part (CloudNativePG's `-app`) comes a while after it.
    missing = [name for name in wanted if not name.endswith("-app") and cluster.get("secret", name) is None]
    if missing:
        command = f"kubectl -n {cluster.namespace} create secret generic"
        commands = [f"{command} {name} --from-literal=…" for name in missing]
        told = "these Secrets are missing (docs/deployment.md says what is in them):"
        raise DeployError("\n".join([told, *commands]))


def _copy_trust_bundle(cluster: Cluster, say: Say) -> None:
    bundle = cluster.get("configmap", _TRUST, namespace="dapr-system")
    if bundle is None:
        raise DeployError("Dapr is not installed: dapr-system has no ConfigMap dapr-trust-bundle; install Dapr first")
    known = cluster.get("configmap", _TRUST)
    metadata = {"name": _TRUST, "namespace": cluster.namespace}
    cluster.apply([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": bundle["data"]}])
    if known is not None and known["data"] != bundle["data"]:
        say("restarting daprd: Dapr's authority has another certificate")
        cluster.run("rollout", "restart", "deployment", "-l", _DAPRDS)


def _wanted(manifest: Manifest) -> set[str]:
    """Return the Secrets without which a function, or a component that daprd insists on, does not start."""
    if kind(manifest) == _FUNCTION:
        (container,) = manifest["spec"]["template"]["spec"]["containers"]
        sources = [env.get("valueFrom", {}) for env in container["env"]]
    elif kind(manifest) == "dapr.io/v1alpha1 Component" and not manifest["spec"].get("ignoreErrors"):
        sources = manifest["spec"]["metadata"]
    else:
        return set()
    references = [source["secretKeyRef"] for source in sources if "secretKeyRef" in source]
    return {one["name"] for one in references if not one.get("optional")}
