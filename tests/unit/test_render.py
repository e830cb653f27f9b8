"""What an installation is rendered to: the rules of one truth, and of what func would do with it."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.functions import func_yaml, function, names, service
from deploy.overlay import Overlay, RenderError, kind, load
from deploy.render import Rendering, render
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
IMAGE = "registry.test/ebb@sha256:" + "0" * 64
NAMES = names(ROOT)


def described(name: str, **overlay: Any) -> dict[str, Any]:
    return function(ROOT, name, Overlay.model_validate(overlay), IMAGE, "ebb")


def rendered(namespace: str | None = None, **overlay: Any) -> Rendering:
    return render(ROOT, Overlay.model_validate(overlay), IMAGE, namespace)


def one(rendering: Rendering, kind_: str, name: str) -> Any:
    (found,) = [o for o in rendering.objects if o["kind"] == kind_ and o["metadata"]["name"] == name]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_what_func_gets_is_complete_and_all_its_own(name: str) -> None:
    copy = func_yaml(described(name))
    assert "service" not in copy  # ours: func would write it away
    assert copy["created"]  # without it func would begin a new function
    assert ("ebb", "ebb") == (copy["namespace"], copy["deploy"]["namespace"])  # else func looks elsewhere, silently
    assert (IMAGE, IMAGE) == (copy["image"], copy["deploy"]["image"])
    assert name == copy["name"] == copy["deploy"]["serviceAccountName"]
    assert {"name": "FUNCTION_TARGET", "value": name.replace("-", "_")} in copy["run"]["envs"]


@pytest.mark.parametrize("name", NAMES)
def test_func_never_adds_a_sidecar_to_a_function(name: str) -> None:
    annotations = described(name)["deploy"]["annotations"]
    # All five that func writes where it finds Dapr (knative.dev/func, pkg/deployer/common.go).
    fives = {f"dapr.io/{x}" for x in ("app-id", "enabled", "metrics-port", "app-port", "enable-api-logging")}
    assert fives <= annotations.keys()
    assert "false" == annotations["dapr.io/enabled"]


@pytest.mark.parametrize("name", NAMES)
def test_only_a_revision_has_annotations_of_the_autoscaler(name: str) -> None:
    made = service(described(name))
    assert [] == [key for key in made["metadata"]["annotations"] if key.startswith("autoscaling")]
    assert "0" == made["spec"]["template"]["metadata"]["annotations"]["autoscaling.knative.dev/min-scale"]


def test_settings_that_functions_get_are_settings_that_exist() -> None:
    known = {name.upper() for name in Settings.model_fields} | {"FUNCTION_TARGET"}
    assert set() == {env["name"] for name in NAMES for env in described(name)["run"]["envs"]} - known


def test_a_number_is_spelt_as_func_spells_it() -> None:
    annotations = service(described("query-audit"))["spec"]["template"]["metadata"]["annotations"]
    assert "3.000000" == annotations["autoscaling.knative.dev/target"]


def test_a_reference_becomes_that_of_kubernetes() -> None:
    (container,) = service(described("sweep"))["spec"]["template"]["spec"]["containers"]
    (database,) = [env for env in container["env"] if env["name"] == "DATABASE_URL"]
    assert {"secretKeyRef": {"name": "ebb-database", "key": "url"}} == database["valueFrom"]


def test_an_overlay_changes_all_functions_or_one() -> None:
    overlay = {
        "functions": {"run": {"envs": [{"name": "LOG_LEVEL", "value": "debug"}]}},
        "function": {"sweep": {"service": {"timeoutSeconds": 9}}},
    }
    sweep, other = (
        service(described(name, **overlay))["spec"]["template"]["spec"] for name in ("sweep", "query-audit")
    )
    assert (9, 300) == (sweep["timeoutSeconds"], other["timeoutSeconds"])
    assert all({"name": "LOG_LEVEL", "value": "debug"} in spec["containers"][0]["env"] for spec in (sweep, other))


def test_an_overlay_cannot_speak_of_a_function_that_does_not_exist() -> None:
    with pytest.raises(RenderError, match="make-coffee"):
        rendered(function={"make-coffee": {}})


@pytest.mark.parametrize("image", ["registry.test/ebb:1", "registry.test/ebb", "registry.test/ebb@sha256:12"])
def test_an_image_without_its_digest_is_refused(image: str) -> None:
    with pytest.raises(RenderError, match="digest"):
        render(ROOT, Overlay(), image)


def test_another_namespace_takes_the_place_of_ours_wherever_it_is_looked_up() -> None:
    rendering = rendered("blue")
    text = yaml.safe_dump_all(rendering.objects)
    assert {"blue", "kourier-system", None} >= {o["metadata"].get("namespace") for o in rendering.objects}
    assert [] == re.findall(r"\.ebb\.svc|namespace: ebb\b|ns/ebb/", text)
    assert "create-task.blue.svc.cluster.local" in text


def test_two_installations_in_one_cluster_share_no_object() -> None:
    ours, theirs = (
        {(kind(o), o["metadata"].get("namespace"), o["metadata"]["name"]) for o in rendered(space).objects}
        for space in ("blue", "green")
    )
    assert set() == ours & theirs


def test_everything_says_that_it_is_a_part_of_ebb() -> None:
    assert {"ebb"} == {o["metadata"]["labels"]["app.kubernetes.io/part-of"] for o in rendered().objects}


def test_a_patch_is_laid_over_its_object_or_over_all_of_a_kind() -> None:
    trigger = {"apiVersion": "eventing.knative.dev/v1", "kind": "Trigger"}
    rendering = rendered(
        patches=[
            {**trigger, "metadata": {"name": "*", "annotations": {"a": "1"}}},
            {**trigger, "metadata": {"name": "write-audit"}, "spec": {"delivery": {"retry": 3}}},
        ]
    )
    triggers = [o for o in rendering.objects if o["kind"] == "Trigger"]
    assert {"1"} == {o["metadata"]["annotations"]["a"] for o in triggers}
    assert {3, 10} == {o["spec"]["delivery"]["retry"] for o in triggers}
    assert "PT0.2S" == one(rendering, "Trigger", "write-audit")["spec"]["delivery"]["backoffDelay"]


def test_a_route_gives_a_function_as_long_as_knative_does() -> None:
    rendering = rendered()
    routes = rendering.of("gateway.networking.k8s.io/v1 HTTPRoute")
    for rule in (rule for route in routes for rule in route["spec"]["rules"]):
        name = rule["filters"][0]["urlRewrite"]["hostname"].partition(".")[0]
        template = one(rendering, "Service", name)["spec"]["template"]
        assert (name, rule["timeouts"]["request"]) == (name, f"{template['spec']['timeoutSeconds']}s")


def test_a_patch_can_remove_and_one_for_nothing_is_an_error() -> None:
    tick = {"apiVersion": "sources.knative.dev/v1", "kind": "PingSource", "metadata": {"name": "sweep"}}
    left = [o["metadata"]["name"] for o in rendered(patches=[{**tick, "$patch": "delete"}]).objects]
    assert 1 == sum(o["metadata"]["name"] == "sweep" for o in rendered().objects if o["kind"] == "PingSource")
    assert left.count("sweep") == [o["metadata"]["name"] for o in rendered().objects].count("sweep") - 1
    with pytest.raises(RenderError, match="swept"):
        rendered(patches=[{**tick, "metadata": {"name": "swept"}}])


def test_the_files_that_are_written_say_what_was_rendered(tmp_path: Path) -> None:
    rendering = rendered()
    rendering.write(tmp_path / "x")
    (tmp_path / "x" / "manifests" / "old.yaml").write_text("gone with the next rendering")
    rendering.write(tmp_path / "x")
    files = sorted((tmp_path / "x" / "manifests").glob("*.yaml"))
    written = [document for file in files for document in yaml.safe_load_all(file.read_text())]
    assert sorted(map(str, rendering.objects)) == sorted(map(str, written))
    assert sorted(rendering.functions) == sorted(path.name for path in (tmp_path / "x" / "functions").iterdir())


def test_each_image_has_a_migration_of_its_own() -> None:
    other = render(ROOT, Overlay(), IMAGE.replace("0" * 64, "1" * 64))
    jobs = [[o["metadata"]["name"] for o in r.objects if o["kind"] == "Job"] for r in (rendered(), rendered(), other)]
    assert jobs[0] == jobs[1] != jobs[2]


def overlays(root: Path, **files: Any) -> Path:
    """Write overlay files by their paths below clouds/."""
    for path, content in files.items():
        file = root / "clouds" / path.replace("__", "/")
        file.with_suffix(".yaml").parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".yaml").write_text(yaml.safe_dump(content))
    return root


def test_later_files_are_laid_over_earlier_ones_and_all_over_their_parts(tmp_path: Path) -> None:
    extra = tmp_path / "extra.yaml"
    extra.write_text(yaml.safe_dump({"namespace": "third"}))
    root = overlays(
        tmp_path,
        moon__cloud={"namespace": "first", "image": "moon/ebb", "parts": ["sea"]},
        moon__staging={"namespace": "second", "parts": ["dust"]},
        parts__sea__part={"functions": {"a": 1, "b": 1}, "image": "sea/ebb"},
        parts__dust__part={"functions": {"b": 2}},
    )
    overlay = load(root, "moon", "staging", [extra])
    assert ("third", "moon/ebb", ("sea", "dust"), {"a": 1, "b": 2}) == (
        overlay.namespace, overlay.image, overlay.parts, overlay.functions
    )  # fmt: skip
    assert {"a": 1, "b": 1} == load(root, "moon", "staging", [], without=["dust"]).functions


def test_what_is_patched_of_a_part_that_is_left_out_is_left_out_too() -> None:
    overlay = load(ROOT, "gke", "staging", [], without=["strimzi"])
    kinds = {o["kind"] for o in render(ROOT, overlay, IMAGE).objects}
    assert {"Kafka", "KafkaNodePool"}.isdisjoint(kinds)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"part": ["sea"]}, "part: Extra inputs"),
        ({"namespace": "No!"}, "namespace"),
        ({"parts": ["sea"]}, "no part sea"),
    ],
)
def test_a_wrong_overlay_is_named(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(RenderError, match=said):
        load(overlays(tmp_path, moon__cloud=content, moon__staging={}), "moon", "staging", [])


def test_a_cloud_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="the clouds are moon"):
        load(overlays(tmp_path, moon__cloud={}, moon__staging={}), "mars", "staging", [])


def test_a_function_without_a_description_is_named(tmp_path: Path) -> None:
    shutil.copy(ROOT / "func.yaml", tmp_path)
    (tmp_path / "functions" / "make_coffee").mkdir(parents=True)
    (tmp_path / "functions" / "make_coffee" / "main.py").touch()
    with pytest.raises(RenderError, match=r"make_coffee.func\.yaml is missing"):
        render(tmp_path, Overlay(), IMAGE)
