"""The gateway: picks a function by method and path, as knative/routes.yaml and Gateway API say."""

from collections.abc import Mapping, Sequence

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.answers import nothing_there, problem
from shared.edge import HEALTH
from shared.embedded.wiring import Route
from shared.errors import NotFound, SettingError
from shared.public_headers import ALWAYS


class Router:
    """ASGI app in front of the functions' ASGI apps; answers the health paths itself.

    Friendlier than a gateway in one thing: a path known for other methods answers 405 with `Allow`.
    """

    def __init__(self, routes: Sequence[Route], apps: Mapping[str, ASGIApp]) -> None:
        if missing := {route.function for route in routes} - apps.keys():
            raise SettingError(f"routes name functions that do not exist: {', '.join(sorted(missing))}")
        # Gateway API precedence: Exact first, then the longest prefix (HTTPRouteRule.matches).
        self._routes = sorted(routes, key=lambda route: (not route.exact, -len(route.path)))
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Other ASGI scopes are refused, so run uvicorn with `lifespan="off"`."""
        if scope["type"] != "http":
            raise RuntimeError(f"the router serves http, not {scope['type']}")
        await self._choose(scope["method"], scope["path"])(scope, receive, send)

    def _choose(self, method: str, path: str) -> ASGIApp:
        if path in HEALTH and method == "GET":
            return _guarded(PlainTextResponse("ok"))
        for route in self._routes:
            if route.method == method and _covers(route, path):
                return self._apps[route.function]
        return _guarded(nothing_there(method, path) or problem(NotFound(f"there is nothing at {path}"), path))


def _guarded(answer: Response) -> Response:
    answer.raw_headers += ALWAYS
    return answer


def _covers(route: Route, path: str) -> bool:
    if path == route.path:
        return True
    # A prefix matches whole segments: /v1/tasks covers /v1/tasks/7 and not /v1/tasksets.
    return not route.exact and path.startswith(route.path.rstrip("/") + "/")
