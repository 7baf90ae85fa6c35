"""`/v2`: the Open Inference Protocol, so that KServe's and Triton's clients work unchanged."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from sonsu import __version__
from sonsu.reading.reader import find_model
from sonsu.serving.infer_v2 import BINARY_HEADER, InferenceNetwork
from sonsu.serving.problems import ProblemError, described
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
    network = InferenceNetwork(find_model(server.settings.model), server.reader.model["name"])
    router = APIRouter(
        prefix="/v2", tags=["Open Inference Protocol"], responses=PROBLEMS | {404: described("there is no such model")}
    )

    def check(name: str, version: str = "1") -> None:
        if name != network.name or version != "1":
            raise ProblemError(404, "no-such-model", f"there is one model here, {network.name!r}, version 1")

    async def answer(request: Request) -> Response:
        async with server.intake.body(request) as body:
            run = partial(network.infer, body, request.headers.get(BINARY_HEADER))
            body, length = await server.gate.run(run)
        if length is None:
            return Response(body, media_type="application/json")
        return Response(body, headers={BINARY_HEADER: str(length)}, media_type="application/octet-stream")

    @router.get("", summary="The server")
    async def about() -> dict[str, Any]:
        return {"name": "sonsu", "version": __version__, "extensions": ["binary_tensor_data"]}

    @router.get("/health/live", summary="The process runs")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @router.get("/health/ready", summary="The networks are loaded")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    @router.get("/models/{name}", summary="The 28×28 network")
    async def metadata(name: str) -> dict[str, Any]:
        check(name)
        return network.metadata()

    @router.get("/models/{name}/ready", summary="Whether the network is loaded")
    async def model_ready(name: str) -> dict[str, Any]:
        check(name)
        return {"name": network.name, "ready": True}

    @router.post("/models/{name}/infer", summary="Run the network on images 28×28", openapi_extra=_INFER)
    async def infer(request: Request, name: str) -> Response:
        """float32 (n, 28, 28, 1), ink = 1 on 0, MNIST's own form; the probabilities come as the network gives them."""
        check(name)
        return await answer(request)

    @router.get("/models/{name}/versions/{version}", summary="A version of the network; there is one, 1")
    async def version_metadata(name: str, version: str) -> dict[str, Any]:
        check(name, version)
        return network.metadata()

    @router.get("/models/{name}/versions/{version}/ready", summary="Whether a version is loaded")
    async def version_ready(name: str, version: str) -> dict[str, Any]:
        check(name, version)
        return {"name": network.name, "ready": True}

    @router.post("/models/{name}/versions/{version}/infer", summary="Run a version", openapi_extra=_INFER)
    async def version_infer(request: Request, name: str, version: str) -> Response:
        """As `/v2/models/{name}/infer`."""
        check(name, version)
        return await answer(request)

    return router
