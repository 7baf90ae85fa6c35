"""What pytest leaves out where an extra is not installed: its modules, whose doctests import it, and their tests."""

from importlib.util import find_spec

_LEARNING = ("src/sonsu/learning/*", "src/sonsu/scenes/*", "tests/learning/*", "tests/scenes/*", "tests/benchmarks/*")
_SERVING = ("src/sonsu/serving/*", "tests/serving/*")

collect_ignore_glob = [*([] if find_spec("keras") else _LEARNING), *([] if find_spec("fastapi") else _SERVING)]
if not find_spec("pyarrow"):
    collect_ignore_glob += ["src/sonsu/bulk/*", "tests/bulk/*"]
