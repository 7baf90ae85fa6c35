import platform
import subprocess
import sys

import pytest

from sonsu.learning import hardware

# Page faults of a process that takes once more what it has freed, as each step of a training does.
TAKES_AND_FREES = """
import ctypes, resource, sys
from sonsu.learning.hardware import keep_memory
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
if sys.argv[1] == "kept":
    keep_memory()
def faults(size=40 << 20):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = libc.malloc(size)
    ctypes.memset(block, 1, size)
    libc.free(block)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
def test_what_a_step_frees_the_next_one_has_without_asking_the_system():
    returned, kept = (
        int(subprocess.run([sys.executable, "-c", TAKES_AND_FREES, how], check=True, capture_output=True).stdout)
        for how in ("returned", "kept")
    )
    assert kept < returned / 10


@pytest.mark.parametrize(
    ("flags", "accelerator", "computed_in"),
    [
        ("fpu avx2 fma avx512f", None, "float32"),
        ("fpu avx2 fma avx512f", "NVIDIA H200", "mixed_bfloat16"),
        ("fpu avx512f avx512_bf16", None, "mixed_bfloat16"),
        ("fp asimd i8mm bf16", None, "mixed_bfloat16"),
    ],
)
def test_bfloat16_is_for_those_that_know_it(tmp_path, monkeypatch, flags, accelerator, computed_in):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor : 0\nflags\t\t: {flags}\n", "utf-8")
    monkeypatch.setattr(hardware, "_CPUINFO", cpuinfo)
    monkeypatch.setattr(hardware, "accelerator", lambda: accelerator)
    assert hardware.fitting("mixed_bfloat16") == computed_in
    assert hardware.fitting("float32") == "float32"


@pytest.mark.parametrize(("accelerator", "computed_in"), [(None, "float32"), ("NVIDIA H200", "mixed_bfloat16")])
def test_of_a_processor_that_does_not_tell_the_worse_is_supposed(tmp_path, monkeypatch, accelerator, computed_in):
    monkeypatch.setattr(hardware, "_CPUINFO", tmp_path / "none")
    monkeypatch.setattr(hardware, "accelerator", lambda: accelerator)
    assert hardware.fitting("mixed_bfloat16") == computed_in


def test_the_processors_of_a_test_machine_are_no_accelerators():
    assert hardware.accelerator() is None


@pytest.mark.parametrize(
    ("accelerator", "count", "processes"), [(None, 16, 1), ("NVIDIA H200", 16, 14), ("NVIDIA H200", 2, 1)]
)
def test_other_processes_help_where_an_accelerator_trains(monkeypatch, accelerator, count, processes):
    monkeypatch.setattr(hardware, "accelerator", lambda: accelerator)
    monkeypatch.setattr(hardware, "cores", lambda: count)
    assert hardware.helpers() == processes
