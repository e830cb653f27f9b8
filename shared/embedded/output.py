"""What an output binding of the stand-in is: it is called, and it answers or fails as Dapr's would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """The data (None is no answer at all, Dapr's 204) and the metadata that become response headers."""

    data: bytes | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class OutputFailed(Exception):
    """The far side refused or could not be reached; the message is what daprd would say."""

    def __init__(self, message: str, metadata: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.metadata = metadata or {}


class Output(Protocol):
    """One binding."""

    operations: tuple[str, ...]

    async def call(self, operation: str, data: object, metadata: Mapping[str, str]) -> Answer:
        """Do it once. `data` is any JSON value. Raises `OutputFailed`."""
