"""Which ways of serving fit a prototype: not every one has texts written, and some call no model at all.

Draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from components import cache
from components.i18n import _
from studio.economics.gpu_embedding import ENCODERS
from studio.economics.gpus import GPUS, MODELS
from studio.economics.hosted import HostedModel
from studio.economics.measured_base import MeasuredBase
from studio.economics.serving_choice import (
    AsMeasured,
    Batching,
    Hosted,
    Mix,
    OnGpu,
    ServingChoice,
)
from studio.records import Stage

WRITING = (
    ("openai", "gpt-4o-mini"),
    ("openai", "gpt-4.1-mini"),
    ("openai", "gpt-4o"),
    ("openai", "gpt-5-mini"),
    ("anthropic", "claude-haiku-4-5"),
    ("anthropic", "claude-sonnet-4-5"),
    ("google", "gemini-2.5-flash"),
    ("google", "gemini-2.5-pro"),
    ("deepseek", "deepseek-chat"),
    ("mistral", "mistral-small-latest"),
)
"""Well-known models of several makers; any other of the price list can be chosen in the form."""
EMBEDDING = (
    ("openai", "text-embedding-3-small"),
    ("openai", "text-embedding-3-large"),
    ("google", "gemini-embedding-001"),
    ("cohere", "embed-v4.0"),
    ("voyageai", "voyage-3.5"),
)
"""The same for prototypes that only read texts."""
EMBEDDED_AFTER_MS = 200.0
"""What a hosted model is taken to need for a short text until somebody measures it; an assumption."""
FIRST_GPU, FIRST_OPEN_MODEL = "h100", "llama-3.1-8b"
FIRST_GPU_TO_READ = "l4"
"""A small one: reading texts takes little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a prototype does with models, which decides how it can be served."""

    writes: bool
    embeds: bool

    @property
    def kinds(self) -> tuple[type[ServingChoice], ...]:
        """The kinds of serving, in the order they are shown."""
        if self.writes:
            return (AsMeasured, Hosted, OnGpu, Mix)
        return (AsMeasured, Hosted, OnGpu) if self.embeds else (AsMeasured,)

    @property
    def missing(self) -> str:
        """Why some kinds are not offered, in words; empty where all are."""
        if self.writes:
            return ""
        if self.embeds:
            return _(
                "This prototype has no texts written, it only reads them (embedding). So models that"
                " write are not offered."
            )
        return _(
            "This prototype calls no model of a kind that a provider or a GPU could take over, so only"
            " machines like this one are offered."
        )

    @property
    def models(self) -> tuple[HostedModel, ...]:
        """The hosted models of the price list that fit."""
        return cache.writing_models() if self.writes else cache.embedding_models()

    def default(self, kind: type[ServingChoice]) -> ServingChoice:
        """The choice that a kind begins with."""
        if kind is Hosted:
            return self._hosted()
        if kind is OnGpu:
            return self._on_gpu()
        if kind is Mix:
            return Mix(first=AsMeasured(), rest=self._hosted())
        return AsMeasured()

    def compared(self) -> list[ServingChoice]:
        """What is compared: here with and without batching, well-known hosted models, every GPU."""
        here: list[ServingChoice] = [
            AsMeasured(batching=batching) for batching in (Batching.AS_BUILT, Batching.BATCHED)
        ]
        if Hosted in self.kinds:
            listed = {(one.provider_id, one.model_id) for one in self.models}
            here += [self._hosted(*one) for one in self._known if one in listed]
        if OnGpu in self.kinds:
            here += [OnGpu(gpu=gpu, model=model) for model in self.open_models for gpu in GPUS]
        return here

    @property
    def open_models(self) -> tuple[str, ...]:
        """The open models that fit, by id: those that write, or those that read texts."""
        return tuple(MODELS if self.writes else ENCODERS)

    def _on_gpu(self) -> OnGpu:
        if self.writes:
            return OnGpu(gpu=FIRST_GPU, model=FIRST_OPEN_MODEL)
        return OnGpu(gpu=FIRST_GPU_TO_READ, model=self.open_models[0])

    @property
    def _known(self) -> tuple[tuple[str, str], ...]:
        return WRITING if self.writes else EMBEDDING

    def _hosted(self, provider_id: str = "", model_id: str = "") -> Hosted:
        first_provider, first_model = self._known[0]
        provider_id, model_id = provider_id or first_provider, model_id or first_model
        if self.writes:
            return Hosted(provider_id=provider_id, model_id=model_id)
        return Hosted(provider_id=provider_id, model_id=model_id, first_token_ms=EMBEDDED_AFTER_MS)


def of(base: MeasuredBase) -> Offer:
    """What fits the prototype whose requests these are."""
    return Offer(
        writes=base.stage(Stage.GENERATION) is not None,
        embeds=base.stage(Stage.EMBEDDING) is not None,
    )
