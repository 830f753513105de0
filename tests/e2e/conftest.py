"""A freshly started server per module and a browser beside it.

`studio_server` starts `streamlit run studio/app.py` on a free port with a home of its own;
`page` is a browser page whose `goto(path)` waits until the studio is idle. Set `CHROMIUM` to name
another browser and `STUDIO_TEST_MODELS` to a folder that keeps fetched weights between runs.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "screenshots"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@dataclass(frozen=True)
class Server:
    """A running studio: where it answers and where its files lie."""

    url: str
    home: Path
    log: Path
    process: subprocess.Popen

    def kill(self) -> None:
        """End it as a power cut does: at once, without a word."""
        self.process.kill()
        self.process.wait(timeout=15)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_healthy(
    url: str, process: subprocess.Popen, log: Path, timeout_s: float = 60
) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended at its start:\n{log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not answer within {timeout_s} s:\n{log.read_text()[-3000:]}")


def _stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)


@pytest.fixture(scope="module")
def start_server(tmp_path_factory, kept_models: Path) -> Iterator[Callable[..., Server]]:
    """Start one more server, `start_server(env={"STUDIO_DEMO": "1"})`; it ends with the module.

    A home that is given keeps its own models, where it has a folder for them."""
    running: list[subprocess.Popen] = []

    def start(env: dict[str, str] | None = None, home: Path | None = None) -> Server:
        home = home or tmp_path_factory.mktemp("home")
        if not (home / "models").exists():
            (home / "models").symlink_to(kept_models, target_is_directory=True)
        log, port = home.parent / f"{home.name}.log", _free_port()
        command = [sys.executable, "-m", "streamlit", "run", "studio/app.py"]
        command += ["--server.port", str(port), "--server.headless", "true"]
        command += ["--server.fileWatcherType", "none"]
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "STUDIO_HOME": str(home), **(env or {})},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        url = f"http://localhost:{port}"
        _wait_until_healthy(url, process, log)
        return Server(url=url, home=home, log=log, process=process)

    yield start
    for process in running:
        _stop(process)


@pytest.fixture(scope="module")
def studio_server(start_server) -> Server:
    """A freshly started studio with the real models and an empty home, for one test module."""
    return start_server()


@pytest.fixture(scope="module")
def demo_server(start_server) -> Server:
    """A freshly started studio on the demo engine: quick, for what does not depend on a model."""
    return start_server(env={"STUDIO_DEMO": "1"})


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visitor:
    """A browser page on a studio, with the waiting that Streamlit needs. `page` is Playwright's."""

    def __init__(self, page, server: Server) -> None:
        self.page, self.server = page, server
        self.foreign_requests: list[str] = []
        self.console_errors: list[str] = []
        page.on("request", self._note_request)
        page.on(
            "console", lambda m: self.console_errors.append(m.text) if m.type == "error" else None
        )

    def _note_request(self, request) -> None:
        if not re.match(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:", request.url):
            self.foreign_requests.append(request.url)

    def goto(self, path: str = "/") -> None:
        """Open an address of the studio and wait until its script has ended."""
        self.page.goto(self.server.url + path)
        self.page.wait_for_selector(
            "[data-testid=stMain] h1, [data-testid=stAlert]", timeout=60_000
        )
        self.wait_idle()

    def wait_idle(self, timeout_ms: int = 60_000) -> None:
        """Wait until no script runs. After a click, first expect the visible change, then this."""
        self.page.wait_for_selector(IDLE, timeout=timeout_ms)

    def screenshot(self, name: str, *, full_page: bool = False) -> Path:
        """Save what is seen as screenshots/NAME.png."""
        SHOTS.mkdir(exist_ok=True)
        path = SHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=full_page)
        return path


@pytest.fixture
def open_visitor(browser) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor: `open_visitor(server, viewport=PHONE, locale="zh-CN", color_scheme="dark")`."""
    contexts = []

    def visit(
        server: Server, *, viewport=None, locale: str = "en-US", color_scheme: str = "light"
    ) -> Visitor:
        context = browser.new_context(
            viewport=viewport or DESKTOP, locale=locale, color_scheme=color_scheme
        )
        contexts.append(context)
        return Visitor(context.new_page(), server)

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(open_visitor, studio_server) -> Visitor:
    """A visitor of the module's server: 1280 pixels wide, English, light."""
    return open_visitor(studio_server)
