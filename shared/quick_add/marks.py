"""The marked parts of quick-add: `!high` and `p1`, `#tag` and `@tag`, `!30m` and "remind me 30 min before"."""

import re

from shared.quick_add.words import NUMBER, Scan, number

_LEVELS = {"1": "urgent", "2": "high", "3": "medium", "4": "low"}
_PRIORITY = re.compile(r"(?<!\S)(?:!(?P<word>low|medium|high|urgent)|p(?P<level>[1-4]))(?=$|[\s,.;!?)\x01])")
_TAG = re.compile(r"(?<![^\s(,])[#@](?P<name>[^\W\d_][\w-]*)(?![\w@.-]*@)")
_REMINDER = re.compile(
    rf"(?<!\S)(?:!(?P<short>\d{{1,4}})\s?(?P<mark>min|m|h|d|w)(?!\w)"
    rf"|(?:(?:and\s)?remind\s(?:me|us)|(?:with\s(?:a\s)?)?reminder)\s(?:me\s)?(?P<n>{NUMBER})\s?"
    r"(?P<unit>minute|min|m|hour|hr|h|day|d|week|w)s?\s(?:before(?:hand)?|earlier|ahead|in\sadvance)(?!\w))",
)
_MINUTES = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}


def priority(scan: Scan) -> str:
    """Take every priority; the last one counts."""
    found = "none"
    for match in _PRIORITY.finditer(scan.work):
        found = match["word"] or _LEVELS[match["level"]]
        scan.take(*match.span(), "priority")
    return found


def tags(scan: Scan) -> tuple[str, ...]:
    """Take every tag, in the spelling of the text, each once without regard to case."""
    found: dict[str, str] = {}
    for match in _TAG.finditer(scan.work):
        found.setdefault(match["name"], scan.original[slice(*match.span("name"))])
        scan.take(*match.span(), "tag")
    return tuple(found.values())


def reminders(scan: Scan) -> tuple[int, ...]:
    """Take every reminder; returns minutes before, each once, in the order of the text."""
    found: dict[int, None] = {}
    for match in _REMINDER.finditer(scan.work):
        count = int(match["short"]) if match["short"] else number(match["n"])
        found[count * _MINUTES[(match["mark"] or match["unit"])[0]]] = None
        scan.take(*match.span(), "reminder")
    return tuple(found)
