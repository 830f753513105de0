"""The form of a hosted model: provider, model, and what no price list says about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from components import serving_field as field
from components import serving_machine, serving_price, serving_words, session
from components.i18n import _
from components.serving_field import Keep
from components.serving_offer import Offer
from studio.economics.hosted import HostedModel
from studio.economics.serving_choice import Hosted


def show(
    choice: Hosted,
    keep: Keep,
    offer: Offer,
    *,
    key: str,
    has_machine: bool = True,
    is_narrow: bool = False,
) -> None:
    """Draw the form.

    Args:
        choice: what is chosen now.
        keep: told of every change.
        offer: the models that fit the prototype.
        key: prefix of the widgets' keys.
        has_machine: whether a machine runs the other stages.
        is_narrow: whether there is room for one column only.
    """
    by_provider = _providers(offer)
    left, right = field.beside((2, 3), is_narrow=is_narrow)
    with left:
        providers = list(dict.fromkeys([*by_provider, choice.provider_id]))
        st.selectbox(
            _("Provider"),
            providers,
            format_func=lambda one: (
                by_provider[one][0].provider_name if one in by_provider else one
            ),
            **_bind_provider(choice, keep, key, by_provider),
        )
    with right:
        models = {one.model_id: one for one in by_provider.get(choice.provider_id, ())}
        st.selectbox(
            _("Model"),
            list(dict.fromkeys([*models, choice.model_id])),
            format_func=lambda one: serving_words.hosted(models[one]) if one in models else one,
            **field.bind(choice, keep, key, "model_id", forgotten=("price", "batch_price")),
        )
    serving_price.listed(choice)
    if st.toggle(_("More about this model"), key=f"_{key}.more"):
        _more(choice, keep, offer, key, has_machine=has_machine, is_narrow=is_narrow)


def _providers(offer: Offer) -> dict[str, list[HostedModel]]:
    """The providers with a model that fits, by name; each with its models."""
    found: dict[str, list[HostedModel]] = {}
    for model in offer.models:
        found.setdefault(model.provider_id, []).append(model)
    return found


def _bind_provider(
    choice: Hosted, keep: Keep, key: str, by_provider: dict[str, list[HostedModel]]
) -> dict[str, Any]:
    widget = f"_{key}.Hosted.provider_id"
    session.fill_widget(widget, choice.provider_id)
    return {
        "key": widget,
        "on_change": _provider_changed,
        "args": (choice, keep, widget, by_provider),
    }


def _provider_changed(
    choice: Hosted, keep: Keep, widget: str, by_provider: dict[str, list[HostedModel]]
) -> None:
    """Another provider has other models: its first one is taken, at the list's price."""
    provider = str(session.widget_value(widget))
    models = by_provider.get(provider)
    if models:
        first = models[0].model_id
        keep(replace(choice, provider_id=provider, model_id=first, price=None, batch_price=None))


def _more(
    choice: Hosted, keep: Keep, offer: Offer, key: str, *, has_machine: bool, is_narrow: bool
) -> None:
    left, right = field.beside((1, 1), is_narrow=is_narrow)
    with left:
        st.slider(
            _("Prompt tokens charged as cached (%)"),
            0,
            100,
            **field.bind(choice, keep, key, "cached_share", shown=field.percent, kept=field.share),
        )
        st.number_input(
            _("First word after (ms)") if offer.writes else _("Answers after (ms)"),
            min_value=0.0,
            step=50.0,
            help=_(
                "An assumption: no price list has it. Measure with the provider's model to know."
            ),
            **field.bind(choice, keep, key, "first_token_ms"),
        )
        st.toggle(
            _("Batch prices: answers within hours"), **field.bind(choice, keep, key, "is_batch")
        )
    with right:
        st.slider(
            _("Its tokens for each token measured here"),
            0.5,
            2.0,
            step=0.05,
            help=_("Models cut texts differently; between 0.8 and 1.2 is usual."),
            **field.bind(choice, keep, key, "tokenizer_ratio"),
        )
        if offer.writes:
            st.number_input(
                _("Writes so many tokens a second"),
                min_value=0.1,
                step=5.0,
                help=_("An assumption: no price list has it."),
                **field.bind(choice, keep, key, "tokens_per_s"),
            )
        if has_machine:
            serving_machine.show(choice, keep, key)
    serving_price.own(choice, keep, key, writes=offer.writes)
