"""The report of `studio bench soak`: nothing lost, unclear or late, and the memory is back."""

from __future__ import annotations

import json

import pytest

from studio.benchmarks.soak import KillReport, MixReport, SoakReport


def report(lost: tuple[str, ...] = (), **changed) -> SoakReport:
    values = {
        "n_requests": 10,
        "outcomes": {"embedded": 10},
        "unclear": (),
        "slowest_s": 3.0,
        "deadline_s": 120.0,
        "before_bytes": 100,
        "after_bytes": 104,
    }
    return SoakReport(
        machine="m",
        kills=KillReport(n_kills=1, n_acknowledged=2, lost=lost),
        mix=MixReport(**(values | changed)),
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"lost": ("key 1",)},
        {"unclear": ("KeyError: x",)},
        {"slowest_s": 130.0},
        {"after_bytes": 106},
    ],
)
def test_it_passes_only_where_nothing_is_lost_unclear_late_or_kept(changed):
    assert report().is_passed
    assert not report(**changed).is_passed


def test_who_waited_beyond_the_deadline_is_told():
    assert "slowest 3.0 s of 120 s;" in report().as_text()
    assert "slowest 130.0 s of 120 s (MISSED);" in report(slowest_s=130.0).as_text()
    assert report(slowest_s=121.0).mix.is_in_time  # its error was on its way
    assert json.loads(report().as_json())["mix"]["deadline_s"] == 120.0
