"""The usual way to serve a Keras model: `keras` and FastAPI. benchmarks/serving.py measures sonsu's server beside it.

PREDICT=1 python -m uvicorn serving_keras:app        # with model.predict, as tutorials do; without it, model(x)
"""

import io
import os
from typing import Any

import numpy as np
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from PIL import Image

from sonsu.learning.restore import load

app = FastAPI()
_model = load("default")[0]


@app.post("/read-digit")
async def read_digit(request: Request) -> dict[str, Any]:
    """The digit in a picture."""
    return await run_in_threadpool(_read, await request.body())


def _read(data: bytes) -> dict[str, Any]:
    with Image.open(io.BytesIO(data)) as picture:
        pixels = np.asarray(picture.convert("L").resize((28, 28)), np.float32)
    images = pixels[np.newaxis, :, :, np.newaxis] / 255
    rows = (
        _model.predict(images, verbose=0) if os.environ.get("PREDICT") else np.asarray(_model(images, training=False))
    )
    row = rows[0, :10]
    return {"label": int(row.argmax()), "probabilities": row.tolist()}
