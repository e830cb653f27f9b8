"""Each rule for manifests catches what breaks it, and lets pass what does not."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.policy import main, violations
from deploy.rules import RULES, dapr, edge, eventing, functions, pods, secrets, walls
from deploy.rules.manifests import Manifests

INSTALLATION = Path(__file__).parents[1] / "data" / "installation.yaml"
MODULES = (dapr, edge, eventing, functions, pods, secrets, walls)
GONE = object()
DAPRD, CREATE, AUDIT = "Deployment dapr-shared", "Service create-task", "Service write-audit"
CONTAINER, DAPRD_POD = "spec/template/spec/containers/0", "spec/template/spec"
# A change of the good installation: (kind and name of an object, path in it, new value), a whole new object, or GONE.
Change = tuple[str, str, Any]

BAD: dict[str, Sequence[Change]] = {
    "deliveries_end_in_dead_letters": [
        ("Trigger write-audit", "spec/delivery", GONE),
        ("Trigger write-audit", "spec/delivery/retry", 0),
        ("Broker default", "spec/delivery/backoffDelay", GONE),
        ("KafkaSource task-events", "spec/delivery/deadLetterSink/ref/name", "dead-leters"),
        ("Trigger write-audit", "spec/delivery/deadLetterSink/ref", {
            "apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "write-audit"}),
    ],
    "order_is_kept": [
        ("Trigger write-audit", "metadata/annotations", GONE),
        ("KafkaSource task-events", "spec/ordering", "unordered"),
        ("KafkaSource task-events", "spec/initialOffset", GONE),
        ("KafkaSource task-events", "spec/consumerGroup", GONE),
    ],
    "targets_exist": [
        ("Trigger write-audit", "spec/subscriber/ref/name", "write-audits"),
        ("Trigger write-audit", "spec/broker", "other"),
        ("PingSource sweep", "spec/sink/ref/kind", "Servise"),
        ("KafkaSource task-events", "spec/sink/ref/name", "other"),
    ],
    "hosts_exist": [
        (CREATE, f"{CONTAINER}/env/1/value", "http://dapr-shard.ebb.svc.cluster.local:3500"),
        (DAPRD, f"{CONTAINER}/args/0", "--app-channel-address=fire-reminders.ebb.svc.cluster.local"),
    ],
    "functions_scale_within_bounds": [
        (CREATE, "spec/template/metadata/annotations/autoscaling.knative.dev~1min-scale", "1"),
        (CREATE, "spec/template/metadata/annotations/autoscaling.knative.dev~1max-scale", GONE),
        (CREATE, "spec/template/metadata/annotations/autoscaling.knative.dev~1max-scale", "0"),
        (CREATE, "spec/template/spec/containerConcurrency", GONE),
        (CREATE, "metadata/annotations/autoscaling.knative.dev~1max-scale", "10"),
    ],
    "functions_wake_fast": [
        (CREATE, f"{CONTAINER}/readinessProbe/periodSeconds", 1),
        (CREATE, f"{CONTAINER}/readinessProbe", GONE),
        (CREATE, f"{CONTAINER}/livenessProbe", GONE),
        (CREATE, "spec/template/spec/timeoutSeconds", GONE),
    ],
    "functions_are_private": [(CREATE, "metadata/labels/networking.knative.dev~1visibility", GONE)],
    "functions_have_no_sidecar": [
        (CREATE, "metadata/annotations/dapr.io~1enabled", "true"),
        (CREATE, "spec/template/metadata/annotations/dapr.io~1enabled", GONE),
    ],
    "functions_have_own_accounts": [(CREATE, "spec/template/spec/serviceAccountName", "write-audit")],
    "connections_fit_the_database": [
        (DAPRD, f"{CONTAINER}/args/0", "max_connections=162"),
        ("", "", {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "ebb"}}),
    ],
    "images_are_pinned": [
        (CREATE, f"{CONTAINER}/image", "registry.example/ebb:1.2.3"),
        (DAPRD, f"{CONTAINER}/image", "ghcr.io/dapr/daprd"),
        (DAPRD, f"{CONTAINER}/image", "registry.example:5000/daprd:latest"),
    ],
    "resources_are_bounded": [
        (DAPRD, f"{CONTAINER}/resources/limits", GONE),
        (CREATE, f"{CONTAINER}/resources/requests/cpu", GONE),
    ],
    "servers_are_probed": [(DAPRD, f"{CONTAINER}/readinessProbe", GONE), (DAPRD, f"{CONTAINER}/livenessProbe", GONE)],
    "containers_are_restricted": [
        (CREATE, f"{CONTAINER}/securityContext/readOnlyRootFilesystem", GONE),
        (CREATE, f"{CONTAINER}/securityContext/capabilities/add", ["NET_RAW"]),
        (CREATE, f"{CONTAINER}/securityContext/capabilities", GONE),
        (CREATE, "spec/template/spec/securityContext/seccompProfile", GONE),
        (CREATE, f"{CONTAINER}/securityContext/runAsUser", 0),
        (DAPRD, f"{CONTAINER}/securityContext/runAsNonRoot", False),
        (DAPRD, f"{CONTAINER}/securityContext/allowPrivilegeEscalation", GONE),
        (DAPRD, f"{DAPRD_POD}/hostNetwork", True),
        (DAPRD, f"{DAPRD_POD}/volumes/0", {"name": "host", "hostPath": {"path": "/"}}),
        (DAPRD, f"{DAPRD_POD}/initContainers", [{"name": "first"}]),
    ],
    "accounts_exist": [
        (CREATE, "spec/template/spec/serviceAccountName", "create-tasks"),
        (DAPRD, f"{DAPRD_POD}/serviceAccountName", "default"),
    ],
    "tokens_are_for_those_with_rights": [
        ("ServiceAccount create-task", "automountServiceAccountToken", GONE),
        (AUDIT, "spec/template/spec/automountServiceAccountToken", True),
        ("RoleBinding dapr-shared", "subjects/0/name", "write-audit"),
    ],
    "budgets_let_nodes_drain": [
        ("PodDisruptionBudget dapr-shared", "spec/minAvailable", 2),
        ("PodDisruptionBudget dapr-shared", "spec/minAvailable", "51%"),
        ("PodDisruptionBudget dapr-shared", "spec/maxUnavailable", 0),
        ("PodDisruptionBudget dapr-shared", "spec/selector/matchLabels", {"app": "other"}),
        (DAPRD, "spec/replicas", 1),
    ],
    "secrets_are_not_written_down": [
        ("", "", {"apiVersion": "v1", "kind": "Secret", "stringData": {"password": "x"}}),
        (CREATE, f"{CONTAINER}/env/1", {"name": "SMTP_PASSWORD", "value": "hunter2"}),
        (CREATE, f"{CONTAINER}/env/1/value", "postgresql://ebb:hunter2@db/ebb"),
        ("Component smtp", "spec/metadata/0", {"name": "accessKey", "value": "AKIA"}),
    ],
    "secrets_are_known": [
        (CREATE, f"{CONTAINER}/env/0/valueFrom/secretKeyRef/name", "ebb-databse"),
        (CREATE, f"{CONTAINER}/env/0/valueFrom/secretKeyRef/key", "uri"),
        (CREATE, f"{CONTAINER}/envFrom", [{"secretRef": {"name": "everything"}}]),
        ("Component smtp", "spec/metadata/0/secretKeyRef/key", "pasword"),
        ("KafkaSink dead-letters", "spec/auth/secret/ref/name", "kafka2"),
        ("Gateway ebb", "spec/listeners/1/tls/certificateRefs/0/name", "tls"),
        (DAPRD, f"{DAPRD_POD}/volumes/0", {"name": "keys", "secret": {"secretName": "keys"}}),
    ],
    "namespace_is_restricted": [
        ("Namespace ebb", "metadata/labels/pod-security.kubernetes.io~1enforce", "baseline"),
        ("", "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "second"}}),
    ],
    "objects_stay_in_the_namespace": [
        ("KafkaSink dead-letters", "metadata/namespace", "knative-eventing"),
        ("PingSource sweep", "metadata/namespace", GONE),
    ],
    "objects_have_labels": [
        ("PingSource sweep", "metadata/labels", GONE),
        (CREATE, "metadata/labels/app.kubernetes.io~1name", GONE),
    ],
    "network_is_closed": [
        ("NetworkPolicy default-deny", "spec/policyTypes", ["Ingress"]),
        ("NetworkPolicy default-deny", "spec/ingress", [{}]),
        ("NetworkPolicy default-deny", "", GONE),
    ],
    "pods_have_a_policy": [
        ("NetworkPolicy functions", "", GONE),
        ("NetworkPolicy functions", "spec/podSelector", {}),
        ("NetworkPolicy dapr-shared", "spec/podSelector/matchLabels/app.kubernetes.io~1name", "daprd"),
        ("", "", {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "metadata": {"name": "ebb"}}),
        ("", "", {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "ebb"}}),
    ],
    "rights_are_narrow": [
        ("Role dapr-shared", "rules/0/verbs", ["*"]),
        ("Role dapr-shared", "rules/0/resourceNames", GONE),
        ("RoleBinding dapr-shared", "roleRef/kind", "ClusterRole"),
        ("RoleBinding dapr-shared", "roleRef/name", "other"),
        ("", "", {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding"}),
    ],
    "routes_choose_one_function": [
        ("HTTPRoute ebb-redirect", "spec/rules", [{
            "matches": [{"method": "POST", "path": {"type": "Exact", "value": "/v1/tasks"}}],
            "filters": [{"urlRewrite": {"hostname": "write-audit.ebb.svc.cluster.local"}}],
            "backendRefs": [{"name": "kourier-internal", "namespace": "kourier-system", "port": 80}]}]),
        ("HTTPRoute ebb", "spec/rules/0/matches/0/method", GONE),
        ("HTTPRoute ebb", "spec/rules/0/matches", GONE),
    ],
    "routes_lead_to_functions": [
        ("HTTPRoute ebb", "spec/rules/0/filters", GONE),
        ("HTTPRoute ebb", "spec/rules/0/filters/0/urlRewrite/hostname", "create-task.other.svc.cluster.local"),
        ("HTTPRoute ebb", "spec/rules/0/backendRefs/0/name", "create-task"),
        ("ReferenceGrant ebb", "spec/from/0/namespace", "other"),
    ],
    "routes_hide_the_inside": [
        ("HTTPRoute ebb", "spec/rules/0/filters/0/urlRewrite/hostname", "write-audit.ebb.svc.cluster.local"),
        ("HTTPRoute ebb", "spec/rules/0/matches/0/path/value", "/job/alarm"),
        ("HTTPRoute ebb", "spec/rules/0/matches/0/path/value", "/dead-letters"),
    ],
    "production_speaks_tls": [
        ("Gateway ebb", "spec/listeners", [{"name": "http", "protocol": "HTTP"}]),
        ("Gateway ebb", "spec/listeners/1/tls", GONE),
        ("HTTPRoute ebb", "spec/parentRefs/0/sectionName", GONE),
        ("HTTPRoute ebb", "spec/parentRefs/0/sectionName", "http"),
    ],
    "components_have_scopes": [("Component smtp", "scopes", GONE)],
    "components_use_the_secret_store": [
        ("Component smtp", "auth", GONE),
        ("Component secrets", "", GONE),
    ],
    "secrets_of_components_are_readable": [
        ("Role dapr-shared", "rules/0/resourceNames", ["kafka"]),
        ("Role dapr-shared", "rules/0/verbs", ["list"]),
        ("RoleBinding dapr-shared", "subjects/0/name", "write-audit"),
        ("Component smtp", "spec/metadata/0/secretKeyRef/name", "fcm"),
    ],
    # The Namespace alone is another one, and the rest was forgotten.
    "objects_speak_of_their_namespace": [("Namespace ebb", "metadata/name", "ebb-staging")],
}  # fmt: skip
# Near a rule, and within it.
FINE: dict[str, Sequence[Change]] = {
    "order_is_kept": [("Broker default", "metadata/annotations", {})],
    "hosts_exist": [
        (CREATE, f"{CONTAINER}/env/1/value", "http://write-audit.ebb.svc.cluster.local/"),
        (CREATE, f"{CONTAINER}/env/1/value", "http://broker-ingress.knative-eventing.svc.cluster.local"),
    ],
    "functions_scale_within_bounds": [
        (CREATE, "spec/template/metadata/annotations/autoscaling.knative.dev~1min-scale", "0"),
    ],
    # Two functions, ten pods each, eight connections a pod; and three for superusers.
    "connections_fit_the_database": [(DAPRD, f"{CONTAINER}/args/0", "max_connections=163")],
    "images_are_pinned": [(DAPRD, f"{CONTAINER}/image", "registry.example:5000/daprd:1.18.5")],
    "tokens_are_for_those_with_rights": [(DAPRD, f"{DAPRD_POD}/automountServiceAccountToken", False)],
    "budgets_let_nodes_drain": [("PodDisruptionBudget dapr-shared", "spec/minAvailable", "50%")],
    "secrets_are_not_written_down": [
        ("", "", {"apiVersion": "v1", "kind": "Secret"}),
        (CREATE, f"{CONTAINER}/env/1", {"name": "SMTP_PASSWORD", "value": ""}),
        (CREATE, f"{CONTAINER}/env/1", {"name": "ACCESS_KEY_FILE", "value": "/keys/one"}),
        (CREATE, f"{CONTAINER}/env/1/value", "https://issuer.example/path@home"),
    ],
    "network_is_closed": [("NetworkPolicy default-deny", "spec/ingress", [])],
    "secrets_of_components_are_readable": [("Component smtp", "scopes", ["ebb-bridge"])],
    "objects_speak_of_their_namespace": [("PingSource sweep", "metadata/namespace", "ebb")],
    "routes_choose_one_function": [("HTTPRoute ebb", "spec/rules/0/matches/0/path/type", "PathPrefix")],
    "routes_hide_the_inside": [("HTTPRoute ebb", "spec/rules/0/matches/0/path/value", "/jobs")],
}  # fmt: skip


def changed(change: Change | None = None) -> list[Any]:
    """Return the good installation with one change; every object is a copy of its own."""
    documents: list[Any] = json.loads(json.dumps(yaml.safe_load(INSTALLATION.read_text())))
    if change is None:
        return documents
    subject, path, value = change
    if not subject:
        return [*documents, value]
    [found] = [one for one in documents if f"{one['kind']} {one['metadata']['name']}" == subject]
    if not path:
        return [one for one in documents if one is not found]
    *outer, last = (int(key) if key.isdigit() else key.replace("~1", "/") for key in path.split("/"))
    for key in outer:
        found = found[key]
    if value is GONE:
        del found[last]
    else:
        found[last] = value
    return documents


def flat(cases: dict[str, Sequence[Change]]) -> list[Any]:
    """Return parameters: the rule's name and one change."""
    return [
        pytest.param(rule, one, id=f"{rule}-{n}") for rule, changes in cases.items() for n, one in enumerate(changes)
    ]


def test_the_good_installation_breaks_no_rule() -> None:
    assert [] == violations(changed())


@pytest.mark.parametrize(("rule", "change"), flat(BAD))
def test_a_rule_catches_what_breaks_it(rule: str, change: Change) -> None:
    assert rule in {one.rule for one in violations(changed(change))}


@pytest.mark.parametrize(("rule", "change"), flat(FINE))
def test_a_rule_lets_pass_what_is_near_it(rule: str, change: Change) -> None:
    assert rule not in {one.rule for one in violations(changed(change))}


def test_every_rule_stands_in_the_list_has_a_reason_and_bad_examples() -> None:
    written = {
        rule
        for one in MODULES
        for rule in re.findall(r"^def (\w+)\([^)]*\) -> Iterator\[Fault\]", source(one), re.MULTILINE)
    }
    assert {name for name in written if not name.startswith("_")} == {rule.__name__ for rule in RULES} == set(BAD)
    assert set() == {rule.__name__ for rule in RULES if not rule.__doc__}
    assert set() == set(FINE) - set(BAD)


def source(module: Any) -> str:
    return Path(module.__file__).read_text()


def test_outside_of_production_plain_http_is_allowed() -> None:
    documents = changed(("Gateway ebb", "spec/listeners", [{"name": "http", "protocol": "HTTP"}]))
    assert [] == violations(documents, production=False)


@pytest.mark.parametrize(("of", "expected"), [("MTChannelBasedBroker", 0), ("Kafka", 2)])
def test_only_the_way_to_where_dead_letters_end_needs_none_of_its_own(of: str, expected: int) -> None:
    keeper = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "keep"}}
    to_keeper = {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "keep"}}
    retries = {"retry": 1, "backoffPolicy": "linear", "backoffDelay": "PT1S"}
    annotations = {"eventing.knative.dev/broker.class": of}
    eventing_v1 = {"apiVersion": "eventing.knative.dev/v1"}
    documents = [
        keeper,
        {**eventing_v1, "kind": "Broker", "metadata": {"name": "default", "annotations": annotations},
         "spec": {"delivery": {**retries, "deadLetterSink": to_keeper}}},
        {**eventing_v1, "kind": "Broker", "metadata": {"name": "last", "annotations": annotations}},
        {**eventing_v1, "kind": "Trigger", "metadata": {"name": "one"},
         "spec": {"broker": "default", "delivery": {**retries, "deadLetterSink": to_keeper}}},
        {**eventing_v1, "kind": "Trigger", "metadata": {"name": "keep"},
         "spec": {"broker": "last", "subscriber": to_keeper, "delivery": retries}},
    ]  # fmt: skip
    found = {
        document["metadata"]["name"] for document, _ in eventing.deliveries_end_in_dead_letters(Manifests(documents))
    }
    assert expected == len(found)


def test_secrets_that_operators_make_are_known() -> None:
    made = [
        {"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaUser", "metadata": {"name": "ebb-kafka"}},
        {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "metadata": {"name": "ebb"}},
        {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "ebb"}},
        {"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": {"name": "x"},
         "spec": {"target": {"name": "made"}, "data": [{"secretKey": "one"}]}},
    ]  # fmt: skip
    wanted = {"ebb-kafka": "password", "ebb-cluster-ca-cert": "ca.crt", "ebb-app": "uri", "made": "one"}
    refers = {"kind": "Reader", "spec": [{"secretKeyRef": {"name": k, "key": v}} for k, v in wanted.items()]}
    assert [] == list(secrets.secrets_are_known(Manifests([*made, refers])))
    assert len(wanted) == len(list(secrets.secrets_are_known(Manifests([refers]))))


def test_the_hosts_that_operators_make_are_known() -> None:
    made = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "db"}}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ebb"}}
    refers = {"kind": "Reader", "spec": {"host": "db-rw.ebb.svc"}}
    assert [] == list(eventing.hosts_exist(Manifests([space, made, refers])))
    assert [(refers, "there is no Service db-rw")] == list(eventing.hosts_exist(Manifests([space, refers])))


def test_the_command_prints_each_violation_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "staging" / "manifests"
    folder.mkdir(parents=True)
    assert 2 == main([str(folder)])
    (folder / "all.yaml").write_text(yaml.safe_dump_all(changed()))
    assert 0 == main([str(folder)])
    (folder / "all.yaml").write_text(yaml.safe_dump_all(changed(("Component smtp", "scopes", GONE))))
    assert 1 == main([str(folder)])
    assert "Component smtp: has no scopes (components_have_scopes)\n" in capsys.readouterr().out
