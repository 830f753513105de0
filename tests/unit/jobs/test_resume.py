"""Jobs that are written down go on in the next process: once, under their id, unless cancelled."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from studio.errors import DataError, StorageFull
from studio.jobs import logbook as logbook_module
from studio.jobs.logbook import Logbook
from studio.jobs.ownership import Ownership
from studio.jobs.runner import JobRunner, JobState
from studio.records import JobRecord, Notice, Progress

TITLE = Notice("Building")
WAIT_S = 10


class Store:
    """What `workspace.jobs.Jobs` does, in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, JobRecord] = {}
        self.n_saved = 0
        self.is_full = False
        self._lock = threading.Lock()

    def save(self, record):
        if self.is_full:
            raise StorageFull("There is no room left.")
        with self._lock:
            self.n_saved += 1
            if record.id not in self.rows or self.rows[record.id].owner == record.owner:
                self.rows[record.id] = record

    def unfinished(self, kinds):
        return tuple(
            r for r in self.rows.values() if r.kind in kinds and r.state in ("queued", "running")
        )

    def claim(self, job_id, from_owner, to_owner):
        with self._lock:
            row = self.rows[job_id]
            if row.owner != from_owner or row.state not in ("queued", "running"):
                return None
            n = row.n_interrupted + (row.state == "running")
            self.rows[job_id] = replace(row, owner=to_owner, state="queued", n_interrupted=n)
            return self.rows[job_id]

    def list(self, limit=200):
        return tuple(sorted(self.rows.values(), key=lambda r: r.created_at, reverse=True))[:limit]


@pytest.fixture
def store():
    return Store()


class Process:
    """A runner with its own lock file; `die` is a kill: nothing is written, the lock is free."""

    def __init__(self, store, folder) -> None:
        self.ownership = Ownership(folder)
        self.runner = JobRunner(logbook=Logbook(store, self.ownership))
        self.done: list[str] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.runner.register("index", self.build)

    def build(self, key, context):
        self.begun.set()
        while not self.go.wait(0.005):
            context.raise_if_cancelled()
        self.done.append(key)

    def start(self, key="bot"):
        job = self.runner.start("index", TITLE, lambda context: self.build(key, context), key=key)
        assert self.begun.wait(WAIT_S)
        return job

    def die(self):
        self.runner._logbook.note = lambda job: None
        self.ownership.release()


@pytest.fixture
def process(store, tmp_path):
    made = []

    def make() -> Process:
        made.append(Process(store, tmp_path / "owners"))
        return made[-1]

    yield make
    for one in made:
        one.go.set()
        one.runner.close()


def test_what_a_killed_process_ran_goes_on_under_its_id(process, store):
    first = process()
    killed = first.start()
    assert store.rows[killed.id].state == "running"
    first.die()
    second = process()
    second.go.set()
    (job,) = second.runner.resume()
    job.result(WAIT_S)
    assert (job.id, job.key, job.title, job.created_at) == (
        killed.id,
        "bot",
        TITLE,
        killed.created_at,
    )
    assert second.done == ["bot"]
    second.runner.close()
    row = store.rows[killed.id]
    assert (row.state, row.n_interrupted) == ("done", 1)
    assert row.ended_at is not None


def test_what_waited_is_started_too_and_was_not_interrupted(process, store):
    first = process()
    first.runner._max_workers = 1
    first.start("a")
    waiting = first.runner.start("index", TITLE, lambda context: None, key="b")
    first.die()
    second = process()
    second.go.set()
    assert {job.key for job in second.runner.resume()} == {"a", "b"}
    assert waiting.id in {job.id for job in second.runner.jobs()}
    for job in second.runner.jobs():
        job.result(WAIT_S)
    assert sorted(second.done) == ["a", "b"]
    assert store.rows[waiting.id].n_interrupted == 0


def test_work_that_has_to_wait_is_there_to_see_and_is_not_begun_twice(process):
    first = process()
    killed = first.start()
    first.die()
    second, may_begin = process(), threading.Event()
    second.go.set()
    (job,) = second.runner.resume(may_begin.wait)
    assert second.runner.latest(job.kind, job.key) is job
    assert (job.id, job.state) == (killed.id, JobState.QUEUED)
    again = second.runner.start(job.kind, TITLE, lambda context: None, key=job.key)
    assert again is job  # who asks for it meanwhile gets the same
    time.sleep(0.05)
    assert second.done == []
    may_begin.set()
    job.result(WAIT_S)
    assert second.done == ["bot"]


def test_a_job_of_a_living_process_is_left_alone(process):
    first = process()
    first.start()
    assert process().runner.resume() == ()
    assert first.runner.resume() == ()


def test_of_many_processes_one_goes_on(process, store):
    first = process()
    first.start()
    first.die()
    others = [process() for _ in range(8)]
    gate, resumed = threading.Barrier(8), []

    def ask(one) -> None:
        one.go.set()
        gate.wait()
        resumed.extend(one.runner.resume())

    threads = [threading.Thread(target=ask, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(resumed) == 1
    resumed[0].result(WAIT_S)
    assert sum(len(one.done) for one in others) == 1


def test_cancelled_stays_cancelled_even_when_killed_before_it_stopped(process, store):
    first = process()
    gate = threading.Event()
    job = first.runner.start("index", TITLE, lambda context: gate.wait(WAIT_S), key="bot")
    while job.state is JobState.QUEUED:
        pass
    job.cancel()
    assert job.state is JobState.RUNNING  # it has not looked yet
    first.die()
    assert process().runner.resume() == ()
    assert store.rows[job.id].state == "cancelled"
    gate.set()


def test_who_has_waited_finds_the_end_written_down(process, store):
    one = process()
    one.go.set()
    save = store.save

    def slow(record):
        time.sleep(0.1 if record.state == "done" else 0)
        save(record)

    store.save = slow
    job = one.start()
    assert job.wait(WAIT_S)
    assert store.rows[job.id].state == "done"


def test_failed_and_done_are_not_started_again(process, store):
    first = process()

    def fail(context):
        raise DataError("{name} is empty.", name="a.pdf")

    assert first.runner.start("index", TITLE, fail, key="bad").wait(WAIT_S)
    first.runner.start("index", TITLE, lambda context: None, key="good").result(WAIT_S)
    first.runner.close()
    assert process().runner.resume() == ()
    states = {row.key: (row.state, row.error) for row in store.rows.values()}
    assert states["bad"] == ("failed", Notice("{name} is empty.", name="a.pdf"))
    assert states["good"] == ("done", None)


def test_closing_leaves_work_to_the_next_process_but_not_what_was_cancelled(process, store):
    first = process()
    running = first.start("running")
    cancelled = first.runner.start("index", TITLE, lambda context: first.build("c", context), "c")
    cancelled.cancel()
    assert cancelled.wait(WAIT_S)
    first.runner.close()
    assert running.state is JobState.CANCELLED  # in this process
    assert store.rows[running.id].state == "queued"
    second = process()
    second.go.set()
    (job,) = second.runner.resume()
    job.result(WAIT_S)
    assert second.done == ["running"]
    assert store.rows[running.id].n_interrupted == 0  # an orderly end is no interruption


def test_work_that_was_started_anew_meanwhile_is_not_done_twice(process, store):
    first = process()
    left = first.start()
    first.die()
    second = process()
    again = second.start()
    assert second.runner.resume() == ()
    assert store.rows[left.id].state == "cancelled"
    second.go.set()
    again.result(WAIT_S)
    assert second.done == ["bot"]


def test_what_ends_every_process_is_given_up(process, store):
    job_id = ""
    for _ in range(logbook_module.MAX_INTERRUPTIONS):
        one = process()
        resumed = one.runner.resume()
        job_id = resumed[0].id if resumed else one.start().id
        assert one.begun.wait(WAIT_S)
        one.die()
    assert process().runner.resume() == ()
    row = store.rows[job_id]
    assert row.state == "failed"
    assert "ended 5 times" in str(row.error)


def test_only_registered_kinds_with_a_key_are_written_down(process, store):
    one = process()
    one.go.set()
    one.runner.start("load-model", TITLE, lambda context: None, key="m").result(WAIT_S)
    one.runner.start("index", TITLE, lambda context: None).result(WAIT_S)
    assert store.rows == {}


def test_progress_is_written_now_and_then(process, store):
    times = iter([0.0, *(0.01 * i for i in range(100)), *([60.0] * 9)])
    one = process()
    one.runner._logbook._clock = lambda: next(times)

    def work(context):
        for done in range(60):
            context.relay(Progress(notice=TITLE, done=done, total=60))

    before = store.n_saved
    one.runner.start("index", TITLE, work, key="bot").result(WAIT_S)
    one.runner.close()
    assert store.n_saved - before == 3  # queued, running, done
    assert next(iter(store.rows.values())).progress.done == 59


def test_a_full_disk_stops_no_work(process, store, caplog):
    store.is_full = True
    one = process()
    one.go.set()
    one.start().result(WAIT_S)
    assert one.done == ["bot"]
    assert "not written down" in caplog.text


def test_history_joins_this_process_and_those_before(process, store):
    first = process()
    first.go.set()
    first.start("old").result(WAIT_S)
    first.runner.close()
    second = process()
    second.runner.start("load-model", TITLE, lambda context: None, key="m").result(WAIT_S)
    running = second.start("new")
    assert [(r.key, r.state) for r in second.runner.history()] == [
        ("new", "running"),
        ("m", "done"),
        ("old", "done"),
    ]
    assert second.runner.latest("index", "new") is running
    assert second.runner.latest("index", "old") is None


def test_a_runner_without_a_logbook_resumes_nothing():
    runner = JobRunner()
    runner.register("index", lambda key, context: None)
    assert runner.resume() == ()
    runner.close()


HOLDER = """
import sys
from pathlib import Path
from studio.jobs.ownership import Ownership
me = Ownership(Path(sys.argv[1]))
print(me.token, flush=True)
sys.stdin.read()
"""


def test_an_owner_lives_until_its_process_is_killed(tmp_path):
    folder = tmp_path / "owners"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    token = holder.stdout.readline().strip()
    me = Ownership(folder)
    assert me.is_alive(token)
    holder.kill()
    holder.communicate()
    assert not me.is_alive(token)
    assert not me.is_alive("")
    assert not me.is_alive("never-there")
    assert me.is_alive(me.token)
    mine = me.token
    me.release()
    assert not me.is_alive(mine)
    assert list(folder.glob("*.lock")) == []


def test_records_say_when(store, tmp_path):
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    runner = JobRunner(now=lambda: noon, logbook=Logbook(store, Ownership(tmp_path / "owners")))
    runner.register("index", lambda key, context: None)
    runner.start("index", TITLE, lambda context: None, key="k").result(WAIT_S)
    runner.close()
    (row,) = store.rows.values()
    assert (row.created_at, row.started_at, row.ended_at) == (noon, noon, noon)
