"""Parse once, at the edge: bytes to a model, or an error that points at what is wrong."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.errors import MOST_FAULTS, Fault, InvalidInput, MalformedBody

Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], body: bytes) -> Model:
    """Return the parsed body; an empty one counts as `{}`. Raises `MalformedBody` or `InvalidInput`."""
    try:
        _check(body or b"{}")
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise _error(error, "") from None


def checked(model: type[Model], values: dict[str, Any], pointer: str) -> Model:
    """Return values that were put together of parsed ones as a model. Raises `InvalidInput` below `pointer`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _error(error, pointer) from None


def _check(body: bytes) -> None:
    """Raise `MalformedBody` for what Pydantic takes for JSON: NaN and Infinity, and an object with a name twice.

    Of two members with one name RFC 8259 (section 4) leaves open which one counts, so one of them would get lost.
    """
    try:
        json.loads(body, object_pairs_hook=_object, parse_constant=_constant, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise MalformedBody(f"the body is not JSON: {error}") from None


def _object(members: list[tuple[str, Any]]) -> None:
    if len(members) != len({name for name, _ in members}):
        raise ValueError("an object has two members of one name")


def _constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _error(error: ValidationError, prefix: str) -> MalformedBody | InvalidInput:
    faults = error.errors(include_url=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        return MalformedBody(faults[0]["msg"])
    told = faults[:MOST_FAULTS]
    return InvalidInput(*(Fault(prefix + _pointer(f["loc"]), _message(f["type"], f["msg"])) for f in told))


def _pointer(location: tuple[int | str, ...]) -> str:
    # What Pydantic adds about a name is no part of the path to it.
    parts = [part for part in location if part != "[key]"]
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _message(kind: str, text: str) -> str:
    return "unknown field" if kind == "extra_forbidden" else text.removeprefix("Value error, ")
