"""On what the figures of the bench stand, in words."""

from __future__ import annotations

from typing import get_args

import pytest

from components import bench_verdict
from studio.workspace.records import JudgementSource


@pytest.mark.parametrize("source", get_args(JudgementSource))
def test_judgements_of_every_source_are_counted_in_words(source):
    assert "1,234" in bench_verdict.how_many_from(source, 1234)
