"""The report on what people ask a search, on the deterministic engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import DataError, InvalidInput, NotFound
from studio.prototypes.search import reporting
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.workbench import Workbench

PRODUCTS = (
    "Name,Description\n"
    "Ridge Tent,A mountain tent for two people with two doors and strong poles\n"
    "Harbour Stove,A gas stove that boils a litre of water in four minutes\n"
    "Tide Jacket,A waterproof jacket with a hood that fits over a helmet\n"
)
ASKED = [
    "mountain tent with two doors",
    "gas stove",
    "kayak paddle",
    "Mountain tent with two doors",
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def workbench(home: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as opened:
        yield opened


@pytest.fixture
def search(workbench: Workbench) -> Search:
    made = workbench.create_search("Shop", SearchSettings())
    made.add_file("products.csv", PRODUCTS.encode())
    made.update_index().wait(30)
    return made


def test_what_the_documents_answer_is_covered(search: Search) -> None:
    report = search.report_on(ASKED, [3, 1, 4, 2]).result(30)
    by_query = {query.query: query for query in report.queries}
    assert by_query["mountain tent with two doors"].n_asked == 5
    assert by_query["mountain tent with two doors"].is_covered
    assert by_query["mountain tent with two doors"].nearest == "Ridge Tent"
    assert [query.query for query in report.gaps()] == ["kayak paddle"]
    assert report.coverage == pytest.approx(0.6)
    assert search.queries.report() == report
    assert search.queries.is_current(report)


def test_the_list_outlives_the_process_and_the_report_is_made_again(
    search: Search, home: Path, workbench: Workbench
) -> None:
    made = search.report_on(ASKED).result(30)
    workbench.close()
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as opened:
        again = opened.prototype(search.id, Search)
        assert dict(again.queries.kept().asked) == {
            "mountain tent with two doors": 2,
            "gas stove": 1,
            "kayak paddle": 1,
        }
        assert again.queries.report() is None
        assert again.queries.start().result(30) == made


def test_model_calls_are_in_the_ledger_and_known_queries_need_none(
    search: Search, workbench: Workbench
) -> None:
    def n_calls() -> int:
        calls = workbench.calls(search.id)
        return int(calls["request_id"].str.startswith("queries-").sum())

    search.report_on(ASKED).result(30)
    assert n_calls() == 1
    search.queries.start().result(30)
    assert n_calls() == 1


def test_a_bad_file_leaves_the_list_before(search: Search) -> None:
    search.queries.keep_file("q.csv", b"query,count\ntent,2\nstove,1\n")
    with pytest.raises(DataError):
        search.queries.keep_file("empty.csv", b"")
    with pytest.raises(InvalidInput):
        search.report_on([""])
    assert search.queries.kept().name == "q.csv"


def test_columns_are_kept_as_corrected(search: Search) -> None:
    search.queries.keep_file("q.csv", b"query,clicks,impressions\ntent,2,90\nstove,1,10\n")
    assert search.queries.kept().count_column == "impressions"
    search.queries.choose_columns("query", "clicks")
    assert search.queries.kept().asked == (("tent", 2), ("stove", 1))
    report = search.queries.start().result(30)
    assert report.n_asked == 3
    search.queries.choose_columns("query", "")
    assert not search.queries.is_current(report)


def test_a_list_changed_meanwhile_is_taken_up(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyse, changes = reporting.analyse, []

    def changing(asked, **how):
        if not changes:
            changes.append(search.queries.keep_lines("gas stove\n"))
        return analyse(asked, **how)

    monkeypatch.setattr(reporting, "analyse", changing)
    report = search.report_on(ASKED).result(30)
    assert [query.query for query in report.queries] == ["gas stove"]
    assert search.queries.is_current(report)


def test_another_index_makes_a_report_old(search: Search) -> None:
    report = search.report_on(ASKED).result(30)
    search.add_file("paddle.md", b"# Kayak paddle\n\nA kayak paddle of carbon.\n")
    search.update_index().wait(30)
    assert not search.queries.is_current(report)
    assert search.queries.start().result(30).coverage == 1.0


def test_nothing_to_look_in_or_at_is_said(workbench: Workbench, search: Search) -> None:
    empty = workbench.create_search("Empty", SearchSettings())
    with pytest.raises(NotFound, match="no search index"):
        empty.report_on(["tent"])
    assert empty.queries.kept() is None
    with pytest.raises(NotFound, match="no list of queries"):
        search.queries.start()


def test_where_the_model_is_gone_words_answer_and_themes_stay(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting.Searcher, "read", lambda *_: None)
    report = search.report_on(ASKED).result(30)
    assert [query.query for query in report.gaps()] == ["kayak paddle"]
    assert report.themes
