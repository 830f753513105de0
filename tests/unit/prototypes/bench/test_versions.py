"""Two versions on the same judged queries, where one index serves both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.config import Settings
from studio.errors import InvalidInput
from studio.prototypes.search.settings import SearchSettings
from studio.records import Notice
from studio.workbench import Workbench

ROWS = "Name,Text\n" + "\n".join(f"Tent {n},A tent number {n} with {n} poles" for n in range(9))
NAMES = (Notice("version {n}", n=1), Notice("version {n}", n=2))


@pytest.fixture
def search(tmp_path):
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as workbench:
        made = workbench.create_search("Shop", SearchSettings(min_relevance=0.0))
        made.add_file("tents.csv", ROWS.encode())
        made.update_index().wait(30)
        rows = "query,document,grade\n" + "\n".join(f"tent {n},Tent {n},1" for n in range(6))
        made.bench.read_judgements("judged.csv", rows.encode())
        yield made


def test_both_are_measured_and_named_in_the_verdict(search):
    other = replace(search.settings, mode="keyword")
    found = search.bench.versions(search.settings, other, names=NAMES)
    assert 0 <= found.first.ndcg.mean <= 1
    assert found.second.ndcg.n == 6
    assert "version 2" in str(found.verdict)
    assert found.verdict.values["name"] == NAMES[1]


def test_versions_that_need_another_index_are_told_apart(search):
    other = replace(search.settings, passage_tokens=64)
    with pytest.raises(InvalidInput, match="Passage length"):
        search.bench.versions(search.settings, other, names=NAMES)
