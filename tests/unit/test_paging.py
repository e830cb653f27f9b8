"""Pages: a cursor comes back as it was written, belongs to one order, and garbage is refused."""

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidInput
from shared.paging import Key, Order, read_cursor, read_limit, single, write_cursor

BY_DUE = Order((Key("t.due_at", "timestamptz", descending=True), Key("t.id", "uuid")))
BY_TITLE = Order((Key("lower(t.title)", "text"), Key("t.id", "uuid")))
# PostgreSQL has no NUL in text, so no sort value ever holds one.
STORED = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def encoded(value: object) -> str:
    """Return any JSON in the form of a cursor, with its checksum."""
    text = json.dumps(value).encode()
    return base64.urlsafe_b64encode(zlib.crc32(text).to_bytes(4, "big") + text).decode().rstrip("=")


def refused(order: Order, cursor: str) -> bool:
    """Tell whether it is refused as the wrong `cursor` parameter; any other error is the test's failure."""
    try:
        read_cursor(order, cursor)
    except InvalidInput as error:
        return ["?cursor"] == [fault.pointer for fault in error.faults]
    return False


@given(st.lists(STORED, min_size=2, max_size=2))
def test_a_cursor_gives_back_the_sort_values_and_needs_no_escaping_in_a_url(values: list[str]) -> None:
    cursor = write_cursor(BY_DUE, values)
    assert values == read_cursor(BY_DUE, cursor)
    assert set(cursor) <= set(LETTERS)


def test_a_cursor_of_another_order_is_refused() -> None:
    upside_down = Order((Key("t.due_at", "timestamptz"), Key("t.id", "uuid")))
    for other in (BY_TITLE, upside_down, Order(BY_DUE.keys[1:])):
        assert refused(other, write_cursor(BY_DUE, ["infinity", "x"]))


def test_a_cursor_that_was_cut_or_has_one_letter_changed_is_refused() -> None:
    cursor = write_cursor(BY_DUE, ["2026-03-02 12:00:00+00", "01999999-0000-7000-8000-000000000000"])
    assert not refused(BY_DUE, cursor)
    for place, letter in enumerate(cursor):
        assert refused(BY_DUE, cursor[:place])
        for other in set(LETTERS) - {letter}:
            assert refused(BY_DUE, cursor[:place] + other + cursor[place + 1 :]), (place, other)
    for changed in (f"{cursor}=", f"{cursor}A", f" {cursor}", cursor.swapcase(), cursor + cursor):
        assert refused(BY_DUE, changed)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()) | JSON.map(encoded))
def test_garbage_is_refused_as_a_wrong_cursor_and_nothing_else(cursor: str) -> None:
    assert refused(BY_DUE, cursor)


@given(JSON, JSON)
def test_a_forged_cursor_holds_texts_that_can_be_stored_or_is_refused(first: object, second: object) -> None:
    forged = encoded([BY_DUE.sql, first, second])
    assert refused(BY_DUE, forged) or all(isinstance(value, str) for value in read_cursor(BY_DUE, forged))


@pytest.mark.parametrize("value", ["\x00", "\ud800"])
def test_a_forged_cursor_with_text_that_no_database_takes_is_refused(value: str) -> None:
    assert refused(BY_DUE, encoded([BY_DUE.sql, "infinity", value]))


@pytest.mark.parametrize("depth", [500, 100_000])
def test_a_cursor_of_endless_depth_is_refused(depth: int) -> None:
    assert refused(BY_DUE, base64.urlsafe_b64encode(b"[" * depth).decode())


def test_rows_after_a_cursor_are_later_in_the_first_key_that_differs() -> None:
    condition, parameters = BY_DUE.after(["d", "i"])
    either = "(t.due_at < %s::timestamptz) OR (t.due_at = %s::timestamptz AND t.id > %s::uuid)"
    assert f"(t.due_at <= %s::timestamptz AND ({either}))" == condition
    assert ["d", "d", "d", "i"] == parameters
    assert "t.due_at DESC, t.id ASC" == BY_DUE.sql


def test_where_all_keys_go_the_same_way_rows_are_compared_as_a_whole() -> None:
    condition, parameters = BY_TITLE.after(["a", "i"])
    assert ("(lower(t.title), t.id) > (%s::text, %s::uuid)", ["a", "i"]) == (condition, parameters)


@pytest.mark.parametrize(("text", "expected"), [("1", 1), ("200", 200), ("0050", 50)])
def test_a_limit_is_a_number_from_1_to_200(text: str, expected: int) -> None:
    assert expected == read_limit({"limit": [text]})


@given(
    st.text().filter(lambda text: not text.isascii() or not text.isdigit()) | st.sampled_from(["0", "201", "9" * 5_000])
)
def test_any_other_limit_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"\?limit"):
        read_limit({"limit": [text]})


def test_without_a_limit_a_page_has_fifty() -> None:
    assert 50 == read_limit({})


def test_a_parameter_that_may_stand_once_is_refused_twice() -> None:
    assert single({}, "sort") is None
    assert "due" == single({"sort": ["due"]}, "sort")
    with pytest.raises(InvalidInput, match=r"\?sort: may stand only once"):
        single({"sort": ["due", "title"]}, "sort")
