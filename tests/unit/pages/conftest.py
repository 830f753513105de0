"""Pages on a workbench of their own with the demo engine, through the studio's real entry script."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

UI = Path(__file__).resolve().parents[3] / "studio" / "ui.py"


@pytest.fixture(autouse=True)
def _demo(monkeypatch, _isolated_home):
    from components import cache

    monkeypatch.setenv("STUDIO_DEMO", "1")
    cache.release()
    yield
    cache.release()


@pytest.fixture(autouse=True)
def _opened_steps(request, monkeypatch):
    """Every step of a builder is as if somebody had opened it, but for tests marked `folded`."""
    from components import session

    if not request.node.get_closest_marker("folded"):
        monkeypatch.setattr(session, "remembered_yes", lambda key, value: True)


@pytest.fixture
def bench():
    """The workbench that the pages of this test use."""
    from components import cache

    return cache.workbench()


@pytest.fixture
def open_page():
    """Open a page by its path under pages/: `open_page("run/models.py", lang="zh")`."""

    def open_(path: str, **query: str) -> AppTest:
        at = AppTest.from_file(UI, default_timeout=60)
        at.context["locale"] = "en-US"
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
        if path != "home.py":
            at.switch_page(f"../pages/{path}").run()
        return at

    return open_


@pytest.fixture
def sign_in_as(monkeypatch):
    """Ask for signing in and be somebody: `sign_in_as(Role.VIEWER)`; None is nobody."""
    from components import cache, session, who

    monkeypatch.setenv("STUDIO_SIGN_IN", "required")
    monkeypatch.setattr("studio.sharing.passwords._N", 2)
    cache.release()

    def be(role, name: str = "Somebody") -> None:
        if role is None:
            monkeypatch.setattr(session, "cookies", dict)
            return
        accounts = cache.workbench().accounts
        accounts.add(name, role, "correct horse")
        token = accounts.sign_in(name, "correct horse", "test")
        monkeypatch.setattr(session, "cookies", lambda: {who.COOKIE: token})

    return be
