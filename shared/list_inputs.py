"""What clients may send about tags and saved filters."""

from typing import Annotated, Any
from urllib.parse import parse_qs

from pydantic import BeforeValidator, Field, StringConstraints

from shared.input_types import TagName, Text
from shared.inputs import Input


def _parameters(query: Any) -> Any:
    """Take the query as it stands in a URL, or as an object whose values stand alone or in a list."""
    if isinstance(query, str):
        return parse_qs(query.removeprefix("?"), keep_blank_values=True)
    if isinstance(query, dict):
        return {name: [value] if isinstance(value, bool | str) else value for name, value in query.items()}
    return query


def _as_in_urls(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


# `#` and red, green, blue in two hexadecimal digits each.
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$", to_lower=True)]
Values = Annotated[
    list[Annotated[Text, BeforeValidator(_as_in_urls)]], Field(fail_fast=True, min_length=1, max_length=50)
]
_AS_SENT = str | dict[str, bool | str | list[bool | str]]
Query = Annotated[dict[Text, Values], BeforeValidator(_parameters, json_schema_input_type=_AS_SENT)]


class NewTag(Input):
    """`POST /v1/tags`."""

    name: TagName
    colour: Colour | None = None


class TagPatch(Input):
    """`PATCH /v1/tags/{id}`: a JSON merge patch (RFC 7396). What is absent stays; null clears the colour."""

    name: TagName = ""
    colour: Colour | None = None


class NewFilter(Input):
    """`POST /v1/filters`: a name and the parameters of `GET /v1/tasks`."""

    name: TagName
    query: Query


class FilterPatch(Input):
    """`PATCH /v1/filters/{id}`: what is absent stays; a new query replaces the old one."""

    name: TagName = ""
    query: Query = Field(default_factory=dict)
