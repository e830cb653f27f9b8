"""Quick-add in the languages that have a table. Now is Wednesday 18 November 2026, 10:00."""

import datetime as dt
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import recurrence
from shared.quick_add import parse
from shared.quick_add.languages import KNOWN
from shared.quick_add.translation import language_of, translated

NOW = dt.datetime.fromisoformat("2026-11-18T10:00")
FOLDER = Path(__file__).parents[1] / "data" / "languages"
# A line "text | title | due | rule", or a title that is no more than that.
LINES = {code: (FOLDER / f"{code}.txt").read_text("utf-8").splitlines() for code in KNOWN}
CASES = [(code, *(line + " | |").split(" | ")[:4]) for code in KNOWN for line in LINES[code] if " | " in line]
TITLES = [(code, line) for code in KNOWN for line in LINES[code] if line and " | " not in line]
WORDS = {code: " ".join(line.split(" | ")[0] for line in LINES[code]).split() for code in KNOWN}


def due(text: str, code: str) -> str:
    found = parse(text, NOW, code)
    return " ".join(str(part) for part in (found.date, found.time and f"{found.time:%H:%M}") if part)


@pytest.mark.parametrize(("code", "text", "title", "expected", "rule"), CASES)
def test_dates_times_and_recurrences_are_read(code: str, text: str, title: str, expected: str, rule: str) -> None:
    found = parse(text, NOW, code)
    assert (title, expected.strip(" |"), rule.strip(" |")) == (found.title, due(text, code), found.rule or "")


@pytest.mark.parametrize(("code", "title"), TITLES)
def test_a_title_that_only_looks_like_a_date_is_left_whole(code: str, title: str) -> None:
    found = parse(title, NOW, code)
    assert (title, None, None, ()) == (found.title, found.date, found.rule, found.spans)


def test_each_language_has_its_cases() -> None:
    assert all(40 <= sum(case[0] == code for case in CASES) for code in KNOWN)
    assert all(20 <= sum(title[0] == code for title in TITLES) for code in KNOWN)


@pytest.mark.parametrize(
    ("code", "text", "minutes"),
    [
        ("de", "Miete morgen erinnere mich 30 Min vorher", 30),
        ("es", "Alquiler mañana recuérdame 2 horas antes", 120),
        ("fr", "Loyer demain rappelle-moi 1 jour avant", 1_440),
        ("it", "Affitto domani ricordami dieci minuti prima", 10),
        ("nl", "Huur morgen herinner me 1 week van tevoren", 10_080),
        ("pt", "Aluguel amanhã me lembre 30 min antes", 30),
    ],
)
def test_a_reminder_is_asked_for_in_plain_words(code: str, text: str, minutes: int) -> None:
    found = parse(text, NOW, code)
    assert ((minutes,), text.split(maxsplit=1)[0], NOW.date() + dt.timedelta(days=1)) == (
        found.reminders, found.title, found.date,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("de", "Gießen alle! 3 Tage"),
        ("es", "Regar cada! 3 días"),
        ("fr", "Arroser tous les! 3 jours"),
        ("it", "Annaffiare ogni! 3 giorni"),
        ("nl", "Gieten elke! 3 dagen"),
        ("pt", "Regar a cada! 3 dias"),
    ],
)
def test_an_exclamation_mark_counts_from_completion(code: str, text: str) -> None:
    found = parse(text, NOW, code)
    assert ("FREQ=DAILY;INTERVAL=3", "after_completion") == (found.rule, found.mode)


@pytest.mark.parametrize("code", KNOWN)
def test_months_and_weekdays_have_the_names_that_cldr_gives_them(code: str) -> None:
    locale = Locale.parse(code)
    for number, name in locale.months["format"]["wide"].items():
        assert due(f"x 5 {name} 2030", code) == f"2030-{number:02}-05"
    for number, name in locale.days["stand-alone"]["wide"].items():
        assert dt.date.fromisoformat(due(f"x {name}", code)).weekday() == number


@pytest.mark.parametrize("code", KNOWN)
def test_english_is_read_in_every_language(code: str) -> None:
    found = parse("Pay rent every month on the 1st at 9am !high #home", NOW, code)
    assert ("Pay rent", "FREQ=MONTHLY;BYMONTHDAY=1", dt.time(9)) == (found.title, found.rule, found.time)


def test_spans_point_into_the_text_as_it_was_typed() -> None:
    text = "\U0001f600 Oma anrufen bis zum 3. Januar um halb zehn !high #x"
    found = parse(text, NOW, "de-AT")
    assert [("bis zum 3. Januar", "due"), ("um halb zehn", "due"), ("!high", "priority"), ("#x", "tag")] == [
        (text[span.start : span.end], span.kind) for span in found.spans
    ]


def test_quoted_words_are_text_in_every_language() -> None:
    assert 'Lesen "morgen"' == parse('Lesen "morgen"', NOW, "de").title
    assert parse("Leer \\mañana", NOW, "es").date is None


@pytest.mark.parametrize(
    ("locale", "code"), [("de-AT", "de"), ("pt_BR", "pt"), ("FR", "fr"), ("en", None), ("ast", None)]
)
def test_a_locale_has_the_table_of_its_language(locale: str, code: str | None) -> None:
    assert code == language_of(locale)


TEXTS = st.one_of(
    st.tuples(st.sampled_from(KNOWN), st.text(max_size=200)),
    st.sampled_from(KNOWN).flatmap(
        lambda code: st.tuples(st.just(code), st.lists(st.sampled_from(WORDS[code]), max_size=10).map(" ".join))
    ),
)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_text_is_read_without_an_error(case: tuple[str, str]) -> None:
    code, text = case
    found = parse(text, NOW, code)
    assert found.title or not text.strip()
    assert all(0 <= span.start < span.end <= len(text) for span in found.spans)
    assert all(one.end <= other.start for one, other in zip(found.spans, found.spans[1:], strict=False))
    assert found.rule is None or found.rule == recurrence.canonical(found.rule)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40), st.one_of(st.sampled_from(["sv", "pl", "tr", "xx", "zh-Hant"]), st.text(max_size=12)))
def test_any_locale_is_taken(text: str, locale: str) -> None:
    assert parse(text, NOW, locale).title or not text.strip()


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_what_is_not_understood_stays_as_it_was(case: tuple[str, str]) -> None:
    code, text = case
    english = translated(text, code)
    whole = english.original(0, len(english.text))
    assert (0, len(text)) == whole


@pytest.mark.parametrize("code", KNOWN)
@pytest.mark.parametrize("text", [" " * 2000, "1 h " * 500, "3.4 " * 500, "de 1 a " * 285, "lun, " * 400, "'" * 2000])
def test_a_text_of_two_thousand_characters_is_read_at_once(code: str, text: str) -> None:
    parse(text, NOW, code)  # compiles the patterns it needs
    before = time.process_time()
    parse(text, NOW, code)
    assert time.process_time() - before < 0.1


@pytest.mark.parametrize("code", KNOWN)
def test_a_language_with_a_table_does_not_import_dateparser(code: str) -> None:
    text = next(line for line in LINES[code] if " | " in line).split(" | ")[0]
    program = (
        "import datetime as dt, sys; from shared.quick_add import parse; "
        f"print(parse({text!r}, dt.datetime(2026, 11, 18), {code!r}).date, 'dateparser' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=FOLDER.parents[2], capture_output=True, text=True, check=True, timeout=60
    )
    assert re.fullmatch(r"2026-11-\d\d False\n", done.stdout)
