"""Words: whatever is written is found by its own words, however it is spelled, and nothing that is written fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidInput
from shared.search import LONGEST, MOST, parse, search, stored
from shared.words import appears, wanted, words

# PostgreSQL has no NUL in text, and neither gets past the edge.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pay rent, at 9:00!", "pay rent at 9 00"),
        ("CAFÉ Zoë", "cafe zoe"),
        ("cafe\u0301", "cafe"),
        ("Straße ﬁne ＡＢＣ", "strasse fine abc"),
        ("ΑΘΉΝΑ Ёлка", "αθηνα елка"),
        ("don't e-mail foo_bar@example.com", "don t e mail foo bar example com"),
        ("tulips 🌷🌷", "tulips 🌷 🌷"),
        ("東京タワー", "東京 京タ タワ ワー ー"),
        ("東京2030", "東京 京 2030"),
        ("한국어 검색", "한국어 검색"),
        ("हिन्दी", "हिन्दी"),
        ("soft\u00adware a\u200bb", "software ab"),
        ("a\x01b\x7fc\u2028d", "a b c d"),
        ("$5 = 5$", "5 5"),
        ("…!?", ""),
    ],
)
def test_a_text_is_taken_apart_into_words(text: str, expected: str) -> None:
    assert expected.split() == words(text)


@given(TEXT)
def test_whatever_has_words_is_found_by_itself(text: str) -> None:
    found = words(text)
    sought = wanted(text, prefix=False)
    assert bool(found) == bool(sought)
    assert not sought or appears(sought, found)


@given(TEXT, TEXT, TEXT)
def test_a_text_is_found_in_a_longer_one(before: str, text: str, after: str) -> None:
    sought = wanted(text, prefix=False)
    assert not sought or appears(sought, words(f"{before} {text} {after}"))


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_taken_apart_as_any_other(text: str) -> None:
    assert words(text) == words(text + "é")[: len(words(text))] or text[-1:].isalnum()


@pytest.mark.parametrize("query", ["東", "京", "東京", "京タワ", "東京タワー", "ワー"])
def test_a_part_of_a_text_without_spaces_is_found(query: str) -> None:
    assert appears(wanted(query, prefix=False), words("大東京タワーへ"))


@pytest.mark.parametrize("query", ["京東", "東タ", "タワ東", "犬"])
def test_what_is_no_part_of_it_is_not(query: str) -> None:
    assert not appears(wanted(query, prefix=False), words("大東京タワーへ"))


def spelled(query: str) -> list[str]:
    """Return the terms of a query: `-` for excluded, `*` for a prefix, `_` between words in a row."""
    return [
        "-" * term.excluded + "_".join(word.text + "*" * word.prefix for word in term.words) for term in parse(query)
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pay rent", "pay rent"),
        ('"pay rent" now', "pay_rent now"),
        ("“pay rent”", "pay_rent"),
        ('-car -"old car"', "-car -old_car"),
        ("rep*", "rep*"),
        ("-rep*", "-rep*"),
        ("e-mail", "e_mail"),
        ("e-ma*", "e_ma*"),
        ('"unfinished phrase', "unfinished_phrase"),
        ('""', ""),
        ('"', ""),
        ("- * -* --", ""),
        ("--a", "-a"),
        ("a & b | !c:* <-> 'd' \\", "a b c* d"),
        ("AND or NOT", "and or not"),
        ("'; DROP TABLE tasks; --", "drop table tasks"),
        ("\x01\x02a\x1fb", "a b"),
        ("犬", "犬*"),
    ],
)
def test_a_query_has_these_terms(query: str, expected: str) -> None:
    assert expected.split() == spelled(query)


@pytest.mark.parametrize("query", ["x" * (LONGEST + 1), "a " * (MOST + 1)])
def test_a_query_that_is_too_long_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput, match=r"\?q"):
        parse(query)


def test_users_share_no_words() -> None:
    assert not set(stored("alice", "a b", "c").split()) & set(stored("bob", "a b", "c").split())


def test_a_query_of_nothing_but_exclusions_narrows_nothing() -> None:
    assert [True, True, False] == [search("alice", parse(text), ()).narrows for text in ("a", "a -b", "-b")]
