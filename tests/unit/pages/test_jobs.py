"""The jobs page: what runs, what is over, and what an earlier process has left."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from studio.errors import DataError
from studio.records import JobRecord, Notice, Progress
from studio.workspace.store import utc_now

PAGE = "run/jobs.py"


def texts(at) -> str:
    shown = [*at.main.markdown, *at.main.caption, *at.main.info, *at.main.error]
    return "\n".join(element.value for element in shown).replace("\\", "")


@pytest.fixture
def running(bench):
    """Start an index job of a chatbot that goes on until `leave` is set or it is cancelled."""
    leave = threading.Event()

    def start():
        bot = bench.create_chatbot("Help *desk*")
        at_work = threading.Event()

        def work(context):
            context.relay(
                Progress(
                    notice=Notice("Reading {total} new passages with the model", total=200),
                    done=50,
                    total=200,
                    unit="passages",
                    rate_per_s=25,
                    remaining_s=6,
                )
            )
            at_work.set()
            while not leave.wait(0.01):
                context.raise_if_cancelled()

        job = bench.jobs.start("index", Notice("Building the index"), work, key=bot.id)
        assert at_work.wait(10)
        return job

    yield start
    leave.set()


def test_an_empty_page_says_what_will_be_here(open_page) -> None:
    at = open_page(PAGE)
    assert at.title[0].value == "Jobs"
    assert "Nothing has run yet." in at.info[0].value


def test_what_runs_stands_with_its_progress_and_can_be_stopped(open_page, running) -> None:
    job = running()
    at = open_page(PAGE)
    assert "**Building the index** · Help *desk* :blue-badge[Running]" in texts(at)
    bar = at.get("progress")[0]
    assert bar.value == 25
    assert "50 of 200 passages · 25 passages/s · about 6 s left" in bar.proto.text
    at.button(key=f"_jobs.{job.id}.cancel").click().run()
    assert job.wait(10)
    at.run()
    assert ":gray-badge[Stopped]" in texts(at)
    assert not at.get("progress")


def test_what_failed_says_why_and_when(open_page, bench) -> None:
    def fail(_context):
        raise DataError("{name} is empty. Upload a file with text in it.", name="a.pdf")

    assert bench.jobs.start("index", Notice("Building the index"), fail, key="k").wait(10)
    at = open_page(PAGE)
    assert ":red-badge[Failed]" in texts(at)
    assert at.error[0].value == "a.pdf is empty. Upload a file with text in it."
    assert "just now · took" in texts(at)


def test_work_of_earlier_and_other_processes_is_listed(open_page, bench) -> None:
    now = utc_now()
    for number, state in enumerate(("running", "done", "cancelled")):
        ended = None if state == "running" else now - timedelta(hours=number)
        record = JobRecord(
            id=f"old-{number}",
            kind="index",
            title=Notice("Building the index"),
            key="gone",
            state=state,
            owner="elsewhere",
            created_at=now - timedelta(hours=3),
            started_at=now - timedelta(hours=3),
            ended_at=ended,
        )
        bench.workspace.jobs.save(record)
    at = open_page(PAGE)
    assert "another process of the studio has it" in texts(at)
    assert "1 hour ago · took 2 h" in texts(at)
    assert not at.button


def test_a_long_list_is_short_at_first(open_page, bench) -> None:
    for number in range(14):
        bench.jobs.start("n", Notice("Work {n}", n=number), lambda context: None).result(10)
    at = open_page(PAGE)
    assert texts(at).count("badge[Done]") == 10
    at.toggle(key="_jobs.all").set_value(True).run()
    assert texts(at).count("badge[Done]") == 14
