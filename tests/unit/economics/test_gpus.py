"""The GPU table and the roofline: the worked example, what fits, and magnitudes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.economics.gpus import (
    GPUS,
    MODELS,
    TABLE_DATE,
    gpu_engine,
    gpu_named,
    memory_fit,
    model_named,
)
from studio.errors import InvalidInput, NotFound

LLAMA = MODELS["llama-3.1-8b"]


@pytest.mark.parametrize(
    ("gpu", "tokens_per_s", "usd_per_thousand"),
    [("l4", 146, 0.29), ("a100", 829, 0.15), ("h100", 1563, 0.15)],
)
def test_the_worked_example(gpu, tokens_per_s, usd_per_thousand) -> None:
    # Worked out by hand: 500 tokens in, 200 out, sixteen at once.
    law = gpu_engine(GPUS[gpu], LLAMA, tokens_in=500, tokens_out=200).law(500, 200)
    rate = law.throughput(16)
    assert rate * 200 == pytest.approx(tokens_per_s, rel=0.08)
    assert float(GPUS[gpu].hour_usd) / 3600 / rate * 1000 == pytest.approx(
        usd_per_thousand, rel=0.1
    )


def test_a_model_that_does_not_fit_is_refused_with_both_numbers() -> None:
    with pytest.raises(InvalidInput, match=r"16\.1 GB.*14\.4 GB"):
        gpu_engine(GPUS["t4"], LLAMA, tokens_in=500, tokens_out=200)
    assert not memory_fit(GPUS["t4"], LLAMA, context_tokens=700).fits
    assert memory_fit(GPUS["t4"], LLAMA, context_tokens=700, n_gpus=2).fits


def test_longer_requests_leave_room_for_fewer() -> None:
    short = memory_fit(GPUS["l4"], LLAMA, context_tokens=700)
    long = memory_fit(GPUS["l4"], LLAMA, context_tokens=7_000)
    assert 0 < long.slots < short.slots
    # 24 GB x 0.9 less 16.06 less 2 over 131,072 bytes a token and 700 tokens.
    assert short.slots == int((21.6e9 - 16.06e9 - 2e9) / (131_072 * 700))


def test_more_traffic_is_a_shorter_step_and_more_arithmetic_a_quicker_prompt() -> None:
    gpu = GPUS["a100"]
    usual = gpu_engine(gpu, LLAMA, tokens_in=500, tokens_out=200)
    fast = gpu_engine(replace(gpu, gb_per_s=2 * gpu.gb_per_s), LLAMA, tokens_in=500, tokens_out=200)
    strong = gpu_engine(replace(gpu, tflops=2 * gpu.tflops), LLAMA, tokens_in=500, tokens_out=200)
    assert fast.step_s < 0.6 * usual.step_s
    assert strong.prompt_token_s == pytest.approx(usual.prompt_token_s / 2)


def test_magnitudes() -> None:
    engine = gpu_engine(GPUS["h100"], LLAMA, tokens_in=500, tokens_out=200)
    assert 0.005 < engine.step_s < 0.02  # 16 GB at two terabytes a second
    assert 1e-5 < engine.prompt_token_s < 1e-4  # some ten thousand tokens a second


def test_every_row_has_a_source_and_a_price_within_its_band() -> None:
    assert TABLE_DATE.year >= 2026
    for gpu in GPUS.values():
        assert gpu.source
        assert 0 < gpu.hour_low_usd <= gpu.hour_usd <= gpu.hour_high_usd
    for model in MODELS.values():
        assert model.source
        assert 1e8 < model.parameters < 1e12


def test_unknown_names_list_the_known_ones() -> None:
    with pytest.raises(NotFound, match="h100"):
        gpu_named("b300")
    with pytest.raises(NotFound, match=r"llama-3\.1-8b"):
        model_named("gpt-9")
    with pytest.raises(InvalidInput):
        memory_fit(GPUS["l4"], LLAMA, context_tokens=0)
