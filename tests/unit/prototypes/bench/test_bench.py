"""The bench of a search on the deterministic engine: trying, judging, measuring."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from studio.config import Settings
from studio.errors import Cancelled, DataError, InvalidInput
from studio.evaluation.items import item_id
from studio.jobs.runner import JobState
from studio.prototypes.bench.finding import found_alone, moves
from studio.prototypes.close_reading import CloseReading
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.records import Filter, Task
from studio.retrieval.query import SearchMode
from studio.workbench import Workbench

HEAD = "Name,Category,Description,Article number\n"
PRODUCTS = (
    "Cove Tent,camping,A three-season tent for one person with a porch,T-1\n"
    "Ridge Tent,camping,A mountain tent for two people with strong poles,T-2\n"
    "Harbour Stove,cooking,A gas stove that boils a litre of water in minutes,S-1\n"
    "Tide Jacket,clothing,A waterproof jacket with a hood,J-1\n"
    "Gale Jacket,clothing,A windproof jacket for cyclists,J-2\n"
    "Quay Lamp,camping,A lamp that shines for forty hours,L-1\n"
)
RIGHT = {
    "mountain": "T-2",
    "stove": "Harbour Stove",
    "waterproof": "products.csv#Tide Jacket",
    "lamp": "L-1",
    "cyclists": "gale jacket",
    "returns": "returns.md",
}


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def search(workbench: Workbench) -> Search:
    made = workbench.create_search("Shop", SearchSettings(min_relevance=0.0))
    made.add_file("products.csv", (HEAD + PRODUCTS).encode())
    made.add_file("returns.md", b"# Returns\n\nItems may be returned within 45 days.\n")
    made.update_index().wait(30)
    return made


def table(right: dict[str, str]) -> bytes:
    return ("query,document\n" + "\n".join(f"{q},{d}" for q, d in right.items())).encode()


def judged_for(search: Search) -> None:
    assert len(search.bench.read_judgements("judged.csv", table(RIGHT)).judgements) == len(RIGHT)


def test_settings_are_tried_without_being_kept(search: Search) -> None:
    tried = replace(search.settings, mode="keyword", n_results=1)
    found = search.bench.find("mountain tent", tried)
    assert [one.title for one in found.results] == ["Ridge Tent"]
    assert (found.mode, found.model_ms) == ("keyword", 0)
    assert search.version == 1


def test_what_is_tried_is_what_the_search_itself_gives(search: Search) -> None:
    for change in ({"mode": "semantic"}, {"semantic_weight": 0.1}, {"min_relevance": 0.5}):
        tried = replace(search.settings, **change)
        found = search.bench.find("jacket for rain", tried)
        search.configure(tried)
        given = search.search("jacket for rain")
        assert [one.hit for one in found.results] == [one.hit for one in given.results]


def test_three_ways_read_the_query_once(search: Search, workbench: Workbench) -> None:
    before = len(workbench.calls(search.id))
    found = search.bench.side_by_side("tent for rain", search.settings)
    search.bench.side_by_side("tent for rain", replace(search.settings, semantic_weight=0.1))
    assert list(found) == ["keyword", "semantic", "hybrid"]
    assert len(workbench.calls(search.id)) == before + 1
    assert found["hybrid"].model_ms > 0


def test_filters_narrow_a_trial(search: Search) -> None:
    cooking = Filter(column="Category", one_of=("cooking",))
    found = search.bench.find("tent", search.settings, (cooking,))
    assert [one.title for one in found.results] == ["Harbour Stove"]
    assert set(search.bench.filters()["Category"]) == {"camping", "clothing", "cooking"}


def test_moves_tell_what_came_went_and_moved(search: Search) -> None:
    first, second, third, *_ = search.bench.find("tent", search.settings).results
    changed = moves([first, second], [third, first])
    told = [(move.result, move.change, move.before, move.after) for move in changed]
    assert told == [
        (third, "came", None, 1),
        (first, "down", 1, 2),
        (second, "went", 2, None),
    ]
    assert moves([first, second], [first, second]) == ()


def test_found_alone_is_what_no_other_way_found(search: Search) -> None:
    found = search.bench.find("tent", search.settings)
    fewer = replace(found, results=found.results[1:])
    only = found.results[0].hit.chunk.chunk_id
    assert found_alone({"a": found, "b": fewer}) == {"a": {only}, "b": frozenset()}


def test_apply_keeps_what_is_not_tuned_and_makes_a_version(search: Search) -> None:
    tried = replace(search.settings, mode="semantic", n_results=4)
    search.configure(replace(search.settings, title="Find"))
    assert search.bench.apply(tried, "why") == 3
    assert (search.settings.mode, search.settings.n_results) == ("semantic", 4)
    assert search.settings.title == "Find"


def test_judgements_outlive_an_edited_file(search: Search) -> None:
    judged_for(search)
    (record,) = [one for one in search.documents() if one.name == "products.csv"]
    search.remove_document(record.document_id)
    edited = (HEAD + PRODUCTS.replace("strong poles", "very strong poles")).replace("S-1", "S-9")
    search.add_file("products.csv", edited.encode())
    search.update_index().wait(30)
    assert all(one.item is not None for one in search.bench.judgements())
    assert search.measure().n_gone == 0


def test_judgements_of_what_is_gone_are_kept_and_not_counted_as_misses(search: Search) -> None:
    judged_for(search)
    (record,) = [one for one in search.documents() if one.name == "returns.md"]
    search.remove_document(record.document_id)
    search.update_index().wait(30)
    gone = [one for one in search.bench.judgements() if one.item is None]
    assert [(one.query, one.title) for one in gone] == [("returns", "returns.md")]
    measured = search.measure()
    assert (measured.n_gone, len(measured.queries), measured.n_judgements) == (1, 5, 5)


def test_judgements_under_earlier_names_count_and_are_replaced(
    search: Search, workbench: Workbench
) -> None:
    best = search.bench.find("lamp", search.settings).results[0]
    old = item_id(best.hit.chunk.document_id, best.hit.chunk.cells)
    workbench.workspace.judgements.put(search.id, [("Lamp", old, 0)], "thumb")
    assert search.bench.grades("lamp") == {best.item: 0}
    search.judge("lamp", best, 1)
    assert search.bench.grades("lamp") == {best.item: 1}
    assert len(workbench.workspace.judgements.list(search.id)) == 1
    search.judge("lamp", best, None)
    assert search.bench.judgements() == ()


def excel() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in (("query", "document", "grade"), ("tent", "T-1", None), ("stove", "S-1", 2)):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "grades"),
    [
        ("a.csv", b"query,document,grade\nstove,S-1,2\n", {"stove": 2}),
        ("a.csv", "查询,文档,评分\n炉子,S-1,是\n".encode("gb18030"), {"炉子": 1}),
        ("a.json", json.dumps([{"query": "stove", "document": "S-1", "grade": 2}]).encode(),
         {"stove": 2}),
        ("a.xlsx", excel(), {"stove": 2}),
    ],
)  # fmt: skip
def test_judgements_are_read_from_tables_of_every_kind(
    search: Search, name: str, content: bytes, grades: dict[str, int]
) -> None:
    found = search.bench.read_judgements(name, content)
    assert {j.query: j.grade for j in found.judgements} == grades
    for query, grade in grades.items():
        assert search.bench.grades(query) == {"products.csv#Harbour Stove": grade}


def test_a_query_that_is_too_long_costs_its_row_and_not_the_file(search: Search) -> None:
    rows = f"query,document\ntent,Cove Tent\n{'x ' * 700},Cove Tent\n"
    found = search.bench.read_judgements("judged.csv", rows.encode())
    assert [one.number for one in found.dropped] == [2]
    assert "1399 characters" in str(found.dropped[0].reason)
    assert [one.query for one in search.bench.judgements()] == ["tent"]


def test_a_file_without_a_table_is_refused(search: Search) -> None:
    with pytest.raises(DataError, match="no table"):
        search.bench.read_judgements("a.txt", b"Just a sentence about tents.")
    with pytest.raises(DataError, match="empty"):
        search.bench.read_judgements("a.csv", b"")


def test_drafts_are_of_items_that_can_be_found_and_count_once_confirmed(search: Search) -> None:
    drafts = search.bench.drafts(20)
    titles = {draft.item_name for draft in drafts}
    assert {"Cove Tent", "returns.md"} <= titles
    assert search.bench.judgements() == ()
    search.bench.confirm(drafts[0])
    (one,) = search.bench.judgements()
    assert (one.query, one.item, one.source) == (drafts[0].query, drafts[0].item_id, "draft")
    assert drafts[0].query not in [draft.query for draft in search.bench.drafts(20)]


def test_measuring_compares_the_ways_and_says_on_what_it_stands(search: Search) -> None:
    judged_for(search)
    measured = search.measure(replace(search.settings, semantic_weight=1.0))
    assert [way.parts for way in measured.ways] == [
        ("keyword",),
        ("semantic",),
        ("hybrid", "now"),
        ("trial",),
    ]
    assert (measured.version, measured.n_by_source) == (1, {"upload": 6})
    assert list(measured.frame()["way"]) == ["keyword", "semantic", "hybrid / now", "trial"]
    assert measured.verdicts
    assert "6 queries" in measured._repr_html_()
    keyword, hybrid = measured.ways[0], measured.ways[2]
    for one in measured.outcomes(hybrid, keyword):
        assert one.other_rank == 1  # each query is a word of its item alone
    assert keyword.measured.ndcg.mean == 1.0


def test_a_trial_that_ranks_alike_is_not_measured_twice(search: Search) -> None:
    judged_for(search)
    measured = search.measure(replace(search.settings, n_results=3, mode="keyword"))
    assert [way.parts for way in measured.ways] == [
        ("keyword", "trial"), ("semantic",), ("hybrid", "now")]  # fmt: skip
    assert measured.way("trial").settings.mode == "keyword"


def test_measuring_as_a_job_keeps_its_result_and_can_be_stopped(search: Search) -> None:
    judged_for(search)
    job = search.bench.start_measuring()
    assert job.wait(30)
    assert search.bench.last_measurement() is job.result()
    stopped = search.bench.start_measuring()
    stopped.cancel()
    assert stopped.wait(30)
    if stopped.state is JobState.CANCELLED:
        with pytest.raises(Cancelled):
            stopped.result()
        assert search.bench.last_measurement() is job.result()


def test_nothing_judged_or_nothing_indexed_cannot_be_measured(
    search: Search, workbench: Workbench
) -> None:
    with pytest.raises(InvalidInput, match="thumb up"):
        search.measure()
    with pytest.raises(InvalidInput, match="Add documents"):
        workbench.create_search("Empty").measure()


def test_a_reranking_model_is_tried_and_measured(search: Search, workbench: Workbench) -> None:
    (model, *_) = workbench.catalogue.list(Task.RERANKING)
    tried = replace(search.settings, rerank_model=model.id)
    found = search.bench.find("gas stove minutes", tried)
    assert found.is_reranked
    assert found.results[0].title == "Harbour Stove"
    assert "reranking" in set(workbench.calls(search.id)["stage"])
    search.configure(tried)
    given = search.search("gas stove minutes")
    assert [one.hit for one in given.results] == [one.hit for one in found.results]
    judged_for(search)
    assert search.measure().way("now").parts == ("now",)


@pytest.mark.parametrize("mode", ["keyword", "semantic", "hybrid"])
def test_what_is_tried_of_a_chatbot_is_what_it_reads_for_an_answer(
    workbench: Workbench, mode: SearchMode
) -> None:
    bot = workbench.create_chatbot("Help desk")
    bot.add_file("returns.md", b"# Returns\n\nTents may be returned within 45 days.\n")
    bot.add_file("club.md", b"# Club\n\nThe fee for the club is 19 dollars a year.\n")
    bot.update_index().wait(30)
    bot.configure(replace(bot.settings, mode=mode, min_relevance=0.0, answer_style="quote"))
    question = "What is the fee for the club?"
    found = bot.bench.find(question, bot.settings)
    figures = bot.ask(question).figures
    assert figures.n_passages == len(found.results)
    best = max(one.hit.relevance for one in found.results)
    assert figures.best_relevance == pytest.approx(best)


def test_what_the_model_takes_to_read_closely_is_the_models_time(
    workbench: Workbench, monkeypatch
) -> None:
    bot = workbench.create_chatbot("Help desk")
    bot.add_file("returns.md", b"# Returns\n\nTents may be returned within 45 days.\n")
    bot.update_index().wait(30)

    def slow(_searcher, _text, _vector, hits, _context):
        call = SimpleNamespace(total_ms=60_000.0)
        return CloseReading(hits=tuple(hits), call=call)

    monkeypatch.setattr("studio.prototypes.bench.bench.read_closely", slow)
    found = bot.bench.find("When are tents returned?", bot.settings)
    assert found.model_ms >= 60_000 > found.index_ms
