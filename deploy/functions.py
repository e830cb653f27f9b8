"""One description per function: its func.yaml, complete, and the Knative Service that it means.

`func.yaml` at the top says what all functions share, `functions/<name>/func.yaml` what one has differently, and an
overlay what one installation has differently. `service` in them is ours: what Knative can do and func cannot say;
func's copy is written without it.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from deploy.merge import merged
from deploy.overlay import Manifest, Overlay, RenderError

_REFERENCE = re.compile(r"\{\{ *(secret|configMap):([^:}\s]+):([^}\s]+) *\}\}")
_SOURCE = {"secret": "secretKeyRef", "configMap": "configMapKeyRef"}
# What func writes on each Service of its own (knative.dev/func v0.49, pkg/deployer, pkg/knative).
_DEPLOYER = {"function.knative.dev/deployer": "knative"}


def names(root: Path) -> list[str]:
    """Return the names of all functions."""
    return sorted(path.parent.name.replace("_", "-") for path in root.glob("functions/*/main.py"))


def function(root: Path, name: str, overlay: Overlay, image: str, namespace: str) -> dict[str, Any]:
    """Return the complete description of one function for one installation. Raises `RenderError`."""
    own = root / "functions" / name.replace("-", "_") / "func.yaml"
    if not own.exists():
        raise RenderError(f"{own} is missing: it says what {name} has differently, if only `name: {name}`")
    described = yaml.safe_load((root / "func.yaml").read_text(encoding="utf-8"))
    for difference in (yaml.safe_load(own.read_text(encoding="utf-8")), overlay.functions, overlay.function.get(name)):
        described = merged(described, difference or {})
    if described["name"] != name:
        raise RenderError(f"{own}: name is {described['name']}, its folder says {name}")
    given = {
        "namespace": namespace,
        "image": image,
        "run": {"envs": [{"name": "FUNCTION_TARGET", "value": name.replace("-", "_")}]},
        "deploy": {
            "namespace": namespace,
            "image": image,
            "serviceAccountName": name,
            "labels": [{"key": "app.kubernetes.io/name", "value": name}],
        },
    }
    return dict(merged(described, given))


def func_yaml(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return what func is given."""
    return {name: value for name, value in described.items() if name != "service"}


def service(described: Mapping[str, Any]) -> Manifest:
    """Return the Knative Service: what `func deploy` makes of the description, and `service` of it.

    Two things only func can add, BUILT and ADDRESS in the environment, which nobody reads.
    """
    deploy, options = described["deploy"], described["deploy"]["options"]
    labels = {
        "boson.dev/function": "true",
        "function.knative.dev/name": described["name"],
        "function.knative.dev/runtime": described["runtime"],
        **{label["key"]: label["value"] for label in deploy["labels"]},
    }
    annotations = {**_DEPLOYER, **deploy["annotations"]}
    own = {name: value for name, value in described["service"].items() if name not in {"container", "annotations"}}
    spec = {
        "serviceAccountName": deploy["serviceAccountName"],
        "containerConcurrency": options["resources"]["limits"]["concurrency"],
        "containers": [merged(_container(deploy, described["run"]["envs"]), described["service"]["container"])],
        **own,
    }
    told = annotations | _scale(options["scale"]) | described["service"]["annotations"]
    template = {"metadata": {"labels": labels, "annotations": told}, "spec": spec}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": described["name"],
            "namespace": described["namespace"],
            "labels": labels,
            "annotations": annotations,
        },
        "spec": {"template": template},
    }


def _container(deploy: Mapping[str, Any], envs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "image": deploy["image"],
        "env": [_env(env) for env in envs],
        "livenessProbe": {"httpGet": {"path": deploy["healthEndpoints"]["liveness"], "port": 8080}},
        "readinessProbe": {"httpGet": {"path": deploy["healthEndpoints"]["readiness"], "port": 8080}},
        "resources": _resources(deploy["options"]["resources"]),
        "securityContext": {
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def account(described: Mapping[str, Any]) -> Manifest:
    """Return the ServiceAccount of a function: with no rights and no token, since no function asks Kubernetes."""
    labels = {"app.kubernetes.io/part-of": "ebb", "app.kubernetes.io/name": described["name"]}
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": described["name"], "namespace": described["namespace"], "labels": labels},
        "automountServiceAccountToken": False,
    }


def _env(env: Mapping[str, str]) -> dict[str, Any]:
    match = _REFERENCE.fullmatch(env["value"])
    if match is None:
        return {"name": env["name"], "value": env["value"]}
    kind, name, key = match.groups()
    return {"name": env["name"], "valueFrom": {_SOURCE[kind]: {"name": name, "key": key}}}


def _resources(resources: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    kinds = {
        kind: {name: value for name, value in resources[kind].items() if name != "concurrency"} for kind in resources
    }
    return {kind: values for kind, values in kinds.items() if values}


def _scale(scale: Mapping[str, Any]) -> dict[str, str]:
    """Return the annotations of the autoscaler, spelt as func spells them."""
    whole = {name: str(scale[name]) for name in ("min", "max") if name in scale}
    told = {f"autoscaling.knative.dev/{name}-scale": value for name, value in whole.items()}
    if "metric" in scale:
        told["autoscaling.knative.dev/metric"] = scale["metric"]
    if "target" in scale:
        told["autoscaling.knative.dev/target"] = f"{scale['target']:f}"
    return told
