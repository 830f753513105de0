"""What a judging model said is read by its first word that means something."""

from __future__ import annotations

import pytest

from studio.prototypes.evaluation.judge import messages_for, verdict_in


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("yes", 1.0),
        ("No.", 0.0),
        ("Answer: yes, it does", 1.0),
        ("是的", 1.0),
        ("不正确", 0.0),
        ("I cannot tell", None),
        ("", None),
    ],
)
def test_a_reply_is_read(reply, verdict):
    assert verdict_in(reply) == verdict


def test_it_is_told_question_expected_and_answer():
    told = messages_for("How long?", ("45 days", "six weeks"), "Within 45 days.")[-1].content
    assert all(part in told for part in ("How long?", "45 days", "six weeks", "Within 45 days."))
