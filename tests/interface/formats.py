"""What Schemathesis cannot know by itself: values of our formats, and which refusals no schema can foresee.

Loaded by Schemathesis as its hooks (SCHEMATHESIS_HOOKS).
"""

import datetime as dt
import os
import re
from importlib.resources import files
from itertools import count
from typing import Any

import schemathesis
from hypothesis import strategies as st

ZONES = sorted((files("tzdata") / "zones").read_text().split())
# Mostly plain words, so that quick-add finds something to do; titles of any text come by the field itself.
WORDS = (
    "call",
    "Ann",
    "tomorrow",
    "rent",
    "at 9",
    "every monday",
    "!high",
    "#home",
    "on 3 may",
    "Zahnarzt",
    "5 pm",
    "*",
)
DAYS = st.dates(dt.date(1901, 1, 2), dt.date(8999, 12, 30))
TITLES = st.text("abc \u00e4", min_size=1, max_size=20)
VTODO = "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:{0}\r\nSUMMARY:{0}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
MOMENTS = st.builds(dt.datetime.combine, DAYS, st.times())  # without a zone
# Formats of the document that are not JSON Schema's.
STRINGS = {
    "iana-time-zone": st.sampled_from([zone for zone in ZONES if zone != "Factory"]),
    "locale": st.sampled_from(["en", "de-AT", "pt_BR", "fr", "zh-Hant-TW", "nl"]),
    "local-time": st.times().map(lambda time: time.isoformat()),
    "local-date-time": MOMENTS.map(dt.datetime.isoformat),
    "date": DAYS.map(str),
    "date-time": st.builds(
        lambda at, offset: at.isoformat() + offset, MOMENTS, st.sampled_from(["Z", "+02:00", "-11:30"])
    ),
    "quick-add": st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(lambda words: "Pay " + " ".join(words)),
    "rrule": st.sampled_from([
        "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=DAILY;INTERVAL=3;COUNT=10", "FREQ=MONTHLY;BYDAY=2TU", "FREQ=HOURLY;INTERVAL=6",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "FREQ=WEEKLY;UNTIL=89990101",
    ]),
    "recurrence-words": st.sampled_from([
        "every day", "every other friday", "every last day of the month", "every 3 weeks", "weekdays at 9",
        "every! 3 days",
    ]),
    "cron": st.sampled_from(["0 9 * * 1-5", "*/15 * * * *", "30 6 1 * *", "0 0 29 2 *"]),
    "email": st.from_regex(r"[a-z]{1,20}@example\.(org|com)", fullmatch=True),
    # Where nothing listens: what a test tells must not reach anybody.
    "https-url": st.from_regex(r"https://[a-z]{1,10}\.invalid/[a-z0-9/]{0,20}", fullmatch=True),
    "webhook-secret": st.just("whsec_" + "QUJD" * 8),
    "p256-point": st.just(
        "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
    ),
    "push-auth": st.just("AAECAwQFBgcICQoLDA0ODw"),
    "entity-tags": st.sampled_from(["*", '"1"', '"2"', '"1", "2"', 'W/"1"']),
    "idempotency-key": st.from_regex(r"[A-Za-z0-9-]{16,255}", fullmatch=True),
    "change-token": st.sampled_from(["0", "1", "2", ""]),
    "icalendar": TITLES.map(VTODO.format),
    "todoist-csv": TITLES.map("TYPE,CONTENT,PRIORITY\r\ntask,{},1\r\n".format),
    "url-query": st.sampled_from(["status=open", "?priority=high,urgent&tag=home", "q=rent&sort=-due"]),
}  # fmt: skip
OWN_TOKENS = frozenset(os.environ["EBB_OWN_TOKENS"].split(","))
_KEY, _NUMBERS = re.compile(r"[A-Za-z0-9-]{16,255}"), count()
for name, strategy in STRINGS.items():
    schemathesis.openapi.format(name, strategy)


@schemathesis.serializer("text/calendar", "text/csv")
def as_it_is(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Send a file as its text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: "schemathesis.Case[Any]", _settings: dict[str, Any]) -> None:
    """Give each request a key of its own, and keep a user from revoking the token that the run is made with.

    One key for all would make most requests a repetition of the first.
    """
    path: Any = case.path_parameters
    # A guess at links takes the last word of /v1/tasks/batch for the id of a task.
    if path and path.get("id") in {*OWN_TOKENS, "batch"}:
        path["id"] = "01999999-0000-7000-8000-000000000000"
    headers: Any = case.headers
    key = headers.get("Idempotency-Key") if headers else None
    if isinstance(key, str) and _KEY.fullmatch(key):
        headers["Idempotency-Key"] = f"request-{next(_NUMBERS):032}"


# Rules of several values at once, and of what is stored: a client that keeps to the schema can still break them, and is
# told by 422 (or 412, 410) which it was. Each is a message of ours, as a whole.
BEYOND_A_SCHEMA = (
    # What is stored, or given elsewhere.
    "urn:ebb:problem:(idempotency-key-reused|batch-refused|not-replayable)",
    "is not a cursor of this list in this order",
    "is the name of another filter",
    "there are (100 tokens|200 filters) already; (revoke|delete) one first",
    "this deletes everything; repeat it with the account's id: .*",
    "only an occurrence of a recurring task can be skipped",
    "a closed task cannot begin a series: reopen it first",
    "a series that has ended cannot be (paused|resumed)",
    "the series has ended; begin another",
    "the series has no free date there; change its recurrence too",
    "FREQ=.* leaves no date for the open occurrence",
    "COUNT is less than the .* occurrences there are",
    "Field required",  # the date, where a patch gives a time to a task that is not due
    "needs a due value to count from",
    "needs a start with a time, or a rule with times of day",
    "needs a time: an all-day date has no zone",
    "time_zone needs a time: an all-day date has no zone",
    "must not be after the end of this token, .*",
    "this installation does not offer .*; its operator has to configure it",
    "at most 20 devices; remove one with null",
    # The clock.
    "must lie in the future",
    "FREQ=.* has no occurrence from .* on",
    # The calendar: patterns know no lengths of months.
    "Input should be a valid (date|datetime)( or date)?(:|,)? .*day.* outside .*",
    "day is out of range for month",
    "must be a date or an instant such as .*",
    # Several values together.
    "'-?[a-z_]+' is unknown or repeated; known are .*",
    "stands twice",
    "from and until must differ; null means no quiet hours",
    "must have at most 32 words",
    # What a file is written in.
    "this is no (iCalendar|JSON|CSV) file.*",  # `format` says another one than the Content-Type
    "the first line names no columns TYPE and CONTENT",
    "the file has no list of tasks",
)
# The grammars of RFC 5545, cron and English. What a model itself checks of them is in the schema.
_GRAMMARS = re.compile(r"(/template)?/recurrence/(rule|text|cron|pattern)")
_OF_A_MODEL = re.compile(r"(Input|String|Value|Field|unknown) .*")
_RULES = [re.compile(rule) for rule in BEYOND_A_SCHEMA]


@schemathesis.check
def a_refusal_of_what_fits_the_schema_names_a_known_rule(
    _context: schemathesis.CheckContext, response: schemathesis.Response, case: "schemathesis.Case[Any]"
) -> None:
    """Fail for a 422 to a request that fits the schema, unless each of its faults is a rule that is listed here."""
    if response.status_code != 422 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    problem: dict[str, Any] = response.json()
    faults = problem.get("errors", [{"pointer": "", "message": problem["type"]}])
    unknown = [fault for fault in faults if not _is_known(**fault)]
    assert not unknown, f"refused by rules that neither the schema nor this list has: {unknown}"


def _is_known(pointer: str, message: str) -> bool:
    if _GRAMMARS.fullmatch(pointer) and not _OF_A_MODEL.fullmatch(message):
        return True
    return any(rule.fullmatch(message) for rule in _RULES)
