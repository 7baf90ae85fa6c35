"""What every answer has, who may ask, and what the log says."""

import json
import logging

import httpx
import pytest
from serving_helpers import running

from sonsu.serving.logs import JsonLines

KEY = "correct horse battery"


@pytest.fixture(scope="module")
def guarded():
    with running(workers=1, api_key=KEY) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/docs", "/static/app.js", "/openapi.json", "/health/live", "/v1/read", "/nope"])
def test_every_answer_has_the_headers(ask, path):
    headers = ask.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers
    assert headers["cache-control"] == ("no-cache" if path in ("/", "/docs", "/static/app.js") else "no-store")


def test_without_the_key_nothing_is_read(guarded, png):
    for path in ("/v1/read", "/v1/read-digit", "/v2/models/default/infer"):
        answer = guarded.post(path, content=png(1))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["type"] == "urn:sonsu:problem:key-needed"
    for path in ("/metrics", "/v1/about", "/v2"):
        assert guarded.get(path).status_code == 401


@pytest.mark.parametrize("given", ["Bearer wrong", "Bearer", "Basic x", f"Bearer {KEY}x", "Bearer \u00e9"])
def test_a_wrong_key(guarded, given):
    assert guarded.get("/v1/models", headers={"Authorization": given.encode()}).status_code == 401


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {KEY}"}, {"X-API-Key": KEY}])
def test_the_right_key(guarded, png, headers):
    assert guarded.post("/v1/read-digit", content=png(8), headers=headers).json()["label"] == 8


def test_the_page_and_the_health_need_no_key(guarded):
    assert [guarded.get(path).status_code for path in ("/", "/health/ready", "/v2/health/ready")] == [200] * 3
    assert guarded.get("/openapi.json").json()["security"] == [{"key": []}]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_other_sites_pages_may_not_send(ask, png, headers):
    answer = ask.post("/v1/read-digit", content=png(1), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:sonsu:problem:other-site")


def test_its_own_page_may(ask, served, png):
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": served}):
        assert ask.post("/v1/read-digit", content=png(1), headers=headers).status_code == 200


def test_an_error_of_its_own_is_a_problem_and_is_logged(png, monkeypatch, caplog):
    def fails(*_):
        raise RuntimeError("/secret/path")

    with running(workers=1) as url:
        monkeypatch.setattr("sonsu.serving.read_routes.read", fails)
        answer = httpx.post(f"{url}/v1/read", content=png(1))
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:sonsu:problem:internal-error"
    assert "secret" not in answer.text
    assert "a request failed" in caplog.text


def test_the_log_has_no_names_and_no_paths_as_sent(caplog, png):
    with running(workers=1) as url, caplog.at_level(logging.INFO, "sonsu.serving"):
        httpx.post(f"{url}/v1/read-digit?explain=true&who=me", files={"file": ("my-name.png", png(1))})
        httpx.get(f"{url}/my-name.png")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert [(line["route"], line["status"]) for line in lines] == [("/v1/read-digit", 200), ("other", 404)]
    assert lines[0]["bytes"] > len(png(1))
    assert "my-name" not in json.dumps(lines)


def test_a_log_line_with_a_trace_is_one_line():
    try:
        raise ValueError("a\nb")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "it failed", (), __import__("sys").exc_info())
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["level"] == "error"


def test_metrics(png):
    with running(workers=1) as url:
        httpx.post(f"{url}/v1/read-digit", content=png(1))
        httpx.post(f"{url}/v1/read-digit", content=b"no")
        answer = httpx.get(f"{url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in (
        'sonsu_requests_total{route="/v1/read-digit",status="200"} 1.0',
        'sonsu_requests_total{route="/v1/read-digit",status="422"} 1.0',
        "sonsu_pictures_total 1.0",
        'sonsu_digits_total{status="read"} 1.0',
        "sonsu_reading_under_way 0.0",
        'sonsu_request_seconds_count{route="/v1/read-digit"} 2.0',
    ):
        assert line in answer.text.splitlines(), line
