"""Bodies, taken in within limits: of one body, of all together, and of time. Nothing ever lies on a disk."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from fastapi import Request
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from sonsu.reading.source import shortened
from sonsu.serving.problems import ProblemError, busy
from sonsu.serving.settings import Settings

_LAST = {"Connection": "close"}  # what is still coming is not read


@dataclass(frozen=True)
class Upload:
    """A picture as it came: what its sender calls it, and its bytes."""

    name: str
    data: bytes


class Intake:
    """Takes in bodies."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held = 0

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """A request's body; while it is in use it counts towards what all may hold together.

        Raises:
            ProblemError: 408, 413, 415 where it is too slow, too large or compressed; 503 where all hold too much.
        """
        chunks: list[bytes] = []
        try:
            await self._take(request, chunks)
            body = b"".join(chunks)
            chunks[:] = [body]
            yield body
        finally:
            self._held -= sum(map(len, chunks))

    async def _take(self, request: Request, chunks: list[bytes]) -> None:
        limit = self._settings.body_bytes
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise ProblemError(415, "compressed-body", "compressed bodies are not taken; send it as it is", _LAST)
        announced = request.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > limit:
            raise _too_large(limit)
        size = 0
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                async for chunk in request.stream():
                    chunks.append(chunk)
                    size += len(chunk)
                    self._held += len(chunk)
                    if size > limit:
                        raise _too_large(limit)
                    if self._held > self._settings.held_bytes:
                        raise busy("other requests hold all the memory there is for bodies", _LAST)
        except TimeoutError:
            detail = f"the body did not arrive within {self._settings.timeout_s:g} s; send it faster, or less"
            raise ProblemError(408, "slow-body", detail, _LAST) from None
        except ClientDisconnect:
            raise ProblemError(400, "incomplete-body", "the body ended early; send all of it", _LAST) from None

    async def uploads(self, request: Request, body: bytes) -> list[Upload]:
        """The pictures in a body: the files of a form, or the body itself.

        Raises:
            ProblemError: 400 where the form is damaged or holds no file; 413 where it holds too many.
        """
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            return [Upload("<bytes>", body)]
        most = self._settings.files
        parser = MultiPartParser(request.headers, _whole(body), max_files=most, max_part_size=len(body))
        parser.spool_max_size = len(body) + 1  # above it a part would go to a file
        try:
            form = await parser.parse()
        except MultiPartException as error:
            if error.message.startswith("Too many files"):
                raise ProblemError(413, "too-many-files", f"at most {most} pictures a request; send fewer") from None
            raise ProblemError(400, "damaged-form", f"the form cannot be read: {error.message}") from None
        except Exception:  # header lines that are no text, a missing boundary
            raise ProblemError(400, "damaged-form", "the form cannot be read; send multipart/form-data") from None
        files = [value for _, value in form.multi_items() if not isinstance(value, str)]
        if not files:
            detail = "the form holds no file; send one with a file name: curl -F file=@seven.png"
            raise ProblemError(400, "no-picture", detail)
        uploads = [Upload(_plain_name(file.filename), await file.read()) for file in files]
        await form.close()
        return uploads


async def _whole(body: bytes) -> AsyncGenerator[bytes]:
    yield body


def _plain_name(name: str | None) -> str:
    """A sender's name for a file, without folders and without what is no text."""
    last = PurePosixPath((name or "").replace("\\", "/")).name
    printable = "".join(c for c in last if c.isprintable())
    return shortened(printable, 200) or "<file>"


def _too_large(limit: int) -> ProblemError:
    detail = f"at most {limit / 2**20:g} MiB a request; send a smaller picture"
    return ProblemError(413, "body-too-large", detail, _LAST)
