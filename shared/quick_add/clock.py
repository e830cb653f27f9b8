"""How a time of day is written, and which hour it means.

Without am or pm a bare hour from 1 to 6 is in the afternoon ("at 4", "3:30"), since tasks are for waking hours, unless
the line says morning or night, or writes hours as a 24-hour clock does (04:00, 16:00). 7 to 12 stay as written.
"""

import datetime as dt
import re

from shared.quick_add.words import CARDINALS, number

_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
HOUR_WORD = rf"(?:{'|'.join(_HOURS)})(?!\w)"
_HALF = r"(?P<half>[ap])(?:\s?\.?\s?m(?!\w)\.?)"
_OCLOCK = r"(?P<clock>\s?o\s?['’]?\s?clock)"
PART = r"(?P<part>morning|afternoon|evening|night)"
_PART_AFTER = rf"(?P<after>\s(?:in\sthe\s|at\s|this\s)?(?:(?:early|late)\s)?{PART}(?![\w'’-]))"
_TAIL = rf"(?:\s?{_HALF}|(?P<short>(?<=\d)[ap](?!\w)))?(?:{_OCLOCK}(?!\w))?(?:{_PART_AFTER})?"
_STOP = r"(?![\w%/]|:\S|\.\d)"
_ONES = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_MINUTES = rf"(?:twenty|thirty|forty|fifty)(?:[\s-]{_ONES})?(?!\w)"
_TEENS = rf"(?:ten|eleven|twelve|fifteen|(?:thir|four|six|seven|eigh|nine)teen)(?!\w)|oh\s{_ONES}(?!\w)"
_SPELLED = rf"(?P<hour>{HOUR_WORD})(?:[\s-](?P<minute>{_MINUTES}|{_TEENS})(?:\sminutes)?)?"
_SHARE = r"half|(?:a\s)?quarter|(?:\d{1,2}|five|ten|fifteen|twenty(?:[\s-]five)?)(?P<unit>\s?min(?:ute)?s?)?"
DIGITS = re.compile(
    rf"(?P<hour>\d{{1,2}})(?:(?P<mark>[:.])(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)?{_TAIL}{_STOP}"
)
PACKED = re.compile(rf"(?P<hour>\d{{1,2}})(?P<minute>[0-5]\d)\s?{_HALF}(?!\w)")
SPELLED = re.compile(rf"{_SPELLED}{_TAIL}(?![\w-])")
PAST = re.compile(
    rf"(?P<share>{_SHARE})\s(?P<side>past|after|to|before|till)\s(?P<hour>\d{{1,2}}|{HOUR_WORD}|noon|midnight)"
    rf"{_TAIL}{_STOP}"
)
WORD = re.compile(r"(?P<word>noon|midnight|midday)(?![\w'’-])")


def time_of(match: re.Match[str], part: str | None = None, *, exact: bool = False) -> dt.time | None:
    """Return the time that a match of one of the patterns means; None for one that does not exist.

    `part` is the part of the day that the line names elsewhere, `exact` a line that writes a 24-hour clock.
    """
    groups = match.groupdict()
    if groups.get("word"):
        return dt.time(0 if groups["word"] == "midnight" else 12)
    if groups.get("share"):
        return _shifted(match, part)
    hour = _hour(groups, part, exact=exact)
    return None if hour is None else dt.time(hour, _minute(groups.get("minute")), int(groups.get("second") or 0))


def is_said(match: re.Match[str]) -> bool:
    """Whether the words leave no doubt that it is a time: am or pm, o'clock, in the morning."""
    groups = match.groupdict()
    return any(groups.get(name) for name in ("half", "clock", "after"))


def is_exact(match: re.Match[str]) -> bool:
    """Whether the hour is written as on a 24-hour clock: 04:00, 16:00."""
    text = match.groupdict().get("hour") or ""
    return text.isdecimal() and len(text) == 2 and (text[0] == "0" or int(text) > 12)


def _minute(text: str | None) -> int:
    if not text:
        return 0
    return int(text) if text.isdecimal() else number(text.removeprefix("oh "))


def _hour(groups: dict[str, str | None], part: str | None, *, exact: bool) -> int | None:
    text = groups["hour"] or ""
    hour = int(text) if text.isdecimal() else CARDINALS[text]
    half = groups.get("half") or groups.get("short")
    part = groups.get("part") or part
    if half:
        return hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else None
    if hour > 23:
        return None
    written = exact or text.startswith("0") or hour > 12
    return hour if written else _of_part(hour, part)


def _of_part(hour: int, part: str | None) -> int:
    if part == "morning":
        return hour % 12
    if part == "night":
        return hour % 12 if hour < 6 or hour == 12 else hour + 12
    return hour + 12 if 1 <= hour <= (11 if part else 6) else hour


def _shifted(match: re.Match[str], part: str | None) -> dt.time | None:
    """Return "half past 8" or "20 min to five": minutes after or before an hour."""
    word = match["hour"]
    share = match["share"].removesuffix(match["unit"] or "").strip()
    minutes = 30 if share == "half" else 15 if share.endswith("quarter") else number(share)
    if word in {"noon", "midnight"}:
        hour: int | None = 12 if word == "noon" else 0
    else:
        hour = _hour(match.groupdict(), part, exact=False)
    if hour is None or minutes > 59:
        return None
    minutes = -minutes if match["side"] in {"to", "before", "till"} else minutes
    return dt.time(*divmod((hour * 60 + minutes) % 1440, 60))
