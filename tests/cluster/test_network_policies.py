"""Each way of security/network-policies.yaml is tried on a cluster: by pods that must get through, and by others.

EBB_PUBLIC_ADDRESS is an address outside that takes connections (`1.1.1.1:443`); it needs a network that keeps to
NetworkPolicies, and the part `bridge`.
"""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.cluster import probes
from tests.cluster.installation import Installation

pytestmark = pytest.mark.cluster

PUBLIC = os.environ.get("EBB_PUBLIC_ADDRESS", "1.1.1.1:443")
AWAKE = "query-tasks"  # the function whose pod is a place
# Each place with those who must reach it. Everybody else must not, but for those who have no rule at all.
ALLOWED = {
    "daprd's API": {"function"},
    "daprd's gRPC API": set(),
    "daprd's metrics": {"monitoring"},
    "the bridge's metrics": {"monitoring"},
    "a function's pod": set(),
    "a pod of no part": {"stranger"},  # itself
    "Kourier": {"daprd"},
    "the Broker's ingress": {"bridge"},
    "Dapr's sentry": {"daprd", "bridge"},
    "Dapr's scheduler": {"daprd", "bridge"},
    "the API server": {"daprd", "bridge"},
    "Kafka": {"daprd", "bridge"},
    "PostgreSQL": {"function", "migration"},
    "a private address by HTTPS": set(),
    "a public address by HTTPS": {"function", "daprd"},
    "where clouds keep credentials": set(),
    "the same by HTTPS": set(),
}
INSIDE = ["function", "daprd", "bridge", "migration", "stranger"]


@pytest.fixture(scope="module")
def reached(installation: Installation) -> Iterator[dict[str, dict[str, bool]]]:
    """Yield for each who which places it reaches. A function is awake meanwhile."""
    with probes.probes(installation):
        url = f"http://{AWAKE}.{installation.namespace}.svc.cluster.local/health/liveness"
        probes.run(installation, "daprd", "import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=60)", url)
        found = places(installation)
        yield {who: probes.reached(installation, who, found) for who in probes.LABELS}


def places(installation: Installation) -> dict[str, tuple[str, int]]:
    """Return host and port of each place."""
    database = urlsplit(installation.database_url)
    broker, _, port = os.environ["KAFKA_BROKERS"].split(",")[0].rpartition(":")
    outside, _, outside_port = PUBLIC.rpartition(":")
    return {
        "daprd's API": (f"dapr-shared.{installation.namespace}", 3500),
        "daprd's gRPC API": (
            probes.address(installation, "app.kubernetes.io/name=dapr-shared,pod-template-hash"),
            50001,
        ),
        "daprd's metrics": (f"dapr-shared.{installation.namespace}", 9095),
        "the bridge's metrics": (
            probes.address(installation, "app.kubernetes.io/name=ebb-bridge,pod-template-hash"),
            9095,
        ),
        "a function's pod": (probes.address(installation, f"serving.knative.dev/service={AWAKE}"), 8012),
        "a pod of no part": (probes.address(installation, "probe=stranger"), 8000),
        "Kourier": ("kourier-internal.kourier-system", 80),
        "the Broker's ingress": ("broker-ingress.knative-eventing", 80),
        "Dapr's sentry": ("dapr-sentry.dapr-system", 443),
        "Dapr's scheduler": ("dapr-scheduler-server-a.dapr-system", 443),
        "the API server": ("kubernetes.default", 443),
        "Kafka": (broker, int(port)),
        "PostgreSQL": (database.hostname or "", database.port or 5432),
        "a private address by HTTPS": ("webhook.knative-serving", 443),
        "a public address by HTTPS": (outside, int(outside_port)),
        "where clouds keep credentials": ("169.254.169.254", 80),
        "the same by HTTPS": ("169.254.169.254", 443),
    }


@pytest.mark.parametrize(("name", "who"), [(name, who) for name in ALLOWED for who in sorted(ALLOWED[name])])
def test_who_needs_a_way_has_it(reached: dict[str, dict[str, bool]], name: str, who: str) -> None:
    assert reached[who][name]


@pytest.mark.parametrize(
    ("name", "who"), [(name, who) for name in ALLOWED for who in INSIDE if who not in ALLOWED[name]]
)
def test_nobody_else_has_it(reached: dict[str, dict[str, bool]], name: str, who: str) -> None:
    assert not reached[who][name]


@pytest.mark.parametrize(
    "name", ["daprd's API", "daprd's metrics", "the bridge's metrics", "a function's pod", "a pod of no part"]
)
def test_nobody_comes_in_from_another_namespace(reached: dict[str, dict[str, bool]], name: str) -> None:
    assert not reached["guest"][name]


@pytest.mark.parametrize("name", ["a private address by HTTPS", "Kourier", "Dapr's sentry", "the Broker's ingress"])
def test_what_is_closed_to_us_is_there_for_others(reached: dict[str, dict[str, bool]], name: str) -> None:
    """Otherwise a trial above that fails to connect would prove nothing."""
    assert reached["guest"][name]
