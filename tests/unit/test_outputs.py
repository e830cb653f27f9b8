"""Dapr's answers for far sides: which are the far side's own word, and which mean that nobody was asked."""

import json

import pytest

from shared.errors import BackendAway, BindingMissing
from shared.outputs import Reply, reply_of_binding, reply_of_invocation


def refused(message: str, **headers: str) -> Reply:
    """Return Dapr's 500 for the binding b."""
    told = {"errorCode": "ERR_INVOKE_OUTPUT_BINDING", "message": f"error invoking output binding b: {message}"}
    return Reply(500, headers, json.dumps(told).encode())


def failed(message: str) -> Reply:
    """Return Dapr's 500 for an invocation."""
    return Reply(500, {}, json.dumps({"errorCode": "ERR_DIRECT_INVOKE", "message": message}).encode())


def test_an_answer_without_a_body_is_done() -> None:
    assert Reply(204, {}, b"") == reply_of_binding("b", Reply(204, {"date": "now"}, b""))


def test_the_metadata_of_the_http_binding_are_the_status_and_headers_of_the_far_side() -> None:
    answer = Reply(200, {"metadata.statuscode": "410", "metadata.retry-after": "7", "date": "now"}, b"gone")
    assert Reply(410, {"retry-after": "7"}, b"gone") == reply_of_binding("b", answer)


def test_a_refusal_is_500_with_the_words_of_the_far_side() -> None:
    assert Reply(500, {}, "550 nö".encode()) == reply_of_binding("b", refused("550 nö"))


def test_a_refusal_with_a_status_has_that_status() -> None:
    answer = refused("received status code 404", **{"metadata.statuscode": "404"})
    assert Reply(404, {}, b"received status code 404") == reply_of_binding("b", answer)


@pytest.mark.parametrize(
    "message",
    [
        "couldn't find output binding b",
        'Post "/v1/send": unsupported protocol scheme ""',
        "SES binding error: emailFrom property not supplied in configuration- or request-metadata",
    ],
)
def test_a_binding_without_its_component_or_secret_is_missing(message: str) -> None:
    with pytest.raises(BindingMissing, match=r"binding b: .*secret"):
        reply_of_binding("b", refused(message))


@pytest.mark.parametrize("message", ["circuit breaker is open", "too many requests"])
def test_a_binding_that_dapr_lets_rest_was_not_tried(message: str) -> None:
    with pytest.raises(BackendAway, match="rest"):
        reply_of_binding("b", refused(message))


def test_a_far_side_that_speaks_of_a_circuit_breaker_was_tried() -> None:
    assert 500 == reply_of_binding("b", refused("421 circuit breaker is open")).status


@pytest.mark.parametrize("body", [b"invalid api token\n", b"{", b"[]", b'{"errorCode": "ERR_API_UNIMPLEMENTED"}'])
def test_any_other_answer_for_a_binding_is_daprs_own_trouble(body: bytes) -> None:
    with pytest.raises(BackendAway):
        reply_of_binding("b", Reply(500, {}, body))


@pytest.mark.parametrize("status", [200, 302, 401, 404, 500, 503])
def test_an_invocation_gives_back_what_the_far_side_answered(status: int) -> None:
    answer = Reply(status, {"retry-after": "7"}, b'{"errorCode": "OURS"}')
    assert answer == reply_of_invocation(answer)


def test_a_far_side_that_was_not_reached_is_502() -> None:
    assert Reply(502, {}, b"connection refused") == reply_of_invocation(failed("connection refused"))


@pytest.mark.parametrize("answer", [Reply(401, {}, b"invalid api token\n"), failed("invoke API is not ready")])
def test_a_sidecar_that_does_not_invoke_is_away(answer: Reply) -> None:
    with pytest.raises(BackendAway):
        reply_of_invocation(answer)


def test_bytes_that_are_no_text_can_be_read_all_the_same() -> None:
    assert "a\ufffd" == Reply(500, {}, b"a\xff").text
