from __future__ import annotations

import logging
import re

from streamlit.testing.v1 import AppTest


def page_that(raises: str) -> None:
    import streamlit as st

    from components import shell
    from studio.errors import Cancelled, DataError

    with shell.page("Title"):
        st.write("before")
        if raises == "studio":
            raise DataError("{name} is empty.", name="a.txt")
        if raises == "cancelled":
            raise Cancelled("This was stopped.")
        if raises == "unexpected":
            raise ZeroDivisionError("secret detail")
        if raises == "stop":
            st.stop()
        st.write("after")


def run(raises: str) -> AppTest:
    return AppTest.from_function(page_that, args=(raises,), default_timeout=20).run()


def test_a_page_draws_its_heading_and_body() -> None:
    at = run("")
    assert at.title[0].value == "Title"
    assert [m.value for m in at.markdown] == ["before", "after"]


def test_a_studio_error_becomes_its_sentence() -> None:
    at = run("studio")
    assert at.error[0].value == "a.txt is empty."
    assert at.markdown[0].value == "before"


def test_a_stopped_piece_of_work_is_no_failure() -> None:
    at = run("cancelled")
    assert at.info[0].value == "This was stopped."
    assert not at.error


def test_the_unexpected_shows_an_id_that_stands_in_the_log(caplog) -> None:
    with caplog.at_level(logging.ERROR, logger="components.shell"):
        at = run("unexpected")
    text = at.error[0].value
    assert text.startswith("Something unexpected happened.")
    assert "secret detail" not in text
    error_id = re.search(r"look for (\w{8}) in the log", text).group(1)
    assert error_id in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert not at.exception


def test_streamlits_own_control_flow_passes_through() -> None:
    at = run("stop")
    assert not at.error
    assert [m.value for m in at.markdown] == ["before"]


def guarded_function() -> None:
    from components import shell

    @shell.guarded()
    def fragment() -> None:
        raise RuntimeError("boom")

    fragment()
    fragment()


def test_the_boundary_decorates_functions_that_run_again_and_again() -> None:
    at = AppTest.from_function(guarded_function, default_timeout=20).run()
    assert len(at.error) == 2


def flashing() -> None:
    import streamlit as st

    from components import session, shell

    with shell.page("Title"):
        st.button("make", key="make", on_click=session.flash, args=("It was made.",))


def test_a_flashed_sentence_is_shown_once() -> None:
    at = AppTest.from_function(flashing, default_timeout=20).run()
    at.button(key="make").click().run()
    assert at.toast[0].value.replace("\\", "") == "It was made."
    assert not at.run().toast
