"""The forms of answers, for the API's description; `sonsu.reading.page` makes them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Box = Annotated[list[int], Field(min_length=4, max_length=4, description="x, y, width, height in px, upright")]
Probability = Annotated[float, Field(ge=0, le=1)]
Probabilities = Annotated[list[Probability], Field(min_length=10, max_length=10)]
Label = Annotated[int, Field(ge=0, le=9)]
Status = Literal["read", "unsure"]
Png = Annotated[str | None, Field(description="a PNG file in base64; only with explain=true")]


class Model(BaseModel):
    """Which network read it."""

    name: str
    sha256: str


class Digit(BaseModel):
    """One digit of a line."""

    label: Label | None = Field(description="null where it is judged not to be a digit")
    confidence: Probability = Field(description="calibrated: of the digits given 0.9, nine in ten are right")
    status: Status
    box_px: Box
    probabilities: Probabilities
    glyph_png: Png = Field(None, description="the 28×28 that the network saw, light on dark, in base64")
    ink_png: Png = Field(None, description="the digit's own ink, dark on white, in base64")


class Line(BaseModel):
    """Digits side by side."""

    text: str
    confidence: Probability = Field(description="that the whole line is right")
    box_px: Box
    digits: list[Digit]


class PageRecord(BaseModel):
    """All that was read in one picture."""

    schema_: Literal["sonsu.page/1"] = Field(alias="schema")
    source: str
    width_px: int | None
    height_px: int | None
    text: str
    lines: list[Line]
    notes: list[str]
    model: Model
    error: str | None
    picture_jpeg: str | None = Field(None, description="with explain=true, where browsers do not show the file")


class DigitRecord(BaseModel):
    """The one digit of a picture."""

    schema_: Literal["sonsu.digit/1"] = Field(alias="schema")
    source: str
    label: Label | None
    confidence: Probability | None
    status: Status | None
    box_px: Box | None
    probabilities: Probabilities | None
    notes: list[str]
    model: Model
    error: str | None
    glyph_png: Png = Field(None, description="the 28×28 that the network saw, light on dark, in base64")


class ModelCard(BaseModel):
    """A network that this server reads with."""

    name: str
    sha256: str
    reads: Literal["digits", "lines"]
    summary: str | None
    unsure_below: Probability | None
    evaluation: dict[str, object] | None


class Models(BaseModel):
    """The networks that this server reads with."""

    models: list[ModelCard]


class Limits(BaseModel):
    """What a request may ask for."""

    body_bytes: int
    files: int
    pages: int
    pixels: int
    timeout_s: float


class About(BaseModel):
    """What this server is and takes."""

    version: str
    model: Model
    limits: Limits
    keeps_corrections: bool


class Correction(BaseModel):
    """A correction that was kept."""

    label: Label | None
    id: str
