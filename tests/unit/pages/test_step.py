"""Steps of a builder: what nobody opened is not drawn, what was opened once stays."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from studio.prototypes.content.content import Content

pytestmark = pytest.mark.folded


def folds(at, key: str, *, is_open: bool) -> None:
    """Do what the expander's callback does; `AppTest` cannot click one."""
    at.session_state[f"view.{key}"] = is_open
    at.run()
    assert not at.exception


def test_a_step_is_drawn_when_it_is_opened_and_stays_so(open_page, bench):
    content = bench.create(Content, "Shop texts", Content.default_settings("en"))
    content.use_template("product-description")
    at = open_page("build/content.py", prototype=content.slug)
    step = f"_step.checks.{content.id}"

    def is_drawn() -> bool:
        return f"_content.must.{content.id}.length" in {one.key for one in at.toggle}

    assert not is_drawn()
    folds(at, step, is_open=True)
    assert is_drawn()
    folds(at, step, is_open=False)
    assert is_drawn()  # somebody may have typed something there


def one_step(goes_on: bool) -> None:
    import streamlit as st

    from components import step

    step.show("Step", lambda: st.text("inside"), key="_step.one", goes_on=goes_on)


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_folded_step_is_drawn_while_something_goes_on_in_it(goes_on):
    at = AppTest.from_function(one_step, args=(goes_on,)).run()
    assert not at.exception
    assert bool(at.text) is goes_on


def renamed_step() -> None:
    import streamlit as st

    from components import step

    label = st.text_input("Label", "One", key="label")
    step.show(label, lambda: st.text("inside"), key="_step.one")


def test_a_step_stays_open_under_another_label():
    at = AppTest.from_function(renamed_step).run()
    folds(at, "_step.one", is_open=True)
    assert at.expander[0].proto.expanded
    at.text_input(key="label").set_value("Two").run()
    assert at.expander[0].label == "Two"
    assert at.expander[0].proto.expanded
    assert at.text
