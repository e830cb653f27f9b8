"""From a phrase to dates: where the rule begins, when it ends, and which date-times it leaves out."""

import datetime as dt
from dataclasses import dataclass, replace

from shared import recurrence
from shared.quick_add.calendar import When, ahead
from shared.quick_add.exclusions import without
from shared.quick_add.phrase import Phrase, Skipped
from shared.quick_add.together import at_times
from shared.recurrence.rule import DAYS_IN_MONTH, FIRST, Rule, text_of

# So many dates can be named one by one (EXDATE).
MOST_SKIPPED = 400
_SECOND = dt.timedelta(seconds=1)
_STEPS = {"SECONDLY": "seconds", "MINUTELY": "minutes", "HOURLY": "hours"}


@dataclass(frozen=True, slots=True)
class Begun:
    """A rule with its first occurrence; `timed` says whether that has a time of day. `exdates` are later ones."""

    rule: Rule
    first: dt.datetime
    timed: bool
    exdates: tuple[dt.datetime, ...] = ()


def settled(phrase: Phrase) -> Phrase | None:
    """Fill in what words leave open and take out what recurs; None where no RRULE and no list of dates says it."""
    if phrase.refused:
        return None
    rule = phrase.rule
    if rule.by_week_no and not rule.by_day:
        rule = replace(rule, by_day=((0, 0),))
    if rule.freq == "YEARLY" and rule.by_month and not rule.has_day_part:
        rule = replace(rule, by_month_day=(1,))
    left = []
    for excluded in phrase.excluded:
        rest = without(rule, excluded)
        if rest is None and not phrase.is_bounded:
            return None
        rule = rest or rule
        left += [] if rest else [excluded]
    return replace(phrase, rule=_late(rule), excluded=left)


def _late(rule: Rule) -> Rule:
    """Move a day that some month lacks to the last one it has; people who say "the 31st" mean the end of the month."""
    if rule.by_day or rule.by_set_pos or rule.freq not in {"MONTHLY", "YEARLY"} or rule.skip != "OMIT":
        return rule
    shortest = min(DAYS_IN_MONTH[month - 1] for month in rule.by_month or (2,))
    # The 29th of February is the only one that a leap year has.
    short = 28 if shortest == 29 else shortest
    return replace(rule, skip="BACKWARD") if any(day > short for day in rule.by_month_day) else rule


def begun(phrase: Phrase, times: tuple[dt.time, ...], day: When | None, now: dt.datetime) -> Begun | None:
    """Begin the rule on the day that is named, else with its next occurrence; None when nothing of it is to come."""
    whole, time = _with_hours(phrase.rule, times)
    if whole is None:
        return None
    rule = _ending(whole, phrase, day.date if day else now.date(), now)
    time = time or (day.time if day else None)
    first = _short(rule, day, time, now) if rule.rank < 3 else _first(rule, day, time, now)
    if first is None:
        return None
    timed = time is not None or bool(rule.by_hour) or rule.rank < 3
    return _less(Begun(_keeping_late_days(rule, first), first, timed), phrase)


def _with_hours(rule: Rule, times: tuple[dt.time, ...]) -> tuple[Rule | None, dt.time | None]:
    """Put several times of day into the rule; no rule where it has no room for them."""
    if len(set(times)) < 2:
        return rule, times[0] if times else None
    made = None if rule.by_hour else at_times(rule, times)
    return (None if made and made.by_set_pos and rule.rank < 3 else made), None


def _ending(rule: Rule, phrase: Phrase, start: dt.date, now: dt.datetime) -> Rule:
    if phrase.until:
        return replace(rule, until=_basic(phrase.until))
    if phrase.lasting is None:
        return rule
    count, unit, is_whole = phrase.lasting
    if unit in {"minute", "min", "hour", "hr"}:
        end = ahead(count, unit, now)
        return replace(rule, until=f"{_basic(end.date)}T{end.time:%H%M%S}") if end and end.time else rule
    end = ahead(count, unit, dt.datetime.combine(start, dt.time()))
    return replace(rule, until=_basic(end.date - dt.timedelta(days=not is_whole))) if end else rule


def _basic(day: dt.date) -> str:
    return day.isoformat().replace("-", "")


def _short(rule: Rule, day: When | None, time: dt.time | None, now: dt.datetime) -> dt.datetime | None:
    """Begin hours, minutes and seconds one step from now, or where the words say."""
    if day or time:
        anchor = dt.datetime.combine(day.date if day else now.date(), time or dt.time())
    elif rule.freq == "SECONDLY":
        anchor = _seconds_after(now, rule.interval)
    else:
        step = ahead(rule.interval, _STEPS[rule.freq][:-1], now)
        anchor = dt.datetime.combine(step.date, step.time or dt.time()) if step else now
    after = FIRST if day else now
    return recurrence.next_after(text_of(replace(rule, count=None)), anchor, after)


def _seconds_after(now: dt.datetime, seconds: int) -> dt.datetime:
    try:
        return now.replace(microsecond=0) + dt.timedelta(seconds=seconds)
    except OverflowError:
        return now


def _first(rule: Rule, day: When | None, time: dt.time | None, now: dt.datetime) -> dt.datetime | None:
    """Return the first occurrence from the named day or from now on, whatever the interval."""
    anchor = dt.datetime.combine(day.date if day else now.date(), time or dt.time())
    # A rule without a day part takes its day from the anchor: today, or tomorrow when the time has passed.
    if day is None and time is not None and time <= now.time() and anchor.date() < dt.date.max:
        anchor += dt.timedelta(days=1)
    after = now if time is not None or rule.by_hour else FIRST
    probe = text_of(replace(rule, interval=1, count=None))
    return recurrence.next_after(probe, anchor, after if day is None else max(FIRST, min(after, anchor)))


def _keeping_late_days(rule: Rule, first: dt.datetime) -> Rule:
    """Let "every month" begun on a 31st mean the end of each month."""
    late = first.day > 28 if rule.freq == "MONTHLY" else (first.month, first.day) == (2, 29)
    if late and rule.freq in {"MONTHLY", "YEARLY"} and not rule.has_day_part and not rule.by_month:
        return replace(rule, skip="BACKWARD")
    return rule


def _less(whole: Begun, phrase: Phrase) -> Begun | None:
    """Name the dates that are left out; a first one moves the beginning, and counts as one of COUNT."""
    if not (phrase.skipped or phrase.excluded):
        return whole
    out = _skipped(whole, phrase.skipped) | _coinciding(whole, phrase.excluded)
    if len(out) > MOST_SKIPPED:
        return None
    rule, first = whole.rule, whole.first
    while first in out:
        following = recurrence.next_after(text_of(rule), whole.first, first)
        if following is None or rule.count == 1:
            return None
        rule, first = replace(rule, count=rule.count - 1 if rule.count else None), following
    return replace(whole, rule=rule, first=first, exdates=tuple(sorted(date for date in out if date > first)))


def _skipped(whole: Begun, skipped: list[Skipped]) -> set[dt.datetime]:
    found: set[dt.datetime] = set()
    rule = text_of(whole.rule)
    for item in dict.fromkeys(skipped):
        last = max(dt.datetime.combine(item.first, dt.time()), FIRST + _SECOND) - _SECOND
        while (moment := recurrence.next_after(rule, whole.first, last)) and moment.date() <= item.last:
            if len(found) > MOST_SKIPPED:
                break
            if item.time in {None, moment.time()}:
                found.add(moment)
            last = moment
    return found


def _coinciding(whole: Begun, excluded: list[Rule]) -> set[dt.datetime]:
    """Return the occurrences of a rule that ends which are also those of the excluded ones."""
    if not excluded:
        return set()
    # One more than can be named, so that too many are seen as such.
    dates = recurrence.occurrences(text_of(whole.rule), whole.first, 10 * MOST_SKIPPED)
    return {date for date in dates if any(_meets(date, rule, whole.first) for rule in excluded)}


def _meets(date: dt.datetime, rule: Rule, first: dt.datetime) -> bool:
    start = dt.datetime.combine(first.date(), dt.time() if rule.by_hour else date.time())
    return recurrence.next_after(text_of(rule), start, max(date, FIRST + _SECOND) - _SECOND) == date
