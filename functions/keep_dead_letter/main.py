"""Keep a dead letter with its reason, whatever it is.

In: the records of the topic `dead-letters`, straight from their KafkaSource or from Dapr's bridge, events or not.
Out: its row, and 204. Nothing is refused for what it holds: there is no other place left for it.
"""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import log
from shared.dead_letter_rows import keep
from shared.dead_letters import arrived
from shared.runtime import runtime
from shared.web import allow


# Not as a CloudEvent: the framework would refuse what is none before it came here.
@functions_framework.aio.http
async def keep_dead_letter(request: Request) -> Response:
    """Answer 204 when it is stored."""
    allow(request, "POST")
    letter = arrived(request.scope["path"], request.headers, await request.body())
    log.bind(event_id=letter.attribute("id"), event_type=letter.attribute("type"), failed=letter.function)
    async with runtime().database.statements() as connection:
        await keep(connection, letter, runtime().clock.now())
    return Response(status_code=204)
