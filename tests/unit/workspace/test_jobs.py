"""Jobs in the workspace: what was written is read back, and one owner gets a job."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from studio.records import JobRecord, Notice, Progress
from studio.workspace import jobs as jobs_module

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def job(number=1, **more) -> JobRecord:
    return JobRecord(
        **{
            "id": f"job-{number}",
            "kind": "index",
            "title": Notice("Building {name}", name="索引"),
            "key": "bot",
            "state": "queued",
            "owner": "a",
            "created_at": NOON + timedelta(seconds=number),
        }
        | more
    )


def test_what_was_written_is_read_back(workspace):
    whole = job(
        state="failed",
        progress=Progress(
            notice=Notice("Reading {n}", n=3), done=1, total=3.5, unit="passages", rate_per_s=0.5
        ),
        error=Notice("No room on {disk}.", disk="C:"),
        n_interrupted=2,
        started_at=NOON,
        ended_at=NOON,
    )
    workspace.jobs.save(whole)
    bare = job(2, key=None)
    workspace.jobs.save(bare)
    assert workspace.jobs.list() == (bare, whole)
    assert workspace.jobs.list(limit=1) == (bare,)


def test_saving_again_replaces(workspace):
    workspace.jobs.save(job())
    workspace.jobs.save(job(state="running", started_at=NOON))
    assert [row.state for row in workspace.jobs.list()] == ["running"]


def test_unfinished_are_those_that_wait_or_run_of_the_kinds(workspace):
    for number, state in enumerate(("queued", "running", "done", "failed", "cancelled")):
        workspace.jobs.save(job(number, state=state))
    workspace.jobs.save(job(9, kind="other"))
    assert [row.id for row in workspace.jobs.unfinished(["index"])] == ["job-0", "job-1"]
    assert workspace.jobs.unfinished([]) == ()


@pytest.mark.parametrize(("state", "n"), [("queued", 0), ("running", 1)])
def test_a_claimed_job_waits_under_its_new_owner(workspace, state, n):
    workspace.jobs.save(job(state=state))
    claimed = workspace.jobs.claim("job-1", "a", "b")
    assert claimed == job(owner="b", n_interrupted=n)
    assert workspace.jobs.claim("job-1", "a", "c") is None
    workspace.jobs.save(job(state="done", owner="a"))  # the old owner was not dead after all
    assert workspace.jobs.list() == (claimed,)


def test_ended_and_unknown_jobs_cannot_be_claimed(workspace):
    workspace.jobs.save(job(state="cancelled"))
    assert workspace.jobs.claim("job-1", "a", "b") is None
    assert workspace.jobs.claim("gone", "a", "b") is None


def test_of_many_claims_one_succeeds(workspace):
    workspace.jobs.save(job())
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: workspace.jobs.claim("job-1", "a", f"o{n}"), range(8)))
    assert sum(claim is not None for claim in claims) == 1


def test_old_ended_jobs_are_forgotten_and_waiting_ones_never(workspace, monkeypatch):
    monkeypatch.setattr(jobs_module, "N_ENDED_KEPT", 3)
    workspace.jobs.save(job(0))
    for number in range(1, 8):
        workspace.jobs.save(replace(job(number), state="done"))
    assert [row.id for row in workspace.jobs.list(9)] == ["job-7", "job-6", "job-5", "job-0"]
