"""The API's description, and schemathesis, which asks for whatever it allows and for what it does not."""

import subprocess
import sys

import pytest

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance,unsupported_method"
)


def test_what_is_described(ask):
    paths = ask.get("/openapi.json").json()["paths"]
    assert {"/v1/read", "/v1/read-digit", "/v1/models", "/health/live", "/health/ready", "/metrics"} <= set(paths)
    assert "/v2/models/{name}/infer" in paths
    assert set(paths["/v1/read"]["post"]["requestBody"]["content"]) >= {"multipart/form-data", "image/*"}
    problems = paths["/v1/read"]["post"]["responses"]
    assert all("application/problem+json" in problems[status]["content"] for status in ("413", "422", "503"))


@pytest.mark.slow
def test_schemathesis_finds_nothing(served, tmp_path):
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{served}/openapi.json", "--checks", CHECKS]
    options = ["--max-examples", "12", "--seed", "1", "--no-color"]
    run = subprocess.run(command + options, capture_output=True, text=True, timeout=600, check=False, cwd=tmp_path)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
