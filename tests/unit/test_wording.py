"""What a notification says: complete in each language, in the user's zone, and never more than its line."""

import datetime as dt
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.due import Due
from shared.locales import canonical_locale, words
from shared.one_line import clipped, one_line
from shared.phrases import PHRASES
from shared.reminder import Owner
from shared.task import Priority
from shared.wording import LONGEST_SUBJECT, Message, Occasion, compose

NINE = dt.datetime(2026, 12, 31, 8, tzinfo=dt.UTC)  # 09:00 in Berlin
DAY = dt.date(2026, 12, 31)
OCCASION = Occasion(
    "Pay rent", Due(DAY, dt.time(9)), Priority.HIGH, NINE, late=False, url="https://ebb.example/t?a=1&b"
)
ALICE = Owner("alice", "Europe/Berlin", "en-GB")
FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
LATE = NINE + dt.timedelta(minutes=1)


def composed(now: dt.datetime = NINE, locale: str = "en-GB", zone: str = "Europe/Berlin", **changed: object) -> Message:
    return compose(replace(OCCASION, **changed), replace(ALICE, locale=locale, zone=zone), now)  # type: ignore[arg-type]


class Page(HTMLParser):
    """What a reader of the page gets: the text, and the tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags = "", list[tuple[str, dict[str, str | None]]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def test_a_message_says_title_due_value_priority_and_link() -> None:
    message = composed()
    assert "Reminder: Pay rent" == message.subject
    assert "Due: Thursday, 31 December 2026, 09:00\nPriority: High" == message.text
    link = "Open task: https://ebb.example/t?a=1&b"
    assert f"Pay rent\n{message.text}\n{link}" == Page(message.html).text.strip()


@pytest.mark.parametrize("language", PHRASES)
def test_each_language_has_every_phrase_and_none_of_another(language: str) -> None:
    message = composed(now=LATE, locale=language, late=True)
    shown = Page(message.html).text
    said = [phrase for name, phrase in PHRASES[language]._asdict().items() if name not in {"low", "medium", "urgent"}]
    assert [] == [phrase for phrase in said if phrase not in shown + message.subject]
    assert "Pay rent" in message.subject
    assert all(PHRASES[language])


@pytest.mark.parametrize("field", ["reminder", "open_task", "late"])
def test_no_two_languages_share_their_longer_words(field: str) -> None:
    said = [getattr(phrases, field) for language, phrases in PHRASES.items() if language != "zh_Hant"]
    assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("locale", "due"),
    [
        ("de-AT", "Fällig: Donnerstag, 31. Dezember 2026, 09:00"),
        ("fr", "Échéance\N{NO-BREAK SPACE}: jeudi 31 décembre 2026, 09:00"),
        ("pt_BR", "Prazo: quinta-feira, 31 de dezembro de 2026 09:00"),
        ("ja", "期限：2026年12月31日木曜日 9:00"),
        ("zh-TW", "截止時間：2026年12月31日 星期四 上午9:00"),
        ("de-JP", "Fällig: Donnerstag, 31. Dezember 2026, 09:00"),
        ("fi", "Due: Thursday, 31 December 2026, 9:00 am"),
        ("no such locale", "Due: Thursday, 31 December 2026, 9:00 am"),
        ("", "Due: Thursday, 31 December 2026, 9:00 am"),
    ],
)
def test_a_locale_gets_its_dates_and_the_words_of_its_language_or_english(locale: str, due: str) -> None:
    # Newer data of Babel separate hours and "am" by a narrow space.
    assert due == composed(locale=locale).text.splitlines()[0].replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_american_english_puts_the_month_first() -> None:
    assert "Due: Thursday, December 31, 2026" == composed(locale="en-US", due=Due(DAY)).text.splitlines()[0]


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        (Due(DAY), "Thursday, 31 December 2026"),
        (Due(DAY, dt.time(9)), "Thursday, 31 December 2026, 09:00"),
        (Due(DAY, dt.time(9), "Europe/Berlin"), "Thursday, 31 December 2026, 09:00"),
        (Due(DAY, dt.time(21), "America/New_York"), "Friday, 1 January 2027, 03:00 (Europe/Berlin)"),
        (Due(dt.date(2026, 3, 29), dt.time(2, 30), "Europe/Berlin"), "Sunday, 29 March 2026, 03:30"),
        (Due(dt.date(2026, 3, 10), dt.time(9), "America/New_York"), "Tuesday, 10 March 2026, 14:00 (Europe/Berlin)"),
        (Due(dt.date(9000, 12, 31), dt.time(23), "Pacific/Niue"), "Thursday, 1 January 9001, 11:00 (Europe/Berlin)"),
    ],
)
def test_due_values_are_shown_in_the_users_zone_which_is_named_if_it_is_another(due: Due, shown: str) -> None:
    assert f"Due: {shown}" == composed(due=due).text.splitlines()[0]


def test_a_message_that_comes_a_minute_late_tells_when_the_reminder_was_set_for() -> None:
    assert "Set for: Thursday, 31 December 2026, 09:00" == composed(now=LATE).text.splitlines()[-1]
    assert "Set for" not in composed(now=LATE - dt.timedelta(seconds=1), late=True).text


def test_only_an_outage_is_called_one() -> None:
    assert "outage" in composed(now=LATE, late=True).text
    assert "outage" not in composed(now=LATE, late=False).text


def test_without_details_the_text_is_a_word_and_the_html_has_no_empty_parts() -> None:
    message = composed(due=None, priority=Priority.NONE, url=None)
    assert "Reminder" == message.text
    assert {"p", "a"}.isdisjoint(tag for tag, _ in Page(message.html).tags)


@pytest.mark.parametrize(
    ("locale", "lang", "direction"), [("ar", "ar", "rtl"), ("he_IL", "he-IL", "rtl"), ("de-AT", "de-AT", "ltr")]
)
def test_the_html_names_its_language_and_direction(locale: str, lang: str, direction: str) -> None:
    assert ("html", {"lang": lang, "dir": direction}) == Page(composed(locale=locale).html).tags[0]


def test_a_title_is_text_in_html_and_its_direction_stays_its_own() -> None:
    html = composed(title='</bdi></h1><script>alert("1")</script>\u202eabc').html
    assert "<bdi>&lt;/bdi&gt;&lt;/h1&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;abc</bdi>" in html


def test_a_link_cannot_leave_its_attribute() -> None:
    tags = Page(composed(url='https://ebb.example/"><script>').html).tags
    assert ("a", {"href": 'https://ebb.example/"><script>'}) in tags
    assert "script" not in {tag for tag, _ in tags}


@pytest.mark.parametrize(
    "title",
    [
        "a\r\nBcc: b@example.org",
        "a\nBcc: b@example.org",
        "a\x0b\x00\u2028\x85Bcc: b@example.org",
        "a\tBcc: b@example.org",
    ],
)
def test_a_title_cannot_begin_another_header(title: str) -> None:
    assert "Reminder: a Bcc: b@example.org" == composed(title=title).subject


def test_a_title_of_nothing_visible_leaves_the_word() -> None:
    assert "Reminder" == composed(title="\u202e\n").subject


@settings(deadline=None)  # the first example pays for Babel
@given(
    title=st.text(st.characters(), min_size=0, max_size=600),
    due=st.none()
    | st.builds(Due, st.dates(dt.date(1900, 1, 1), dt.date(9000, 12, 31)))
    | st.builds(
        Due,
        st.dates(dt.date(1900, 1, 1), dt.date(9000, 12, 31)),
        st.times(),
        st.none() | st.sampled_from(["Europe/Berlin", "Pacific/Apia", "America/Santiago"]),
    ),
    locale=st.sampled_from([*PHRASES, "xx", "de-AT"]),
    zone=st.sampled_from(["UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "America/St_Johns"]),
)
def test_whatever_the_title_is_a_subject_is_one_short_line(title: str, due: Due | None, locale: str, zone: str) -> None:
    subject = composed(title=title, due=due, locale=locale, zone=zone).subject
    assert 1 <= len(subject) <= LONGEST_SUBJECT
    assert [] == [char for char in subject if unicodedata.category(char) in FORBIDDEN or "\u202a" <= char <= "\u202e"]


@given(st.text(max_size=60), st.integers(2, 50))
def test_clipped_text_is_a_beginning_of_the_text(text: str, longest: int) -> None:
    shown = clipped(text, longest)
    assert len(shown) <= longest
    assert text == shown or (shown.endswith("…") and text.startswith(shown[:-1]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abcdef", "abcd…"),
        ("abce\u0301f", "abc…"),
        ("abc👍🏽d", "abc…"),
        ("ab👩\u200d👩\u200d👧", "ab…"),
        ("a🇩🇪🇦🇹b", "a🇩🇪…"),
        ("ab🇩🇪🇦🇹", "ab🇩🇪…"),
        ("abc🇩🇪🇦🇹", "abc…"),
        ("ab   cdef", "ab…"),
    ],
)
def test_a_cut_does_not_go_through_one_visible_character(text: str, shown: str) -> None:
    assert shown == clipped(text, 5)


def test_a_pile_of_marks_is_cut_all_the_same() -> None:
    assert 50 == len(clipped("a" + "\u0301" * 500, 50))


def test_marks_that_hebrew_and_arabic_need_stay() -> None:
    assert "\u05d0\u200f \u200d!" == one_line("\u05d0\u200f\n\u200d!\u2067")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("de_at", "de-AT"),
        ("DE", "de"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("en-US-u-hc-h23", "en-US"),
        ("de-JP", "de-JP"),
        ("fi", "fi"),
    ],
)
def test_a_locale_is_kept_as_language_script_and_region(text: str, canonical: str) -> None:
    assert canonical == canonical_locale(text)


@pytest.mark.parametrize(
    "text", ["", "xx", "C", "german", "de--AT", "de-AT\n", "../de", "d\u0435", "i-klingon", "de-" * 50]
)
def test_a_locale_that_nobody_knows_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"de-AT"):
        canonical_locale(text)


def test_words_in_traditional_characters_are_for_those_who_write_them() -> None:
    written = {"zh-HK": "zh_Hant", "zh-TW": "zh_Hant", "zh-CN": "zh", "zh": "zh"}
    assert {tag: PHRASES[language] for tag, language in written.items()} == {tag: words(tag)[1] for tag in written}
