"""Every path with wrong queries, ids, headers and tokens: the documented error, and no table changed."""

import json

import httpx
import pytest

from tests.functions.ways import COMMANDS, THINGS, WAYS, Way, all_scopes, contents, path_of
from tests.harness import Ebb

INVALID = (422, "urn:ebb:problem:invalid-input")
# Parameters that take any text: nothing is wrong but what cannot be stored.
OPEN = {"q", "tag", "type", "actor", "function", "filter"}
REPEATED = {"tag"}
WRONG = ["", "-1", "0x1", "%01%1b", "%ff", "%zz", "1" * 400, "a" * 20_000, "%E2%80%AE", "null", "%5B%5D", "1e9"]
NO_IDS = ["7", "not-an-id", "a" * 4_000, "%00", "%2e%2e", "..%2f..", "%ff", "%3Fa", "%23a", "-", "0" * 33]
ENDS = ("%00", "%3Fa=b", "%23a")
IMPORT = next(way for way in WAYS if way.path == "/v1/import")
FILE = {"tasks": [{"uid": "a", "title": "from a file"}]}
WITH_TOKEN = [way for way in WAYS if way.scope]
# Their answers hold a secret, which no repeated request gets.
SHOWN_ONCE = {"POST /v1/tokens", "POST /v1/feeds"}


def essence(answer: httpx.Response) -> tuple[int, str]:
    """Return status and type of a problem; anything else has no type."""
    problem = answer.json() if "problem+json" in answer.headers.get("content-type", "") else {}
    assert not problem or all(problem[name] for name in ("title", "detail", "status"))
    return answer.status_code, problem.get("type", "")


async def parameters(ebb: Ebb, way: Way, path: str, **headers: str) -> list[str]:
    """Return the parameters of a way as it names them itself when it is asked for an unknown one."""
    body = json.dumps(way.bodies[0]).encode() if way.bodies else None
    answer = await ebb.call(way.method, f"{path}?un%20known=1", body, user="", **headers)
    assert INVALID == essence(answer), answer.text
    (error,) = answer.json()["errors"]
    assert "?un known" == error["pointer"]
    names = str(error["message"]).partition("known are ")[2].split(", ")
    return [name for name in names if name != "none"]


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_a_wrong_query_is_422_and_names_the_parameter(ebb: Ebb, way: Way) -> None:
    path, headers = (await path_of(ebb, way)).partition("?")[0], {"authorization": await all_scopes(ebb)}
    await ebb.call("GET", "/v1/tags", user="", **headers)
    before, wrong = await contents(ebb), list[str]()
    for name in await parameters(ebb, way, path, **headers):
        tried = [("twice", f"{name}=a&{name}=a")] if name not in REPEATED else []
        tried += [("NUL", f"{name}=a%00b"), ("NUL in front", f"{name}=%00")]
        # An empty token asks from the beginning.
        closed = [text for text in WRONG if name not in OPEN and not (name == "since" and text == "")]
        for kind, query in (*tried, *((text[:20], f"{name}={text}") for text in closed)):
            answer = await ebb.call(way.method, f"{path}?{query}", b"{}", user="", **headers)
            pointers = [error["pointer"] for error in answer.json().get("errors", [])]
            if essence(answer) != INVALID or pointers != [f"?{name}"] or len(answer.content) > 2_000:
                wrong.append(f"{name} {kind}: {answer.status_code} {answer.text[:200]}")
    assert [] == wrong
    assert before == await contents(ebb)


@pytest.mark.parametrize("way", [way for way in WAYS if way.thing], ids=str)
async def test_what_is_no_id_is_404_and_an_id_in_upper_case_is_the_same_id(ebb: Ebb, way: Way) -> None:
    name = await THINGS[way.thing or ""](ebb)
    await ebb.settle()
    headers = {"authorization": await all_scopes(ebb)}
    await ebb.call("GET", "/v1/tags", user="", **headers)
    body = json.dumps(way.bodies[0]).encode() if way.bodies else None
    before, wrong = await contents(ebb), list[str]()
    near = [f"%7B{name}%7D", f"urn:uuid:{name}", name.replace("-", ""), *(f"{name}{end}" for end in ENDS)]
    for text in (*NO_IDS, *near) if way.thing != "secret" else NO_IDS:
        answer = await ebb.call(way.method, way.at(text), body, user="", **headers)
        if answer.status_code not in {404, 405} or not essence(answer)[1]:
            wrong.append(f"{text[:60]}: {answer.status_code} {answer.text[:100]}")
    assert [] == wrong
    assert before == await contents(ebb)
    if way.thing != "secret":
        answer = await ebb.call(way.method, way.at(name.upper()), body, user="", **headers)
        assert answer.is_success, answer.text


@pytest.mark.parametrize("way", WITH_TOKEN, ids=str)
async def test_a_token_that_is_missing_wrong_or_given_twice_is_401_and_one_with_other_scopes_403(
    ebb: Ebb, way: Way
) -> None:
    path, good = await path_of(ebb, way), await all_scopes(ebb)
    lacking = [scope for scope in ("read", "write", "admin") if scope != way.scope]
    other = f"Bearer {await ebb.token('alice', lacking)}"
    made = [(await ebb.call("POST", "/v1/tokens", {"name": n}, user="", authorization=good)).json() for n in ("a", "b")]
    expired, revoked = (f"Bearer {each['token']}" for each in made)
    await ebb.sql("UPDATE tokens SET expires_at = %s WHERE id = %s", ebb.clock.now(), made[0]["id"])
    await ebb.call("DELETE", f"/v1/tokens/{made[1]['id']}", user="", authorization=good)
    await ebb.settle()
    for used in (good, other):
        await ebb.call("POST", "/v1/parse", {"text": "a"}, user="", authorization=used)
    before, wrong = await contents(ebb), list[str]()
    body = json.dumps(way.bodies[0]).encode() if way.bodies else None
    tried = {
        "none": [], "empty": [""], "Basic": ["Basic YWxpY2U6YQ=="], "no word": [good.removeprefix("Bearer ")],
        "two": [f"{good} {good.removeprefix('Bearer ')}"], "expired": [expired], "revoked": [revoked],
        "twice": [good, good], "good and bad": [good, "Bearer abc"], "10 kB": [good + "a" * 10_000],
        "a comma": [f"{good}, {good}"], "quoted": [f'Bearer "{good[7:]}"'], "more": [f"{good}="],
    }  # fmt: skip
    for kind, given in tried.items():
        sent = [("authorization", value) for value in given]
        answer = await ebb._http.request(way.method, path, content=body, headers=sent)
        if essence(answer) != (401, "urn:ebb:problem:unauthenticated") or "www-authenticate" not in answer.headers:
            wrong.append(f"{kind}: {answer.status_code} {answer.text[:200]}")
    answer = await ebb.call(way.method, path, body, user="", authorization=other)
    if essence(answer) != (403, "urn:ebb:problem:scope-missing"):
        wrong.append(f"scopes {lacking}: {answer.status_code} {answer.text[:200]}")
    assert [] == wrong
    assert before == await contents(ebb)


@pytest.mark.parametrize("way", [*COMMANDS, IMPORT], ids=str)
async def test_a_command_is_repeated_by_its_key_and_refused_for_another_request(ebb: Ebb, way: Way) -> None:
    if way.path in {"/v1/parse", "/v1/recurrences/preview"}:
        return  # They take no key: asking again has no effect at all.
    body = json.dumps(way.bodies[0] if way.bodies else FILE).encode()
    path, good = await path_of(ebb, way), await all_scopes(ebb)
    before = await contents(ebb) if await ebb.call("GET", "/v1/tags", user="", authorization=good) else {}
    for key in ("", "k" * 256, "a\x00b"):
        answer = await ebb.call(way.method, path, body, user="", authorization=good, idempotency_key=key)
        assert INVALID == essence(answer), answer.text
        assert ["Idempotency-Key"] == [error["pointer"] for error in answer.json()["errors"]]
    assert before == await contents(ebb)
    first = await ebb.call(way.method, path, body, user="", authorization=good, idempotency_key="k")
    assert first.is_success, first.text
    await ebb.settle()
    done = await contents(ebb)
    again = await ebb.call(way.method, path, body, user="", authorization=good, idempotency_key="k")
    assert first.status_code == again.status_code
    assert "true" == again.headers["idempotent-replayed"]
    assert (first.content == again.content) == (str(way) not in SHOWN_ONCE)
    other = await ebb.call(way.method, path, body + b" ", user="", authorization=good, idempotency_key="k")
    elsewhere = await ebb.call("POST", "/v1/tags", {"name": "x"}, user="", authorization=good, idempotency_key="k")
    for answer in (other, elsewhere):
        assert (422, "urn:ebb:problem:idempotency-key-reused") == essence(answer)
    assert done == await contents(ebb)
    bobs = await all_scopes(ebb, "bob")
    answer = await ebb.call(way.method, path, body, user="", authorization=bobs, idempotency_key="k")
    assert "idempotent-replayed" not in answer.headers
