"""What the document says of one operation: the parts that no model tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from shared.errors import EbbError

Schema = Mapping[str, Any]
NOTHING: Mapping[str, Any] = {}
JSON = "application/json"
REF = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Link:
    """Where an answer leads: the operation, and its parameters as runtime expressions (OpenAPI 3.1)."""

    operation: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """A success: what it holds (a model, or a schema for each media type), its headers and where it leads."""

    model: type | None = None
    description: str = ""
    headers: tuple[str, ...] = ()
    links: Mapping[str, Link] = field(default_factory=dict)
    media: Mapping[str, Schema] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `query` and `headers` are names in shared/openapi/parameters.py, or have their schema.

    `files` are the schemas of a body that is one of several media types, in the place of a model.
    `scope` is what the token needs, None where none is asked for. `problems` are those that only some operations have.
    """

    method: str
    path: str
    id: str
    summary: str
    replies: Mapping[int, Reply]
    query: Mapping[str, Schema] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    files: Mapping[str, Schema] = field(default_factory=dict)
    examples: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[type[EbbError], ...] = ()
    scope: str | None = "read"
    description: str = ""
    names: Schema = field(default_factory=lambda: {"type": "string", "format": "uuid"})

    @property
    def tag(self) -> str:
        """What it is about: the first word of its path behind the version."""
        words = [word for word in self.path.split("/") if word and word != "v1"]
        return words[0].partition(".")[0]
