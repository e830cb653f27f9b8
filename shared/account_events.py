"""The events of a user's account, tokens and feeds. All of one user are in order: their key is the user's id."""

import datetime as dt
from uuid import UUID

from shared.payload import Payload


class TokenPayload(Payload):
    """A personal access token; never what it is."""

    about = "user_id"

    token_id: UUID
    name: str


class TokenCreated(TokenPayload):
    """A user made a token. `expires_at` is null for one that does not end."""

    type = "ebb.token.created.v1"

    scopes: tuple[str, ...]
    expires_at: dt.datetime | None


class TokenRevoked(TokenPayload):
    """A user revoked a token."""

    type = "ebb.token.revoked.v1"


class FeedPayload(Payload):
    """A secret URL for calendar programs; never what it is."""

    about = "user_id"

    feed_id: UUID
    name: str


class FeedCreated(FeedPayload):
    """A user made a feed."""

    type = "ebb.feed.created.v1"


class FeedRevoked(FeedPayload):
    """A user revoked a feed."""

    type = "ebb.feed.revoked.v1"


class AccountDeleted(Payload):
    """A user deleted their account: it is closed, and its rows are to be erased."""

    type = "ebb.account.deleted.v1"
    about = "user_id"
