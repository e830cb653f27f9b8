"""User text on one line of bounded length: for subjects, titles of pushes, and whatever must not be broken out of."""

import re
import unicodedata

# Explicit embeddings, overrides and isolates (UAX #9) would reach beyond the text they came with. The marks
# LRM, RLM and ALM stay: they are harmless, and Hebrew and Arabic need them.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_ELLIPSIS = "…"
_JOINER = "\u200d"
_FLAG_HALVES = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two regional indicators make a flag


def one_line(text: str) -> str:
    """Return the text without control characters and explicit bidi controls; runs of white space become a space."""
    spaced = "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in text)
    return " ".join(_BIDI_CONTROLS.sub("", spaced).split())


def clipped(text: str, longest: int) -> str:
    """Return at most `longest` characters, with an ellipsis instead of the rest.

    What belongs to one visible character stays together where simple rules can tell (UAX #29): combining marks,
    joined and coloured emoji, flags. A pile of more than 32 marks is cut anyway.
    """
    if len(text) <= longest:
        return text
    end = longest - len(_ELLIPSIS)
    for cut in range(end, max(0, end - 32), -1):
        if not _inside_a_character(text, cut):
            end = cut
            break
    return text[:end].rstrip() + _ELLIPSIS


def _inside_a_character(text: str, cut: int) -> bool:
    before, after = text[cut - 1], text[cut]
    if unicodedata.category(after).startswith("M") or _JOINER in {before, after} or "🏻" <= after <= "🏿":
        return True
    halves = cut - len(text[:cut].rstrip(_FLAG_HALVES))
    return after in _FLAG_HALVES and halves % 2 == 1
