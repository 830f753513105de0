"""The visitor of `studio bench pages` counts only pages that were drawn."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.benchmarks.page_visitor import PageFailed, PageVisitor

pytestmark = pytest.mark.e2e


def look(url, page, n=1):
    async def looks():
        async with PageVisitor(url, page) as visitor:
            return [await visitor.look() for _ in range(n)]

    # Playwright has an event loop of its own running in this thread.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(looks())).result()


def test_a_page_is_looked_at_again_and_again(demo_server):
    assert all(0 < seconds < 60 for seconds in look(demo_server.url, "models", 3))


def test_a_page_that_is_not_there_is_no_quick_page(demo_server):
    with pytest.raises(PageFailed, match="there is no page no-such-page"):
        look(demo_server.url, "no-such-page")
