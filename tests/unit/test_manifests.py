"""The manifests route a local run; what the stand-in cannot do as a cluster would is refused by name."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from shared.embedded.cron import Cron
from shared.embedded.filters import Filter, attributes_of, compile_filters
from shared.embedded.manifests import load
from shared.embedded.routes import Router
from shared.embedded.wiring import Manifests, Retry, Trigger
from shared.errors import SettingError

ROOT = Path(__file__).parents[2]
APPS = {route.function: PlainTextResponse(route.function) for route in load(ROOT).routes}
CREATED = {"type": "ebb.task.created.v1", "source": "/ebb/create-task"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the manifests of the repository, to break them."""
    for folder in ("knative", "eventing", "dapr"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def broken(root: Path, file: str, old: str, new: str) -> str:
    """Replace text in a manifest and return the message of the refusal."""
    path = root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(SettingError) as refusal:
        load(root)
    assert str(path) in refusal.value.detail
    return refusal.value.detail


def matches(attributes: dict[str, str], *filters: dict[str, object]) -> bool:
    return compile_filters([Filter.model_validate(one) for one in filters])(attributes)


async def request(method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(Router(load(ROOT).routes, APPS))
    async with httpx.AsyncClient(transport=transport, base_url="http://ebb") as client:
        return await client.request(method, path)


def named(manifests: Manifests, name: str) -> Trigger:
    return next(trigger for trigger in manifests.triggers if trigger.name == name)


def test_exact_needs_every_attribute_to_be_equal() -> None:
    assert matches(CREATED, {"exact": {"type": "ebb.task.created.v1", "source": "/ebb/create-task"}})
    assert not matches(CREATED, {"exact": {"type": "ebb.task.created.v1", "source": "/other"}})
    assert not matches(CREATED, {"exact": {"missing": "x"}})


def test_prefix_needs_the_attribute_to_start_so() -> None:
    assert matches(CREATED, {"prefix": {"type": "ebb.task."}})
    assert not matches(CREATED, {"prefix": {"type": "ebb.series."}})
    assert not matches(CREATED, {"prefix": {"missing": "x"}})


def test_any_all_and_not_combine_filters() -> None:
    created, series = {"exact": {"type": "ebb.task.created.v1"}}, {"prefix": {"type": "ebb.series."}}
    assert matches(CREATED, {"any": [series, created]})
    assert not matches(CREATED, {"all": [series, created]})
    assert matches(CREATED, {"not": series})
    assert not matches(CREATED, {"not": {"any": [created]}})


def test_several_filters_must_all_match() -> None:
    assert not matches(CREATED, {"prefix": {"type": "ebb."}}, {"exact": {"source": "/other"}})


def test_attributes_are_text_and_the_data_is_none_of_them() -> None:
    event = {"type": "t", "data": {"type": "x"}, "data_base64": "", "flag": True, "count": 3, "empty": None}
    assert {"type": "t", "flag": "true", "count": "3"} == attributes_of(event)


def test_the_manifests_of_the_repository_load() -> None:
    manifests = load(ROOT)
    assert ("default",) == manifests.brokers
    assert "pubsub" in manifests.pubsubs
    assert {"task-events", "reminders"} <= {topic for source in manifests.sources for topic in source.topics}
    assert {"relay-outbox", "sweep"} <= {tick.function for tick in manifests.ticks}


@pytest.mark.parametrize(
    "kind",
    [
        "{apiVersion: v1, kind: Namespace, metadata: {name: ebb}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}, data: {key: value}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, namespace: b}, spec: {}}",
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a, namespace: b}, spec: {}}",
    ],
)
def test_what_only_a_cluster_has_is_passed_over(copy: Path, kind: str) -> None:
    (copy / "knative" / "more.yaml").write_text(kind)
    assert load(ROOT).routes == load(copy).routes


def test_the_settings_of_a_binding_are_plain_or_name_their_secret() -> None:
    bindings = {binding.name: binding for binding in load(ROOT).bindings}
    assert {"archive": "aws.s3", "fcm": "http", "ses": "aws.ses", "smtp": "smtp"} == {
        name: binding.type.removeprefix("bindings.") for name, binding in bindings.items()
    }
    assert ({"errorIfNot2XX": "false"}, {"url": ("fcm", "url")}) == (bindings["fcm"].settings, bindings["fcm"].secrets)


@pytest.mark.parametrize(
    ("trigger", "event_type", "wanted"),
    [
        ("write-audit", "ebb.reminder.fired.v1", True),
        ("write-audit", "dev.knative.kafka.event", True),
        ("schedule-reminder", "ebb.task.snoozed.v1", True),
        ("schedule-reminder", "ebb.series.updated.v1", False),
        ("spawn-recurrence", "ebb.task.deleted.v1", True),
        ("spawn-recurrence", "ebb.task.created.v1", False),
    ],
)
def test_each_trigger_wants_its_own_events(trigger: str, event_type: str, wanted: bool) -> None:
    assert wanted is named(load(ROOT), trigger).wants({"type": event_type})


@pytest.mark.parametrize(
    ("method", "path", "function"),
    [
        ("POST", "/v1/tasks", "create-task"),
        ("POST", "/v1/tasks/7/complete", "complete-task"),
        ("GET", "/v1/tasks", "query-tasks"),
        ("GET", "/v1/tasks/7", "query-tasks"),
        ("PATCH", "/v1/tasks/7", "update-task"),
        ("DELETE", "/v1/tasks/7", "delete-task"),
        ("POST", "/v1/parse", "parse-text"),
        ("POST", "/v1/recurrences/preview", "parse-text"),
        ("POST", "/v1/series", "manage-series"),
        ("GET", "/v1/series/7/occurrences", "manage-series"),
        ("POST", "/v1/series/7/pause", "manage-series"),
        ("PATCH", "/v1/series/7", "manage-series"),
        ("DELETE", "/v1/series/7", "manage-series"),
        ("GET", "/v1/audit/export", "query-audit"),
        ("POST", "/v1/tasks/batch", "batch-tasks"),
        ("PATCH", "/v1/tags/7", "manage-tags"),
        ("DELETE", "/v1/filters/7", "manage-filters"),
        ("GET", "/v1/admin/dead-letters", "manage-dead-letters"),
        ("POST", "/v1/admin/dead-letters/7/replay", "manage-dead-letters"),
    ],
)
def test_a_request_goes_to_the_function_of_its_method_and_path(method: str, path: str, function: str) -> None:
    assert APPS[function] is Router(load(ROOT).routes, APPS)._choose(method, path)


async def test_a_prefix_covers_whole_segments_only_and_an_unknown_path_is_404() -> None:
    response = await request("GET", "/v1/tasksets")
    assert (404, "application/problem+json") == (response.status_code, response.headers["content-type"])


async def test_a_method_that_no_rule_takes_is_405_and_names_those_that_are_taken() -> None:
    response = await request("PUT", "/v1/tasks/7")
    assert (405, "GET, PATCH, DELETE") == (response.status_code, response.headers["allow"])


def test_a_route_to_a_function_that_does_not_exist_stops_the_start() -> None:
    with pytest.raises(SettingError, match="create-task"):
        Router(load(ROOT).routes, {})


def test_backoff_is_delay_times_two_to_the_failures_or_delay_times_failures() -> None:
    delay = timedelta(seconds=0.2)
    assert [0.4, 0.8, 1.6] == [Retry(9, delay, exponential=True).after(n).total_seconds() for n in (1, 2, 3)]
    assert [0.2, 0.4, 0.6] == [round(Retry(9, delay, exponential=False).after(n).total_seconds(), 3) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("file", "old", "new", "names"),
    [
        ("eventing/triggers.yaml", "filters: []", "filters: [suffix: {type: .v1}]", "Trigger write-audit"),
        ("eventing/triggers.yaml", "filters: []", "filters: [cesql: type LIKE 'ebb%']", "Trigger write-audit"),
        ("eventing/triggers.yaml", "delivery.order: ordered", "delivery.order: unordered", "Trigger write-audit"),
        ("eventing/triggers.yaml", "broker: default", "broker: other", "no Broker other"),
        ("eventing/triggers.yaml", "name: dead-letters", "name: nowhere", "no KafkaSink nowhere"),
        ("eventing/triggers.yaml", "PT0.2S", "200ms", "ISO 8601"),
        ("eventing/triggers.yaml", "retry: 10", "retries: 10", "spec|retries"),
        ("eventing/sources.yaml", "name: dead-letters-unkept", "name: dead-letters", "come back to it for ever"),
        ("eventing/sources.yaml", "kind: Broker", "kind: Channel", "KafkaSource task-events"),
        ("eventing/sources.yaml", "ordering: ordered", "ordering: unordered", "KafkaSource task-events"),
        ("eventing/ticks.yaml", '"* * * * *"', '"@hourly"', "PingSource relay-outbox"),
        ("eventing/ticks.yaml", "kind: PingSource", "kind: ContainerSource", "ContainerSource relay-outbox"),
        ("eventing/ticks.yaml", "name: relay-outbox", "name: sweep", "another one of this name"),
        ("knative/routes.yaml", "type: Exact", "type: RegularExpression", "HTTPRoute ebb"),
        ("knative/routes.yaml", ".ebb.svc.cluster.local", ".example.test", "HTTPRoute ebb"),
        ("dapr/pubsub.yaml", "pubsub.kafka", "pubsub.redis", "Component pubsub"),
        ("dapr/pubsub.yaml", "spec:", "spec: [", "not valid YAML"),
        ("dapr/bindings.yaml", "bindings.smtp", "bindings.twilio", "Component smtp"),
        ("dapr/bindings.yaml", 'value: "false"', "value: false", "Component fcm"),
        ("dapr/bindings.yaml", 'value: "false"', "secret: {name: fcm}", "Component fcm"),
        ("dapr/bindings.yaml", 'value: "false"', 'value: "", secretKeyRef: {name: a, key: b}', "either a value"),
        ("dapr/bindings.yaml", "secretStore: secrets", "secretStore: vault", "names no secret store"),
        ("dapr/pubsub.yaml", "auth: {secretStore: secrets}", "", "names no secret store"),
        ("dapr/configuration.yaml", "kind: Configuration", "kind: HTTPEndpoint", "HTTPEndpoint ebb"),
        ("dapr/daprd.yaml", "kind: Deployment", "kind: StatefulSet", "apps/v1 StatefulSet dapr-shared"),
        (
            "dapr/daprd.yaml",
            "apiVersion: v1\nkind: Service\n",
            "apiVersion: v2\nkind: Service\n",
            "v2 Service dapr-shared",
        ),
    ],
)
def test_what_the_stand_in_cannot_do_is_refused(copy: Path, file: str, old: str, new: str, names: str) -> None:
    message = broken(copy, file, old, new)
    assert any(name in message for name in names.split("|"))


def test_dead_letters_go_straight_to_their_function_and_are_tried_until_it_takes_them() -> None:
    (direct,) = [source.direct for source in load(ROOT).sources if source.topics == ("dead-letters",)]
    assert direct is not None
    assert ("keep-dead-letter", None, None) == (direct.function, direct.broker, direct.dead_letters)


def test_a_folder_without_manifests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no manifests"):
        load(tmp_path)


def test_schedules_are_numbers_stars_and_steps() -> None:
    quarter = Cron.parse("*/15 6 * * 1")
    assert quarter.matches(datetime(2026, 3, 2, 6, 45, tzinfo=UTC))
    assert not quarter.matches(datetime(2026, 3, 2, 6, 44, tzinfo=UTC))
    assert not quarter.matches(datetime(2026, 3, 3, 6, 45, tzinfo=UTC))


def test_two_limited_day_fields_mean_either() -> None:
    schedule = Cron.parse("0 0 13 * 5")
    assert schedule.matches(datetime(2026, 3, 6, tzinfo=UTC))  # a Friday
    assert schedule.matches(datetime(2026, 4, 13, tzinfo=UTC))  # a Monday
    assert not schedule.matches(datetime(2026, 4, 14, tzinfo=UTC))


@pytest.mark.parametrize("text", ["* * * *", "1-5 * * * *", "60 * * * *", "*/0 * * * *", "@daily", "0 0 1 JAN *"])
def test_other_schedules_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="schedule"):
        Cron.parse(text)
