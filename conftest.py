"""What pytest leaves out where an extra is not installed: its modules, whose doctests import it, and their tests."""

from importlib.util import find_spec

_PARTS = ("src/sonsu/learning/*", "src/sonsu/scenes/*", "tests/learning/*", "tests/scenes/*", "tests/benchmarks/*")

collect_ignore_glob = [] if find_spec("keras") else list(_PARTS)
if not find_spec("pyarrow"):
    collect_ignore_glob += ["src/sonsu/bulk/*", "tests/bulk/*"]
