"""Tokens on the page: what a person reads are characters, whatever the model's tokens are."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from components import explain_tokens
from studio.inference.token_texts import TokenText


def page() -> None:
    import numpy as np

    from components import explain_tokens
    from studio.inference.inspection import Inspection, TokenLook
    from studio.inference.token_texts import TokenText

    tokens = (
        TokenLook(
            of=TokenText(text="天", part=1, n_parts=2),
            probability=0.5,
            alternatives=(("", 0.3), ("", 0.1)),
        ),
        TokenLook(
            of=TokenText(text="天", part=2, n_parts=2),
            probability=0.2,
            alternatives=(("夫", 0.6), ("x", 0.001)),
        ),
        TokenLook(of=TokenText(text=" a"), probability=0.9, alternatives=()),
    )
    found = Inspection(
        tokens=tokens,
        log_likelihoods=(-1.0,),
        attention=np.zeros((0, 0, 0, 0), np.float16),
        attended=(),
    )
    explain_tokens.show(found, "k")


def test_a_character_of_several_tokens_is_one_text_as_likely_as_all_of_them() -> None:
    at = AppTest.from_function(page).run()
    assert not at.exception
    (shown,) = (one.value for one in at.get("html"))
    assert shown.count("天") == 1
    assert 'underline double" title="0.100">天' in shown
    table = at.dataframe[0].value
    assert list(table.iloc[:, 0]) == ["天 1/2", "天 2/2", "a"]
    assert list(table.iloc[:, 2]) == ["part of a character 0.40", "夫 0.60", ""]


def test_white_space_is_named() -> None:
    assert explain_tokens.named(TokenText(text="\n")) == "␣"
