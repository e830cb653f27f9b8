"""Every installation that is described can be rendered, and what comes out keeps every rule."""

from pathlib import Path

import pytest

from deploy.overlay import ENVIRONMENTS, Overlay, load
from deploy.policy import violations
from deploy.render import Rendering, render

ROOT = Path(__file__).parents[2]
CLOUDS = sorted(path.parent.name for path in ROOT.glob("clouds/*/cloud.yaml"))
INSTALLATIONS = [(cloud, environment) for cloud in CLOUDS for environment in ENVIRONMENTS]
# Reads the log files of the nodes, for which it needs more rights, and so a namespace of its own.
APART = {"logs"}
IMAGE = "registry.example/ebb@sha256:" + "0" * 64


def rendered(cloud: str, environment: str, more: Overlay | None = None) -> Rendering:
    overlay = load(ROOT, cloud, environment, [])
    return render(ROOT, overlay.under(more or Overlay()), IMAGE)


def test_there_is_an_installation_for_every_cloud() -> None:
    assert ["aks", "doks", "gke", "local", "oke"] == CLOUDS


@pytest.mark.parametrize(("cloud", "environment"), INSTALLATIONS)
def test_an_installation_keeps_every_rule(cloud: str, environment: str) -> None:
    found = violations(rendered(cloud, environment).objects, production=environment == "production")
    assert [] == [str(one) for one in found]


@pytest.mark.parametrize("cloud", [cloud for cloud in CLOUDS if cloud != "local"])
def test_staging_and_production_can_share_a_cluster_but_no_host_and_no_secret(cloud: str) -> None:
    staging, production = (rendered(cloud, environment) for environment in ENVIRONMENTS)
    assert staging.namespace != production.namespace
    for kind, path in (("Gateway", "listeners"), ("SecretStore", "provider")):
        ones, others = (
            [one["spec"][path] for one in rendering.objects if one["kind"] == kind and one["metadata"]["name"] == "ebb"]
            for rendering in (staging, production)
        )
        assert not [one for one in ones if one in others]


def test_a_part_that_no_cloud_lists_keeps_every_rule_too() -> None:
    parts = {path.name for path in ROOT.glob("clouds/parts/*") if path.is_dir()}
    listed = {part for cloud, environment in INSTALLATIONS for part in load(ROOT, cloud, environment, []).parts}
    more = Overlay(parts=tuple(sorted(parts - listed - APART)))
    assert [] == [str(one) for one in violations(rendered("local", "staging", more).objects, production=False)]


@pytest.mark.parametrize("cloud", ["aks", "oke"])
@pytest.mark.parametrize("values", sorted(path.name for path in ROOT.glob("clouds/values/*.yaml")))
def test_services_of_others_can_take_the_place_of_the_clouds_own(cloud: str, values: str) -> None:
    overlay = load(ROOT, cloud, "production", [ROOT / "clouds" / "values" / values])
    assert [] == [str(one) for one in violations(render(ROOT, overlay, IMAGE).objects)]
