"""Starts one function: `python -m shared.bootstrap` with FUNCTION_TARGET (and FUNCTION_SOURCE) set.

The framework loads the function; the edge wraps it; uvicorn serves it directly, without the fork of a process manager:
one pod is one process, and Knative is the process manager.
"""

import gc

if __name__ == "__main__":
    # Hundreds of modules are about to be loaded and none of them is garbage: looking for it costs a tenth of the start.
    gc.disable()

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from functions_framework import _function_registry
from functions_framework.aio import create_asgi_app

from shared import log, telemetry
from shared.edge import Edge
from shared.errors import SettingError
from shared.runtime import Runtime, runtime

FUNCTIONS = Path(__file__).parent.parent / "functions"
# A broker is its caller like that of an event function; it takes plain requests because it keeps also what is no event.
TAKES_ANYTHING = "keep_dead_letter"
# Whose bodies may be how many times as large as others'. A record that is as large as Kafka allows grows by a third
# when Dapr wraps it; a file of ten thousand tasks has some megabytes.
_LARGER = {TAKES_ANYTHING: 2, "import_tasks": 8}
# Seconds; longer than Knative's queue-proxy keeps an idle connection (90), which would else use one as it is closed.
KEEP_ALIVE = 120
GRACE = 25  # seconds to finish what has begun; the kubelet kills after 30


def function_app(target: str, parts: Runtime, source: str | None = None) -> Edge:
    """Return the ASGI app of the function `target` (its folder's name) with its edge."""
    path = Path(source) if source else FUNCTIONS / target / "main.py"
    if not path.exists():
        raise SettingError(f"FUNCTION_SOURCE: there is no function at {path}")
    known_paths = list(sys.path)
    app = create_asgi_app(target, str(path))
    sys.path[:] = known_paths  # the framework adds the function's folder; everything is imported absolutely
    signature = _function_registry.get_func_signature_type(target, "")
    is_event = target == TAKES_ANYTHING or signature == _function_registry.CLOUDEVENT_SIGNATURE_TYPE
    limit = parts.settings.max_body_bytes * _LARGER.get(target, 1)
    return Edge(app, target.replace("_", "-"), parts, is_event=is_event, max_body_bytes=limit)


def main() -> None:
    """Serve the function that the environment names, until SIGTERM."""
    import uvicorn

    from shared.server import Server

    try:
        app = _app_of(os.environ)
    except SettingError as error:
        sys.exit(f"ebb: {error.detail}")
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        app,
        host=app.settings.host,
        port=app.settings.port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )
    server = Server(config, runtime().change_signal.end)
    server.run()
    if not server.started:
        sys.exit("ebb: the server did not start; its log says why")


def _app_of(environment: Mapping[str, str]) -> Edge:
    target = environment.get("FUNCTION_TARGET")
    if not target:
        raise SettingError("FUNCTION_TARGET is not set: name the function, e.g. create_task")
    parts = runtime()
    log.configure(parts.settings.log_level)
    telemetry.configure(parts.settings, target.replace("_", "-"))
    return function_app(target, parts, environment.get("FUNCTION_SOURCE"))


if __name__ == "__main__":
    main()
