"""The form for how a prototype would be served: here, by a hosted model, on a GPU, or by a mix.

What is chosen is kept at once, as an immutable choice; widgets take their values from it before they
are drawn. The module computes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from components import notice, serving_hosted, serving_machine, serving_words, session
from components import serving_field as field
from components.i18n import _, sentences, translate
from components.serving_field import Keep
from components.serving_offer import Offer
from studio.economics.gpu_embedding import ENCODERS
from studio.economics.gpus import GPUS, TABLE_DATE
from studio.economics.serving_choice import (
    AsMeasured,
    Batching,
    Hosted,
    Mix,
    OnGpu,
    ServingChoice,
)

HERE = ""  # the option that stands for no model: None would be an empty field


def show(
    choice: ServingChoice,
    keep: Keep,
    offer: Offer,
    *,
    key: str,
    part: str = "",
) -> None:
    """Draw the form.

    Args:
        choice: what is chosen now.
        keep: told of every change.
        offer: the ways that fit the prototype.
        key: prefix of the widgets' keys.
        part: "first" or "rest" where this is a part of a mix.
    """
    # A way that does not fit stays to be seen while it is chosen: below it says why it does not.
    kinds = list(dict.fromkeys([*offer.kinds, type(choice)]))
    if part:
        kinds = [kind for kind in kinds if kind is not Mix]
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
        args=(widget, by_name, keep, offer),
    )
    if not part and offer.missing:
        st.caption(offer.missing)
    st.caption(serving_words.explanation(type(choice), writes=offer.writes))
    match choice:
        case AsMeasured():
            _as_measured(choice, keep, key, is_narrow=bool(part))
        case Hosted():
            # What goes on to a better model has been searched for: it needs no machine once more.
            serving_hosted.show(
                choice, keep, offer, key=key, has_machine=part != "rest", is_narrow=bool(part)
            )
        case OnGpu():
            _on_gpu(choice, keep, offer, key, is_narrow=bool(part))
        case Mix():
            _mix(choice, keep, offer, key)


def _kind_changed(
    widget: str, kinds: dict[str, type[ServingChoice]], keep: Keep, offer: Offer
) -> None:
    keep(offer.default(kinds[str(session.widget_value(widget))]))


def _as_measured(choice: AsMeasured, keep: Keep, key: str, *, is_narrow: bool) -> None:
    left, right = field.beside((1, 1), is_narrow=is_narrow)
    with left:
        serving_machine.show(choice, keep, key)
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


def _on_gpu(choice: OnGpu, keep: Keep, offer: Offer, key: str, *, is_narrow: bool) -> None:
    left, right = field.beside((1, 1), is_narrow=is_narrow)
    with left:
        st.selectbox(
            _("GPU"),
            list(GPUS),
            format_func=serving_words.gpu,
            **field.bind(choice, keep, key, "gpu", forgotten=("hour_usd",)),
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
            # One that does not fit stays to be seen: below it says why it does not.
            list(dict.fromkeys([*offer.open_models, choice.model])),
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
    if offer.writes and offer.embeds:
        st.selectbox(
            _("Reading the questions (embedding)"),
            [HERE, *ENCODERS],
            format_func=serving_words.embedder,
            help=_(
                "It may run on the same GPU. With another model than now, all documents must be read"
                " by it once, too, which is not in these figures."
            ),
            **field.bind(
                choice,
                keep,
                key,
                "embedder",
                shown=lambda id_: id_ or HERE,
                kept=lambda id_: id_ or None,
            ),
        )
    st.slider(
        _("On top for storage, traffic and management (%)"),
        0,
        100,
        help=_("30 to 50% is said to be usual (mercatus-ai, May 2026)."),
        **field.bind(choice, keep, key, "overhead", shown=field.percent, kept=field.share),
    )
    _gpu_source(choice)


def _gpu_source(choice: OnGpu) -> None:
    gpu = GPUS[choice.gpu]
    verified = "" if gpu.is_price_verified else _("The price is unverified.")
    st.caption(
        notice.plain(
            sentences(
                _(
                    "Offers from {low} to {high} USD an hour; {source}, table of {date}.",
                    low=gpu.hour_low_usd,
                    high=gpu.hour_high_usd,
                    source=translate(gpu.source),
                    date=TABLE_DATE.isoformat(),
                ),
                verified,
            )
        )
    )


def _mix(choice: Mix, keep: Keep, offer: Offer, key: str) -> None:
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
    parts = (("first", _("The first, cheap one")), ("rest", _("The better one")))
    for column, (name, label) in zip(st.columns(2, gap="medium"), parts, strict=True):
        with column, st.container(border=True, key=f"{key}_{name}"):
            st.markdown(f"**{label}**")
            show(
                getattr(choice, name),
                partial(_part_changed, choice, keep, name),
                offer,
                key=f"{key}.{name}",
                part=name,
            )


def _part_changed(choice: Mix, keep: Keep, name: str, part: ServingChoice) -> None:
    """Keep a mix with another part; a mix within a mix is not offered."""
    if not isinstance(part, Mix):
        keep(replace(choice, first=part) if name == "first" else replace(choice, rest=part))
