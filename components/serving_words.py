"""How the ways of serving and their settings are called. Draws nothing."""

from __future__ import annotations

from components.i18n import _
from studio.economics.gpu_embedding import ENCODERS
from studio.economics.gpus import GPUS, MODELS
from studio.economics.hosted import HostedModel
from studio.economics.serving_choice import AsMeasured, Batching, Hosted, Mix, OnGpu, ServingChoice


def kind(of: type[ServingChoice]) -> str:
    """A way of serving."""
    return {
        AsMeasured: _("As measured here"),
        Hosted: _("Hosted model"),
        OnGpu: _("Own GPU"),
        Mix: _("Mix"),
    }[of]


def explanation(of: type[ServingChoice], *, writes: bool) -> str:
    """A way of serving in a sentence; `writes` tells whether the prototype has texts written."""
    if of is Hosted and not writes:
        return _(
            "A provider's model reads the texts (embedding) and charges by token; the rest runs here."
            " All documents must be read by it once, too, which is not in these figures."
        )
    if of is OnGpu and not writes:
        return _(
            "An open model on a rented GPU reads the texts (embedding); the rest runs on the same"
            " machine. Times are extrapolated from its data sheet, ± 40%. With another model than now,"
            " all documents must be read by it once, too, which is not in these figures."
        )
    return {
        AsMeasured: _("On machines like this one, with the times measured on it."),
        Hosted: _(
            "A provider's model writes the texts and charges by token; the other stages run here."
        ),
        OnGpu: _(
            "An open model on a rented GPU. Times are extrapolated from its data sheet, ± 40%."
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
    """An open model, one that writes or one that reads texts."""
    return MODELS[id_].name if id_ in MODELS else ENCODERS[id_].name


def embedder(id_: str) -> str:
    """What reads the questions where the writing runs on a GPU; empty for what reads them now."""
    return _("as measured here") if not id_ else ENCODERS[id_].name
