"""The report of `studio bench answers`: known prompts to new ones, a whole answer to its parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.benchmarks.answers_benchmark import (
    FirstWords,
    WholeAnswer,
    _first_words,
    _system_prompt,
    _whole_answers,
    first_words_figure,
    whole_figure,
)
from studio.config import Settings
from studio.workbench import Workbench


@pytest.mark.parametrize(("cached_ms", "is_passed"), [(70.0, True), (71.0, False)])
def test_first_words_after_a_known_prompt_are_held_against_a_new_one(cached_ms, is_passed):
    turn = FirstWords(cached_ms=cached_ms, fresh_ms=200.0, n_tokens=310)
    spoiled = FirstWords(cached_ms=400.0, fresh_ms=200.0, n_tokens=310)
    figure = first_words_figure([turn, spoiled, turn])
    assert figure.value == cached_ms / 200.0
    assert figure.is_passed is is_passed
    assert figure.detail == f"{cached_ms:.0f} ms, new 200 ms, prompts of 310 tokens"


@pytest.mark.parametrize(("whole_s", "is_passed"), [(1.1, True), (1.2, False)])
def test_a_whole_answer_is_held_against_its_parts(whole_s, is_passed):
    answer = WholeAnswer(whole_s=whole_s, parts_s={"embedding": 0.25, "writing": 0.75})
    figure = whole_figure([answer] * 3)
    assert figure.value == whole_s
    assert figure.is_passed is is_passed
    assert figure.detail.endswith("of 3 answers; embedding 250, writing 750 ms")


def test_system_prompts_differ_from_the_start_and_are_equally_long():
    one, other = _system_prompt(0), _system_prompt(31)
    assert len(one) == len(other)
    assert one[:8] != other[:8]


def test_both_are_measured_on_a_running_studio(tmp_path: Path):
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as workbench:
        turns = _first_words(workbench, 2)
        answers = _whole_answers(workbench, 2)
    assert [turn.n_tokens for turn in turns] == [turns[0].n_tokens] * 2
    assert turns[0].n_tokens > 200
    assert all(turn.cached_ms > 0 and turn.fresh_ms > 0 for turn in turns)
    assert len(answers) == 4
    names = ["embedding", "search", "reading the passages", "writing"]
    assert all(list(one.parts_s) == names for one in answers)
    assert all(one.whole_s > 0 and min(one.parts_s.values()) > 0 for one in answers)
