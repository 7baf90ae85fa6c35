"""What a run was: all that is needed to do it again, as plain values."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import keras

from sonsu.learning.hardware import accelerator

_PACKAGES = ("sonsu", "keras", "tensorflow-cpu", "tensorflow", "jax", "torch", "numpy", "opencv-python-headless")


def make_config(recipe: Any, data: Sequence[str], test: str | None, seed: int) -> dict[str, Any]:
    """The settings, versions and machine of a run that starts now, ready for JSON; the recipe is any dataclass."""
    return {
        "recipe": {name: _plain(value) for name, value in vars(recipe).items()},
        "data": list(data),
        "test": test,
        "seed": seed,
        "backend": keras.config.backend(),
        "versions": {"python": platform.python_version(), **_versions()},
        "git_revision": _git_revision(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "accelerator": accelerator(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write_json(value: Mapping[str, Any], path: Path) -> None:
    """Write a JSON file in one piece."""
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)


def _plain(value: object) -> Any:
    """A recipe's part as JSON: numbers as they are, functions by name and arguments, settings as a dict."""
    if value is None or isinstance(value, int | float | str):
        return value
    if isinstance(value, partial):
        return f"{value.func.__name__}({', '.join(f'{key}={given!r}' for key, given in value.keywords.items())})"
    return value.__name__ if hasattr(value, "__name__") else asdict(value)  # type: ignore[call-overload]


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _git_revision() -> str | None:
    """The revision of the checkout that this file lies in, with a + when it has changes; None outside of one."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-C", str(Path(__file__).parent), "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 fixed arguments
    return done.stdout.strip() or None
