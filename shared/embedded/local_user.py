"""The one user of a local run, and their token."""

from pathlib import Path

from shared.identity import digest, new_token
from shared.runtime import Runtime
from shared.token_rows import TokenRows
from shared.unit_of_work import UnitOfWork, new_id

LOCAL_USER = "local"
SCOPES = ("read", "write", "admin")  # the person at the machine is its administrator too
SET_ZONE = "UPDATE users SET time_zone = %s WHERE id = %s"


async def prepare_local_user(parts: Runtime, token_file: Path, time_zone: str | None) -> None:
    """See that `token_file` holds a token that the database knows, and that the user has their zone."""
    tokens = TokenRows(parts.database)
    token = token_file.read_text().strip() if token_file.exists() else ""
    known = await tokens.find(digest(token)) if token else None
    if known is None:
        token, hashed = new_token()
        await tokens.add(new_id(), LOCAL_USER, "local run", hashed, SCOPES, parts.clock.now())
        token_file.touch(mode=0o600)
        token_file.write_text(token + "\n")
    elif not known.scopes >= {*SCOPES}:  # made by an earlier version
        await tokens.grant(digest(token), SCOPES)
    if time_zone is not None:
        async with UnitOfWork(parts, "/ebb/serve") as work:
            await work.lock(LOCAL_USER)
            await work.connection.execute(SET_ZONE, (time_zone, LOCAL_USER))
            await work.commit()
