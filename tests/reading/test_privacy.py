"""Reading leaves nothing behind on the machine and tells nobody."""

import os
import subprocess
import sys


def test_onnx_runtime_does_not_report(tmp_path):
    code = "import numpy, sonsu; sonsu.read_digit(numpy.eye(28, dtype=numpy.uint8) * 255)"
    own = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    homes = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "USERPROFILE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=own | homes, timeout=60, check=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
