"""Parse once, at the edge: bytes to a model, or an error that points at what is wrong."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.errors import Fault, InvalidInput, MalformedBody

Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], body: bytes) -> Model:
    """Return the parsed body; an empty one counts as `{}`. Raises `MalformedBody` or `InvalidInput`."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        if faults[0]["type"] == "json_invalid":
            raise MalformedBody(faults[0]["msg"]) from None
        raise InvalidInput(*(Fault(_pointer(f["loc"]), _message(f["msg"])) for f in faults)) from None


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _message(text: str) -> str:
    return text.removeprefix("Value error, ")
