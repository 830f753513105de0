from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from studio.errors import Cancelled, DataError, NotFound, StudioError
from studio.jobs.runner import JobRunner, JobState
from studio.records import Notice, Progress

TITLE = Notice("Reading {name}", name="a.pdf")
WAIT_S = 10


@pytest.fixture
def runner():
    runner = JobRunner(max_workers=2)
    yield runner
    runner.close()


class Gate:
    """Work that says when it has begun and ends when it is let go."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.n_calls = 0

    def __call__(self, context):
        self.n_calls += 1
        self.begun.set()
        while not self.go.wait(0.01):
            context.raise_if_cancelled()
        return "fine"


def test_work_is_done_and_its_result_kept(runner):
    job = runner.start("read", TITLE, lambda context: 42)
    assert job.result(WAIT_S) == 42
    assert job.state is JobState.DONE
    assert job.error is None
    assert job.started_at.tzinfo is UTC
    assert job.finished_at >= job.started_at


def test_same_key_gives_the_running_job_and_a_new_one_afterwards(runner):
    gate = Gate()
    first = runner.start("read", TITLE, gate, key="doc-1")
    assert gate.begun.wait(WAIT_S)
    assert runner.start("read", TITLE, gate, key="doc-1") is first
    assert runner.start("index", TITLE, lambda context: None, key="doc-1") is not first
    gate.go.set()
    first.result(WAIT_S)
    assert gate.n_calls == 1
    second = runner.start("read", TITLE, gate, key="doc-1")
    assert second is not first
    second.result(WAIT_S)


def test_same_key_from_many_threads_starts_the_work_once(runner):
    gate, found = Gate(), []
    start = threading.Barrier(16)

    def click() -> None:
        start.wait()
        found.append(runner.start("read", TITLE, gate, key="doc-1"))

    threads = [threading.Thread(target=click) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gate.go.set()
    assert {job.result(WAIT_S) for job in found} == {"fine"}
    assert gate.n_calls == 1


def test_a_running_job_stops_when_its_work_looks(runner):
    gate = Gate()
    job = runner.start("read", TITLE, gate)
    assert gate.begun.wait(WAIT_S)
    job.cancel()
    assert job.wait(WAIT_S)
    assert job.state is JobState.CANCELLED
    assert str(job.error) == "Reading a.pdf was stopped."
    with pytest.raises(Cancelled):
        job.result()


def test_a_queued_job_is_cancelled_at_once_and_never_runs(runner):
    gates = [Gate(), Gate()]
    blockers = [runner.start("read", TITLE, gate) for gate in gates]
    assert all(gate.begun.wait(WAIT_S) for gate in gates)
    never = Gate()
    queued = runner.start("read", TITLE, never)
    assert queued.state is JobState.QUEUED
    queued.cancel()
    assert queued.state is JobState.CANCELLED
    assert queued.started_at is None
    for gate in gates:
        gate.go.set()
    for job in blockers:
        job.result(WAIT_S)
    assert runner.start("read", TITLE, lambda context: 1).result(WAIT_S) == 1
    assert never.n_calls == 0


def test_at_most_max_workers_run_at_once_and_the_queue_keeps_its_order():
    runner = JobRunner(max_workers=1)
    order: list[int] = []
    jobs = [runner.start("n", TITLE, lambda context, i=i: order.append(i)) for i in range(20)]
    for job in jobs:
        job.result(WAIT_S)
    assert order == list(range(20))
    assert runner.jobs() == tuple(reversed(jobs))
    runner.close()


def test_a_studio_error_keeps_its_words(runner):
    def work(context):
        raise DataError("{name} is empty.", name="a.pdf")

    job = runner.start("read", TITLE, work)
    with pytest.raises(DataError, match=r"a\.pdf is empty"):
        job.result(WAIT_S)
    assert job.state is JobState.FAILED
    assert job.error == Notice("{name} is empty.", name="a.pdf")


@pytest.mark.parametrize("error", [ZeroDivisionError("secret detail"), SystemExit(3)])
def test_any_other_error_is_shown_by_its_id_and_logged(runner, caplog, error):
    def work(context):
        raise error

    job = runner.start("read", TITLE, work)
    assert job.wait(WAIT_S)
    assert job.state is JobState.FAILED
    assert job.id in str(job.error)
    assert "secret" not in str(job.error)
    assert job.id in caplog.text
    with pytest.raises(StudioError) as caught:
        job.result()
    assert caught.value.__cause__ is error


def test_reports_carry_rate_and_remaining_time():
    times = iter([0.0, 1.0, 2.0])
    runner = JobRunner(clock=lambda: next(times))
    seen: list[Progress] = []

    def work(context):
        for done in (0, 10, 20):
            context.report(done, 100, "pages", Notice("Page"))
            seen.append(job.progress)

    ready = threading.Event()
    job = runner.start("read", TITLE, lambda context: ready.wait(WAIT_S) and work(context))
    assert job.progress == Progress(notice=TITLE)
    ready.set()
    job.result(WAIT_S)
    assert [p.rate_per_s for p in seen] == [None, 10.0, 10.0]
    assert seen[-1].remaining_s == pytest.approx(8)
    assert (seen[-1].fraction, seen[-1].unit, seen[-1].notice) == (0.2, "pages", Notice("Page"))
    runner.close()


def test_another_unit_starts_the_measurement_anew():
    times = iter([0.0, 1.0, 2.0])
    runner = JobRunner(clock=lambda: next(times))

    def work(context):
        context.report(0, 100, "bytes")
        context.report(1000, 1000, "bytes")
        context.report(1001, 2000, "tensors")

    job = runner.start("read", TITLE, work)
    job.result(WAIT_S)
    assert job.progress.rate_per_s is None
    assert job.progress.notice == TITLE
    runner.close()


def test_relay_shows_a_progress_as_it_is(runner):
    progress = Progress(notice=TITLE, done=1, total=2, rate_per_s=3.0)
    job = runner.start("read", TITLE, lambda context: context.relay(progress))
    job.result(WAIT_S)
    assert job.progress is progress


def test_result_gives_up_after_its_time(runner):
    gate = Gate()
    job = runner.start("read", TITLE, gate)
    with pytest.raises(TimeoutError):
        job.result(0.01)
    gate.go.set()
    assert job.result(WAIT_S) == "fine"


def test_find_names_a_job_by_its_id(runner):
    job = runner.start("read", TITLE, lambda context: None)
    assert runner.find(job.id) is job
    with pytest.raises(NotFound, match="nothing"):
        runner.find("nothing")


def test_finished_jobs_are_forgotten_after_a_while(runner, monkeypatch):
    monkeypatch.setattr("studio.jobs.runner.N_FINISHED_KEPT", 3)
    for _ in range(10):
        runner.start("read", TITLE, lambda context: None).result(WAIT_S)
    assert len(runner.jobs()) == 3


def test_close_stops_what_runs_and_refuses_new_work():
    others = set(threading.enumerate())
    runner = JobRunner(max_workers=1)
    gate = Gate()
    running = runner.start("read", TITLE, gate)
    queued = runner.start("read", TITLE, gate)
    assert gate.begun.wait(WAIT_S)
    runner.close()
    runner.close()
    assert (running.state, queued.state) == (JobState.CANCELLED, JobState.CANCELLED)
    with pytest.raises(StudioError, match="closing"):
        runner.start("read", TITLE, gate)
    left = set(threading.enumerate()) - others
    assert not [thread for thread in left if thread.name.startswith("studio-job")]


def test_times_come_from_the_clock_that_was_given():
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    runner = JobRunner(now=lambda: noon)
    job = runner.start("read", TITLE, lambda context: None)
    job.result(WAIT_S)
    assert (job.started_at, job.finished_at) == (noon, noon)
    runner.close()
