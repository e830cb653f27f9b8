"""How a difference is laid over what it differs from: JSON Merge Patch (RFC 7386), and one more rule for lists."""

from typing import Any

_NAMES = ("name", "key")


def merged(base: Any, difference: Any) -> Any:
    """Return `base` with `difference` laid over it; neither is changed.

    Maps merge deep and null deletes, as in RFC 7386. Lists whose items all have a `name` (or `key`) merge by it, new
    items last, so that one environment variable can be told apart; a list of anything else is replaced.
    """
    if isinstance(base, dict) and isinstance(difference, dict):
        result = {name: value for name, value in base.items() if difference.get(name, ...) is not None}
        for name, value in difference.items():
            if value is not None:
                result[name] = merged(result.get(name), value)
        return result
    if isinstance(base, list) and isinstance(difference, list) and (key := _key(base, difference)):
        known = {item[key]: item for item in base}
        known |= {item[key]: merged(known.get(item[key]), item) for item in difference}
        return list(known.values())
    # Over something else a map is laid as over nothing, so that its nulls do not stay.
    return merged({}, difference) if isinstance(difference, dict) else difference


def _key(base: list[Any], difference: list[Any]) -> str | None:
    """Return the field by which the items of both lists are known, if there is one."""
    items = [*base, *difference]
    return next((key for key in _NAMES if items and all(isinstance(i, dict) and key in i for i in items)), None)
