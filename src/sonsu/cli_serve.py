"""`sonsu serve`: the page to write on, and the HTTP API."""

import importlib.util
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonsu.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from sonsu.serving.watch import Watch

_MIB = 1 << 20
_PACKAGES = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all of this machine's.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any that is free.")] = 8000,
    model: Annotated[str, typer.Option(help="A shipped name, a run folder or an .onnx file.")] = "default",
    min_confidence: Annotated[float | None, typer.Option(min=0, max=1, help="Below it a digit is unsure.")] = None,
    save_corrections: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for digits that were corrected on the page.")
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Pictures read at the same time; 0: one a core.")] = 0,
    queue: Annotated[int, typer.Option(min=0, help="Requests that may wait; others get 503.")] = 16,
    max_body_mb: Annotated[int, typer.Option(min=1, help="The most that a request may send, in MiB.")] = 32,
    max_files: Annotated[int, typer.Option(min=1, help="The most pictures in a request.")] = 16,
    max_pages: Annotated[int, typer.Option(min=1, help="The most pages in a request.")] = 50,
    max_megapixels: Annotated[int, typer.Option(min=1, help="The most that a picture may have.")] = 50,
    timeout_s: Annotated[
        float, typer.Option(min=0.1, help="Seconds for a body to arrive, and for an answer to be ready.")
    ] = 30,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Serve the page to write on, and the HTTP API; SONSU_API_KEY in the environment is asked of callers."""
    if log_level not in ("debug", "info", "warning", "error"):
        raise UsageError(f"--log-level must be debug, info, warning or error; received {log_level!r}.")
    if any(importlib.util.find_spec(package) is None for package in _PACKAGES):
        raise MissingExtraError("sonsu serve", "serve")
    from sonsu.serving.app import create_app
    from sonsu.serving.settings import Settings

    settings = Settings(
        model=model,
        min_confidence=min_confidence,
        workers=workers,
        queue=queue,
        body_bytes=max_body_mb * _MIB,
        held_bytes=8 * max_body_mb * _MIB,
        files=max_files,
        pages=max_pages,
        pixels=max_megapixels * 1_000_000,
        timeout_s=timeout_s,
        corrections=save_corrections,
        api_key=os.environ.get("SONSU_API_KEY") or None,
    )
    _run(create_app(settings), _listen(host, port), timeout_s, log_level)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        UsageError: somebody else does already, or the address is not this machine's.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror}. Choose another --port or --host."
        ) from None


def _run(app: "Watch", listening: socket.socket, timeout_s: float, log_level: str) -> None:
    import uvicorn

    from sonsu import __version__
    from sonsu.serving import logs

    config = uvicorn.Config(
        app,
        log_config=logs.config(log_level),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(timeout_s) + 1,
    )
    host, port = listening.getsockname()[:2]
    shown = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    logging.getLogger("sonsu.serving").info("listening", extra={"url": shown, "version": __version__})
    if sys.stderr.isatty():
        print(f"Write on {shown}/ · the API: {shown}/docs · Ctrl+C stops", file=sys.stderr, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn stops in order, then raises the signal once more
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        raise typer.Exit(128 + signal.SIGINT) from None
    finally:
        logging.getLogger("sonsu.serving").info("stopped")
