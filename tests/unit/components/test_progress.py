from __future__ import annotations

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components import i18n, progress
from studio.records import Notice, Progress

FETCHING = Progress(
    notice=Notice("Fetching"),
    done=45_100_000,
    total=92_871_040,
    unit="bytes",
    rate_per_s=12_000_000,
    remaining_s=4.0,
)


def test_figures_say_amount_rate_and_what_is_left() -> None:
    assert progress.figures(FETCHING) == "45 MB of 93 MB · 12 MB/s · about 4 s left"


def test_a_share_is_told_as_one_number() -> None:
    """Not "45 of 100 %", and no percent a second."""
    known = Progress(done=45, total=100, unit="%", notice=Notice("Learning"), rate_per_s=5)
    assert progress.figures(known) == "45%"


def test_what_is_counted_is_said_to_the_last_one() -> None:
    measuring = Progress(notice=Notice("Measuring"), done=143, total=1_224, unit="questions")
    assert progress.figures(measuring) == "143 of 1,224 questions"


def test_figures_without_a_total_say_what_is_known() -> None:
    known = Progress(notice=Notice("Reading"), done=3, unit="documents")
    assert progress.figures(known) == "3 documents"
    assert progress.figures(Progress(notice=Notice("Reading"))) == ""


def test_no_remaining_time_is_promised_from_the_first_bytes() -> None:
    first = Progress(
        notice=Notice("Fetching"),
        done=98,
        total=92_871_040,
        unit="bytes",
        rate_per_s=320,
        remaining_s=290_000,
    )
    assert progress.figures(first) == "98 B of 93 MB"


def test_figures_of_counted_things_carry_their_unit() -> None:
    counted = Progress(notice=Notice("Reading"), done=3, total=12, unit="documents", rate_per_s=1.5)
    assert progress.figures(counted) == "3 of 12 documents · 1.5 documents/s"


def reported_units() -> set[str]:
    """What the library counts: the texts it hands to `report` as a unit, and units of a `Progress`."""
    units: set[str] = set()
    for path in (Path(__file__).parents[3] / "studio").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            given = [word.value for word in call.keywords if word.arg == "unit"]
            texts = given if name == "Progress" else call.args if name == "report" else []
            units |= {
                text.value
                for text in texts
                if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value
            }
    return units


def test_whatever_is_counted_has_a_name_in_chinese() -> None:
    units = reported_units() - {*progress.BYTES, "%"}
    assert {"documents", "items", "trials"} <= units
    with i18n.speaking("zh"):
        untranslated = {unit for unit in units if progress.unit_name(unit) == unit}
    assert not untranslated


def watching() -> None:
    import streamlit as st

    from components import progress

    job, retried = st.session_state["job"], st.session_state["retried"]  # noqa: TID251
    progress.watch(lambda: job, key="test", retry=lambda: retried.append(True))


@pytest.fixture
def watch():
    from studio.jobs.runner import JobRunner

    runner = JobRunner()

    def start(work):
        job = runner.start("test", Notice("Working"), work)
        at = AppTest.from_function(watching, default_timeout=20)
        at.session_state["job"], at.session_state["retried"] = job, []
        return at, job

    yield start
    runner.close()


def test_a_running_job_shows_its_figures_and_can_be_cancelled(watch) -> None:
    import threading

    at_work, leave = threading.Event(), threading.Event()

    def work(context):
        context.relay(FETCHING)
        at_work.set()
        leave.wait(10)
        context.raise_if_cancelled()

    at, job = watch(work)
    assert at_work.wait(5)
    at.run()
    bar = at.get("progress")[0]
    assert bar.value == 48
    assert "45 MB of 93 MB" in bar.proto.text
    at.button(key="_test.cancel").click().run()
    assert job.is_cancel_requested
    assert at.button(key="_test.cancel").disabled
    leave.set()
    assert job.wait(5)
    at.run()
    assert at.info[0].value == "Working was stopped."
    at.button(key="_test.retry").click().run()
    assert at.session_state["retried"] == [True]


def test_a_failed_job_says_why(watch) -> None:
    from studio.errors import ModelUnavailable

    def work(_context):
        raise ModelUnavailable("The hub at {host} did not answer.", host="hub.test")

    at, job = watch(work)
    assert job.wait(5)
    at.run()
    assert at.error[0].value == "The hub at hub.test did not answer."
    assert at.button(key="_test.retry").label == "Try again"


def test_a_finished_job_draws_nothing(watch) -> None:
    at, job = watch(lambda _context: None)
    assert job.wait(5)
    at.run()
    assert not at.error
    assert not at.info
    assert not at.button


def seen_building_a_moment_ago() -> None:
    import streamlit as st

    from components import progress

    job, retried = st.session_state["job"], st.session_state["retried"]  # noqa: TID251
    retried.append(True)
    if len(retried) == 1:  # the page decided to draw progress; then the job ended
        progress.watch(lambda: job, key="test", seen_active=True)
    else:
        st.text("ready")


def test_a_job_that_ends_while_the_page_is_drawn_is_not_missed(watch) -> None:
    _at, job = watch(lambda _context: None)
    assert job.wait(5)
    at = AppTest.from_function(seen_building_a_moment_ago, default_timeout=20)
    at.session_state["job"], at.session_state["retried"] = job, []
    at.run()
    assert [text.value for text in at.text] == ["ready"]
