"""`/v1`: pictures in, numbers out."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from sonsu import __version__
from sonsu.reading.confidence import Calibration
from sonsu.reading.line_network import LineNetwork
from sonsu.reading.network import Network
from sonsu.reading.reader import LINE_WEIGHTS, WEIGHTS, find_model
from sonsu.serving import schemas
from sonsu.serving.problems import ProblemError, described
from sonsu.serving.records import Answer, Wish, read
from sonsu.serving.server import Server

_WHY = {
    400: "damaged form, or a body that ended early",
    401: "the server asks for its API key",
    403: "sent by another site's page",
    408: "the body came too slowly",
    413: "too large, too many files or pages",
    415: "the body is compressed",
    422: "a picture that cannot be read, or a parameter out of range",
    503: "too much to do; come again after Retry-After",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {status: described(why) for status, why in _WHY.items()}

_FILE = {"type": "string", "format": "binary"}
_FORM = {
    "type": "object",
    "properties": {"file": {"type": "array", "items": _FILE, "minItems": 1}},
    "required": ["file"],
}
PICTURE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FORM},
            **{kind: {"schema": _FILE} for kind in ("image/*", "application/pdf", "application/octet-stream")},
        },
    }
}

Explain = Annotated[bool, Query(description="Give what the networks saw of each digit, too.")]
AsList = Annotated[bool, Query(alias="list", description="Give a list even of one picture.")]


def read_routes(server: Server) -> APIRouter:
    """The routes that read."""
    router = APIRouter(prefix="/v1", tags=["reading"], responses=PROBLEMS)

    async def answer(request: Request, wish: Wish) -> Response:
        async with server.intake.body(request) as body:
            uploads = await server.intake.uploads(request, body)
            found: Answer = await server.gate.run(partial(read, server.reader, uploads, wish, server.settings))
        server.metrics.pictures.inc(found.pictures)
        for status in found.statuses:
            server.metrics.digits.labels(status).inc()
        return Response(found.body, media_type="application/json")

    @router.post(
        "/read",
        summary="Read all the digits of pictures",
        response_model=schemas.PageRecord | list[schemas.PageRecord],
        openapi_extra=PICTURE_BODY,
    )
    async def read_pages(request: Request, explain: Explain = False, as_list: AsList = False) -> Response:
        """One picture gives its object; several pictures, or a document of several pages, a list in their order.

        In a list, a picture that cannot be read has its "error" set and the others are read all the same.
        """
        return await answer(request, Wish(one=False, explain=explain, as_list=as_list))

    @router.post(
        "/read-digit",
        summary="Read pictures of one digit each",
        response_model=schemas.DigitRecord | list[schemas.DigitRecord],
        openapi_extra=PICTURE_BODY,
    )
    async def read_digit(request: Request, explain: Explain = False, as_list: AsList = False) -> Response:
        """As `/v1/read`, for pictures that hold exactly one digit."""
        return await answer(request, Wish(one=True, explain=explain, as_list=as_list))

    return router


def about_routes(server: Server) -> APIRouter:
    """The routes that say what there is."""
    router = APIRouter(prefix="/v1", tags=["about"], responses={401: PROBLEMS[401]})
    settings = server.settings
    cards = JSONResponse({"models": _cards(server)}).body
    told = {
        "version": __version__,
        "model": server.reader.model,
        "limits": {key: getattr(settings, key) for key in schemas.Limits.model_fields},
        "keeps_corrections": server.corrections is not None,
    }

    @router.get("/models", summary="The networks that this server reads with", response_model=schemas.Models)
    async def models() -> Response:
        return Response(cards, media_type="application/json")

    @router.get("/about", summary="What this server is and takes", response_model=schemas.About)
    async def about() -> Response:
        return JSONResponse(told)

    return router


def _cards(server: Server) -> list[dict[str, Any]]:
    digits, lines = Network(find_model(server.settings.model)), LineNetwork(WEIGHTS / LINE_WEIGHTS)
    least = server.settings.min_confidence
    return [
        {
            **server.reader.model,
            "reads": "digits",
            "summary": digits.card.get("summary"),
            "unsure_below": Calibration.from_card(digits.card).read_above if least is None else least,
            "evaluation": _figures(digits),
        },
        {
            "name": "line",
            "sha256": lines.sha256,
            "reads": "lines",
            "summary": lines.card.get("summary"),
            "unsure_below": None,
            "evaluation": _figures(lines),
        },
    ]


def _figures(network: Network | LineNetwork) -> dict[str, Any] | None:
    """What its card says it reaches; on what data is left out, which may name a folder of this machine."""
    told = network.card.get("evaluation")
    return {key: told[key] for key in ("accuracy", "n") if key in told} if isinstance(told, dict) else None


def correction_routes(server: Server) -> APIRouter:
    """The route that keeps corrections; there where the server keeps any."""
    router = APIRouter(
        prefix="/v1", tags=["corrections"], responses=PROBLEMS | {507: described("there is no room to keep it")}
    )
    corrections = server.corrections
    if corrections is None:
        return router

    @router.post(
        "/corrections",
        summary="Keep a digit's picture with its right label",
        status_code=201,
        response_model=schemas.Correction,
        openapi_extra=PICTURE_BODY,
    )
    async def correct(
        request: Request,
        label: Annotated[
            int | None, Query(ge=0, le=9, description="The right digit; left out for what is none.")
        ] = None,
    ) -> Response:
        """The picture is kept as PNG in the folder form that `sonsu train --data folder:DIR` takes."""
        async with server.intake.body(request) as body:
            uploads = await server.intake.uploads(request, body)
            if len(uploads) != 1:
                raise ProblemError(422, "one-picture", "a correction is one picture; send one at a time")
            name = await server.gate.run(partial(corrections.keep, server.reader, uploads[0].data, label))
        return JSONResponse({"label": label, "id": name}, 201)

    return router
