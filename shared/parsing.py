"""Parse once, at the edge: bytes to a model, or an error that points at what is wrong."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.errors import Fault, InvalidInput, MalformedBody

Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], body: bytes) -> Model:
    """Return the parsed body; an empty one counts as `{}`. Raises `MalformedBody` or `InvalidInput`."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise _error(error, "") from None


def checked(model: type[Model], values: dict[str, Any], pointer: str) -> Model:
    """Return values that were put together of parsed ones as a model. Raises `InvalidInput` below `pointer`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _error(error, pointer) from None


def _error(error: ValidationError, prefix: str) -> MalformedBody | InvalidInput:
    faults = error.errors(include_url=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        return MalformedBody(faults[0]["msg"])
    return InvalidInput(*(Fault(prefix + _pointer(f["loc"]), _message(f["type"], f["msg"])) for f in faults))


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _message(kind: str, text: str) -> str:
    return "unknown field" if kind == "extra_forbidden" else text.removeprefix("Value error, ")
