"""Ids, headers, sizes, foreign pages, documentation without a network."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from studio.api.frame import new_request_id
from tests.unit.api.conftest import QUESTION, Api, make_api


def test_an_id_is_given_and_never_twice(api: Api) -> None:
    key = api.key()
    first, second = (
        api.get("/v1/models", key, **{"x-request-id": "order-7"}).headers["x-request-id"]
        for _ in range(2)
    )
    assert re.fullmatch(r"order-7-[0-9a-f]{16}", first)
    assert first != second
    assert api.client.get("/v1/models").headers["x-request-id"].startswith("req-")


@pytest.mark.parametrize("sent", ["", "a b", "-x", "x" * 65, "x\n", "<b>"])
def test_ids_that_could_do_harm_are_not_taken(sent: str) -> None:
    assert re.fullmatch(r"req-[0-9a-f]{16}", new_request_id(sent))


def test_every_answer_keeps_browsers_safe(api: Api) -> None:
    for path in ("/v1/models", "/v1/nothing", "/v1/openapi.json"):
        headers = api.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


def test_unknown_addresses_and_methods_are_errors_in_the_same_form(api: Api) -> None:
    missing = api.get("/v1/completions", api.key())
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    wrong = api.client.delete("/v1/models")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET"


def test_large_requests_are_refused_with_and_without_a_length(workbench, bot, monkeypatch) -> None:
    monkeypatch.setattr(
        workbench, "settings", replace(workbench.settings, max_api_body_bytes=2_000)
    )
    api = make_api(workbench)
    key = api.key()
    assert api.ask("help-desk", key).status_code == 200
    long = api.ask("help-desk", key, "x" * 3_000)
    assert (long.status_code, long.json()["error"]["code"]) == (413, "request_too_large")

    def pieces():
        yield from [b"x" * 500] * 10

    sent = api.client.post(
        "/v1/chat/completions",
        content=pieces(),
        headers={"Authorization": f"Bearer {key.secret}", "Content-Type": "application/json"},
    )
    assert (sent.status_code, sent.json()["error"]["code"]) == (413, "request_too_large")


def test_foreign_pages_may_call_only_when_they_are_named(workbench, bot, monkeypatch) -> None:
    shop, other = "https://shop.example", "https://other.example"
    monkeypatch.setattr(workbench, "settings", replace(workbench.settings, api_origins=(shop,)))
    api = make_api(workbench)
    key = api.key()

    def preflight(origin: str):
        return api.client.options(
            "/v1/chat/completions",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type",
            },
        )

    assert preflight(shop).headers["access-control-allow-origin"] == shop
    assert "access-control-allow-origin" not in preflight(other).headers
    answered = api.get("/v1/models", key, Origin=shop)
    assert answered.headers["access-control-allow-origin"] == shop
    assert "access-control-allow-origin" not in api.get("/v1/models", key, Origin=other).headers


def test_the_documentation_fetches_nothing_from_elsewhere(api: Api) -> None:
    for path in ("/v1/docs", "/v1/redoc"):
        page = api.client.get(path)
        assert page.status_code == 200
        addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert addresses
        for address in addresses:
            assert address.startswith("/v1/static-offline-docs/")
            assert api.client.get(address).status_code == 200
        assert "'/v1/openapi.json'" in page.text or '"/v1/openapi.json"' in page.text
    document = api.client.get("/v1/openapi.json").json()
    assert "422" not in str(document["paths"]["/chat/completions"]["post"]["responses"].keys())
    assert document["servers"] == [{"url": "/v1"}]


def test_an_unexpected_failure_says_its_id_and_nothing_else(api: Api, monkeypatch, caplog) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the founder")

    monkeypatch.setattr("studio.api.chat.chat_work", fail)
    answered = api.ask("help-desk", api.key())
    assert answered.status_code == 500
    error = answered.json()["error"]
    assert error["code"] == "internal_error"
    assert answered.headers["x-request-id"] in error["message"]
    assert "secret" not in answered.text
    assert answered.headers["x-request-id"] in caplog.text
    assert answered.headers["x-frame-options"] == "DENY"


def test_the_figures_move_and_guessing_makes_no_new_ones(api: Api) -> None:
    key = api.key()
    api.ask("help-desk", key, stream=True)
    api.post("/v1/prototypes/help-desk/ask", {"question": QUESTION}, key)
    for guess in range(5):
        api.client.get(f"/v1/guess-{guess}")
        api.client.request(f"GUESS{guess}", "/v1/models")
    api.client.get("/v1/models")
    text = api.metrics.text().decode()
    chat = 'method="POST",route="/chat/completions",status="200"'
    assert f"studio_http_requests_total{{{chat}}} 1.0" in text
    assert 'route="/prototypes/{slug}/ask"' in text
    assert 'studio_http_requests_total{method="GET",route="unknown",status="404"} 5.0' in text
    assert 'studio_http_requests_total{method="unknown",route="/models",status="405"} 5.0' in text
    assert 'studio_http_errors_total{code="missing_api_key"} 1.0' in text
    assert 'studio_http_first_text_seconds_count{route="/chat/completions"} 1.0' in text
    written = r'studio_tokens_written_total\{model="smollm2-135m-instruct",stage="generation"'
    assert re.search(written + r',surface="api"\} [1-9]', text)
    assert re.search(r'studio_model_waiting\{model="smollm2-135m-instruct"\} 0', text)
    assert "studio_model_memory_bytes" in text
    assert "guess" not in text.lower()
    assert QUESTION not in text
