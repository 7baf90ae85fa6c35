"""What pytest leaves out where an extra is not installed: its modules, whose doctests import it, and their tests."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("keras") else ["src/sonsu/learning/*", "tests/learning/*"]
