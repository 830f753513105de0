"""Models that read texts (embedding) on a GPU: their sizes, and what the roofline says of them.

Reading a text is what a writing model does with its prompt, so the same formulas hold: the weights are
read from memory once for each pass, arithmetic grows with the tokens (`prefill = 2 params tokens / (MFU
FLOPS)`, `gpus`), and each layer has its fixed time. Only the numbers of the layers count, as a text
needs but a few rows of the table of tokens. Before the pass the processor cuts texts into tokens.
Nothing of it was measured on a GPU, so it carries the band of `gpus`. Knows no load and no business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.economics.gpus import LAYER_S, MBU, OVERHEAD_S, PREFILL_MFU, Gpu
from studio.economics.simulation import StepEngine
from studio.errors import NotFound

TOKENISED_PER_S = 14_700 * 21
"""Tokens that texts are cut into per second: 14,700 texts of about 21 tokens on two cores, measured with
the tokenizer of all-MiniLM-L6-v2."""
_BYTES = 2.0  # 16 bits for each number
_MOST_TEXTS = 256  # texts that share a pass at most, as with models that write; assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """An open embedding model: layers, their width, that of their inner layer, and known tokens."""

    id: str
    name: str
    layers: int
    width: int
    inner_width: int
    vocabulary: int
    source: str

    @property
    def layer_parameters(self) -> float:
        """Numbers of all layers: four matrices of attention and two of the inner layer in each."""
        return self.layers * (4.0 * self.width**2 + 2.0 * self.width * self.inner_width)

    @property
    def weight_bytes(self) -> float:
        """Memory that the weights take, the table of tokens included."""
        return (self.layer_parameters + float(self.vocabulary) * self.width) * _BYTES


ENCODERS: Mapping[str, Encoder] = {
    one.id: one
    for one in (
        Encoder(
            id="all-minilm-l6-v2",
            name="all-MiniLM-L6-v2",
            layers=6,
            width=384,
            inner_width=1536,
            vocabulary=30_522,
            source="config.json of sentence-transformers/all-MiniLM-L6-v2",
        ),
        Encoder(
            id="multilingual-e5-small",
            name="multilingual-e5-small",
            layers=12,
            width=384,
            inner_width=1536,
            vocabulary=250_037,
            source="config.json of intfloat/multilingual-e5-small",
        ),
        Encoder(
            id="bge-base-en-v1.5",
            name="bge-base-en-v1.5",
            layers=12,
            width=768,
            inner_width=3072,
            vocabulary=30_522,
            source="config.json of BAAI/bge-base-en-v1.5",
        ),
        Encoder(
            id="bge-m3",
            name="bge-m3",
            layers=24,
            width=1024,
            inner_width=4096,
            vocabulary=250_002,
            source="config.json of BAAI/bge-m3",
        ),
    )
}
"""Open embedding models by id, the smallest first."""


def encoder_named(encoder_id: str) -> Encoder:
    """The embedding model of that id.

    Raises:
        NotFound: the table has none; the message lists those it has.
    """
    if encoder_id not in ENCODERS:
        raise NotFound(
            "There is no embedding model {id} in the table. It has: {known}.",
            id=encoder_id,
            known=", ".join(ENCODERS),
        )
    return ENCODERS[encoder_id]


def encoder_engine(gpu: Gpu, encoder: Encoder, *, n_gpus: int = 1) -> StepEngine:
    """The engine that the roofline says it would be; a text is a prompt after which nothing is written.

    `pass = W / (MBU BW) + layers t`, `token = 2 params / (MFU FLOPS) + 1 / tokenised per second`. Memory
    and arithmetic are added, though they overlap: on the careful side. Every model of the table fits
    every GPU of it.
    """
    traffic = MBU * gpu.gb_per_s * 1e9 * n_gpus
    flops = PREFILL_MFU * gpu.tflops * 1e12 * n_gpus
    return StepEngine(
        step_s=encoder.layer_parameters * _BYTES / traffic + encoder.layers * LAYER_S,
        sequence_s=0.0,
        prompt_token_s=2 * encoder.layer_parameters / flops + 1 / TOKENISED_PER_S,
        slots=_MOST_TEXTS,
        overhead_s=OVERHEAD_S,
    )
