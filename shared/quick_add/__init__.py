"""Quick-add: one line of plain words becomes the fields of a task. Pure; `now` is the user's naive local date-time.

Marks come first, then the recurrence with its bounds, then date and time; each pass sees what the ones before took.
Whatever is recognised is cut from the title. When in doubt, a word stays in the title.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace

from shared.quick_add import dates, marks, once, rules, translation
from shared.quick_add.phrase import Phrase
from shared.quick_add.recurring import begun, settled
from shared.quick_add.words import Scan
from shared.recurrence.rule import text_of

_WORLD_ENGLISH = "en-001"  # the day before the month
_STRAY = re.compile(r" ?\( ?\)| (?=[.,;!?](?: |$))")


@dataclass(frozen=True, slots=True)
class Span:
    """One recognised stretch [start, end) of the text: due, recurrence, reminder, priority or tag."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class QuickAdd:
    """What the line says; `reminders` in minutes before, `rule` canonical, `mode` as in `shared/series.py`.

    `exdates` are the local date-times that "except tomorrow" takes out of the rule.
    """

    title: str
    date: dt.date | None = None
    time: dt.time | None = None
    rule: str | None = None
    mode: str = "scheduled"
    exdates: tuple[dt.datetime, ...] = ()
    reminders: tuple[int, ...] = ()
    priority: str = "none"
    tags: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


def parse(text: str, now: dt.datetime, locale: str = "en", zone: dt.tzinfo | None = None) -> QuickAdd:
    """Read one line of up to 2,000 characters; never raises for any text.

    A date without a year is the next one; a time without a date that has passed today is tomorrow's. A rule without
    a date begins with its first occurrence from now on. A locale other than English also tries its own language.
    A time with an offset ("2026-12-31T09:30Z") is told in `zone`, the user's; without one as it is written.
    """
    language = translation.language_of(locale)
    return _translated(text, now, language, zone) if language else _read(text, now, locale, zone)


def _translated(text: str, now: dt.datetime, language: str, zone: dt.tzinfo | None) -> QuickAdd:
    english = translation.translated(text, language)
    found = _read(english.text, now, _WORLD_ENGLISH, zone)
    spans: list[tuple[int, int, str]] = []
    for span in found.spans:
        start, end = english.original(span.start, span.end)
        if not spans or start >= spans[-1][1]:
            spans.append((start, end, span.kind))
    return replace(found, title=_title(Scan(text, "", spans=spans)), spans=tuple(Span(*span) for span in spans))


def _read(text: str, now: dt.datetime, locale: str, zone: dt.tzinfo | None) -> QuickAdd:
    scan = Scan.of(text, zone)
    marked = QuickAdd(
        "",
        reminders=marks.reminders(scan),
        priority=marks.priority(scan),
        tags=marks.tags(scan),
    )
    due = _due(scan, now, locale)
    return replace(
        due,
        reminders=marked.reminders,
        priority=marked.priority,
        tags=marked.tags,
        title=_title(scan),
        spans=tuple(Span(*span) for span in sorted(scan.spans)),
    )


def _due(scan: Scan, now: dt.datetime, locale: str) -> QuickAdd:
    found = rules.find(scan, now, locale)
    if found is None:
        return QuickAdd("", *once.day_and_time(scan, now, locale))
    work, spans = scan.work, list(scan.spans)
    phrase = settled(found)
    due = None
    if phrase:
        for span in phrase.spans:
            scan.take(*span)
        due = _recurring(scan, phrase, now, locale)
    if due is None:
        # A rule that we read but cannot keep stays whole in the title: half of it would be another rule.
        scan.work, scan.spans = work, spans
    return due or QuickAdd("")


def _in_part(times: tuple[dt.time, ...], part: dt.time | None) -> tuple[dt.time, ...]:
    """Let "at 9 in the evening" be 21:00."""
    if part and times and part.hour >= 12 > times[0].hour:
        return tuple(time.replace(hour=(time.hour + 12) % 24) for time in times)
    return times


def _recurring(scan: Scan, found: Phrase, now: dt.datetime, locale: str) -> QuickAdd | None:
    """Return the rule begun; None where it says what no rule and no list of dates can."""
    day, times = found.start, found.times
    if times:
        day = day or dates.find(scan, now, locale)
    else:
        explicit, times = once.date_and_times(scan, now, locale, several=True)
        day = day or explicit
    times = _in_part(times, found.part) or ((found.part,) if found.part else ())
    made = begun(found, times, day, now)
    if made is None:
        return None
    return QuickAdd(
        "",
        date=made.first.date(),
        time=made.first.time() if made.timed else None,
        rule=text_of(made.rule),
        mode="after_completion" if found.after_completion else "scheduled",
        exdates=made.exdates,
    )


def _title(scan: Scan) -> str:
    """Cut what was recognised, tidy the blanks; a line with nothing else keeps its whole text."""
    kept, end = [], 0
    for start, stop, _ in sorted(scan.spans):
        kept.append(scan.original[end:start])
        end = max(end, stop)
    kept.append(scan.original[end:])
    rest = re.sub(r"\\(?=\w)", "", _STRAY.sub("", " ".join(" ".join(kept).split())))
    if kept[1:] and not kept[0].strip():
        rest = rest.lstrip(" ,;:–-")
    if kept[1:] and not kept[-1].strip(" ,;:–-"):
        rest = rest.rstrip(" ,;:–-")
    return rest.strip() if re.search(r"\w", rest) else scan.original.strip()
