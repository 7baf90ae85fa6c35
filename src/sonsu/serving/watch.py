"""Around every request: who may ask, the headers of every answer, a line in the log, the metrics."""

import hmac
import logging
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sonsu.serving.metrics import Metrics
from sonsu.serving.problems import ProblemError, ProblemResponse, as_problem

_log = logging.getLogger("sonsu.serving")
_quiet = logging.getLogger("sonsu.serving.checks")

_GUARDED = ("/v1/", "/v2/", "/metrics/")
_OPEN = ("/v2/health/",)
_CHECKS = ("/health/", "/v2/health/", "/metrics")  # asked for every few seconds

# The page's drawings become pictures as blob: and data: URLs.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Watch:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics, api_key: str | None) -> None:
        self._app, self._metrics = app, metrics
        self.api_key = api_key.encode() if api_key is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see what becomes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status, taken = 0, 0

        async def count() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return message

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(MutableHeaders(scope=message), scope["path"])
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, count, answer)
        except ProblemError as problem:
            await ProblemResponse(problem)(scope, count, answer)
        except Exception as error:
            _log.exception("a request failed")
            if not status:
                await ProblemResponse(as_problem(error))(scope, count, answer)
        finally:
            self._note(scope, status, taken, time.perf_counter() - started)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD") and _from_elsewhere(headers):
            raise ProblemError(403, "other-site", "pages of other sites may not send anything here")
        path: str = scope["path"]
        if self.api_key is None or not f"{path}/".startswith(_GUARDED) or path.startswith(_OPEN):
            return
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = token if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        if not hmac.compare_digest(given.strip().encode("utf-8", "replace"), self.api_key):
            detail = "this server asks for its API key: Authorization: Bearer KEY"
            raise ProblemError(401, "key-needed", detail, {"WWW-Authenticate": "Bearer"})

    def _note(self, scope: Scope, status: int, taken: int, seconds: float) -> None:
        name = _route(scope)
        self._metrics.requests.labels(name, status).inc()
        self._metrics.seconds.labels(name).observe(seconds)
        told = {"route": name, "method": scope["method"], "status": status, "ms": round(seconds * 1e3, 1)}
        log, level = (_quiet, logging.DEBUG) if scope["path"].startswith(_CHECKS) else (_log, logging.INFO)
        log.log(level, "request", extra=told | {"bytes": taken})


def _complete(headers: MutableHeaders, path: str) -> None:
    """Add the headers that every answer has; pages may be kept if they are asked about again, answers may not."""
    for name, value in HEADERS.items():
        headers[name] = value
    kept = path == "/" or path.startswith(("/static/", "/docs"))
    headers.setdefault("Cache-Control", "no-cache" if kept else "no-store")


def _from_elsewhere(headers: Headers) -> bool:
    """Whether a browser sends this for a page of another site."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _route(scope: Scope) -> str:
    """A request's route as it was declared; paths as they were sent may be anything."""
    route = scope.get("route")
    if isinstance(route, Mount):
        return f"{route.path}/"
    return getattr(route, "path", "other")
