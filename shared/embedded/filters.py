"""Trigger filters: the subscriptions API of Knative Eventing (CloudEvents Subscriptions 1.0, section 3.2.4).

Supported dialects: exact, prefix, any, all, not. The attributes of an event are its top-level members except
the data, as text; an attribute that the event does not have matches neither `exact` nor `prefix`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Attributes = Mapping[str, str]
Predicate = Callable[[Attributes], bool]

# Never empty: an attribute that is not there has the prefix "".
_Text = Annotated[str, Field(min_length=1)]


class Filter(BaseModel):
    """One filter expression: exactly one dialect. Anything else (suffix, cesql) is refused by Pydantic."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    exact: Annotated[dict[str, _Text], Field(min_length=1)] | None = None
    prefix: Annotated[dict[str, _Text], Field(min_length=1)] | None = None
    any: Annotated[list["Filter"], Field(min_length=1)] | None = None
    all: Annotated[list["Filter"], Field(min_length=1)] | None = None
    not_: "Filter | None" = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _exactly_one_dialect(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a filter has exactly one of exact, prefix, any, all, not")
        return self

    def matches(self, attributes: Attributes) -> bool:
        """Tell whether an event with these attributes passes."""
        if self.exact is not None:
            return all(attributes.get(name) == value for name, value in self.exact.items())
        if self.prefix is not None:
            return all(attributes.get(name, "").startswith(start) for name, start in self.prefix.items())
        if self.any is not None:
            return any(inner.matches(attributes) for inner in self.any)
        if self.all is not None:
            return all(inner.matches(attributes) for inner in self.all)
        return self.not_ is None or not self.not_.matches(attributes)


def compile_filters(filters: Sequence[Filter]) -> Predicate:
    """Return the predicate of a Trigger: every filter must match; without any, every event does."""
    every = tuple(filters)
    return lambda attributes: all(one.matches(attributes) for one in every)


def attributes_of(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the context attributes of a CloudEvent in JSON form, as text (CloudEvents 1.0, section 3.1)."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in event.items()
        if name not in ("data", "data_base64") and value is not None
    }
