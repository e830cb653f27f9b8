"""Move old audit entries to the archive, and take out again what was restored from it for a while.

In: a tick of the PingSource. Out: objects of the binding `archive`, and as many entries fewer in the database.
"""

import functions_framework.aio
from cloudevents.http import CloudEvent

from shared import log
from shared.audit_archive import archive
from shared.runtime import runtime


@functions_framework.aio.cloud_event
async def archive_audit(_event: CloudEvent) -> None:
    """Archive what is older than AUDIT_ARCHIVE_AFTER_DAYS; without that setting, nothing."""
    log.bind(**await archive(runtime()))
