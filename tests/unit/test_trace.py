"""The trace of an invocation: it goes on from the caller's `traceparent` (W3C Trace Context), or begins anew."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import trace

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
VALID = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def test_the_callers_trace_and_flags_go_on_with_a_span_of_our_own() -> None:
    ours = trace.begin(GIVEN)
    assert GIVEN[:36] == ours[:36]
    assert GIVEN[-3:] == ours[-3:]
    assert GIVEN[36:52] != ours[36:52]
    assert (ours, GIVEN[3:35]) == (trace.current(), trace.trace_id())


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "",
        "00",
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        GIVEN.upper(),
        GIVEN + "-more",
        "ff" + GIVEN[2:],
        GIVEN + "\n",
    ],
)
def test_what_is_no_traceparent_starts_a_new_sampled_trace(wrong: str | None) -> None:
    ours = trace.begin(wrong)
    assert VALID.fullmatch(ours)
    assert "01" == ours[-2:]
    assert GIVEN[3:35] not in ours.lower()


@given(st.none() | st.text() | st.from_regex(VALID, fullmatch=True))
def test_whatever_comes_in_a_valid_traceparent_goes_out(given_one: str | None) -> None:
    assert VALID.fullmatch(trace.begin(given_one))


def test_the_trace_stays_the_same_within_an_invocation() -> None:
    trace.begin(None)
    assert trace.current() == trace.current()
    assert trace.current()[3:35] == trace.trace_id()
