"""Tags: names are compared without case, and the first spelling is kept."""

import unicodedata
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tags import distinct, tag_key

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("home", "HOME"),
        ("straße", "STRASSE"),
        ("café", "cafe\u0301"),  # composed and decomposed
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("№1", "no1"),  # compatibility characters
        ("ｗｏｒｋ", "work"),
    ],
)
def test_spellings_of_one_tag_share_a_key(one: str, other: str) -> None:
    assert tag_key(one) == tag_key(other)


@pytest.mark.parametrize(("one", "other"), [("home", "house"), ("cafe", "café"), ("a b", "ab")])
def test_different_words_are_different_tags(one: str, other: str) -> None:
    assert tag_key(one) != tag_key(other)


def test_the_first_spelling_and_the_order_are_kept() -> None:
    assert ("Home", "work", "É") == distinct(["Home", "work", "HOME", "É", "e\u0301", "Work"])


@given(st.lists(st.text(max_size=8), max_size=8))
def test_distinct_names_have_distinct_keys_and_lose_none(names: list[str]) -> None:
    kept = distinct(names)
    assert len(kept) == len({tag_key(name) for name in kept})
    assert {tag_key(name) for name in names} == {tag_key(name) for name in kept}
    assert kept == distinct(kept)


@given(st.text(max_size=8), st.sampled_from(get_args(Form)))
def test_the_form_of_the_characters_does_not_matter(name: str, form: Form) -> None:
    assert tag_key(name) == tag_key(unicodedata.normalize(form, name))


@given(st.text(max_size=8))
def test_a_folded_name_is_another_spelling_of_the_same_tag(name: str) -> None:
    assert tag_key(name) == tag_key(name.casefold())
