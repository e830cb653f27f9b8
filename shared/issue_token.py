"""Make a personal access token: `python -m shared.issue_token USER SCOPE …` with the settings of a function.

It is printed once; only its SHA-256 is stored. Who may run this may read the database anyway.
"""

import asyncio
import sys
from collections.abc import Sequence

from shared.errors import SettingError
from shared.identity import new_token
from shared.runtime import Runtime, runtime
from shared.token_rows import TokenRows
from shared.unit_of_work import new_id

SCOPES = ("read", "write", "admin")


async def issue(parts: Runtime, user_id: str, scopes: Sequence[str]) -> str:
    """Return a new token that does not expire. Raises `SettingError` for a scope that does not exist."""
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise SettingError(f"there is no scope {unknown[0]}; there are {', '.join(SCOPES)}")
    token, hashed = new_token()
    await TokenRows(parts.database).add(new_id(), user_id, "issued by an operator", hashed, scopes, parts.clock.now())
    return token


async def _main(arguments: Sequence[str]) -> str:
    if len(arguments) < 2:
        raise SettingError("name a user and at least one scope: python -m shared.issue_token alice read write")
    parts = runtime()
    try:
        return await issue(parts, arguments[0], arguments[1:])
    finally:
        await parts.close()


if __name__ == "__main__":
    try:
        print(asyncio.run(_main(sys.argv[1:])))  # noqa: T201 -- this is what it is for
    except SettingError as error:
        sys.exit(f"ebb: {error.detail}")
