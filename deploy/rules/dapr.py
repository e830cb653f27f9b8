"""Rules for Dapr's components."""

from collections.abc import Iterator

from deploy.rules.manifests import COMPONENT, Fault, Manifests, Object, Workload, at, kind, name

_RBAC = "rbac.authorization.k8s.io"

# Read by every daprd of the namespace, the bridge's too.
_FOR_ALL = ("pubsub.", "secretstores.")


def components_have_scopes(manifests: Manifests) -> Iterator[Fault]:
    """Without scopes every sidecar in the namespace loads a component, and its app may send mail with it."""
    for one in manifests.of(COMPONENT):
        if not str(at(one, "spec").get("type", "")).startswith(_FOR_ALL) and not one.get("scopes"):
            yield one, "has no scopes"


def components_use_the_secret_store(manifests: Manifests) -> Iterator[Fault]:
    """A secretKeyRef without a store falls to Dapr's operator, which for one missing secret lists no component."""
    components = manifests.of(COMPONENT)
    stores = {name(one) for one in components if str(at(one, "spec").get("type")).startswith("secretstores.")}
    for one in components:
        refers = any("secretKeyRef" in item for item in at(one, "spec", "metadata"))
        if refers and at(one, "auth").get("secretStore") not in stores:
            yield one, "refers to secrets, but its auth.secretStore is no component of this set"


def secrets_of_components_are_readable(manifests: Manifests) -> Iterator[Fault]:
    """Daprd reads the secrets: where its Role names one too few, a component is missing and no pod fails."""
    for workload in manifests.workloads:
        app = at(workload.metadata, "annotations").get("dapr.io/app-id")
        if app is None or kind(workload.owner) != "apps/Deployment":
            continue
        readable = _readable(manifests, workload)
        for one in manifests.of(COMPONENT):
            if app in (one.get("scopes") or [app]):
                for secret in sorted(_secrets(one) - readable):
                    yield workload.owner, f"may not read the secret {secret} of the component {name(one)}"


def _secrets(component: Object) -> set[str]:
    items = at(component, "spec", "metadata")
    return {str(item["secretKeyRef"].get("name")) for item in items if "secretKeyRef" in item}


def _readable(manifests: Manifests, workload: Workload) -> set[str]:
    """Return the names of the secrets that the Roles of the workload's account let it get."""
    account = workload.pod.get("serviceAccountName")
    bindings = manifests.of(f"{_RBAC}/RoleBinding")
    bound = [one for one in bindings if any(subject.get("name") == account for subject in at(one, "subjects"))]
    roles = {at(one, "roleRef").get("name") for one in bound}
    rules = [rule for one in manifests.of(f"{_RBAC}/Role") if name(one) in roles for rule in at(one, "rules")]
    gets = [rule for rule in rules if "secrets" in rule.get("resources", []) and "get" in rule.get("verbs", [])]
    return {secret for rule in gets for secret in rule.get("resourceNames", [])}
