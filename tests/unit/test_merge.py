"""How differences are laid over what they differ from."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.merge import merged

VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("base", "difference", "result"),
    [  # The examples of RFC 7386, appendix A, without those that merge a list into something else.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_maps_are_merged_as_rfc_7386_has_it(base: Any, difference: Any, result: Any) -> None:
    assert result == merged(base, difference)


@pytest.mark.parametrize("field", ["name", "key"])
def test_items_with_a_name_are_merged_by_it_and_new_ones_come_last(field: str) -> None:
    base = [{field: "a", "value": "1"}, {field: "b", "value": "2"}]
    difference = [{field: "c", "value": "4"}, {field: "a", "value": "3"}]
    expected = [{field: "a", "value": "3"}, {field: "b", "value": "2"}, {field: "c", "value": "4"}]
    assert expected == merged(base, difference)


def test_an_item_that_gets_another_source_loses_the_first_by_null() -> None:
    base = [{"name": "a", "value": "1"}]
    assert [{"name": "a", "secret": "x"}] == merged(base, [{"name": "a", "value": None, "secret": "x"}])


@given(VALUES)
def test_an_empty_difference_changes_nothing(base: Any) -> None:
    assert base == merged(base, {}) if isinstance(base, dict) else merged(base, {}) == {}


@given(VALUES, VALUES)
def test_laying_a_difference_over_twice_is_the_same_as_once(base: Any, difference: Any) -> None:
    once = merged(base, difference)
    assert once == merged(once, difference)
