"""What PostgreSQL can keep: text without NUL characters and lone surrogates, both of which JSON can spell."""

import re

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: object) -> bool:
    """Tell whether every text in a JSON value can be stored."""
    match value:
        case str():
            return not UNSTORABLE.search(value)
        case dict():
            return all(storable(key) and storable(item) for key, item in value.items())
        case list() | tuple():
            return all(map(storable, value))
        case _:
            return True
