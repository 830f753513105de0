from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from studio.inference.engines.fake import FakeEmbeddingEngine
from studio.inference.thread_choice import FILE, counts_for, keep, kept, measure

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Machine:
    """Passes take as long as the number of threads says."""

    def __init__(self, **seconds: float) -> None:
        self.now_s = 0.0
        self.seconds = seconds
        self.n_closed = 0

    def open(self, n_threads: int) -> FakeEmbeddingEngine:
        machine = self

        class Engine(FakeEmbeddingEngine):
            def forward(self, batch):
                machine.now_s += machine.seconds[f"t{n_threads}"] * len(batch)
                return super().forward(batch)

            def close(self):
                machine.n_closed += 1

        return Engine()

    def choice(self, counts=(1, 2, 4)):
        return measure(self.open, counts, machine="m", now=NOW, timer=lambda: self.now_s)


def test_the_fewest_threads_that_are_fast_enough_are_chosen() -> None:
    machine = Machine(t1=0.010, t2=0.0050, t4=0.0049)
    choice = machine.choice()
    assert choice.n_threads == 2
    assert [one.texts_per_s for one in choice.figures] == pytest.approx([100, 200, 1 / 0.0049])
    assert choice.figures[0].one_ms == pytest.approx(10)
    assert machine.n_closed == 3


def test_threads_that_help_are_taken() -> None:
    assert Machine(t1=0.010, t2=0.0050, t4=0.0030).choice().n_threads == 4


def test_a_choice_is_kept_for_its_machine_only(tmp_path) -> None:
    choice = Machine(t1=0.01).choice((1,))
    keep(choice, tmp_path)
    assert kept(tmp_path, "m") == choice
    assert kept(tmp_path, "another") is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"figures": 3}', "\x00"])
def test_a_file_that_cannot_be_read_is_no_choice(tmp_path, content) -> None:
    (tmp_path / FILE).write_text(content)
    assert kept(tmp_path, "m") is None
    assert kept(tmp_path / "none", "m") is None


def test_a_changed_number_is_no_choice(tmp_path) -> None:
    keep(Machine(t1=0.01).choice((1,)), tmp_path)
    stored = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps(stored | {"n_threads": 0}))
    assert kept(tmp_path, "m") is None


@pytest.mark.parametrize(
    ("n_cores", "counts"), [(1, (1,)), (2, (1, 2)), (4, (1, 2, 3, 4)), (16, (1, 8, 15, 16))]
)
def test_what_is_tried(n_cores, counts) -> None:
    assert counts_for(n_cores) == counts
