"""Every manifest of every overlay is one that an API server with the real definitions takes, field by field.

Nothing is left out: where a definition is missing on the cluster (Strimzi, CloudNativePG, Prometheus operator,
cert-manager, External Secrets, Knative's Kafka), the test fails and names the kind.
"""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.functions import names
from deploy.overlay import ENVIRONMENTS, load
from deploy.policy import violations
from deploy.render import render
from tests.cluster.installation import ROOT

pytestmark = pytest.mark.cluster
_IMAGE = "registry.test/ebb@sha256:" + "0" * 64
OVERLAYS = [(file.parent.name, one) for file in sorted(ROOT.glob("clouds/*/cloud.yaml")) for one in ENVIRONMENTS]
VALUES = sorted(ROOT.glob("clouds/values/*.yaml"))


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    """Yield a namespace with the functions' accounts, which Knative asks for when it tries out their pods."""
    name = f"ebb-dry-{uuid.uuid4().hex[:6]}"
    subprocess.run(["kubectl", "create", "namespace", name], check=True, capture_output=True)
    for function in names(ROOT):
        subprocess.run(["kubectl", "-n", name, "create", "serviceaccount", function], check=True, capture_output=True)
    yield name
    subprocess.run(["kubectl", "delete", "namespace", name, "--wait=false"], check=True, capture_output=True)


def tried(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["kubectl", "apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict"]
    return subprocess.run([*command, "-f", str(folder)], text=True, capture_output=True, check=False)


@pytest.mark.parametrize(("cloud", "environment"), OVERLAYS)
def test_the_api_server_takes_every_object(cloud: str, environment: str, namespace: str, tmp_path: Path) -> None:
    rendering = render(ROOT, load(ROOT, cloud, environment, []), _IMAGE, namespace)
    assert [] == violations(rendering.objects, production=environment == "production")
    rendering.write(tmp_path / "all")
    done = tried(tmp_path / "all" / "manifests")
    assert "" == done.stderr
    assert 0 == done.returncode
    assert len(rendering.objects) == len(done.stdout.splitlines())
    print(f"{cloud} {environment}: {len(rendering.objects)} objects taken")


@pytest.mark.parametrize("values", VALUES, ids=lambda file: file.stem)
def test_the_api_server_takes_what_a_values_file_changes(values: Path, namespace: str, tmp_path: Path) -> None:
    render(ROOT, load(ROOT, "aks", "production", [values]), _IMAGE, namespace).write(tmp_path / "all")
    done = tried(tmp_path / "all" / "manifests")
    assert "" == done.stderr
    assert 0 == done.returncode


def test_a_field_that_does_not_exist_is_refused(namespace: str, tmp_path: Path) -> None:
    wrong = f"""{{apiVersion: eventing.knative.dev/v1, kind: Trigger, metadata: {{name: x, namespace: {namespace}}},
        spec: {{broker: default, deliverie: {{}}, subscriber: {{uri: "http://x"}}}}}}"""
    (tmp_path / "wrong.yaml").write_text(wrong)
    assert "deliverie" in tried(tmp_path).stderr
