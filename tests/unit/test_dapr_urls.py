"""What of a URL goes where in a call of Dapr's invocation API. That it arrives so is the contract's to show."""

import pytest

from shared.dapr_urls import invoke_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://a.test", "/v1.0/invoke/https://a.test/method/"),
        ("https://a.test:8443/x/y?b=c", "/v1.0/invoke/https://a.test:8443/method/x/y?b=c"),
        ("http://[::1]:80/x", "/v1.0/invoke/http://[::1]:80/method/x"),
        ("HTTPS://a.test/x", "/v1.0/invoke/https://a.test/method/x"),
    ],
)
def test_the_origin_is_the_target_and_the_path_the_method(url: str, path: str) -> None:
    assert path == invoke_path(url)


def test_percent_signs_are_encoded_again_because_dapr_decodes_once_more() -> None:
    assert "/v1.0/invoke/https://a.test/method/a%252Fb?c=%2F" == invoke_path("https://a.test/a%2Fb?c=%2F")


@pytest.mark.parametrize("path", ["/x/", "//", "/a//b", "/a/./b", "/a/../b", "/.."])
def test_a_path_that_dapr_would_clean_travels_in_the_target(path: str) -> None:
    target, method, rest = invoke_path(f"https://a.test{path}?b=c").partition("/method/")
    assert ("/method/", "?b=c") == (method, rest)
    assert "/" not in target.removeprefix("/v1.0/invoke/")


@pytest.mark.parametrize(
    "url",
    [
        "", "a.test/x", "/x", "//a.test", "ftp://a.test", "https://", "https:///x", "https://a.test:/x",
        "https://a.test:x/", "https://user@a.test/", "https://user:pass@a.test/", "https://a.test/x#part",
        "https://a.test/x#", "https://a.test/?", "https://a.test/ä", "https://ä.test/", "https://a.test/a b",
        "https://a.test/%", "https://a.test/%2", "https://a.test/%zz", 'https://a.test/"', "https://a.test/a\\b",
        "https://a.test/a|b", "https://a.test/[", "https://a.test/x\r\nX: y", "https://a.test/x\n", "https://a%2Ftest/",
        "http://a.test\\@b.test/",
    ],
)  # fmt: skip
def test_a_url_that_could_not_arrive_as_it_is_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="cannot be called"):
        invoke_path(url)
