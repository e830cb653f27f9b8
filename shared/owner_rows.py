"""The settings of a user, read without a lock."""

from psycopg import AsyncConnection

from shared.reminder import Owner

GET = "SELECT time_zone, locale, all_day_reminder_time, quiet_from, quiet_until FROM users WHERE id = %s"


async def owner_of(connection: AsyncConnection, user_id: str) -> Owner:
    """Return the settings; the defaults for a user who has never written anything."""
    row = await (await connection.execute(GET, (user_id,))).fetchone()
    return Owner(user_id) if row is None else Owner(user_id, *row)
