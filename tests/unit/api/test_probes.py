"""Health is for everybody; readiness and figures are for this machine, or who has the token."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from studio.api.interface import Interface
from studio.api.serve import application
from studio.errors import StudioError

PRIVATE = ("/metrics", "/ready")
TOKEN = "let-me-see"


def client(workbench, host: str = "127.0.0.1", base: str = "http://localhost") -> TestClient:
    app = application(workbench)
    return TestClient(app, base_url=base, client=(host, 1), raise_server_exceptions=False)


def test_this_machine_sees_everything(workbench) -> None:
    here = client(workbench)
    assert here.get("/health").json()["status"] == "ok"
    assert here.get("/ready").json() == {"status": "ready", "missing": []}
    assert "studio_http_requests_running" in here.get("/metrics").text
    assert here.get("/v1/models").status_code == 401


@pytest.mark.parametrize("path", PRIVATE)
def test_others_see_what_is_not_there(workbench, path: str) -> None:
    assert client(workbench, "10.0.0.7").get(path).status_code == 404
    assert client(workbench, "10.0.0.7").get("/health").json() == {"status": "ok"}
    here = client(workbench)
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert here.get(path, headers={header: "10.0.0.7"}).status_code == 404
    assert client(workbench, base="http://evil.example").get(path).status_code == 404
    assert here.get(path, headers={"Authorization": "Bearer "}).status_code == 200


@pytest.mark.parametrize("path", PRIVATE)
def test_the_token_opens_them_from_elsewhere(workbench, monkeypatch, path: str) -> None:
    monkeypatch.setattr(workbench, "settings", replace(workbench.settings, metrics_token=TOKEN))
    far = client(workbench, "10.0.0.7", "https://studio.example")
    assert far.get(path).status_code == 404
    assert far.get(path, headers={"Authorization": "Bearer no"}).status_code == 404
    assert far.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_an_api_key_opens_no_figures(workbench) -> None:
    key = workbench.workspace.api_keys.create("Acme")
    far = client(workbench, "10.0.0.7")
    headers = {"Authorization": f"Bearer {key.secret}"}
    assert far.get("/metrics", headers=headers).status_code == 404


def test_it_is_not_ready_without_models(workbench, monkeypatch) -> None:
    monkeypatch.setattr(workbench, "models_ready", lambda: False)
    answered = client(workbench).get("/ready")
    assert answered.status_code == 503
    assert answered.json() == {"status": "not ready", "missing": ["models"]}


def test_a_studio_that_cannot_be_opened_says_so_and_is_tried_again(workbench) -> None:
    from starlette.applications import Starlette

    tries = iter([StudioError("The workspace /home/x is damaged."), None])

    def opened():
        error = next(tries)
        if error is not None:
            raise error
        return workbench

    here = TestClient(Starlette(routes=Interface(opened).routes()))
    first = here.get("/v1/models")
    assert (first.status_code, first.json()["error"]["code"]) == (503, "unavailable")
    assert "/home" not in first.text
    assert here.get("/v1/models").status_code == 401


def test_the_roof_imports_nothing_of_it_before_it_is_asked() -> None:
    import subprocess
    import sys

    code = (
        "import sys, studio.api.interface as i; i.Interface(lambda: None).routes();"
        "print([m for m in ('fastapi', 'pydantic', 'prometheus_client') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
