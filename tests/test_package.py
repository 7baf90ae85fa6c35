"""The package as a whole: what it names, what it loads, what it carries."""

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from importlib import metadata, resources
from pathlib import Path

import pytest

import sonsu

ROOT = Path(__file__).parents[1]
PACKAGE = Path(str(resources.files("sonsu")))
MODULES = sorted(PACKAGE.rglob("*.py"))
ERRORS = {"SonsuError", "UsageError", "MissingExtraError", "PictureError", "DataError", "ModelError"}
HEAVY = {"keras", "tensorflow", "torch", "jax", "matplotlib", "tf2onnx", "onnx", "pooch", "scipy", "optuna"}


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name(requirement):
    """A requirement's package: "ray[data]>=2.40" is ray."""
    return re.match(r"[\w-]*", requirement)[0]


def loaded(code):
    """The top-level packages that a fresh interpreter has loaded after `code`."""
    code += "\nimport sys; print(*{module.partition('.')[0] for module in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(run.stdout.split())


def test_version_is_the_changelogs_newest():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d\S*) — \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    assert versions[0] == sonsu.__version__


def test_version_is_the_installed_one():
    assert metadata.version("sonsu") == sonsu.__version__


def test_public_names_are_exact():
    public = {"read", "read_digit", "Reader", "Page", "Line", "Digit", "__version__"} | ERRORS
    assert set(sonsu.__all__) == public
    assert all(hasattr(sonsu, key) for key in public)


def test_every_error_is_public():
    from sonsu import errors

    tree = {key: value for key, value in vars(errors).items() if isinstance(value, type)}
    assert set(tree) == ERRORS
    assert all(getattr(sonsu, key) is value and issubclass(value, sonsu.SonsuError) for key, value in tree.items())


def test_import_loads_no_training_framework():
    assert not loaded("import sonsu") & HEAVY


def test_reading_loads_no_training_framework():
    code = "import numpy, sonsu; sonsu.read_digit(numpy.zeros((28, 28), numpy.uint8))"
    assert not loaded(code) & HEAVY


def test_the_command_line_loads_no_training_framework():
    assert not loaded("import sonsu.cli") & HEAVY


def test_types_are_shipped():
    assert (PACKAGE / "py.typed").is_file()


def test_weights_have_their_cards():
    weights = list((PACKAGE / "weights").glob("*.onnx"))
    assert weights
    for path in weights:
        card = path.with_suffix(".md").read_text(encoding="utf-8")
        assert hashlib.sha256(path.read_bytes()).hexdigest() in card, f"{path.name} is not what its card describes"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_is_documented_and_finished(path):
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source)), "no docstring"
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", source)


def test_extras(project):
    extras = project["project"]["optional-dependencies"]
    assert set(extras) == {"pdf", "train", "jax", "torch", "serve", "bulk", "all", "test"}
    assert extras["all"] == ["sonsu[pdf,train,jax,torch,serve,bulk]"]


def test_light_install_is_light(project):
    assert {name(line) for line in project["project"]["dependencies"]} == {
        "numpy",
        "pillow",
        "opencv-python-headless",
        "onnxruntime",
        "typer",
        "rich",
    }


def test_everything_asked_for_is_pinned(project):
    extras = project["project"]["optional-dependencies"].values()
    asked = {name(line) for lines in [project["project"]["dependencies"], *extras] for line in lines}
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert asked - {"sonsu"} <= {name(line) for line in constraints if "==" in line}
