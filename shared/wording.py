"""What a notification says, in the language and the zone of its user. Pure.

`text` and `html` differ in purpose: `html` is a whole e-mail, `text` is what a push or a webhook shows below the title.
"""

import datetime as dt
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from shared.due import Due, local
from shared.locales import words
from shared.one_line import clipped, one_line
from shared.phrases import Phrases
from shared.reminder import Owner
from shared.task import Priority

if TYPE_CHECKING:
    from babel import Locale

LONGEST_SUBJECT = 120  # characters: more than programs show, and far below the 998 of RFC 5322, section 2.1.1
_WORTH_TELLING = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reminder that fired. `late`: part of the system was down at `fire_at` (UTC). `url` leads to the task."""

    title: str
    due: Due | None
    priority: Priority
    fire_at: dt.datetime
    late: bool
    url: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """`subject`: one line with the title. `text`: lines beyond title and link, never empty. `html`: a document."""

    subject: str
    text: str
    html: str


def compose(occasion: Occasion, owner: Owner, now: dt.datetime) -> Message:
    """Return the message as of `now` (UTC); a locale that is unknown gets English."""
    locale, phrases = words(owner.locale)
    title = one_line(occasion.title)
    details = _details(occasion, owner, now, locale, phrases)
    subject = f"{phrases.reminder}{phrases.colon}{title}" if title else phrases.reminder
    return Message(
        subject=clipped(subject, LONGEST_SUBJECT),
        text="\n".join(details) or phrases.reminder,
        html=_html(title or phrases.reminder, details, occasion.url, locale, phrases),
    )


def _details(occasion: Occasion, owner: Owner, now: dt.datetime, locale: "Locale", phrases: Phrases) -> list[str]:
    """Return the lines below the title."""
    lines = []
    if occasion.due is not None:
        lines.append(f"{phrases.due}{phrases.colon}{_due(occasion.due, owner, locale)}")
    if occasion.priority is not Priority.NONE:
        lines.append(f"{phrases.priority}{phrases.colon}{getattr(phrases, occasion.priority.value)}")
    # Also without an outage a message may arrive later: after quiet hours, or when its channel was away.
    if now - occasion.fire_at >= _WORTH_TELLING:
        lines.append(f"{phrases.set_for}{phrases.colon}{_date_time(local(occasion.fire_at, owner.zone), locale)}")
        if occasion.late:
            lines.append(phrases.late)
    return lines


def _due(due: Due, owner: Owner, locale: "Locale") -> str:
    from babel.dates import format_date

    if due.time is None:
        return format_date(due.date, "full", locale)
    if due.zone is None:
        return _date_time(due.local, locale)
    shown = _date_time(local(due.instant(owner.zone), owner.zone), locale)
    return shown if due.zone == owner.zone else f"{shown} ({owner.zone})"


def _date_time(at: dt.datetime, locale: "Locale") -> str:
    from babel.dates import format_date, format_time, get_datetime_format

    # Some of the patterns quote their words (CLDR, "{1} 'at' {0}").
    pattern = str(get_datetime_format("full", locale)).replace("'", "")
    return pattern.format(format_time(at.time(), "short", locale=locale), format_date(at.date(), "full", locale))


def _html(title: str, details: list[str], url: str | None, locale: "Locale", phrases: Phrases) -> str:
    """Return a document that says the same when its tags are stripped: one line each, and the link written out."""
    lines = "<br>\n".join(map(escape, details))
    link = escape(url) if url else ""
    blocks = [
        "<!DOCTYPE html>",
        f'<html lang="{str(locale).replace("_", "-")}" dir="{locale.text_direction}">',
        '<head><meta charset="utf-8"></head>',
        '<body style="font-family: sans-serif">',
        f'<h1 style="font-size: 1.3em"><bdi>{escape(title)}</bdi></h1>',
        f"<p>{lines}</p>" if lines else "",
        f'<p>{escape(phrases.open_task + phrases.colon)}<a href="{link}">{link}</a></p>' if link else "",
        "</body>",
        "</html>",
    ]
    return "\n".join(filter(None, blocks)) + "\n"
