"""Wrong values for each place in the body of a way; the JSON Schema of its model says where places are, and for whom.

A value is raw JSON: some of what has to be refused is no JSON at all.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.functions.ways import COMMANDS, Way

Place = tuple[str | int, ...]
Schema = dict[str, Any]
MARK = "put the value here"
VALUES = {
    "null": b"null", "true": b"true", "a number": b"7", "a fraction": b"1.5", "minus nothing": b"-0",
    "less than nothing": b"-1", "a number of 400 digits": b"1" + b"0" * 400, "1e308": b"1e308",
    "more than a double": b"1e400", "a word": b'"wrong"', "nothing in quotes": b'""', "a space": b'" "',
    "NUL": b'"a\\u0000b"', "controls": b'"\\u0001\\u001b[2J\\u007f"', "right to left": '"\u202e\u200b\ufeff"'.encode(),
    "a list": b"[]", "an object": b"{}", "a list of lists": b"[[]]", "an unknown object": b'{"~a/b": 1}',
    "a megabyte": b'"' + b"a" * 1_000_000 + b'"', "100,000 numbers": b"[" + b"0," * 99_999 + b"0]",
}  # fmt: skip
# Tried at every place; the rest only at the first place of each type that the table of ways has.
EVERYWHERE = {
    "null", "true", "a number", "less than nothing", "more than a double", "a word", "NUL", "controls", "a list",
    "an unknown object",
}  # fmt: skip
NO_TYPE = {"title", "description", "default"}
# Of a long list the first few tell whether its schema allows it.
SHORT = {**VALUES, "100,000 numbers": b"[" + b"0," * 49 + b"0]"}
NO_JSON = {"NaN": b"NaN", "a lone surrogate": b'"\\ud800"', "half of UTF-8": b'"\xc3"'}
DEEP = b"[" * 100_000 + b"]" * 100_000
WHOLE_BODIES = {
    "nothing but a brace": b"{", "a form": b"title=a&name=b", "a comma too many": b'{"title": "a",}', "two": b"{} {}",
    "single quotes": b"{'title': 'a'}", "deep": DEEP, "deep objects": b'{"a":' * 100_000, "a BOM": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"), "UTF-32": "{}".encode("utf-32"), "spaces": b"  ", "NUL": b"\x00",
    "gzip": b"\x1f\x8b",
    "a deep value": b'{"title": ' + DEEP + b"}", "a comment": b"{} // a", "infinity": b'{"title": Infinity}',
    "minus infinity": b'{"title": -Infinity}', "overlong UTF-8": b'{"\xc0\xaf": 1}',
    "a surrogate in UTF-8": b'{"\xed\xa0\x80": 1}', "a raw control": b'{"a\x01b": 1}',
    "a name twice": b'{"title": "a", "title": "b"}', "an inner name twice": b'{"due": {"date": 1, "date": 2}}',
}  # fmt: skip
NOT_AN_OBJECT = {"null": b"null", "a list": b"[]", "a list of bodies": b"[{}]", "text": b'"a"', "a number": b"7"}
MANY = b"{" + b",".join(b'"f%d": 1' % number for number in range(50_000)) + b"}"
LONG_NAME = b'{"' + b"a" * 900_000 + b'": 1}'


@dataclass(frozen=True)
class Case:
    """A body with something else at one place. `refused`: its schema says that it is wrong."""

    name: str
    place: Place
    raw: bytes
    refused: bool

    @property
    def pointer(self) -> str:
        """The JSON pointer of the place (RFC 6901)."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.place)


def cases(way: Way) -> Iterator[Case]:
    """Yield wrong values at each place that the bodies of a way show."""
    schema, first = _schema(way), _firsts()
    # Of the whole body: what a place may hold can depend on what stands beside it.
    allows = Draft202012Validator(schema).is_valid
    for place, (body, found) in _places_of(way).items():
        for name in VALUES if first[_type(found)] == (way, place) else EVERYWHERE:
            refused = not allows(json.loads(with_value(body, place, SHORT[name])))
            yield Case(f"{place}: {name}", place, with_value(body, place, VALUES[name]), refused)


@cache
def _schema(way: Way) -> Schema:
    return way.model.model_json_schema() if way.model else {}


@cache
def _places_of(way: Way) -> dict[Place, tuple[Any, Schema]]:
    """Return each place that the bodies of a way show, with the first body that has it."""
    found: dict[Place, tuple[Any, Schema]] = {}
    for body in way.bodies:
        for place, schema in places(_schema(way), _schema(way), body):
            found.setdefault(place, (body, schema))
    return found


@cache
def _firsts() -> dict[str, tuple[Way, Place]]:
    """Return the first place of each type in the table of ways."""
    found: dict[str, tuple[Way, Place]] = {}
    for way in COMMANDS:
        for place, (_, schema) in _places_of(way).items():
            found.setdefault(_type(schema), (way, place))
    return found


def _type(schema: Schema) -> str:
    return json.dumps({name: value for name, value in schema.items() if name not in NO_TYPE}, sort_keys=True)


def places(root: Schema, schema: Schema, value: Any) -> Iterator[tuple[Place, Schema]]:
    """Yield each place in a value that a schema knows, with the schema of what belongs there."""
    for form in forms(root, schema):
        if isinstance(value, dict):
            names = form.get("properties") or {name: form["additionalProperties"] for name in value
                                               if isinstance(form.get("additionalProperties"), dict)}  # fmt: skip
            inner: Any = [(name, found, value.get(name)) for name, found in names.items()]
        elif isinstance(value, list) and "items" in form:
            inner = [(number, form["items"], item) for number, item in enumerate(value)]
        else:
            continue
        for name, found, below in inner:
            yield (name,), found
            yield from (((name, *place), deeper) for place, deeper in places(root, found, below))


def forms(root: Schema, schema: Schema) -> Iterator[Schema]:
    """Yield what a schema may stand for: the parts of a choice, and what is defined elsewhere."""
    if "$ref" in schema:
        yield from forms(root, root["$defs"][schema["$ref"].rpartition("/")[2]])
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from forms(root, part)
    yield schema


def with_value(body: Any, place: Place, raw: bytes) -> bytes:
    """Return a body as JSON, with a raw value at a place."""
    return json.dumps(_marked(body, place)).encode().replace(json.dumps(MARK).encode(), raw, 1)


def _marked(value: Any, place: Place) -> Any:
    if not place:
        return MARK
    first, *rest = place
    if isinstance(value, list):
        return [_marked(item, tuple(rest)) if number == first else item for number, item in enumerate(value)]
    return {**value, first: _marked(value.get(first, {}), tuple(rest))}


def stands_in(pointer: str, document: Any) -> bool:
    """Tell whether a JSON pointer names a place of a document, or a member that an object of it lacks."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and name.isdigit() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, dict):
            document = document.get(name)
        else:  # a text may spell a query, with names of its own
            return isinstance(document, str)
    return True
