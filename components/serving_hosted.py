"""The form of a hosted model: provider, model, and what no price list says about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import streamlit as st
from babel import dates

from components import cache, notice, serving_words, session
from components import format as fmt
from components import serving_field as field
from components.i18n import _, translate
from components.serving_field import Keep
from studio.economics.hosted import HostedModel, list_date, list_version, list_warning
from studio.economics.prices import TokenPrice
from studio.economics.serving_choice import Hosted
from studio.errors import StudioError


def show(choice: Hosted, keep: Keep, key: str) -> None:
    """Draw the form."""
    by_provider = _providers()
    left, right = st.columns([2, 3], gap="medium")
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
            **field.bind(choice, keep, key, "model_id", forgotten="price"),
        )
    _list_age()
    if st.toggle(_("More about this model"), key=f"_{key}.more"):
        _more(choice, keep, key)


def _list_age() -> None:
    """Which price list it is, of when; a warning where it is old."""
    day = list_date()
    shown = "–" if day is None else dates.format_date(day, format="medium", locale=fmt.locale())
    st.caption(
        _("Prices: {list}, last checked {date}. A price of your own replaces them.",
          list=list_version(), date=shown)
    )  # fmt: skip
    warning = list_warning(datetime.now(UTC).date())
    if warning is not None:
        notice.show(warning, "warning")


def _providers() -> dict[str, list[HostedModel]]:
    """The providers with a model that writes, by name; each with its models."""
    found: dict[str, list[HostedModel]] = {}
    for model in cache.writing_models():
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
        keep(replace(choice, provider_id=provider, model_id=models[0].model_id, price=None))


def _more(choice: Hosted, keep: Keep, key: str) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.slider(
            _("Prompt tokens charged as cached (%)"),
            0,
            100,
            **field.bind(choice, keep, key, "cached_share", shown=field.percent, kept=field.share),
        )
        st.number_input(
            _("First word after (ms)"),
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
        st.number_input(
            _("Writes so many tokens a second"),
            min_value=0.1,
            step=5.0,
            help=_("An assumption: no price list has it."),
            **field.bind(choice, keep, key, "tokens_per_s"),
        )
    _own_price(choice, keep, key)


def _own_price(choice: Hosted, keep: Keep, key: str) -> None:
    """A price of the user's own instead of the list's."""
    widget = f"_{key}.Hosted.own_price"
    has_own = choice.price is not None
    session.fill_widget(widget, has_own)
    st.toggle(
        _("A price of your own"),
        key=widget,
        on_change=_own_price_changed,
        args=(choice, keep, widget),
    )
    if choice.price is None:
        return
    fields = (
        ("input_usd_per_mtok", _("USD per million tokens in")),
        ("output_usd_per_mtok", _("USD per million tokens out")),
    )
    for column, (name, label) in zip(st.columns(2, gap="medium"), fields, strict=True):
        widget = f"_{key}.Hosted.price.{name}"
        value = float(getattr(choice.price, name))
        session.fill_widget(widget, value)
        column.number_input(
            label,
            min_value=0.0,
            step=0.05,
            format="%0.4f",
            key=widget,
            on_change=_price_field_changed,
            args=(choice, keep, name, widget),
        )


def _own_price_changed(choice: Hosted, keep: Keep, widget: str) -> None:
    """Begin with the list's price, or go back to it."""
    if not session.widget_value(widget):
        keep(replace(choice, price=None))
        return
    listed = next(
        (
            one
            for one in cache.writing_models()
            if (one.provider_id, one.model_id) == (choice.provider_id, choice.model_id)
        ),
        None,
    )
    price = TokenPrice(
        input_usd_per_mtok=(listed and listed.input_usd_per_mtok) or Decimal(0),
        output_usd_per_mtok=(listed and listed.output_usd_per_mtok) or Decimal(0),
    )
    keep(replace(choice, price=price))


def _price_field_changed(choice: Hosted, keep: Keep, name: str, widget: str) -> None:
    if choice.price is None:
        return
    try:
        price = replace(choice.price, **{name: field.decimal(session.widget_value(widget))})
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        keep(replace(choice, price=price))
