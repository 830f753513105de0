"""Embedding on a GPU: sizes, a worked example, and a search or a chatbot moved there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.economics.choice_figures import choice_figures
from studio.economics.gpu_embedding import ENCODERS, TOKENISED_PER_S, encoder_engine, encoder_named
from studio.economics.gpus import GPUS
from studio.economics.measured_base import MeasuredBase
from studio.economics.scenario import Scenario
from studio.economics.serving import serve
from studio.economics.serving_choice import OnGpu, Slo
from studio.errors import NotFound
from studio.records import Notice, Stage
from tests.unit.economics.ledger_frames import NOON, base_of, call, many, priced

MINILM = ENCODERS["all-minilm-l6-v2"]
READS = OnGpu(gpu="l4", model="all-minilm-l6-v2")
WRITES = OnGpu(gpu="h100", model="llama-3.1-8b")


@pytest.mark.parametrize(
    ("encoder", "millions"),
    [("all-minilm-l6-v2", 22.7), ("multilingual-e5-small", 118), ("bge-m3", 568)],
)
def test_sizes_are_those_that_the_makers_give(encoder: str, millions: float) -> None:
    """All numbers at 2 bytes; places, norms and biases, which are left out, are a hundredth or two."""
    assert ENCODERS[encoder].weight_bytes / 2e6 == pytest.approx(millions, rel=0.03)


def test_the_worked_example() -> None:
    """An L4 reads 100 tokens: 10.6 M numbers, 21.2 MB at 180 GB/s, 2.12 GFLOP at 48.4 TFLOP/s."""
    assert MINILM.layer_parameters == 6 * (4 * 384**2 + 2 * 384 * 1536)
    engine = encoder_engine(GPUS["l4"], MINILM)
    assert engine.step_s == pytest.approx(118e-6 + 6 * 20e-6, rel=0.01)
    arithmetic_s = engine.prompt_token_s - 1 / TOKENISED_PER_S
    assert arithmetic_s * 100 == pytest.approx(44e-6, rel=0.02)
    assert engine.law(100, 0).residence_s(1) == pytest.approx(606e-6, rel=0.01)


def test_a_larger_model_takes_longer_and_a_larger_gpu_less() -> None:
    times = [
        encoder_engine(GPUS["l4"], one).law(100, 0).residence_s(1) for one in ENCODERS.values()
    ]
    assert times == sorted(times)
    faster = encoder_engine(GPUS["h100"], ENCODERS["bge-m3"]).law(100, 0)
    assert faster.residence_s(1) < times[-1]


def test_an_unknown_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="bge-m3"):
        encoder_named("word2vec")


@pytest.fixture
def search() -> MeasuredBase:
    calls = [call(f"r{i}", Stage.EMBEDDING, i * 1e3, total_ms=40.0) for i in range(40)]
    return base_of(priced(calls))


def test_a_search_on_a_gpu_reads_there_and_is_said_to_be_extrapolated(search) -> None:
    serving = serve(search, READS, at=NOON)
    here = serving.at_rate(0.0)
    assert (serving.basis, serving.band) == ("extrapolated", 0.4)
    assert here.first_p50_ms is None
    # 16 ms for the network, the pass and its tokens below a millisecond, and nothing of the 40 ms here.
    assert 16 < here.p50_ms < 18
    assert str(serving.name) == "all-MiniLM-L6-v2 on NVIDIA L4"
    assert [cost.stage for cost in serving.stage_costs] == ["embedding"]
    assert "tokens in" in " ".join(map(str, serving.notes))


def test_what_a_search_does_besides_takes_turns_on_that_machine() -> None:
    calls = []
    for i in range(40):
        calls.append(call(f"r{i}", Stage.EMBEDDING, i * 1e3, total_ms=40.0))
        calls.append(call(f"r{i}", Stage.RERANKING, i * 1e3 + 40, total_ms=50.0))
    serving = serve(base_of(priced(calls)), READS, at=NOON)
    assert serving.max_rate_per_s == pytest.approx(1 / 0.05, rel=0.02)
    assert serving.at_rate(0.0).p50_ms == pytest.approx(16 + 50, abs=2)


def test_a_chatbots_embedding_on_the_gpu_is_quicker_than_here_and_takes_of_its_room() -> None:
    base = base_of(many())
    before = serve(base, WRITES, at=NOON)
    after = serve(base, replace(WRITES, embedder="bge-m3"), at=NOON)
    embedding = base.stage(Stage.EMBEDDING)
    assert embedding is not None
    saved = before.at_rate(0.0).mean_ms - after.at_rate(0.0).mean_ms  # type: ignore[operator]
    assert 0 < saved < float(np.mean(embedding.total_ms))
    assert after.max_rate_per_s < before.max_rate_per_s  # type: ignore[operator]
    assert after.replica_hour_usd == before.replica_hour_usd
    assert "bge-m3 reads the questions" in " ".join(map(str, after.notes))


def test_the_embedding_on_the_gpu_is_kept_and_told_in_a_scenario() -> None:
    choice = replace(WRITES, embedder="bge-m3")
    kept = Scenario(model_key="subscription", choice=choice)
    assert Scenario.from_json("subscription", kept.to_json()) == kept
    told = {one.key: one for one in choice_figures(choice, Notice("a GPU"), Slo())}
    assert str(told["embedder"].note) == "bge-m3, on the same GPU"
    assert "embedder" not in {one.key for one in choice_figures(WRITES, Notice("a GPU"), Slo())}
