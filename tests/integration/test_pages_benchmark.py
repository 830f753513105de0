"""Visitors without a browser, at a studio in demo mode: quick, as nothing is judged by the clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.benchmarks.pages_benchmark import run_pages_benchmark
from studio.config import Settings

pytestmark = pytest.mark.integration


def test_visitors_see_every_page_and_callers_are_served_beside_them(tmp_path):
    told = []
    settings = Settings(home=tmp_path / "home", is_demo=True)
    # A browser test before it in this process leaves an event loop running in its thread.
    with ThreadPoolExecutor(1) as pool:
        report = pool.submit(
            run_pages_benchmark, settings, n_visitors=9, seconds=4, say=told.append
        ).result()
    alone, crowd, beside = report.figures
    assert alone.detail.count(",") == 8  # a figure for each of nine pages
    assert all(0 < figure.value < 60_000 for figure in report.figures)
    assert "9 visitors" in told
    assert "9 visitors" in crowd.name
    n_texts = int(beside.detail.split("; ")[1].split()[0])
    assert n_texts > 0
