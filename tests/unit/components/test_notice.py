from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from components import notice


def test_plain_makes_every_sign_of_markup_stand_for_itself() -> None:
    assert notice.plain("a*b $5 [x](y) :red[z]") == r"a\*b \$5 \[x\]\(y\) \:red\[z\]"
    assert notice.plain("阿里 bot 2") == "阿里 bot 2"


def drawing(tone: str) -> None:
    from components import notice
    from studio.records import Notice

    notice.show(Notice("Reading {name}", name="a.pdf"), tone)


@pytest.mark.parametrize("tone", ["info", "success", "warning", "error"])
def test_show_draws_a_box_of_its_tone(tone) -> None:
    at = AppTest.from_function(drawing, args=(tone,), default_timeout=20).run()
    assert [box.value for box in getattr(at, tone)] == ["Reading a.pdf"]
