"""What the benchmark of the service says: its bounds, and how far the machine itself could go."""

from __future__ import annotations

import json

import pytest

from studio.inference.benchmark import Arithmetic, Measure, Report, _gain, _is_multiplied


def report(ratio: float, *, is_at_most: bool = False) -> Report:
    measure = Measure(
        name="bulk embedding",
        ratio=ratio,
        bound=1.8,
        service=146.3,
        library=99.9,
        unit="texts/s",
        is_at_most=is_at_most,
    )
    arithmetic = Arithmetic(machine=131.0, service=118.9, library=81.2)
    return Report(machine="m", versions="v", measures=(measure,), arithmetic=arithmetic)


@pytest.mark.parametrize(
    ("ratio", "is_at_most", "is_passed"),
    [(1.8, False, True), (1.79, False, False), (1.8, True, True), (1.81, True, False)],
)
def test_a_bound_holds_or_is_said_to_be_missed(ratio, is_at_most, is_passed):
    told = report(ratio, is_at_most=is_at_most)
    assert told.is_passed is is_passed
    assert ("MISSED" in told.as_text()) is not is_passed


def test_what_the_machine_can_do_stands_beside_what_was_done():
    told = report(1.46)
    assert "131 GFLOP/s; bulk embedding takes 119 (service), 81 (library)" in told.as_text()
    assert "at most 1.61 times the library" in told.as_text()
    assert json.loads(told.as_json())["arithmetic"]["machine"] == 131.0


@pytest.mark.parametrize(
    ("name", "n_dimensions", "is_multiplied"),
    [
        ("0.auto_model.embeddings.word_embeddings.weight", 2, False),
        ("0.auto_model.encoder.layer.0.attention.self.query.weight", 2, True),
        ("0.auto_model.encoder.layer.0.attention.self.query.bias", 1, False),
        ("0.auto_model.pooler.dense.weight", 2, False),
    ],
)
def test_matrices_are_counted_and_tables_are_not(name, n_dimensions, is_multiplied):
    assert _is_multiplied(name, n_dimensions) is is_multiplied


def test_eight_at_once_are_held_against_one_of_the_service_by_tokens_per_second():
    found = _gain([(2.0, 1.0), (4.0, 2.0), (2.0, 1.0)], n_eight=640, n_one=64)
    assert (found.ratio, found.bound, found.is_passed) == (5.0, 5.0, True)
    assert (found.service, found.library, found.against) == (320.0, 64.0, "one")
