"""What training asks of the machine that it runs on: memory that stays, and arithmetic that the processor knows."""

import ctypes
import platform
from pathlib import Path

from sonsu.reading.workers import cores

_CPUINFO = Path("/proc/cpuinfo")
_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16", "svebf16"}  # x86's names, and Arm's

# What glibc's mallopt(3) may be told.
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_MAX = -4
_PAD_BYTES = 64 << 20


def keep_memory() -> None:
    """Let this process keep the memory that it frees, for the next step of a training takes as much again.

    glibc returns every large buffer to the system, which hands it back page by page, zeroed: on a virtual machine that
    took half of the time of a small network's step (docs/experiments.md). Other C libraries are left as they are.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_MAX, 0)
        libc.mallopt(_M_TRIM_THRESHOLD, -1)
        libc.mallopt(_M_TOP_PAD, _PAD_BYTES)


def fitting(precision: str) -> str:
    """One of Keras' policies as this machine had better compute it.

    Returns:
        "float32" in place of "mixed_bfloat16" where the processor may have to emulate bfloat16, several times slower
        than float32; otherwise the policy itself.
    """
    return "float32" if precision == "mixed_bfloat16" and not _knows_bfloat16() else precision


def helpers() -> int:
    """How many processes had better make what is trained on: one, unless an accelerator leaves the processor idle."""
    return max(cores() - 2, 1) if _has_accelerator() else 1


def _knows_bfloat16() -> bool:
    """Whether an accelerator trains here, or a processor that says it has bfloat16; only Linux lets it say so."""
    flags = _CPUINFO.read_text("utf-8").split() if _CPUINFO.is_file() else []
    return not _BFLOAT16_FLAGS.isdisjoint(flags) or _has_accelerator()


def _has_accelerator() -> bool:
    import keras

    match keras.config.backend():
        case "tensorflow":
            import tensorflow as tf

            return len(tf.config.list_physical_devices()) > len(tf.config.list_physical_devices("CPU"))
        case "jax":
            import jax

            return bool(jax.default_backend() != "cpu")
        case "torch":
            import torch

            return bool(torch.accelerator.is_available())
        case _:
            return False
