"""GPUs for rent with dated prices, open models with their sizes, and what one does for the other.

Times on a GPU are extrapolated by a roofline: reading a prompt is bound by arithmetic, writing a text by
memory traffic. No more than that is known of a GPU that was not measured, so every result carries a
band of 40%. Formulas and efficiencies: BLIS (inference-sim) and inference-fleet-sim
(arXiv:2603.16054). Knows no load and no business.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from studio.economics.simulation import StepEngine
from studio.errors import InvalidInput, NotFound
from studio.records import Notice

BAND = 0.4
"""Relative half-width of an extrapolated time: an assumption, as efficiencies differ by as much."""
TABLE_DATE = date(2026, 10, 12)
"""When the table was written; prices are asked for per hour, on demand, in USD."""
PREFILL_MFU = 0.4
"""Share of the peak arithmetic while a prompt is read: BLIS .32 to .45, NVIDIA's own row .44."""
DECODE_MFU = 0.18
"""The same while texts are written, where many share a step: BLIS .08 to .30."""
MBU = 0.6
"""Share of the peak memory traffic while texts are written: rule of thumb .60, NVIDIA's row .57."""
LAYER_S = 20e-6
"""Fixed seconds per layer and step: 3 us (fleet-sim) to 32 us (BLIS)."""
OVERHEAD_S = 0.016
"""Seconds that a request spends outside the engine: about 16 ms (BLIS)."""
USABLE_MEMORY = 0.9
"""Share of the memory that weights and caches may take."""
_OVERHEAD_BYTES = 2e9  # runtime and activations; assumption
_MOST_SLOTS = 256  # vLLM's usual limit of running sequences; assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """A GPU: dense FP16 TFLOPS, GB/s, GB, and USD per hour with the band it is offered at.

    `is_price_verified` False: from memory, to be replaced by an offer.
    """

    id: str
    name: str
    tflops: float
    gb_per_s: float
    memory_gb: float
    hour_usd: Decimal
    hour_low_usd: Decimal
    hour_high_usd: Decimal
    is_price_verified: bool
    source: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModel:
    """An open model: parameters, layers, heads of the attention cache, bytes per number."""

    id: str
    name: str
    parameters: float
    layers: int
    kv_heads: int
    head_dim: int
    bytes_per_weight: float = 2.0
    source: str

    @property
    def weight_bytes(self) -> float:
        """Memory that the weights take."""
        return self.parameters * self.bytes_per_weight

    @property
    def kv_bytes_per_token(self) -> float:
        """Memory that a token takes in the attention cache: keys and values of 2 bytes."""
        return 2.0 * self.layers * self.kv_heads * self.head_dim * 2


def _gpu(
    id_: str,
    name: str,
    tflops: float,
    gb_per_s: float,
    memory_gb: float,
    hour: tuple[str, str, str],
    *,
    verified: bool,
    source: Notice,
) -> Gpu:
    usual, low, high = map(Decimal, hour)
    return Gpu(
        id=id_,
        name=name,
        tflops=tflops,
        gb_per_s=gb_per_s,
        memory_gb=memory_gb,
        hour_usd=usual,
        hour_low_usd=low,
        hour_high_usd=high,
        is_price_verified=verified,
        source=source,
    )


_T = _gpu
GPUS: Mapping[str, Gpu] = {
    gpu.id: gpu
    for gpu in (
        _T(
            "t4", "NVIDIA T4", 65, 320, 16, ("0.44", "0.35", "0.53"),
            verified=False, source=Notice("hmc-tech, pcpartcomparison"),
        ),
        _T(
            "l4", "NVIDIA L4", 121, 300, 24, ("0.75", "0.70", "0.80"),
            verified=False, source=Notice("store.sourcecode, grokipedia"),
        ),
        _T(
            "l40s", "NVIDIA L40S", 362, 864, 48, ("1.80", "1.20", "2.40"),
            verified=False, source=Notice("fleet-sim catalogue (1.80); the band is an assumption"),
        ),
        _T(
            "a100", "NVIDIA A100 80 GB", 312, 2039, 80, ("2.21", "0.80", "3.00"),
            verified=True, source=Notice("fleet-sim catalogue; mercatus-ai, May 2026"),
        ),
        _T(
            "h100", "NVIDIA H100 SXM", 989, 3350, 80, ("4.02", "1.99", "5.00"),
            verified=True, source=Notice("fleet-sim catalogue; mercatus-ai, May 2026"),
        ),
        _T(
            "h200", "NVIDIA H200 SXM", 989, 4800, 141, ("4.50", "2.50", "6.50"),
            verified=False, source=Notice("NVIDIA data sheet; the price is an assumption"),
        ),
    )
}  # fmt: skip
"""The GPUs of the table by id, the smallest first."""

MODELS: Mapping[str, OpenModel] = {
    model.id: model
    for model in (
        OpenModel(
            id="smollm2-135m",
            name="SmolLM2 135M",
            parameters=134.5e6,
            layers=30,
            kv_heads=3,
            head_dim=64,
            source="config.json of HuggingFaceTB/SmolLM2-135M-Instruct",
        ),
        OpenModel(
            id="qwen2.5-1.5b",
            name="Qwen2.5 1.5B",
            parameters=1.54e9,
            layers=28,
            kv_heads=2,
            head_dim=128,
            source="config.json of Qwen/Qwen2.5-1.5B-Instruct",
        ),
        OpenModel(
            id="llama-3.1-8b",
            name="Llama 3.1 8B",
            parameters=8.03e9,
            layers=32,
            kv_heads=8,
            head_dim=128,
            source="config.json of meta-llama/Llama-3.1-8B-Instruct",
        ),
        OpenModel(
            id="qwen2.5-14b",
            name="Qwen2.5 14B",
            parameters=14.8e9,
            layers=48,
            kv_heads=8,
            head_dim=128,
            source="config.json of Qwen/Qwen2.5-14B-Instruct",
        ),
        OpenModel(
            id="qwen2.5-32b",
            name="Qwen2.5 32B",
            parameters=32.8e9,
            layers=64,
            kv_heads=8,
            head_dim=128,
            source="config.json of Qwen/Qwen2.5-32B-Instruct",
        ),
        OpenModel(
            id="llama-3.3-70b",
            name="Llama 3.3 70B",
            parameters=70.6e9,
            layers=80,
            kv_heads=8,
            head_dim=128,
            source="config.json of meta-llama/Llama-3.3-70B-Instruct",
        ),
    )
}
"""Open models by id, the smallest first."""


def gpu_named(gpu_id: str) -> Gpu:
    """The GPU of that id.

    Raises:
        NotFound: the table has none; the message lists those it has.
    """
    if gpu_id not in GPUS:
        raise NotFound(
            "There is no GPU {id} in the table. It has: {known}.",
            id=gpu_id,
            known=", ".join(GPUS),
        )
    return GPUS[gpu_id]


def model_named(model_id: str) -> OpenModel:
    """The open model of that id.

    Raises:
        NotFound: the table has none; the message lists those it has.
    """
    if model_id not in MODELS:
        raise NotFound(
            "There is no open model {id} in the table. It has: {known}.",
            id=model_id,
            known=", ".join(MODELS),
        )
    return MODELS[model_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFit:
    """Whether a model fits GPUs that share it, and how many requests of a context fit beside it."""

    fits: bool
    weights_gb: float
    usable_gb: float
    slots: int
    notice: Notice


def memory_fit(
    gpu: Gpu,
    model: OpenModel,
    *,
    context_tokens: float,
    n_gpus: int = 1,
    beside_bytes: float = 0.0,
) -> MemoryFit:
    """What is left for requests after the weights: `N = (0.9 mem - W - overhead) / (kv x context)`.

    Args:
        gpu: one of `GPUS`.
        model: one of `MODELS`.
        context_tokens: tokens of a request at its end, prompt and text; above 0.
        n_gpus: GPUs that hold one copy together.
        beside_bytes: what another model on the same GPU takes.

    Raises:
        InvalidInput: there are no tokens or no GPUs.
    """
    if not (math.isfinite(context_tokens) and context_tokens > 0) or n_gpus < 1:
        raise InvalidInput(
            "{tokens} tokens on {n} GPUs: both must be above 0.", tokens=context_tokens, n=n_gpus
        )
    usable = USABLE_MEMORY * gpu.memory_gb * 1e9 * n_gpus
    left = usable - model.weight_bytes - beside_bytes - _OVERHEAD_BYTES
    slots = max(0, min(_MOST_SLOTS, int(left / (model.kv_bytes_per_token * context_tokens))))
    facts = {
        "model": model.name,
        "gpu": gpu.name,
        "weights": f"{model.weight_bytes / 1e9:.1f}",
        "usable": f"{usable / 1e9:.1f}",
        "n": slots,
    }
    notice = Notice(
        "{model} takes {weights} GB of {usable} usable on {gpu}; {n} requests fit beside it.",
        **facts,
    )
    if not slots:
        notice = Notice(
            "{model} does not fit: it takes {weights} GB and {gpu} has {usable} GB usable. Take a"
            " larger GPU, several, or a smaller model.",
            **facts,
        )
    return MemoryFit(
        fits=slots > 0,
        weights_gb=model.weight_bytes / 1e9,
        usable_gb=usable / 1e9,
        slots=slots,
        notice=notice,
    )


def gpu_engine(
    gpu: Gpu,
    model: OpenModel,
    *,
    tokens_in: float,
    tokens_out: float,
    n_gpus: int = 1,
    beside_bytes: float = 0.0,
) -> StepEngine:
    """The engine that the roofline says it would be, for requests of that mean size.

    `step = W / (MBU BW) + layers t`, `sequence = kv ctx / (MBU BW)`, `prompt token = 2 params /
    (MFU FLOPS)`. More requests than bring arithmetic up to memory traffic gain nothing and are not let
    in: `slots` is the lesser of that and what the memory holds, beside `beside_bytes` of another model.
    Several GPUs share the work at no loss (optimistic: they also have to talk).

    Raises:
        InvalidInput: the model does not fit; the message says what would.
    """
    fit = memory_fit(
        gpu,
        model,
        context_tokens=max(1.0, tokens_in + tokens_out),
        n_gpus=n_gpus,
        beside_bytes=beside_bytes,
    )
    if not fit.fits:
        raise InvalidInput("{reason}", reason=fit.notice)
    flops, traffic = gpu.tflops * 1e12 * n_gpus, MBU * gpu.gb_per_s * 1e9 * n_gpus
    weights_s = model.weight_bytes / traffic
    cache_s = model.kv_bytes_per_token * (tokens_in + tokens_out / 2) / traffic
    arithmetic_s = 2 * model.parameters / (DECODE_MFU * flops)
    slots = fit.slots
    if arithmetic_s > cache_s:
        slots = max(1, min(slots, int(weights_s / (arithmetic_s - cache_s))))
    return StepEngine(
        step_s=weights_s + model.layers * LAYER_S,
        sequence_s=cache_s,
        prompt_token_s=2 * model.parameters / (PREFILL_MFU * flops),
        slots=slots,
        overhead_s=OVERHEAD_S,
    )
