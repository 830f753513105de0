"""The benchmark of evaluation on a tiny collection and the deterministic engine."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studio.benchmarks.evaluation_benchmark import questions, run_evaluation_benchmark
from studio.benchmarks.refusals import MAX_REFUSED, THRESHOLDS, RefusalMeasure
from studio.config import Settings
from studio.errors import NotFound

TEXTS = {
    "p0": "The Panthers defense gave up just 308 points and ranked sixth.",
    "p1": "The return label costs five dollars for domestic parcels.",
    "p2": "The store opens at nine in the morning on weekdays.",
}
QUESTIONS = {
    "p0": ("How many points did the Panthers defense give up?", "308"),
    "p1": ("What does the return label cost for domestic parcels?", "five dollars"),
    "p2": ("When does the store open on weekdays?", "nine in the morning"),
}


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "xquad_en"
    folder.mkdir(parents=True)
    corpus = [{"_id": key, "title": "t", "text": text} for key, text in TEXTS.items()]
    rows = [
        {"id": f"q{key}", "question": asked, "answers": [answer], "doc_id": key}
        for key, (asked, answer) in QUESTIONS.items()
    ]
    for name, lines in (("corpus", corpus), ("qa", rows)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return tmp_path / "data"


def test_both_ways_are_measured_and_repeat(tmp_path, data):
    said = []
    settings = Settings(home=tmp_path / "home", is_demo=True)
    report = run_evaluation_benchmark(settings, data, quick=True, progress=said.append)
    assert report.n_documents == 3
    assert report.is_repeatable
    quoted, written = report.ways
    assert (quoted.n_cases, quoted.n_failed, written.n_cases) == (3, 0, 3)
    assert quoted.figures["R@5"].mean == 1.0
    assert replace(report, refusals=()).is_passed
    assert [one.collection for one in report.refusals] == [
        "sample company, en",
        "sample company, en",
        "sample company, zh",
        "half of xquad_en",
    ]
    for one in report.refusals:
        assert one.refused_answerable == tuple(sorted(one.refused_answerable))
        assert one.refused_unanswerable == tuple(sorted(one.refused_unanswerable))
    assert (report.refusals[0].n_answerable, report.refusals[0].n_unanswerable) == (108, 36)
    assert "of the unanswerable (usual)" in report.as_text()
    assert "recall@5 1.000" in report.as_text()
    assert json.loads(report.as_json())["ways"][0]["figures"]["R@5"]["n"] == 3


@pytest.mark.parametrize(("usual", "is_default", "is_passed"), [
    (MAX_REFUSED, True, True), (MAX_REFUSED + 0.01, True, False), (0.9, False, True),
])  # fmt: skip
def test_too_many_refused_where_a_newcomer_sees_it_fail(usual, is_default, is_passed):
    shares = tuple(usual if threshold == 0.4 else 0.5 for threshold in THRESHOLDS)
    measured = RefusalMeasure(
        collection="sample", model="m", n_answerable=9, n_unanswerable=9,
        refused_answerable=shares, refused_unanswerable=shares, is_default=is_default,
    )  # fmt: skip
    assert measured.is_passed is is_passed


def test_questions_are_taken_at_equal_distances(data):
    lines = questions(data / "xquad_en", 2).decode().splitlines()
    assert lines[0] == "id,question,answer,gold_document"
    assert len(lines) == 3
    assert lines[1].endswith(",308,p0.txt")


def test_absent_data_is_said(tmp_path):
    with pytest.raises(NotFound, match=r"qa\.jsonl is not there"):
        run_evaluation_benchmark(Settings(home=tmp_path / "home", is_demo=True), tmp_path)
