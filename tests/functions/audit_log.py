"""What the tests of the audit log share: an owner's hand in it, which its triggers would refuse, and its proof."""

from collections.abc import Mapping
from typing import Any

from shared.audit_check import Check, check
from tests.harness import Ebb


async def tamper(ebb: Ebb, statement: str, *parameters: object) -> None:
    """Change rows as somebody could who owns the database."""
    async with ebb.parts.database.connection() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(statement, parameters)
        await connection.commit()


async def empty(ebb: Ebb) -> None:
    """Forget all entries."""
    await tamper(ebb, "DELETE FROM audit")
    await tamper(ebb, "DELETE FROM audit_chunks")


async def proved(ebb: Ebb, known: Mapping[str, tuple[int, str]] | None = None) -> Check:
    """Walk over all chains; raises `ChainBroken`."""
    return await check(ebb.parts, dict(known or {}), lambda _: None)


async def write(ebb: Ebb, event_id: str, *, user: str = "alice", **changes: Any) -> int:
    """Deliver one event to write-audit; return the status."""
    event = {
        "specversion": "1.0", "id": event_id, "type": "ebb.settings.updated.v1", "source": "/ebb/manage-settings",
        "time": ebb.clock.now().isoformat(), "datacontenttype": "application/json",
        "data": {
            "user_id": user, "actor": user,
            "changes": {name: {"before": None, "after": after} for name, after in changes.items()},
        },
    }  # fmt: skip
    return (await ebb.deliver("write-audit", event)).status_code


async def numbers(ebb: Ebb, user: str = "alice") -> list[int]:
    """Return the places in the chain that are in the database."""
    return [seq for (seq,) in await ebb.sql("SELECT seq FROM audit WHERE user_id = %s ORDER BY seq", user)]
