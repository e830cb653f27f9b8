"""Locales of users (BCP 47, RFC 5646): which are taken, and which words and dates each gets.

Babel is imported inside: only settings and notifications need it.
"""

import re
from typing import TYPE_CHECKING

from shared.phrases import ENGLISH, PHRASES, Phrases

if TYPE_CHECKING:
    from babel import Locale

# Language, script, region (RFC 5646, section 2.1); variants and extensions such as -u-hc-h23 are left out.
_TAG = re.compile(
    r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?((?:[-_][a-z0-9]{1,8})*)", re.ASCII | re.IGNORECASE
)
_LONGEST = 64
# English dates for those whose language is not here yet: day before month, as most of the world writes them.
_WORLD_ENGLISH = "en_001"


def canonical_locale(text: str) -> str:
    """Return language, script and region of a tag such as `de_at` as `de-AT`; raises `ValueError` for an unknown one.

    A language that notifications do not speak yet is taken too: quick-add reads dates in more languages.
    """
    parts = _parts(text)
    if parts is None or _babel_locale(parts) is None:
        raise ValueError(f"{text[:_LONGEST]!r} is not a known locale; give a BCP 47 tag such as de-AT or en")
    return "-".join(part for part in parts if part)


def words(locale: str) -> "tuple[Locale, Phrases]":
    """Return what writes dates and the words for a user's locale; English for what is unknown."""
    from babel import Locale

    parts = _parts(locale)
    found = _babel_locale(parts) if parts else None
    if found is not None:
        for key in (f"{found.language}_{found.script}", found.language):
            if key in PHRASES:
                return found, PHRASES[key]
    return Locale.parse(_WORLD_ENGLISH), ENGLISH


def _parts(text: str) -> tuple[str, str, str] | None:
    match = _TAG.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    language, script, region = (match[n] or "" for n in (1, 2, 3))
    return language.lower(), script.title(), region.upper()


def _babel_locale(parts: tuple[str, str, str]) -> "Locale | None":
    """Return the nearest locale that Babel has dates for: `de-JP` is `de`."""
    from babel import Locale, UnknownLocaleError

    language, script, region = parts
    for candidate in ((language, script, region), (language, region), (language, script), (language,)):
        try:
            return Locale.parse("_".join(part for part in candidate if part))
        except (UnknownLocaleError, ValueError):
            continue  # less exact ones follow
    return None
