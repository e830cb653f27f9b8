"""Deploying: everything becomes ready, doing it again changes nothing, and func makes what was rendered."""

import json
import time
from typing import Any

import pytest

from deploy.functions import names
from tests.cluster.installation import ROOT, Installation

pytestmark = pytest.mark.cluster
SERVICE = "services.serving.knative.dev"


def generations(installation: Installation) -> dict[str, int]:
    kinds = (SERVICE, "deployments", "triggers", "httproutes", "networkpolicies", "brokers", "pingsources")
    # Those of revisions are the autoscaler's, which sets how many pods they have.
    ours = ("-l", "!serving.knative.dev/service")
    found = ((kind, one) for kind in kinds for one in installation.objects(kind, *ours))
    return {f"{kind} {one['metadata']['name']}": one["metadata"]["generation"] for kind, one in found}


def test_every_function_is_ready(installation: Installation) -> None:
    ready = {
        one["metadata"]["name"]: {c["type"]: c["status"] for c in one["status"]["conditions"]}["Ready"]
        for one in installation.objects(SERVICE)
    }
    assert dict.fromkeys(names(ROOT), "True") == ready


def test_a_second_deployment_changes_nothing(installation: Installation) -> None:
    before = generations(installation)
    said = installation.deploy()
    assert before == generations(installation)
    assert len(names(ROOT)) == said.count(": unchanged")
    assert installation.deploy("--dry-run").strip() == "nothing would change"


def test_one_function_can_be_deployed_alone(installation: Installation) -> None:
    assert "ebb: sweep: unchanged\n" in installation.deploy("sweep")


def test_no_pod_has_a_sidecar_of_daprs(installation: Installation) -> None:
    templates = [one["spec"]["template"] for one in installation.objects(SERVICE)]
    assert {1} == {len(template["spec"]["containers"]) for template in templates}
    assert {"false"} == {template["metadata"]["annotations"]["dapr.io/enabled"] for template in templates}


def test_what_func_deployed_is_what_was_rendered(installation: Installation) -> None:
    folder = ROOT / "build" / "local" / "staging" / "functions"
    assert names(ROOT) == sorted(path.name for path in folder.iterdir())
    # The mark of func is in the revision that it made; what func cannot say made the next one.
    firsts = installation.objects("revisions", "-l", "serving.knative.dev/configurationGeneration=1")
    marked = [one for one in firsts if "BUILT" in {env["name"] for env in one["spec"]["containers"][0]["env"]}]
    assert names(ROOT) == sorted(one["metadata"]["labels"]["serving.knative.dev/service"] for one in marked)
    for one in installation.objects(SERVICE):
        (container,) = one["spec"]["template"]["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert installation.image == container["image"]


def test_the_rendered_manifests_alone_are_taken_as_they_are(installation: Installation) -> None:
    """As a GitOps tool applies them: server-side, by another manager, without func."""
    folder = ROOT / "build" / "local" / "staging" / "manifests"
    before = generations(installation)
    applied = installation.kubectl(
        "apply", "--server-side", "--force-conflicts", "--field-manager=gitops", "-f", str(folder), everywhere=True
    )
    assert before == generations(installation)
    assert applied


def test_a_change_that_somebody_made_by_hand_is_seen_and_undone(installation: Installation) -> None:
    trigger: dict[str, Any] = {"spec": {"delivery": {"retry": 1}}}
    installation.kubectl("patch", "trigger", "write-audit", "--type=merge", "-p", json.dumps(trigger))
    assert "retry" in installation.deploy("--dry-run")
    began = time.monotonic()
    installation.deploy()
    print(f"a deployment with nothing to do but one trigger: {time.monotonic() - began:.0f} s")
    (undone,) = [one for one in installation.objects("triggers") if one["metadata"]["name"] == "write-audit"]
    assert 10 == undone["spec"]["delivery"]["retry"]
