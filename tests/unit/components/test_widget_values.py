"""A widget that the browser loads late shows what it was given, whenever it appears."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from components import session


def page() -> None:
    import streamlit as st

    from components import session

    session.fill_widget("_t.text", "red", is_typed=True)
    session.fill_widget("_t.choice", "a")
    session.fill_widget("_t.flag", True)
    session.fill_widget("_t.names", ["a"])
    session.default_widget_value("_t.free", "first")
    st.text_input("Text", key="_t.text")
    st.selectbox("Choice", ["a", "b"], key="_t.choice")
    st.toggle("Flag", key="_t.flag")
    st.multiselect("Names", ["a", "b"], key="_t.names")
    st.text_input("Free", key="_t.free")


def given(at: AppTest) -> dict[str, bool]:
    """Whether the browser is told a value with the widget, or takes the widget's own."""
    widgets = {
        "text": at.text_input(key="_t.text"),
        "choice": at.selectbox(key="_t.choice"),
        "flag": at.toggle(key="_t.flag"),
        "names": at.multiselect(key="_t.names"),
        "free": at.text_input(key="_t.free"),
    }
    return {name: widget.proto.set_value for name, widget in widgets.items()}


def test_a_value_is_told_in_every_run_while_the_widget_may_be_on_its_way() -> None:
    at = AppTest.from_function(page).run()
    assert all(given(at).values())
    assert all(given(at.run()).values())


def test_a_text_is_left_alone_once_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    at = AppTest.from_function(page).run()
    at.text_input(key="_t.free").set_value("typed")
    monkeypatch.setattr(session, "LOADED_S", 0.0)
    assert given(at.run()) == {
        "text": False,
        "choice": True,  # the browser knows it by its label, which may be another one now
        "flag": True,
        "names": True,
        "free": False,
    }
    assert at.text_input(key="_t.free").value == "typed"


def test_what_was_chosen_stays_while_the_widget_is_on_its_way() -> None:
    at = AppTest.from_function(page).run()
    at.text_input(key="_t.free").set_value("typed").run()
    assert at.run().text_input(key="_t.free").value == "typed"
