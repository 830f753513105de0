"""The pace of a job that reads passages is the model's, not that of passages known before."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from studio.prototypes.passage_reader import PassageReader
from studio.records import Notice, Progress


class Models:
    """Knows the texts that begin with "known"."""

    def __init__(self) -> None:
        self.requests = []

    def embed(self, request):
        self.requests.append(request)
        n_new = sum(not text.startswith("known") for text in request.texts)
        return SimpleNamespace(
            vectors=np.zeros((len(request.texts), 2), np.float32),
            call=SimpleNamespace(tokens_in=5 * n_new),
        )


@pytest.fixture
def seen():
    return []


@pytest.fixture
def reader(seen):
    now = iter(range(100))
    job = SimpleNamespace(relay=seen.append)
    return PassageReader(Models(), "m", "bot", job, clock=lambda: float(next(now)))


def passages(done: int) -> Progress:
    return Progress(
        notice=Notice("Reading"),
        done=done,
        total=100,
        unit="passages",
        rate_per_s=9e9,
        remaining_s=1e-9,
    )


def test_known_passages_do_not_count_for_the_pace(reader, seen):
    reader.report(passages(0))
    reader.embed(["known"] * 60)
    reader.report(passages(60))
    assert (seen[-1].rate_per_s, seen[-1].remaining_s) == (None, None)
    reader.embed(["new"] * 10)
    reader.report(passages(70))
    assert (seen[-1].rate_per_s, seen[-1].remaining_s) == (10.0, 3.0)
    assert (seen[-1].done, seen[-1].total) == (70, 100)


def test_other_progress_passes_as_it_is(reader, seen):
    other = replace(passages(3), unit="documents")
    reader.report(other)
    assert seen == [other]


def test_all_batches_are_one_request_of_a_job(reader):
    reader.embed(["a"])
    reader.embed(["b"])
    first, second = reader._models.requests
    assert first.context == second.context
    assert (first.context.surface, first.context.prototype_id, first.purpose) == (
        "job",
        "bot",
        "passage",
    )
