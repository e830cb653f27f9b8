"""The part `bridge`: what an installation without Knative's Kafka data plane is rendered to."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.overlay import Overlay
from deploy.render import render

ROOT = Path(__file__).parents[2]
IMAGE = "registry.test/ebb@sha256:" + "0" * 64


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return list(render(ROOT, Overlay.model_validate({"parts": ["bridge"]}), IMAGE, "ebb-two").objects)


def of(objects: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


def test_nothing_is_left_of_the_kafka_data_plane(objects: list[dict[str, Any]]) -> None:
    assert not {"KafkaSource", "KafkaSink"} & {one["kind"] for one in objects}
    assert "KafkaSink" not in json.dumps(objects)


def test_every_broker_has_a_channel_that_answers_when_its_subscribers_have(objects: list[dict[str, Any]]) -> None:
    template = of(objects, "ConfigMap")["ebb-broker-channel"]["data"]["channel-template-spec"]
    assert "kind: InMemoryChannel" in template
    assert "async" not in template
    for broker in of(objects, "Broker").values():
        assert "MTChannelBasedBroker" == broker["metadata"]["annotations"]["eventing.knative.dev/broker.class"]
        assert {"apiVersion": "v1", "kind": "ConfigMap", "name": "ebb-broker-channel"} == broker["spec"]["config"]


def test_each_topic_goes_to_a_broker_of_this_installation(objects: list[dict[str, Any]]) -> None:
    paths = {name: one["spec"]["routes"]["default"] for name, one in of(objects, "Subscription").items()}
    assert {"/ebb-two/default"} == {path for name, path in paths.items() if name != "dead-letters"}
    assert "/ebb-two/dead-letters" == paths["dead-letters"]
    assert {path.rpartition("/")[2] for path in paths.values()} == of(objects, "Broker").keys()


def test_no_record_can_be_forgotten_for_want_of_a_dead_letter_topic(objects: list[dict[str, Any]]) -> None:
    """On 404, as from an ingress whose Broker is missing, daprd drops what has none."""
    for name, subscription in of(objects, "Subscription").items():
        assert subscription["spec"]["deadLetterTopic"] != subscription["spec"]["topic"], name


def test_what_a_function_refuses_is_kept_and_what_cannot_be_kept_stays_in_kafka(objects: list[dict[str, Any]]) -> None:
    triggers = of(objects, "Trigger")
    assert "deadLetterSink" not in triggers.pop("keep-dead-letter")["spec"]["delivery"]
    kept = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "keep-dead-letter"}
    assert all(kept == one["spec"]["delivery"]["deadLetterSink"]["ref"] for one in triggers.values())


def test_an_outage_of_a_day_makes_no_dead_letters(objects: list[dict[str, Any]]) -> None:
    policy = of(objects, "Resiliency")["ebb"]["spec"]["policies"]["retries"]["later"]
    assert ("15s", 24 * 3600 / 15) == (policy["maxInterval"], policy["maxRetries"])


def test_each_daprd_may_read_the_secrets_of_its_own_components_only(objects: list[dict[str, Any]]) -> None:
    rules = {name: role["rules"] for name, role in of(objects, "Role").items() if name in {"dapr-shared", "ebb-bridge"}}
    secrets = {"dapr-shared": ["kafka", "smtp", "ses", "fcm", "archive"], "ebb-bridge": ["kafka"]}
    assert secrets == {name: one[0]["resourceNames"] for name, one in rules.items()}
    assert [["get"], ["get"]] == [rule["verbs"] for one in rules.values() for rule in one]


def test_the_app_token_that_webhooks_would_see_is_never_set(objects: list[dict[str, Any]]) -> None:
    assert "APP_API_TOKEN" not in json.dumps(objects)
