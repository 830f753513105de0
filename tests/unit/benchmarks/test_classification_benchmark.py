"""The benchmark on a handful of texts: every way is measured, bounds are held against the figures."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from studio.benchmarks.classification_benchmark import load_bank, measured
from studio.errors import DataError, NotFound
from studio.inference.engines.fake import FakeEmbeddingEngine
from tests.unit.prototypes.classifier.mails import rows


def embed(texts):
    engine = FakeEmbeddingEngine()
    return engine.finish(engine.forward(engine.prepare(texts, "passage")))


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "banking77"
    place.mkdir()
    for part, first in (("train", 0), ("test", 1)):
        lines = [
            json.dumps({"text": text, "label": label}) for text, label in rows(30, 0)[first::2]
        ]
        (place / f"{part}.jsonl").write_text("\n".join(lines))
    return tmp_path


def test_every_way_is_measured_and_held_against_its_bound(folder):
    report = measured(load_bank(folder), embed, model="fake", machine="here", n_draws=2)
    assert [one.bound for one in report.measures] == [0.62, 0.845, 0.925, None]
    assert [len(one.draws) for one in report.measures] == [1, 2, 1, 1]
    by_examples = report.measures[2]
    assert by_examples.accuracy.mean > report.measures[0].accuracy.mean
    assert by_examples.n_examples == 45
    text = report.as_text()
    assert "all examples" in text
    assert json.loads(report.as_json())["n_test"] == 45
    missed = replace(by_examples, bound=1.01)
    failed = replace(report, measures=(missed,))
    assert not failed.is_passed
    assert "MISSED" in failed.as_text()
    assert np.isfinite(report.measures[0].macro_f1)


def test_a_missing_or_broken_collection_is_said(tmp_path, folder):
    with pytest.raises(NotFound, match="--data"):
        load_bank(tmp_path / "elsewhere")
    (folder / "banking77" / "train.jsonl").write_text("{")
    with pytest.raises(DataError):
        load_bank(folder)
