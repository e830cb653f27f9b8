"""Tags: names compared without case, the first spelling kept."""

import unicodedata
from collections.abc import Iterable


def tag_key(name: str) -> str:
    """Return what two spellings of one tag share (Unicode caseless matching, compatibility-normalised)."""
    return unicodedata.normalize("NFKC", name).casefold()


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names without repetitions, in order, each in its first spelling."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(tag_key(name), name)
    return tuple(first.values())
