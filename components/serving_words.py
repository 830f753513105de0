"""How the ways of serving and their settings are called. Draws nothing."""

from __future__ import annotations

from components.i18n import _
from studio.economics.gpus import GPUS, MODELS
from studio.economics.hosted import HostedModel
from studio.economics.serving_choice import AsMeasured, Batching, Hosted, Mix, OnGpu, ServingChoice

KINDS: tuple[type[ServingChoice], ...] = (AsMeasured, Hosted, OnGpu, Mix)


def kind(of: type[ServingChoice]) -> str:
    """A way of serving."""
    return {
        AsMeasured: _("As measured here"),
        Hosted: _("Hosted model"),
        OnGpu: _("Own GPU"),
        Mix: _("Mix"),
    }[of]


def explanation(of: type[ServingChoice]) -> str:
    """A way of serving in a sentence."""
    return {
        AsMeasured: _("On machines like this one, with the times measured on it."),
        Hosted: _(
            "A provider's model writes the texts and charges by token; the other stages run here."
        ),
        OnGpu: _(
            "An open model on a rented GPU. Times are extrapolated from its data sheet, ± 40 %."
        ),
        Mix: _(
            "A cheap model answers first and hands hard questions to a better one; questions asked"
            " before are answered from a store."
        ),
    }[of]


def batching(of: Batching) -> str:
    """How requests share a machine."""
    return {
        Batching.AS_BUILT: _("as built"),
        Batching.BATCHED: _("with batching"),
        Batching.ONE_AT_A_TIME: _("one at a time"),
    }[of]


def hosted(model: HostedModel) -> str:
    """A hosted model with its prices."""
    rates = (model.input_usd_per_mtok, model.output_usd_per_mtok)
    prices = " / ".join("–" if rate is None else f"{rate.normalize():f}" for rate in rates)
    return _("{model} · {prices} USD per million tokens in / out", model=model.name, prices=prices)


def gpu(id_: str) -> str:
    """A GPU with its memory and its price."""
    found = GPUS[id_]
    return _(
        "{name} · {memory} GB · {price} USD an hour",
        name=found.name,
        memory=f"{found.memory_gb:g}",
        price=found.hour_usd,
    )


def open_model(id_: str) -> str:
    """An open model."""
    return MODELS[id_].name
