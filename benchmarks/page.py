"""docs/benchmarks.md: one section a benchmark, written anew between its markers."""

import os
import platform
from pathlib import Path


def write_section(page: Path, name: str, title: str, text: str) -> None:
    """Put a section between its markers; at the end of a page that has none, in a new page where there is none."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    if start not in before:
        before += f"\n## {title}\n\n{start}\n{end}\n"
    head, _, rest = before.partition(start)
    page.write_text(f"{head}{start}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def machine() -> str:
    """The processor's name, where the system tells it, its cores and the Python version."""
    name = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
