"""The form for how a prototype would be served: here, by a hosted model, on a GPU, or by a mix.

What is chosen is kept at once, as an immutable choice; widgets take their values from it before they
are drawn. The module computes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from components import cache, notice, serving_hosted, serving_words, session
from components import format as fmt
from components import serving_field as field
from components.i18n import _
from components.serving_field import Keep
from studio.economics.gpus import GPUS, MODELS, TABLE_DATE
from studio.economics.serving_choice import (
    AsMeasured,
    Batching,
    Hosted,
    Mix,
    OnGpu,
    ServingChoice,
)

FIRST_PROVIDER, FIRST_MODEL = "openai", "gpt-4o-mini"
FIRST_GPU, FIRST_OPEN_MODEL = "h100", "llama-3.1-8b"


def default(kind: type[ServingChoice]) -> ServingChoice:
    """The choice that a kind begins with."""
    hour = cache.workbench().machine_hour_usd
    hosted = Hosted(provider_id=FIRST_PROVIDER, model_id=FIRST_MODEL)
    if kind is Hosted:
        return hosted
    if kind is OnGpu:
        return OnGpu(gpu=FIRST_GPU, model=FIRST_OPEN_MODEL)
    if kind is Mix:
        return Mix(first=AsMeasured(hour_usd=hour), rest=hosted)
    return AsMeasured(hour_usd=hour)


def show(
    choice: ServingChoice,
    keep: Keep,
    *,
    key: str,
    kinds: Sequence[type[ServingChoice]] = serving_words.KINDS,
) -> None:
    """Draw the form.

    Args:
        choice: what is chosen now.
        keep: told of every change.
        key: prefix of the widgets' keys.
        kinds: the ways that are offered.
    """
    names = [kind.__name__ for kind in kinds]
    by_name = dict(zip(names, kinds, strict=True))
    widget = f"_{key}.kind"
    session.fill_widget(widget, type(choice).__name__)
    st.segmented_control(
        _("How it would be served"),
        names,
        format_func=lambda name: serving_words.kind(by_name[name]),
        required=True,
        label_visibility="collapsed",
        key=widget,
        on_change=_kind_changed,
        args=(widget, by_name, keep),
    )
    st.caption(serving_words.explanation(type(choice)))
    match choice:
        case AsMeasured():
            _as_measured(choice, keep, key)
        case Hosted():
            serving_hosted.show(choice, keep, key)
        case OnGpu():
            _on_gpu(choice, keep, key)
        case Mix():
            _mix(choice, keep, key)


def _kind_changed(widget: str, kinds: dict[str, type[ServingChoice]], keep: Keep) -> None:
    keep(default(kinds[str(session.widget_value(widget))]))


def _as_measured(choice: AsMeasured, keep: Keep, key: str) -> None:
    left, right = st.columns(2, gap="medium")
    left.number_input(
        _("Price of a machine, USD an hour"),
        min_value=0.0,
        max_value=10_000.0,
        step=0.01,
        format="%0.3f",
        help=_("An assumption until you enter yours; the same as under Settings at first."),
        **field.bind(choice, keep, key, "hour_usd", shown=float, kept=field.decimal),
    )
    right.segmented_control(
        _("Requests that come together"),
        list(Batching),
        format_func=serving_words.batching,
        required=True,
        help=_(
            "As built: as the measurement with several callers found it. With batching: they share"
            " the model's passes. One at a time: each waits for the one before."
        ),
        **field.bind(choice, keep, key, "batching"),
    )


def _on_gpu(choice: OnGpu, keep: Keep, key: str) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.selectbox(
            _("GPU"),
            list(GPUS),
            format_func=serving_words.gpu,
            **field.bind(choice, keep, key, "gpu", forgotten="hour_usd"),
        )
        st.number_input(
            _("GPUs for each copy"),
            min_value=1,
            max_value=64,
            **field.bind(choice, keep, key, "n_gpus"),
        )
    with right:
        st.selectbox(
            _("Open model"),
            list(MODELS),
            format_func=serving_words.open_model,
            **field.bind(choice, keep, key, "model"),
        )
        st.number_input(
            _("USD an hour"),
            min_value=0.0,
            step=0.05,
            help=_("From our dated table until you enter an offer of your own."),
            **field.bind(
                choice,
                keep,
                key,
                "hour_usd",
                shown=lambda usd: float(GPUS[choice.gpu].hour_usd if usd is None else usd),
                kept=field.decimal,
            ),
        )
    _gpu_source(choice)


def _gpu_source(choice: OnGpu) -> None:
    gpu = GPUS[choice.gpu]
    verified = "" if gpu.is_price_verified else " " + _("The price is unverified.")
    st.caption(
        notice.plain(
            _(
                "Offers from {low} to {high} USD an hour; {source}, table of {date}; on top"
                " {overhead} for storage, traffic and management.",
                low=gpu.hour_low_usd,
                high=gpu.hour_high_usd,
                source=gpu.source,
                date=TABLE_DATE.isoformat(),
                overhead=fmt.share(choice.overhead),
            )
            + verified
        )
    )


def _mix(choice: Mix, keep: Keep, key: str) -> None:
    left, right = st.columns(2, gap="medium")
    left.slider(
        _("Handed on to the better model (%)"),
        0,
        100,
        **field.bind(choice, keep, key, "escalated_share", shown=field.percent, kept=field.share),
    )
    right.slider(
        _("Answered from the store, cache hit rate (%)"),
        0,
        100,
        **field.bind(choice, keep, key, "cache_hit_rate", shown=field.percent, kept=field.share),
    )
    simple = serving_words.KINDS[:3]
    parts = (("first", _("The first, cheap one")), ("rest", _("The better one")))
    for column, (name, label) in zip(st.columns(2, gap="medium"), parts, strict=True):
        with column, st.container(border=True, key=f"{key}_{name}"):
            st.markdown(f"**{label}**")
            show(
                getattr(choice, name),
                partial(_part_changed, choice, keep, name),
                key=f"{key}.{name}",
                kinds=simple,
            )


def _part_changed(choice: Mix, keep: Keep, name: str, part: ServingChoice) -> None:
    """Keep a mix with another part; a mix within a mix is not offered."""
    if not isinstance(part, Mix):
        keep(replace(choice, first=part) if name == "first" else replace(choice, rest=part))
