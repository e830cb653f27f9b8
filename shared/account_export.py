"""Everything that is stored of a user, as JSON Lines: `{"kind": "task", "value": {…}}`, row by row as it is stored.

All of it is of one moment. The last line counts the ones before it, so that an export that broke off is told from a
whole one. Secrets are left out: hashes of tokens, secrets of webhooks and push keys. So are the answers that are kept
for repeated requests, and events on their way: copies of what is here.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from psycopg import AsyncConnection

from shared.runtime import Runtime

MEDIA_TYPE = "application/jsonl; charset=utf-8"
HEADERS = {
    "Content-Type": MEDIA_TYPE,
    "Content-Disposition": 'attachment; filename="ebb-account.jsonl"',
}
BATCH = 500  # rows in memory
PREPARE = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL TIME ZONE 'UTC'",
    # Whoever stops reading must not hold a connection and a snapshot for ever.
    "SET LOCAL idle_in_transaction_session_timeout = '60s'",
)
KINDS = {
    "account": "SELECT to_jsonb(x) FROM users x WHERE x.id = %s",
    "channel": "SELECT to_jsonb(x) || jsonb_build_object('config', x.config - 'secret' - 'keys') FROM channels x"
    " WHERE x.user_id = %s ORDER BY x.name",
    "token": "SELECT to_jsonb(x) - 'hash' FROM tokens x WHERE x.user_id = %s ORDER BY x.id",
    "tag": "SELECT to_jsonb(x) FROM tags x WHERE x.user_id = %s ORDER BY x.id",
    "filter": "SELECT to_jsonb(x) FROM filters x WHERE x.user_id = %s ORDER BY x.id",
    "feed": "SELECT to_jsonb(x) - 'hash' FROM feeds x WHERE x.user_id = %s ORDER BY x.id",
    "series": "SELECT to_jsonb(x) FROM series x WHERE x.user_id = %s ORDER BY x.id",
    "task": """SELECT to_jsonb(x) || jsonb_build_object(
  'tags', ARRAY(
    SELECT g.name FROM task_tags l JOIN tags g ON g.id = l.tag_id WHERE l.task_id = x.id ORDER BY l.position),
  'reminders', ARRAY(SELECT to_jsonb(r) FROM reminders r WHERE r.task_id = x.id ORDER BY r.position, r.id)
) FROM tasks x WHERE x.user_id = %s ORDER BY x.change_seq""",
    "import": "SELECT to_jsonb(x) FROM imports x WHERE x.user_id = %s ORDER BY x.uid",
    "notification": """SELECT to_jsonb(x) || jsonb_build_object(
  'deliveries', ARRAY(SELECT to_jsonb(d) FROM deliveries d WHERE d.notification_id = x.id ORDER BY d.id)
) FROM notifications x WHERE x.user_id = %s ORDER BY x.change_seq""",
    "audit": "SELECT to_jsonb(x) FROM audit x WHERE x.user_id = %s ORDER BY x.position",
    "audit_chunk": "SELECT to_jsonb(x) FROM audit_chunks x WHERE x.user_id = %s ORDER BY x.first_seq",
}
LINE = "SELECT jsonb_build_object('kind', %s::text, 'value', value)::text FROM ("


async def export_account(parts: Runtime, user_id: str) -> AsyncGenerator[bytes, None]:
    """Yield the lines, many at a time."""
    count = 0
    async with parts.database.connection() as connection:
        for statement in PREPARE:
            await connection.execute(statement)
        for kind, rows in KINDS.items():
            # Closed before the connection goes back: whoever stops reading leaves no open cursor on it.
            async with aclosing(_read(connection, f"{LINE}{rows}) AS found(value)", (kind, user_id))) as batches:
                async for lines in batches:
                    count += len(lines)
                    yield "".join(f"{line}\n" for line in lines).encode()
    yield f'{{"kind": "end", "value": {count}}}\n'.encode()


async def _read(
    connection: AsyncConnection, statement: str, parameters: tuple[str, ...]
) -> AsyncGenerator[list[str], None]:
    async with connection.cursor(name="export") as cursor:
        await cursor.execute(statement, parameters)
        while rows := await cursor.fetchmany(BATCH):
            yield [line for (line,) in rows]
