"""Quick-add: one line of plain words becomes the fields of a task. Pure; `now` is the user's naive local date-time.

Marks come first, then the recurrence with its bounds, then date and time; each pass sees what the ones before took.
Whatever is recognised is cut from the title. When in doubt, a word stays in the title.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace

from shared import recurrence
from shared.quick_add import dates, foreign, marks, rules, translation
from shared.quick_add import times as clock_times
from shared.quick_add.calendar import When, ahead
from shared.quick_add.rules import Found
from shared.quick_add.words import NUMBER, Scan, number
from shared.recurrence.rule import Rule, text_of

_TIMES = re.compile(rf"(?<!\w)(?:for\s)?(?P<n>{NUMBER})\s?(?:times|occurrences|x)(?!\w)")
_UNTIL = re.compile(r"(?<!\w)(?:until|till?|through|ending|ends)\s(?:on\s)?")
_FROM = re.compile(r"(?<!\w)(?:from|start(?:ing|s)?|beginning)\s(?:from\s|on\s)?")
_LASTING = re.compile(rf"(?<!\w)for\s(?:the\snext\s)?(?P<n>{NUMBER})\s(?P<unit>day|week|month|year)s?(?!\w)")
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
    """What the line says; `reminders` in minutes before, `rule` canonical, `mode` as in `shared/series.py`."""

    title: str
    date: dt.date | None = None
    time: dt.time | None = None
    rule: str | None = None
    mode: str = "scheduled"
    reminders: tuple[int, ...] = ()
    priority: str = "none"
    tags: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


def parse(text: str, now: dt.datetime, locale: str = "en") -> QuickAdd:
    """Read one line of up to 2,000 characters; never raises for any text.

    A date without a year is the next one; a time without a date that has passed today is tomorrow's. A rule without
    a date begins with its first occurrence from now on. A locale other than English also tries its own language.
    """
    language = translation.language_of(locale)
    return _translated(text, now, language) if language else _read(text, now, locale)


def _translated(text: str, now: dt.datetime, language: str) -> QuickAdd:
    english = translation.translated(text, language)
    found = _read(english.text, now, _WORLD_ENGLISH)
    spans: list[tuple[int, int, str]] = []
    for span in found.spans:
        start, end = english.original(span.start, span.end)
        if not spans or start >= spans[-1][1]:
            spans.append((start, end, span.kind))
    return replace(found, title=_title(Scan(text, "", spans)), spans=tuple(Span(*span) for span in spans))


def _read(text: str, now: dt.datetime, locale: str) -> QuickAdd:
    scan = Scan.of(text)
    marked = QuickAdd(
        "",
        reminders=marks.reminders(scan),
        priority=marks.priority(scan),
        tags=marks.tags(scan),
    )
    found = rules.find(scan)
    english = locale.lower().startswith("en")
    due = _recurring(scan, found, now, locale) if found else _once(scan, now, locale, english=english)
    return replace(
        due,
        reminders=marked.reminders,
        priority=marked.priority,
        tags=marked.tags,
        title=_title(scan),
        spans=tuple(Span(*span) for span in sorted(scan.spans)),
    )


def _once(scan: Scan, now: dt.datetime, locale: str, *, english: bool) -> QuickAdd:
    when, times = _date_and_times(scan, now, locale, several=False)
    if when is None and not english:
        when = foreign.find(scan, now, locale)
    time = times[0] if times else when.time if when else None
    if when is None and time is None:
        return QuickAdd("")
    day = when.date if when else now.date()
    if when is None and time is not None and time <= now.time():
        day = _tomorrow(day)
    return QuickAdd("", date=day, time=time)


def _date_and_times(
    scan: Scan, now: dt.datetime, locale: str, *, several: bool
) -> tuple[When | None, tuple[dt.time, ...]]:
    """Dates first; a weak date gets a second look, because a time found later may stand next to it."""
    when = dates.find(scan, now, locale)
    times = clock_times.times(scan, several=several, late=bool(when and when.late))
    if when is None and times:
        when = dates.find(scan, now, locale)
    part = clock_times.part_of_day(scan)
    if part and times and part.hour >= 12 > times[0].hour:
        times = tuple(time.replace(hour=(time.hour + 12) % 24) for time in times)
    return when, times or ((part,) if part else ())


def _recurring(scan: Scan, found: Found, now: dt.datetime, locale: str) -> QuickAdd:
    start = _bound(scan, _FROM, now, locale)
    rule = _bounded(scan, found.rule, start.date if start else now.date(), now, locale)
    explicit, times = _date_and_times(scan, now, locale, several=True)
    rule, times = _with_hours(rule, times or ((found.time,) if found.time else ()))
    mode = "after_completion" if found.after_completion else "scheduled"
    when = start or explicit
    if when is None and rule.rank < 3 and not times:
        unit = {"MINUTELY": "minute", "HOURLY": "hour"}[rule.freq]
        when = ahead(rule.interval, unit, now) or When(now.date(), now.time())
        return QuickAdd("", date=when.date, time=when.time, rule=text_of(rule), mode=mode)
    first = _first(rule, when, times[0] if times else None, now)
    rule = _keeping_late_days(rule, first)
    time = first.time() if times and rule.by_hour else times[0] if times else when.time if when else None
    return QuickAdd("", date=first.date(), time=time, rule=text_of(rule), mode=mode)


def _bound(scan: Scan, lead: re.Pattern[str], now: dt.datetime, locale: str) -> When | None:
    for match in lead.finditer(scan.work):
        found = dates.at(scan, match.end(), now, locale)
        if found:
            scan.take(match.start(), found[1], "recurrence" if lead is _UNTIL else "due")
            return found[0]
    return None


def _bounded(scan: Scan, rule: Rule, start: dt.date, now: dt.datetime, locale: str) -> Rule:
    """Read "for 5 times", "until 1 march" and "for 3 weeks"."""
    until = _bound(scan, _UNTIL, now, locale)
    if until:
        return replace(rule, until=_basic(until.date))
    if (match := _TIMES.search(scan.work)) and number(match["n"]) > 0:
        scan.take(*match.span(), "recurrence")
        return replace(rule, count=number(match["n"]))
    if match := _LASTING.search(scan.work):
        end = ahead(number(match["n"]), match["unit"], dt.datetime.combine(start, dt.time()))
        if end and end.date > start:
            scan.take(*match.span(), "recurrence")
            return replace(rule, until=_basic(end.date - dt.timedelta(days=1)))
    return rule


def _basic(day: dt.date) -> str:
    return day.isoformat().replace("-", "")


def _with_hours(rule: Rule, times: tuple[dt.time, ...]) -> tuple[Rule, tuple[dt.time, ...]]:
    """Put several times of day into the rule; one RRULE can hold them when they share the minute."""
    if len(times) < 2 or len({time.minute for time in times}) > 1 or rule.by_set_pos:
        return rule, times[:1]
    hours = tuple(sorted({time.hour for time in times}))
    return replace(rule, by_hour=hours, by_minute=(times[0].minute,)), times


def _first(rule: Rule, when: When | None, time: dt.time | None, now: dt.datetime) -> dt.datetime:
    """Return the first occurrence: on the stated date, else the next one by the rule, whatever its interval."""
    if when is not None:
        return dt.datetime.combine(when.date, time or when.time or dt.time())
    # Without a day part the rule is free to begin today, or tomorrow when the time has passed.
    day = now.date() if time is None or time > now.time() or rule.by_hour else _tomorrow(now.date())
    anchor = dt.datetime.combine(day, time or dt.time())
    probe = text_of(replace(rule, interval=1, count=None))
    found = recurrence.first_from(probe, anchor) if time is None else recurrence.next_after(probe, anchor, now)
    return found or anchor


def _keeping_late_days(rule: Rule, first: dt.datetime) -> Rule:
    """Let "every month" begun on a 31st mean the end of each month."""
    late = first.day > 28 if rule.freq == "MONTHLY" else (first.month, first.day) == (2, 29)
    if late and rule.freq in {"MONTHLY", "YEARLY"} and not rule.has_day_part and not rule.by_month:
        return replace(rule, skip="BACKWARD")
    return rule


def _tomorrow(day: dt.date) -> dt.date:
    return day if day == dt.date.max else day + dt.timedelta(days=1)


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
