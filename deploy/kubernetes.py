"""The two tools that change a cluster, kubectl and func, as processes: what they are given, and what they said."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from deploy.overlay import Manifest

# Under this name the API server remembers which fields are ours.
_MANAGER = "ebb"


class DeployError(Exception):
    """A step failed; the message says which, what the tool said, and what to do."""


class Cluster:
    """The cluster that KUBECONFIG names, and one namespace of it."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        for tool in ("kubectl", "diff"):
            require(tool)

    def get(self, kind: str, name: str, *, namespace: str | None = None) -> dict[str, Any] | None:
        """Return an object, or None."""
        found = self._run("get", kind, name, "-o", "json", "--ignore-not-found", namespace=namespace)
        return json.loads(found) if found.strip() else None

    def apply(self, manifests: Sequence[Manifest]) -> None:
        """Make the objects what the manifests say (server-side: fields of others stay)."""
        if manifests:
            self._run("apply", "--server-side", "--force-conflicts", f"--field-manager={_MANAGER}", "-f", "-",
                      given=manifests)  # fmt: skip

    def check(self, manifests: Sequence[Manifest]) -> None:
        """Raise `DeployError` unless the API server would take the manifests."""
        self._run("apply", "--server-side", "--force-conflicts", f"--field-manager={_MANAGER}", "--dry-run=server",
                  "-f", "-", given=manifests)  # fmt: skip

    def difference(self, manifests: Sequence[Manifest]) -> str:
        """Return what `apply` would change, as a diff; "" for nothing."""
        command = ["kubectl", "diff", "--server-side", "--force-conflicts", f"--field-manager={_MANAGER}", "-f", "-"]
        done = subprocess.run(command, input=_text(manifests), text=True, capture_output=True, check=False)
        if done.returncode > 1:
            raise DeployError(f"kubectl diff: {done.stderr.strip()}")
        return done.stdout

    def wait(self, condition: str, kind: str, *names: str, seconds: int = 180) -> None:
        """Return when the objects have the condition. Raises `DeployError` that tells how to find out why not."""
        try:
            self._run("wait", f"--for={condition}", f"--timeout={seconds}s", kind, *(names or ["--all"]))
        except DeployError as error:
            look = f"kubectl -n {self.namespace} describe {kind} {' '.join(names)}"
            raise DeployError(f"{error}\nLook with: {look}") from None

    def run(self, *arguments: str, given: str | None = None) -> str:
        """Run kubectl in the namespace; return what it wrote."""
        return self._run(*arguments, text=given)

    def _run(
        self,
        *arguments: str,
        given: Sequence[Manifest] | None = None,
        text: str | None = None,
        namespace: str | None = None,
    ) -> str:
        # Manifests name their namespaces themselves, and some stand in another one.
        place = [] if given is not None else ["--namespace", namespace or self.namespace]
        stdin = _text(given) if given is not None else text
        done = subprocess.run(["kubectl", *place, *arguments], input=stdin, text=True, capture_output=True, check=False)
        if done.returncode:
            raise DeployError(f"kubectl {' '.join(arguments[:2])}: {done.stderr.strip()}")
        return done.stdout


def func_deploy(description: Mapping[str, Any], folder: Path) -> str:
    """Run `func deploy` on a copy of a description, since func writes into what it is given.

    Returns "", or why func gave up waiting for a Service that it has deployed: at the first sign that something is
    missing, which on a busy cluster is there a moment later. Raises `DeployError` for every other failure.
    """
    require("func")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / "func.yaml").write_text(yaml.safe_dump(dict(description), sort_keys=False), encoding="utf-8")
    # Without the namespace in the command func may look into another one, find nothing and say nothing.
    command = ["func", "deploy", "--path", str(folder), "--build=false", "--push=false",
               "--image", description["image"], "--namespace", description["namespace"]]  # fmt: skip
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode == 0:
        return ""
    failure = f"func deploy {description['name']}: {(done.stderr or done.stdout).strip()}"
    if "failed to wait" in failure:
        return failure
    raise DeployError(failure)


def require(tool: str) -> None:
    """Raise `DeployError` unless a program is installed."""
    if shutil.which(tool) is None:
        raise DeployError(f"{tool} is not installed: install it and put it on the PATH")


def _text(manifests: Sequence[Manifest]) -> str:
    return yaml.safe_dump_all(list(manifests), sort_keys=False)
