"""The deployment files name options that there are, agree with each other, and pass what checkers this machine has."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from sonsu.cli import app
from sonsu.serving.settings import Settings

yaml = pytest.importorskip("yaml")

DEPLOY = Path(__file__).parents[2] / "deploy"


def accepted(arguments):
    """What `sonsu serve` makes of a command line."""
    verb = typer.main.get_command(app).commands["serve"]
    return verb.make_context("serve", list(arguments)).params


def test_the_containers_command():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    entry = json.loads(re.search(r"^ENTRYPOINT (\[.*\])$", text, re.MULTILINE)[1])
    assert accepted(entry[2:])["host"] == "0.0.0.0"
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", text, re.MULTILINE)
    for copied in re.findall(r"^COPY ([\w. ]+) /", text, re.MULTILINE):
        assert all((DEPLOY.parent / name).exists() for name in copied.split())


def test_two_replicas_that_write_nothing():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert set(services) == {"sonsu-a", "sonsu-b", "nginx"}
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert services["sonsu-a"] == services["sonsu-b"]
    accepted(services["sonsu-a"]["command"])
    assert services["nginx"]["ports"] == ["127.0.0.1:8080:8080"]


def test_nginx_takes_as_much_as_a_replica():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert f"client_max_body_size {Settings().body_bytes >> 20}m;" in text
    assert int(re.search(r"proxy_read_timeout (\d+)s", text)[1]) > 2 * Settings().timeout_s
    for problem in re.findall(r"return \d+ '(.*)';", text):
        assert json.loads(problem).keys() == {"type", "title", "status", "detail"}


def test_nginx_accepts_its_configuration(tmp_path):
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if nginx is None:
        pytest.skip("there is no nginx on this machine")
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    here = (
        text.replace("sonsu-a:", "127.0.0.1:").replace("sonsu-b:8000", "127.0.0.1:8001").replace("/tmp", str(tmp_path))
    )
    (tmp_path / "nginx.conf").write_text(here, encoding="utf-8")
    run = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_units_command():
    text = (DEPLOY / "sonsu.service").read_text(encoding="utf-8")
    command = re.search(r"^ExecStart=\S+ serve (.*)$", text, re.MULTILINE)[1]
    assert accepted(command.split())["save_corrections"].name == "corrections"


def test_systemd_accepts_the_unit(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd on this machine")
    program = tmp_path / "sonsu"
    program.touch(mode=0o755)
    text = (DEPLOY / "sonsu.service").read_text(encoding="utf-8")
    unit = tmp_path / "sonsu.service"
    unit.write_text(text.replace("/opt/sonsu/bin/sonsu", str(program)), encoding="utf-8")
    run = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
