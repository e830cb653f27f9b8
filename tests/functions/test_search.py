"""Search: what a query finds, in which order, page by page, and that no text at all breaks it."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from shared import search_rows
from shared.reminder import Owner
from shared.search import LONGEST, parse, search, stored
from shared.task_query import list_tasks
from tests.harness import NOON, Ebb

TASKS: tuple[dict[str, Any], ...] = (
    {"title": "Pay the rent", "notes": "before the report is due", "tags": ["Home office"]},
    {"title": "Call the landlord", "notes": "about the rent", "tags": ["home"]},
    {"title": "Buy a car", "notes": "or rent one", "tags": ["Rent"], "priority": "high"},
    {"title": "Répondre à l'e-mail", "notes": "https://example.com/reports/7?x=1", "tags": ["Büro 🏠"]},
    {"title": "東京タワーに行く", "notes": "予約する"},
)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


@pytest.fixture(params=["few", "many"])
def _hits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every search be one of few hits, and one of too many to be sorted."""
    if request.param == "many":
        monkeypatch.setattr(search_rows, "FEW", 0)


async def fill(ebb: Ebb) -> list[dict[str, Any]]:
    """Create the five tasks a second apart."""
    made = []
    for fields in TASKS:
        made.append(await ebb.create(**fields))
        ebb.clock.pass_by(seconds=1)
    return made


async def found(ebb: Ebb, query: str, more: str = "") -> str:
    """Return the first letters of the titles found, in order."""
    return "".join(task["title"][0] for task in await ebb.tasks(f"?q={quote(query)}{more}"))


@pytest.mark.usefixtures("_hits")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("rent", "PBC"),  # in a title, in a tag, in notes
        ("RENT", "PBC"),
        ("the rent", "PC"),
        ('"the rent"', "PC"),
        ('"rent the"', ""),
        ("rent -car", "PC"),
        ("rent -landlord -car", "P"),
        ('rent -"buy a car"', "PC"),
        ("-rent", "東R"),
        ("rep*", "RP"),  # with and without accents, in a title before notes
        ("report", "P"),
        ("repondre", "R"),
        ("RÉPONDRE", "R"),
        ("e-mail", "R"),
        ("mail-e", ""),
        ("home", "CP"),
        ('"home office"', "P"),
        ('"office home"', ""),
        ("home -office", "C"),
        ("landlord home", "C"),
        ("example.com", "R"),
        ("reports", "R"),
        ("🏠", "R"),
        ("buro", "R"),
        ("東京", "東"),
        ("タワー", "東"),
        ("予", "東"),
        ("京東", ""),
        ("nowhere", ""),
        ("!!!", ""),
        ("rent !!!", "PBC"),
        ("'\"&|!():*<->\\", ""),
    ],
)
async def test_a_query_finds_what_it_says_best_first(ebb: Ebb, query: str, expected: str) -> None:
    await fill(ebb)
    assert expected == await found(ebb, query)


@pytest.mark.usefixtures("_hits")
async def test_filters_and_orders_hold_in_a_search(ebb: Ebb) -> None:
    await fill(ebb)
    assert "B" == await found(ebb, "rent", "&priority=high")
    assert "CP" == await found(ebb, "rent", "&priority=none&sort=title")
    assert "BPC" == await found(ebb, "rent", "&sort=-priority,created_at")
    assert "" == await found(ebb, "rent", "&status=completed")


@pytest.mark.usefixtures("_hits")
@pytest.mark.parametrize("more", ["", "&sort=title", "&sort=-created_at"])
@pytest.mark.parametrize("query", ["word", "word -other", "-other"])
async def test_pages_of_a_search_are_its_parts(ebb: Ebb, query: str, more: str) -> None:
    places = ("title", "notes", "tags")
    for n in range(9):
        fields: dict[str, Any] = {"title": f"Task {n}"} | {places[n % 3]: "word" if n % 3 < 2 else ["word"]}
        await ebb.create(**fields)
        ebb.clock.pass_by(seconds=1)
    whole = await ebb.tasks(f"?q={quote(query)}{more}")
    parts: list[dict[str, Any]] = []
    cursor = ""
    while len(parts) < 10:
        page = (await ebb.call("GET", f"/v1/tasks?q={quote(query)}{more}&limit=2{cursor}")).json()
        parts += page["tasks"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert (9, whole) == (len(whole), parts)


@pytest.mark.usefixtures("_hits")
async def test_what_was_there_all_along_stands_on_one_page_while_others_come_and_go(ebb: Ebb) -> None:
    made = []
    for n in range(8):
        made.append((await ebb.create(title=f"word {n}"))["id"])
        ebb.clock.pass_by(seconds=1)
    first = (await ebb.call("GET", "/v1/tasks?q=word&limit=3")).json()
    await ebb.create(title="word new")
    await ebb.call("DELETE", f"/v1/tasks/{first['tasks'][-1]['id']}")
    rest = await ebb.tasks(f"?q=word&cursor={first['next']}")
    assert made[::-1] == [task["id"] for task in (*first["tasks"], *rest)]


async def test_a_changed_task_is_found_by_its_new_words_and_a_deleted_one_by_none(ebb: Ebb) -> None:
    task = await ebb.create(title="old", notes="stays", tags=["first"])
    path = f"/v1/tasks/{task['id']}"
    await ebb.call("PATCH", path, {"title": "new", "tags": ["second"]})
    assert ["", "n", "n", "", "n"] == [await found(ebb, word) for word in ("old", "new", "stays", "first", "second")]
    await ebb.call("POST", f"{path}/complete")
    assert "n" == await found(ebb, "new")
    await ebb.call("DELETE", path)
    assert ["", ""] == [await found(ebb, word) for word in ("new", "second")]


async def test_a_search_shows_nobody_elses_tasks(ebb: Ebb) -> None:
    await ebb.create(title="word", tags=["word"], user="bob")
    for query in ("word", "wo*", "-other"):
        assert "" == await found(ebb, query)


async def test_a_blank_query_is_none(ebb: Ebb) -> None:
    await fill(ebb)
    assert "PCBR東" == await found(ebb, "  ")


@pytest.mark.parametrize("query", ["q=a&q=b", f"q={'x' * (LONGEST + 1)}", "q=%00", f"q={'a+' * 33}"])
async def test_a_wrong_query_is_422_and_named(ebb: Ebb, query: str) -> None:
    answer = await ebb.call("GET", f"/v1/tasks?{query}")
    assert (422, ["?q"]) == (answer.status_code, [error["pointer"] for error in answer.json()["errors"]])


async def test_a_cursor_of_a_search_belongs_to_it(ebb: Ebb) -> None:
    await fill(ebb)
    cursor = (await ebb.call("GET", "/v1/tasks?q=rent&limit=1")).json()["next"]
    assert 422 == (await ebb.call("GET", f"/v1/tasks?limit=1&cursor={cursor}")).status_code
    assert 422 == (await ebb.call("GET", f"/v1/tasks?q=%21&sort=title&cursor={cursor}")).status_code
    assert 422 == (await ebb.call("GET", "/v1/tasks?q=%21&cursor=x")).status_code
    assert 200 == (await ebb.call("GET", f"/v1/tasks?q=%21&cursor={cursor}")).status_code


@pytest.fixture
async def connection(migrated_url: str) -> Any:
    async with await AsyncConnection.connect(migrated_url, autocommit=True) as opened:
        yield opened


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(query=TEXT | TEXT.map(lambda text: f'-"{text}* {text[:3]}*'))
async def test_no_query_breaks_the_search(connection: AsyncConnection, query: str) -> None:
    given = {"q": [query[:LONGEST]]}
    assert ([], None) == await list_tasks(connection, Owner("nobody"), given, NOON)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(title=TEXT, notes=TEXT)
async def test_every_text_is_found_by_itself_in_postgresql_too(
    connection: AsyncConnection, title: str, notes: str
) -> None:
    for rank, text in ((0, title), (2, notes)):
        terms = parse('"' + text.replace('"', " ")[: LONGEST - 1])
        if terms:
            query = search("alice", terms, ()).anywhere if rank else search("alice", terms, ()).ranks[0]
            row = (stored("alice", title, notes), query)
            cursor = await connection.execute("SELECT %s::tsvector @@ %s::tsquery", row)
            assert (True,) == await cursor.fetchone()


@pytest.mark.parametrize("letter", ["\x01", "ﷺ ", "東京", "á "])
async def test_the_longest_texts_can_be_stored_and_found(ebb: Ebb, letter: str) -> None:
    task = await ebb.create(title="a" + (letter * 500)[:498] + "b", notes=(letter * 50_000)[:50_000])
    assert [task["id"]] == [one["id"] for one in await ebb.tasks(f"?q={quote('a' + letter)}")]


async def test_fifty_thousand_different_letters_can_be_stored(ebb: Ebb) -> None:
    notes = "".join(chr(0x4E00 + n % 20_000) + chr(0x4E00 + n * 7 % 20_000) for n in range(25_000))
    assert 1 == len({(await ebb.create(title="a", notes=notes))["id"]} & {one["id"] for one in await ebb.tasks("?q=a")})
