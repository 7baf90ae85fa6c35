"""The application: the API, the page to write on, and what watches over both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from sonsu import __version__
from sonsu.serving import metrics, problems
from sonsu.serving.infer_routes import infer_routes
from sonsu.serving.read_routes import about_routes, correction_routes, read_routes
from sonsu.serving.server import Server
from sonsu.serving.settings import Settings
from sonsu.serving.watch import Watch

STATIC = Path(__file__).parent / "static"

_DESCRIPTION = (
    "Reads handwritten digits from pictures: PNG, JPEG, GIF, WebP, BMP, TIFF and more; PDF where the server has the "
    "extra. Nothing is kept of a picture unless it is sent to `/v1/corrections`."
)


def create_app(settings: Settings) -> Watch:
    """A server's application, its networks loaded.

    Raises:
        ModelError: there is no such model, or it cannot be loaded.
        UsageError: corrections cannot be kept where they should be.
    """
    server = Server(settings)

    @asynccontextmanager
    async def until_the_end(_app: FastAPI) -> AsyncIterator[None]:
        yield
        server.gate.close()

    app = FastAPI(
        title="sonsu", version=__version__, description=_DESCRIPTION, docs_url=None, redoc_url=None,
        redirect_slashes=False, lifespan=until_the_end,
    )  # fmt: skip
    problems.install(app)
    for routes in (read_routes, about_routes, correction_routes, infer_routes, _health_routes, _page_routes):
        app.include_router(routes(server))
    app.mount("/static", StaticFiles(directory=STATIC))
    if settings.api_key is not None:
        _describe_key(app)
    return Watch(app, server.metrics, settings.api_key)


def _health_routes(server: Server) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/health/live", summary="The process runs")
    @router.get("/health/ready", summary="The networks are loaded")
    async def healthy() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def measured() -> Response:
        return Response(server.metrics.text(), media_type=metrics.CONTENT_TYPE)

    return router


def _page_routes(_server: Server) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def page() -> Response:
        return FileResponse(STATIC / "index.html")

    @router.get("/docs")
    async def docs() -> Response:
        return FileResponse(STATIC / "docs.html")

    return router


def _describe_key(app: FastAPI) -> None:
    """Say in the API's description that a key is asked for."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        schema = plain()
        schema.setdefault("components", {})["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"key": []}]
        return schema

    app.openapi = described  # type: ignore[method-assign]
