"""The parts of Kubernetes objects the stand-in understands. Every other field is an error.

Shapes: Gateway API v1 HTTPRoute; Knative Eventing v1 Broker, Trigger, PingSource and KafkaSource, v1alpha1
KafkaSink; Dapr v1alpha1 Component.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.embedded.filters import Filter

_Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Metadata(_Strict):
    """Who an object is."""

    name: _Name
    namespace: _Name
    annotations: dict[str, str] = {}
    labels: dict[str, str] = {}


class Auth(_Strict):
    """Where the secrets of a Dapr component are."""

    secret_store: _Name = Field(alias="secretStore")


class Ref(_Strict):
    """A reference to an object of the same namespace (or of the one it names)."""

    api_version: str = Field(alias="apiVersion")
    kind: str
    name: _Name
    namespace: _Name | None = None


class Destination(_Strict):
    """Where events go. A `uri` is not supported: the stand-in could not tell what is behind it."""

    ref: Ref


class Delivery(_Strict):
    """How often and how slowly to try again, and where the rest goes; all of it is required."""

    retry: Annotated[int, Field(ge=0)]
    backoff_policy: Literal["linear", "exponential"] = Field(alias="backoffPolicy")
    backoff_delay: str = Field(alias="backoffDelay")
    dead_letter_sink: Destination = Field(alias="deadLetterSink")


class BrokerSpec(_Strict):
    """eventing.knative.dev/v1 Broker."""

    config: Ref
    delivery: Delivery


class SinkSpec(_Strict):
    """eventing.knative.dev/v1alpha1 KafkaSink."""

    topic: str
    bootstrap_servers: list[str] = Field(alias="bootstrapServers", min_length=1)
    content_mode: Literal["structured"] = Field(alias="contentMode")


class SourceSpec(_Strict):
    """sources.knative.dev/v1 KafkaSource."""

    topics: list[str] = Field(min_length=1)
    bootstrap_servers: list[str] = Field(alias="bootstrapServers", min_length=1)
    consumer_group: str = Field(alias="consumerGroup")
    ordering: Literal["ordered"]
    initial_offset: Literal["earliest"] = Field(alias="initialOffset")
    sink: Destination
    delivery: Delivery


class TriggerSpec(_Strict):
    """eventing.knative.dev/v1 Trigger, with the filters of the subscriptions API only; an empty list passes all."""

    broker: _Name
    filters: list[Filter]
    subscriber: Destination
    delivery: Delivery


class PingSpec(_Strict):
    """sources.knative.dev/v1 PingSource, in UTC."""

    schedule: str
    sink: Destination
    content_type: Literal["application/json"] | None = Field(default=None, alias="contentType")
    data: str | None = None


class PathMatch(_Strict):
    """One path, or all paths below one."""

    type: Literal["Exact", "PathPrefix"]
    value: Annotated[str, Field(pattern=r"^/")]


class RouteMatch(_Strict):
    """What a request must be; both parts are required, so that no rule catches more than it says."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    path: PathMatch


class Rewrite(_Strict):
    """The Host header that names the Knative service."""

    hostname: Annotated[str, Field(pattern=r"^[-a-z0-9]+\.[-a-z0-9]+\.svc\.cluster\.local$")]


class RouteFilter(_Strict):
    """The one filter in use."""

    type: Literal["URLRewrite"]
    url_rewrite: Rewrite = Field(alias="urlRewrite")


class Backend(_Strict):
    """Kourier's internal gateway, which every rule goes through."""

    name: Literal["kourier-internal"]
    namespace: Literal["kourier-system"]
    port: Literal[80]


class Timeouts(_Strict):
    """How long an answer may take. The local server sets no limit of its own."""

    request: Annotated[str, Field(pattern=r"^[0-9]+s$")]


class RouteRule(_Strict):
    """One function and the requests it takes."""

    matches: list[RouteMatch] = Field(min_length=1)
    filters: Annotated[list[RouteFilter], Field(min_length=1, max_length=1)]
    timeouts: Timeouts | None = None
    backend_refs: Annotated[list[Backend], Field(min_length=1, max_length=1)] = Field(alias="backendRefs")


class RouteSpec(_Strict):
    """gateway.networking.k8s.io/v1 HTTPRoute, which has at most 16 rules."""

    parent_refs: list[dict[str, str]] = Field(alias="parentRefs", min_length=1)
    hostnames: list[str] = []
    rules: list[RouteRule] = Field(min_length=1, max_length=16)


class SecretKeyRef(_Strict):
    """One key of a secret in the component's secret store."""

    name: _Name
    key: str


class Setting(_Strict):
    """One setting of a component: plain, or from a secret."""

    name: str
    value: str | None = None
    secret_key_ref: SecretKeyRef | None = Field(default=None, alias="secretKeyRef")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.value is None) == (self.secret_key_ref is None):
            raise ValueError("needs either a value (text) or a secretKeyRef")
        return self


class ComponentSpec(_Strict):
    """dapr.io/v1alpha1 Component, of the types the stand-in can play."""

    type: Literal[
        "pubsub.kafka", "secretstores.kubernetes",
        "bindings.aws.s3", "bindings.aws.ses", "bindings.http", "bindings.smtp",
    ]  # fmt: skip
    version: Literal["v1"]
    # Without it daprd does not start when this one component cannot.
    ignore_errors: bool = Field(default=False, alias="ignoreErrors")
    metadata: list[Setting]
