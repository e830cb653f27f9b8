"""A user's personal access tokens: made, shown, revoked.

A token never gives more than the one that made it has: no other scopes, and no longer life. Otherwise whoever finds a
token for an hour would have one for ever.
"""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from pydantic import Field

from shared.account_events import TokenCreated, TokenRevoked
from shared.errors import Fault, InvalidInput, NotFound, ScopeMissing
from shared.identity import Caller, new_token
from shared.input_types import Instant, TagName
from shared.inputs import Input
from shared.task_view import View
from shared.token_rows import ADD
from shared.unit_of_work import UnitOfWork, new_id

TokenScope = Literal["read", "write", "admin"]
MOST = 100  # tokens of one user
DEFAULT_LIFE = dt.timedelta(days=90)  # of a token whose maker says nothing about its end
_COLUMNS = "id, name, scopes, expires_at, created_at, last_used_at"
LIST = f"SELECT {_COLUMNS} FROM tokens WHERE user_id = %s ORDER BY id DESC"
COUNT = "SELECT count(*) FROM tokens WHERE user_id = %s"
REVOKE = "DELETE FROM tokens WHERE user_id = %s AND id = %s RETURNING name"


class TokenInput(Input):
    """What `POST /v1/tokens` takes. `expires_at`: absent for 90 days, null for never."""

    name: TagName
    scopes: Annotated[tuple[TokenScope, ...], Field(fail_fast=True, min_length=1, max_length=3)] = ("read", "write")
    expires_at: Instant | None = None


class TokenView(View):
    """A token as its owner sees it. `last_used_at` is up to an hour old."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    expires_at: dt.datetime | None
    created_at: dt.datetime
    last_used_at: dt.datetime | None


class NewTokenView(TokenView):
    """A token that was just made. `token` is shown this once; a repeated request is answered with null."""

    token: str | None


class TokenPage(View):
    """All tokens of a user, newest first."""

    tokens: tuple[TokenView, ...]


async def list_tokens(connection: AsyncConnection, user_id: str) -> TokenPage:
    """Return a user's tokens, expired ones too."""
    reading = connection.cursor(row_factory=dict_row)
    rows = await (await reading.execute(LIST, (user_id,))).fetchall()
    return TokenPage(tokens=tuple(TokenView.model_validate(row) for row in rows))


async def create_token(work: UnitOfWork, caller: Caller, wanted: TokenInput) -> NewTokenView:
    """Make a token. Raises `ScopeMissing` for scopes that the caller lacks, `InvalidInput` for a wrong end."""
    scopes = tuple(scope for scope in ("read", "write", "admin") if scope in wanted.scopes)
    if lacking := set(scopes) - caller.scopes:
        raise ScopeMissing(f"a token cannot give what it lacks: {', '.join(sorted(lacking))}")
    expires_at = _end(work.now, caller, wanted)
    row = await (await work.connection.execute(COUNT, (work.owner.id,))).fetchone()
    if row and row[0] >= MOST:
        raise InvalidInput(Fault("", f"there are {MOST} tokens already; revoke one first"))
    token, hashed = new_token()
    token_id = new_id()
    await work.connection.execute(
        ADD, (token_id, work.owner.id, wanted.name, hashed, list(scopes), expires_at, work.now)
    )
    work.emit(
        TokenCreated(
            user_id=work.owner.id,
            actor=work.actor,
            token_id=token_id,
            name=wanted.name,
            scopes=scopes,
            expires_at=expires_at,
        )
    )
    return NewTokenView(
        id=token_id,
        name=wanted.name,
        scopes=scopes,
        expires_at=expires_at,
        created_at=work.now,
        last_used_at=None,
        token=token,
    )


async def revoke_token(work: UnitOfWork, token_id: UUID) -> None:
    """Revoke a token: the next request with it is refused. Raises `NotFound`."""
    row = await (await work.connection.execute(REVOKE, (work.owner.id, token_id))).fetchone()
    if row is None:
        raise NotFound("there is no such token")
    work.emit(TokenRevoked(user_id=work.owner.id, actor=work.actor, token_id=token_id, name=row[0]))


def _end(now: dt.datetime, caller: Caller, wanted: TokenInput) -> dt.datetime | None:
    """Return when the new token ends; None for never."""
    latest = caller.expires_at
    if "expires_at" not in wanted.model_fields_set:
        default = now + DEFAULT_LIFE
        return default if latest is None else min(default, latest)
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise InvalidInput(Fault("/expires_at", "must lie in the future"))
    if latest is not None and (wanted.expires_at is None or wanted.expires_at > latest):
        raise InvalidInput(Fault("/expires_at", f"must not be after the end of this token, {latest.isoformat()}"))
    return wanted.expires_at
