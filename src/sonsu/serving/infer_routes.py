"""`/v2`: the Open Inference Protocol, so that KServe's and Triton's clients work unchanged."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from sonsu import __version__
from sonsu.reading.reader import find_model
from sonsu.serving.infer_v2 import BINARY_HEADER, InferenceNetwork
from sonsu.serving.problems import ProblemError
from sonsu.serving.read_routes import PROBLEMS
from sonsu.serving.server import Server

_TENSOR = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "datatype": {"const": "FP32"},
        "shape": {"type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 4},
        "data": {"type": "array", "items": {}},
    },
    "required": ["name", "datatype", "shape"],
}
_INFER: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "inputs": {"type": "array", "items": _TENSOR, "minItems": 1, "maxItems": 1},
                    },
                    "required": ["inputs"],
                }
            }
        },
    }
}


def infer_routes(server: Server) -> APIRouter:
    """The routes of the protocol."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"], responses=PROBLEMS)
    network = InferenceNetwork(find_model(server.settings.model), server.reader.model["name"])

    def check(name: str, version: str | None) -> None:
        if name != network.name or version not in (None, "1"):
            raise ProblemError(404, "no-such-model", f"there is one model here, {network.name!r}, version 1")

    @router.get("", summary="The server")
    async def about() -> dict[str, Any]:
        return {"name": "sonsu", "version": __version__, "extensions": ["binary_tensor_data"]}

    @router.get("/health/live", summary="The process runs")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @router.get("/health/ready", summary="The networks are loaded")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    @router.get("/models/{name}/versions/{version}", summary="A version of the model")
    @router.get("/models/{name}", summary="The 28×28 network")
    async def metadata(name: str, version: str | None = None) -> dict[str, Any]:
        check(name, version)
        return network.metadata()

    @router.get("/models/{name}/versions/{version}/ready", summary="Whether a version is loaded")
    @router.get("/models/{name}/ready", summary="Whether the network is loaded")
    async def model_ready(name: str, version: str | None = None) -> dict[str, Any]:
        check(name, version)
        return {"name": network.name, "ready": True}

    @router.post("/models/{name}/versions/{version}/infer", summary="Run a version", openapi_extra=_INFER)
    @router.post("/models/{name}/infer", summary="Run the network on images 28×28", openapi_extra=_INFER)
    async def infer(request: Request, name: str, version: str | None = None) -> Response:
        """float32 (n, 28, 28, 1), ink = 1 on 0, MNIST's own form; the probabilities come as the network gives them."""
        check(name, version)
        async with server.intake.body(request) as body:
            run = partial(network.infer, body, request.headers.get(BINARY_HEADER))
            answer, length = await server.gate.run(run)
        if length is None:
            return Response(answer, media_type="application/json")
        return Response(answer, headers={BINARY_HEADER: str(length)}, media_type="application/octet-stream")

    return router
