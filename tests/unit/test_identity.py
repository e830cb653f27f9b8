"""The Authorization header: personal access tokens, and what is refused before any token is looked up."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Unauthenticated
from shared.identity import Caller, Identity, StoredToken, digest, new_token

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BOTH = frozenset({"read", "write"})


@dataclass
class StandingClock:
    """A clock that stands still until it is moved."""

    instant: datetime = NOW

    def now(self) -> datetime:
        """Return the same instant again."""
        return self.instant

    async def wait_until(self, instant: datetime) -> None:
        """Nothing here waits."""


@dataclass
class Tokens:
    """Personal access tokens in memory; `asked` counts the look-ups."""

    rows: dict[bytes, StoredToken] = field(default_factory=dict)
    asked: int = 0
    noted: list[datetime] = field(default_factory=list)

    async def find(self, digest: bytes) -> StoredToken | None:
        """Return the row, if there is one."""
        self.asked += 1
        return self.rows.get(digest)

    async def note_use(self, digest: bytes, now: datetime, before: datetime) -> None:
        """Keep when it was used."""
        row = self.rows[digest]
        if row.last_used_at is None or row.last_used_at <= before:
            self.rows[digest] = replace(row, last_used_at=now)
            self.noted.append(now)

    def issue(self, scopes: frozenset[str] = BOTH, expires_at: datetime | None = None) -> str:
        """Keep a new token of Alice and return it."""
        token, key = new_token()
        self.rows[key] = StoredToken("alice", scopes, expires_at)
        return token


def identity(tokens: Tokens) -> Identity:
    return Identity(tokens, None, StandingClock())


async def test_a_personal_access_token_names_its_owner_and_scopes() -> None:
    tokens = Tokens()
    token = tokens.issue(frozenset({"read"}))
    assert Caller("alice", frozenset({"read"})) == await identity(tokens).caller(f"Bearer {token}")


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "bEaReR   ", " Bearer "])
async def test_the_scheme_is_compared_without_case_and_spaces_may_surround_it(scheme: str) -> None:
    tokens = Tokens()
    assert (await identity(tokens).caller(scheme + tokens.issue() + " ")).user_id == "alice"


async def test_a_token_is_valid_until_the_instant_it_expires() -> None:
    tokens = Tokens()
    token = tokens.issue(expires_at=NOW + timedelta(microseconds=1))
    assert (await identity(tokens).caller(f"Bearer {token}")).user_id == "alice"


async def test_a_token_is_refused_from_the_instant_it_expires() -> None:
    tokens = Tokens()
    token = tokens.issue(expires_at=NOW)
    with pytest.raises(Unauthenticated, match="expired"):
        await identity(tokens).caller(f"Bearer {token}")


async def test_an_unknown_token_is_refused_and_not_repeated() -> None:
    token, _ = new_token()
    with pytest.raises(Unauthenticated) as refusal:
        await identity(Tokens()).caller(f"Bearer {token}")
    assert token not in str(refusal.value)
    assert "Bearer" in refusal.value.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer\tebb_a",
        "Basic ebb_a",
        "ebb_a",
        "Bearerebb_a",
        "Bearer ebb_a ebb_b",
        "Bearer ebb_a, Bearer ebb_b",
        "Bearer ebb_a\n",
        "Bearer ebb_\x00",
        "Bearer ebb_\u212a",
        "Bearer ebb_" + "a" * 8192,
    ],
)
async def test_a_header_that_is_not_bearer_and_one_token_is_refused_without_a_look_up(
    header: str | None,
) -> None:
    tokens = Tokens()
    with pytest.raises(Unauthenticated):
        await identity(tokens).caller(header)
    assert tokens.asked == 0


async def test_a_header_of_8_kib_is_read() -> None:
    with pytest.raises(Unauthenticated, match="unknown"):
        await identity(Tokens()).caller("Bearer ebb_".ljust(8192, "a"))


@pytest.mark.parametrize("token", ["a.b.c", "opaque", "EBB_a", "a.b", "a.b.c.d.e"])
async def test_without_an_issuer_only_personal_access_tokens_are_taken(token: str) -> None:
    tokens = Tokens()
    with pytest.raises(Unauthenticated, match="no kind"):
        await identity(tokens).caller(f"Bearer {token}")
    assert tokens.asked == 0


@given(st.text() | st.text().map("Bearer ".__add__) | st.text().map("Bearer ebb_".__add__))
async def test_any_text_as_header_is_refused_as_unauthenticated(header: str) -> None:
    with pytest.raises(Unauthenticated):
        await identity(Tokens()).caller(header)


def test_a_new_token_is_ebb_and_43_url_safe_characters_with_its_sha_256() -> None:
    token, stored = new_token()
    assert re.fullmatch(r"ebb_[A-Za-z0-9_-]{43}", token)
    assert hashlib.sha256(token.encode()).digest() == stored == digest(token)


def test_no_two_new_tokens_are_the_same() -> None:
    assert len({new_token() for _ in range(100)}) == 100


async def test_the_use_of_a_token_is_noted_once_an_hour() -> None:
    tokens, clock = Tokens(), StandingClock()
    door, token = Identity(tokens, None, clock), tokens.issue()
    for _ in range(9):
        await door.caller(f"Bearer {token}")
        clock.instant += timedelta(minutes=15)
    assert [NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2)] == tokens.noted


async def test_a_token_that_was_unknown_once_is_not_looked_up_again() -> None:
    tokens = Tokens()
    door, (token, _) = identity(tokens), new_token()
    for _ in range(5):
        with pytest.raises(Unauthenticated, match="unknown"):
            await door.caller(f"Bearer {token}")
    assert 1 == tokens.asked


async def test_only_so_many_unknown_tokens_are_remembered() -> None:
    tokens = Tokens()
    door = identity(tokens)
    for token in [new_token()[0] for _ in range(1_100)] * 2:
        with pytest.raises(Unauthenticated):
            await door.caller(f"Bearer {token}")
    assert len(door._unknown) == 1_000


@pytest.mark.parametrize("token", ["ebb_", "ebb_x", "ebb_" + "x" * 44, "ebb_" + "x" * 42 + "~", "ebb_" + "ü" * 43])
async def test_what_cannot_be_a_token_is_not_looked_up(token: str) -> None:
    tokens = Tokens()
    with pytest.raises(Unauthenticated):
        await identity(tokens).caller(f"Bearer {token}")
    assert 0 == tokens.asked


async def test_the_owner_of_a_token_is_remembered_until_it_is_revoked() -> None:
    tokens = Tokens()
    door, token = identity(tokens), tokens.issue()
    assert door.likely(f"Bearer {token}") is None
    await door.caller(f"Bearer {token}")
    assert ["alice", "alice", None, None] == [door.likely(f"{s}{token}") for s in ("Bearer ", " bearer  ", "x", "ä ä")]
    tokens.rows.clear()
    with pytest.raises(Unauthenticated):
        await door.caller(f"Bearer {token}")
    assert door.likely(f"Bearer {token}") is None


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ebb_x", "Bearer \ud800", "x" * 10_000])
async def test_what_is_no_token_is_nobodys(header: str | None) -> None:
    assert identity(Tokens()).likely(header) is None
