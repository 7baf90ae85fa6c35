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
    return max(cores() - 2, 1) if accelerator() else 1


def _knows_bfloat16() -> bool:
    """Whether an accelerator trains here, or a processor that says it has bfloat16; only Linux lets it say so."""
    flags = _CPUINFO.read_text("utf-8").split() if _CPUINFO.is_file() else []
    return not _BFLOAT16_FLAGS.isdisjoint(flags) or accelerator() is not None


def accelerator() -> str | None:
    """The name of what trains in place of the processor, such as "NVIDIA H200"; None where the processor trains."""
    import keras

    match keras.config.backend():
        case "tensorflow":
            import tensorflow as tf

            for device in tf.config.list_physical_devices():
                if device.device_type != "CPU":
                    return str(tf.config.experimental.get_device_details(device).get("device_name", device.device_type))
        case "jax":
            import jax

            if jax.default_backend() != "cpu":
                return str(jax.devices()[0].device_kind)
        case "torch":
            import torch

            if torch.cuda.is_available():
                return str(torch.cuda.get_device_name())
            if torch.accelerator.is_available():
                return str(torch.accelerator.current_accelerator())
    return None
