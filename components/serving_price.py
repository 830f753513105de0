"""What a hosted model charges: what the list says of it, and a price of the user's own in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import streamlit as st
from babel import dates

from components import format as fmt
from components import notice, session
from components import serving_field as field
from components.i18n import _, sentences, translate
from components.serving_field import Keep
from studio.economics.hosted import HostedPrice, find_price, list_version
from studio.economics.hosted_cost import own_prices
from studio.economics.prices import TokenPrice
from studio.economics.serving_choice import Hosted
from studio.errors import PriceUnknown, StudioError


def listed(choice: Hosted) -> None:
    """Say of when the list's price is, and whether long prompts cost more; a warning where it is old."""
    now = datetime.now(UTC)
    try:
        price = find_price(choice.model_id, provider_id=choice.provider_id)
    except PriceUnknown:
        return  # what is computed with it says so
    said = [_checked(price.checked_on), *_tiers(price, now, is_replaced=choice.price is not None)]
    st.caption(notice.plain(sentences(*said)))
    warning = price.warning(now.date())
    if warning is not None and choice.price is None:
        notice.show(warning, "warning")


def _checked(day: date | None) -> str:
    if day is None:
        return _(
            "Price by {list}, which does not say when it was checked. A price of your own replaces it.",
            list=list_version(),
        )
    return _(
        "Price by {list}, checked on {date}. A price of your own replaces it.",
        list=list_version(),
        date=dates.format_date(day, format="medium", locale=fmt.locale()),
    )


def _tiers(price: HostedPrice, now: datetime, *, is_replaced: bool) -> Sequence[str]:
    """What long prompts cost, where that is more."""
    rates = price.rates(now)
    if rates is None or rates.input is None or not rates.input.tiers:
        return ()
    above, usd = rates.input.tiers[0]
    text = _(
        "Prompts of more than {n} tokens are charged {usd} USD per million instead of {usual}.",
        n=fmt.count(above),
        usd=f"{usd.normalize():f}",
        usual=f"{rates.input.base.normalize():f}",
    )
    if is_replaced:
        return text, _("Your own price makes no such difference.")
    return (text,)


def own(choice: Hosted, keep: Keep, key: str, *, writes: bool) -> None:
    """Draw the switch for a price of the user's own, and its fields while it is on."""
    widget = f"_{key}.Hosted.own_price"
    session.fill_widget(widget, choice.price is not None)
    st.toggle(
        _("A price of your own"),
        key=widget,
        on_change=_switched,
        args=(choice, keep, widget),
    )
    if choice.price is None:
        return
    edited = "batch_price" if choice.is_batch and choice.batch_price is not None else "price"
    fields = [("input_usd_per_mtok", _("USD per million tokens in"))]
    if writes:
        fields.append(("output_usd_per_mtok", _("USD per million tokens out")))
    fields.append(("cached_usd_per_mtok", _("USD per million tokens in, cached")))
    columns = st.columns(len(fields), gap="medium", vertical_alignment="bottom")
    for column, (name, label) in zip(columns, fields, strict=True):
        _price_field(column, choice, keep, (edited, name), label, key)
    if edited == "batch_price":
        st.caption(_("These are the prices of batches; without batches you can enter others."))


def _price_field(
    column: st.delta_generator.DeltaGenerator,
    choice: Hosted,
    keep: Keep,
    names: tuple[str, str],
    label: str,
    key: str,
) -> None:
    edited, name = names
    widget = f"_{key}.Hosted.{edited}.{name}"
    session.fill_widget(widget, field.float_or_none(getattr(getattr(choice, edited), name)))
    column.number_input(
        label,
        min_value=0.0,
        value=None,
        step=0.05,
        format="%0.4f",
        placeholder=_("as the others"),
        key=widget,
        on_change=_price_changed,
        args=(choice, keep, names, widget),
    )


def _switched(choice: Hosted, keep: Keep, widget: str) -> None:
    """Begin with the list's prices, or go back to them."""
    if session.widget_value(widget):
        usual, batch = own_prices(choice, datetime.now(UTC))
        keep(replace(choice, price=usual, batch_price=batch))
    else:
        keep(replace(choice, price=None, batch_price=None))


def _price_changed(choice: Hosted, keep: Keep, names: tuple[str, str], widget: str) -> None:
    edited, name = names
    before: TokenPrice = getattr(choice, edited)
    typed = session.widget_value(widget)
    value = field.decimal_or_none(typed) if name.startswith("cached") else field.decimal(typed)
    changed: dict[str, Any] = {name: value}
    try:
        price: dict[str, Any] = {edited: replace(before, **changed)}
    except StudioError as error:
        session.flash(translate(error.notice))
    else:
        keep(replace(choice, **price))
