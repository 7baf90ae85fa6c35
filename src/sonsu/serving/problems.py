"""Whatever goes wrong, as a problem+json body (RFC 9457): what was wrong, and what to do about it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from sonsu.errors import PictureError


class ProblemError(Exception):
    """An answer other than the one that was asked for.

    Attributes:
        status: the HTTP status.
        kind: a short name that programs can tell problems apart by, such as "body-too-large".
        detail: what was wrong and what to do, for people.
        headers: of the answer.
    """

    def __init__(self, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail, self.headers = status, kind, detail, dict(headers or {})


class ProblemBody(BaseModel):
    """What a problem says (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str
    status: int
    detail: str
    error: str


class ProblemResponse(JSONResponse):
    """A problem as an answer; the Open Inference Protocol asks for the member "error", too."""

    media_type = "application/problem+json"

    def __init__(self, problem: ProblemError) -> None:
        body: dict[str, Any] = {
            "type": f"urn:sonsu:problem:{problem.kind}",
            "title": HTTPStatus(problem.status).phrase,
            "status": problem.status,
            "detail": problem.detail,
        }
        super().__init__(body | {"error": problem.detail}, problem.status, problem.headers)


def described(why: str) -> dict[str, Any]:
    """A problem among the answers of the API's description."""
    return {"description": why, "content": {ProblemResponse.media_type: {"schema": ProblemBody.model_json_schema()}}}


def busy(why: str, headers: Mapping[str, str] | None = None) -> ProblemError:
    """The problem of a request that there is no room for now."""
    return ProblemError(503, "busy", f"{why}; come again in a second", {"Retry-After": "1", **(headers or {})})


async def _problem(_request: Request, error: Exception) -> Response:
    return ProblemResponse(as_problem(error))


def as_problem(error: Exception) -> ProblemError:
    """What to tell a caller of an error."""
    match error:
        case ProblemError():
            return error
        case PictureError():
            return ProblemError(422, "unreadable-picture", str(error))
        case RequestValidationError():
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            return ProblemError(422, "invalid-request", f"{where}: {first['msg']}")
        case HTTPException():
            phrase = HTTPStatus(error.status_code).phrase
            cure = "; /docs says what there is" if error.status_code in (404, 405) else ""
            return ProblemError(error.status_code, phrase.lower().replace(" ", "-"), f"{phrase}{cure}", error.headers)
    return ProblemError(500, "internal-error", "an error of the server's own; its log says more")


def install(app: FastAPI) -> None:
    """Answer an application's errors with problems."""
    for kind in (ProblemError, PictureError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _problem)
