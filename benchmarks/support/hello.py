"""The least that the framework can serve: what every cold start is compared with."""

import functions_framework.aio
from starlette.requests import Request


@functions_framework.aio.http
async def hello(_request: Request) -> str:
    """Answer at once."""
    return "hello"


if __name__ == "__main__":
    import os

    import uvicorn
    from functions_framework.aio import create_asgi_app

    uvicorn.run(create_asgi_app(), port=int(os.environ["PORT"]), log_level="warning", access_log=False)
