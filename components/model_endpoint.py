"""What a card offers for a model that runs elsewhere: a test, another key, and what its tokens cost.

The module draws and hands on. What came of it stands on the card until the next thing is done there.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Literal

import streamlit as st

from components import cache, notice, session
from components import format as fmt
from components.i18n import _, ngettext, translate
from studio.economics.currency import Currency
from studio.economics.prices import TokenPrice
from studio.errors import InvalidInput, StudioError
from studio.inference.catalogue import ModelSpec
from studio.model_desk import ModelPrice, ModelTest


def test_button(spec: ModelSpec) -> None:
    """Draw the button that asks the model something short; waits for the answer."""
    if not st.button(_("Test it"), key=_key(spec, "test")):
        return
    with st.spinner(_("Waiting for an answer")):
        try:
            done = cache.workbench().model_desk.test(spec.id)
        except StudioError as error:
            _say(spec, "error", translate(error.notice))
        else:
            _say(spec, "success", _outcome(done))
    st.rerun()  # the whole page: a test connects the model, and what came of it stands on its card


def show(spec: ModelSpec) -> None:
    """Draw what came of the last thing done here, the price, and the forms for price and key."""
    said: tuple[Literal["success", "error"], str] | None = session.kept_value(_key(spec, "said"))
    if said is not None:
        notice.show(notice.plain(said[1]), said[0])
    price = cache.workbench().model_desk.price(spec.id)
    st.caption(notice.plain(_price_in_words(price)))
    with st.expander(_("Price and key"), type="compact", key=_key(spec, "more")):
        _price_form(spec, price)
        _key_form(spec)


def _key(spec: ModelSpec, name: str) -> str:
    return f"_models.{spec.id}.{name}"


def _say(spec: ModelSpec, tone: Literal["success", "error"], text: str) -> None:
    session.keep_value(_key(spec, "said"), (tone, text))


def _outcome(done: ModelTest) -> str:
    time = fmt.duration(done.took_ms / 1000)
    if done.n_numbers:
        return ngettext(
            "It made {n} number of a text in {time}.",
            "It made {n} numbers of a text in {time}.",
            done.n_numbers,
            time=time,
        )
    if not done.text:
        return _("It answered in {time}, but without a word: it may think first.", time=time)
    return _("It answered in {time}: {text}", time=time, text=done.text)


def _price_in_words(price: ModelPrice) -> str:
    rates, source = price.rates, translate(price.source)
    if rates is None or price.is_own:
        return source[:1].upper() + source[1:]
    return _(
        "Price per million tokens: {input} USD in, {output} USD out ({source}).",
        input="–" if rates.input is None else f"{rates.input.base.normalize():f}",
        output="–" if rates.output is None else f"{rates.output.base.normalize():f}",
        source=source.rstrip(".。"),
    )


def _price_form(spec: ModelSpec, price: ModelPrice) -> None:
    with (
        st.form(_key(spec, "price"), border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        for field, label, example in (
            ("in", _("In, per million tokens"), "0.15"),
            ("out", _("Out, per million tokens"), "0.60"),
        ):
            st.text_input(label, key=_key(spec, field), placeholder=example, width=170)
        st.selectbox(
            _("Currency"),
            list(Currency),
            format_func=lambda one: one.value,
            key=_key(spec, "currency"),
            width=110,
        )
        st.form_submit_button(
            _("Keep this price"), on_click=_set_price, args=(spec,), key=_key(spec, "keep")
        )
    st.caption(_("It is kept in USD, at the exchange rate of now; past calls are priced anew."))
    if price.is_own:
        st.button(
            _("Take the price list's price again"),
            key=_key(spec, "list_price"),
            type="tertiary",
            on_click=_forget_price,
            args=(spec,),
        )


def _key_form(spec: ModelSpec) -> None:
    with (
        st.form(_key(spec, "new_key"), border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            _("New key (API key)"),
            key=_key(spec, "key"),
            type="password",
            autocomplete="off",
            help=_("Stored encrypted on this computer and never shown again."),
        )
        st.form_submit_button(
            _("Change the key"), on_click=_set_key, args=(spec,), key=_key(spec, "change")
        )


def _set_key(spec: ModelSpec) -> None:
    typed = str(session.widget_value(_key(spec, "key")) or "").strip()
    try:
        cache.workbench().model_desk.set_key(spec.id, typed)
    except StudioError as error:
        _say(spec, "error", translate(error.notice))
    else:
        _say(spec, "success", _('The key was changed. Press "Test it" to see whether it is taken.'))
    session.set_widget_value(_key(spec, "key"), "")


def _set_price(spec: ModelSpec) -> None:
    bench = cache.workbench()
    currency = Currency(session.widget_value(_key(spec, "currency")) or Currency.USD)

    def usd(field: str) -> Decimal:
        return bench.exchange_rates.to_usd(_amount(_key(spec, field)), currency)

    try:
        price = TokenPrice(input_usd_per_mtok=usd("in"), output_usd_per_mtok=usd("out"))
        bench.model_desk.set_price(spec.id, price)
    except StudioError as error:
        _say(spec, "error", translate(error.notice))
        return
    for field in ("in", "out"):
        session.set_widget_value(_key(spec, field), "")
    _say(spec, "success", _("The price was changed."))


def _forget_price(spec: ModelSpec) -> None:
    cache.workbench().model_desk.set_price(spec.id, None)
    _say(spec, "success", _("The price was changed."))


def _amount(key: str) -> Decimal:
    text = str(session.widget_value(key) or "").strip().replace(",", ".")
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise _no_price(text) from error
    if not (amount.is_finite() and amount >= 0):
        raise _no_price(text)
    return amount


def _no_price(text: str) -> InvalidInput:
    return InvalidInput(
        "{text} is not a price of tokens. Enter a number of 0 or more, such as 0.15.",
        text=text or "–",
    )
