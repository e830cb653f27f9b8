"""`POST /v1/import`: one file, read away from the event loop, then stored in a transaction for each part of it.

A file that broke off in the middle is finished by sending it again. The answer is kept for its Idempotency-Key with the
last part.
"""

import asyncio
import json

from starlette.requests import Request

from shared.file_formats import format_of, read_file
from shared.idempotency import Answer, earlier_answer, fingerprint_of, idempotency_key, keep_answer
from shared.importing import begun, parts_of
from shared.owner_rows import owner_of
from shared.runtime import runtime
from shared.unit_of_work import UnitOfWork
from shared.web import query, source


async def import_file(request: Request, user_id: str) -> Answer:
    """Store what is new in the file of a request; 200 with the report. Raises `InvalidInput`."""
    name, key = format_of(request, query(request, "format")), idempotency_key(request)
    body = await request.body()
    fingerprint = fingerprint_of(request, name.encode() + body)
    async with runtime().database.statements() as connection:
        owner = await owner_of(connection, user_id)
    reading = await asyncio.to_thread(read_file, name, body, owner, runtime().clock.now())
    report = begun(reading)
    parts = parts_of(reading)
    answer = Answer(200)
    for part in parts:
        async with UnitOfWork(runtime(), source(request)) as work:
            work.actor = user_id
            await work.lock(user_id, commands=True)
            if key and part is parts[0] and (earlier := await earlier_answer(work, key, fingerprint)):
                return earlier
            await part(work, report)
            if part is parts[-1]:
                answer = Answer(200, json.dumps(report.view(), ensure_ascii=False).encode())
                if key:
                    await keep_answer(work, key, fingerprint, answer)
            await work.commit()
    return answer
