"""A search over documents and a table, on the deterministic engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.config import Settings
from studio.errors import InvalidInput, NotFound
from studio.prototypes.search.results import SearchRequest, Sorting
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.records import Filter
from studio.workbench import Workbench

RETURNS = "# Returns\n\nMost items may be returned within 45 days of delivery.\n"
PRODUCTS = (
    "Name,Category,Price,Description,Page\n"
    "Cove Tent,camping,219.00,A three-season tent for one person with a porch for a wet pack,"
    "https://example.org/cove\n"
    'Ridge Tent,camping,"1,289.00",A mountain tent for two people with two doors and strong poles,'
    "https://example.org/ridge\n"
    "Harbour Stove,cooking,49.50,A gas stove that boils a litre of water in four minutes,\n"
    "Tide Jacket,clothing,120.00,A waterproof jacket with a hood that fits over a helmet,"
    "javascript:alert(1)\n"
)


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture
def search(workbench: Workbench) -> Search:
    settings = SearchSettings(
        min_relevance=0.0,
        roles=(
            ("Name", "title"),
            ("Category", "filter"),
            ("Description", "text"),
            ("Page", "link"),
        ),
    )
    record = workbench.workspace.prototypes.create("search", "Shop", settings.to_json())
    made = Search(record.id, workbench._toolbox)
    made.add_file("returns.md", RETURNS.encode())
    made.add_file("products.csv", PRODUCTS.encode())
    made.update_index().wait(30)
    return made


def titles(outcome) -> list[str]:
    return [result.title for result in outcome.results]


def test_a_row_is_found_with_its_title_link_and_marked_words(search: Search) -> None:
    best = search.search(SearchRequest(query="mountain tent", mode="keyword")).results[0]
    assert best.title == "Ridge Tent"
    assert [best.title[start:end] for start, end in best.title_marks] == ["Tent"]
    assert best.link == "https://example.org/ridge"
    assert {"mountain", "tent"} <= set(best.excerpt.words)
    assert best.reason == "words"


def test_a_heading_is_the_title_and_not_said_again(search: Search) -> None:
    search.add_file("rules.md", b"# House rules\n\nDogs may come in.\n\n# Only a heading\n")
    search.update_index().wait(30)

    dogs = search.search(SearchRequest(query="dogs", mode="keyword")).results[0]
    bare = search.search(SearchRequest(query="only heading", mode="keyword")).results[0]

    assert (dogs.title, dogs.excerpt.text) == ("House rules", "Dogs may come in.")
    assert "Only a heading" in bare.excerpt.text


def test_a_row_without_a_text_column_says_its_facts_once(search: Search) -> None:
    search.add_file("news.csv", b"Name,Category,Price\nRadio Play,music,3\nOld Song,music,2\n")
    search.configure(replace(search.settings, roles=(*search.settings.roles, ("Price", "filter"))))
    search.update_index().wait(30)

    best = search.search(SearchRequest(query="radio music", mode="keyword")).results[0]

    assert (best.title, best.excerpt.text, best.facts) == (
        "Radio Play",
        "Category: music; Price: 3",
        (),
    )
    assert "music" in best.excerpt.words


def test_a_script_is_no_link(search: Search) -> None:
    best = search.search(SearchRequest(query="waterproof jacket", mode="keyword")).results[0]
    assert best.title == "Tide Jacket"
    assert best.link is None


def test_filters_narrow_and_facets_count_the_other_columns(search: Search) -> None:
    camping = Filter(column="Category", one_of=("camping",))
    outcome = search.search(SearchRequest(query="tent stove jacket", filters=(camping,)))
    assert set(titles(outcome)) == {"Cove Tent", "Ridge Tent"}
    facet = next(facet for facet in outcome.facets if facet.column == "Category")
    assert dict(facet.values) == {"camping": 2, "cooking": 1, "clothing": 1}


def test_a_long_row_is_one_result_and_counts_as_one(search: Search) -> None:
    story = " ".join(f"Its pole number {n} holds the storm off the camp." for n in range(60))
    search.add_file(
        "more.csv",
        f"Name,Category,Description\nStorm Tent,camping,{story}\n"
        "Rain Tent,camping,A tent for one night.\nSmall Pot,cooking,Holds a litre.\n".encode(),
    )
    search.update_index().wait(30)

    outcome = search.search(SearchRequest(query="tent pole storm camp", n_results=20))
    facet = next(facet for facet in outcome.facets if facet.column == "Category")
    first = outcome.results[0]

    assert len(search.passages(first.document_id)) > 4  # the row is several passages
    assert titles(outcome).count("Storm Tent") == 1
    assert (dict(facet.values)["camping"], facet.counted) == (4, "rows")
    alike = search.similar(first.hit.chunk.chunk_id, 20)
    assert "Storm Tent" not in [result.title for result in alike]


def test_facets_count_documents_where_each_gives_one_result(search: Search) -> None:
    search.add_file("more.csv", b"Name,Category\nRain Tent,camping\nPot,cooking\nPan,cooking\n")
    search.configure(replace(search.settings, per_document=True))
    search.update_index().wait(30)

    outcome = search.search(SearchRequest(query="tent", n_results=20))
    facet = next(facet for facet in outcome.facets if facet.column == "Category")

    assert dict(facet.values) == {"camping": 2, "cooking": 2, "clothing": 1}
    assert facet.counted == "documents"


def test_results_are_sorted_by_a_column_as_numbers(search: Search) -> None:
    request = SearchRequest(
        query="tent stove jacket",
        mode="keyword",
        sorting=Sorting(column="Price", is_descending=True),
    )
    assert titles(search.search(request)) == [
        "Ridge Tent",
        "Cove Tent",
        "Tide Jacket",
        "Harbour Stove",
    ]


def test_days_are_sorted_as_the_whole_column_writes_them(workbench: Workbench) -> None:
    record = workbench.workspace.prototypes.create("search", "Fairs", SearchSettings().to_json())
    fairs = Search(record.id, workbench._toolbox)
    others = "".join(f"Market {n},{n}/03/2025,bread and cheese number {n}\n" for n in range(13, 31))
    rows = "winter,01/12/2025,tents\nspring,02/01/2026,tents\nsummer,05/06/2024,tents\n"
    fairs.add_file("fairs.csv", f"name,day,about\n{rows}sometime,n/a,tents\n{others}".encode())
    fairs.update_index().wait(30)

    def found(is_descending: bool) -> list[str]:
        request = SearchRequest(
            query="tents",
            mode="keyword",
            sorting=Sorting(column="day", is_descending=is_descending),
        )
        return [dict(r.hit.chunk.cells)["name"] for r in fairs.search(request).results]

    assert found(False) == ["summer", "winter", "spring", "sometime"]
    assert found(True) == ["spring", "winter", "summer", "sometime"]


def test_nothing_found_offers_a_word_of_the_documents(search: Search) -> None:
    outcome = search.search(SearchRequest(query="jaket", mode="keyword"))
    assert outcome.results == ()
    assert outcome.correction == "jacket"


def test_words_alone_call_no_model_and_are_in_the_ledger(
    search: Search, workbench: Workbench
) -> None:
    n_calls = len(workbench.calls(search.id))
    outcome = search.search(SearchRequest(query="tent", mode="keyword"))
    assert (outcome.mode, outcome.figures.model, outcome.figures.embedding_ms) == ("keyword", "", 0)
    calls = workbench.calls(search.id)
    assert len(calls) == n_calls + 1
    call = calls[calls["request_id"] == outcome.figures.request_id].iloc[0]
    assert (call["stage"], call["model"], call["tokens_in"]) == ("search", "search:words", 0)
    assert call["cost"] == outcome.figures.cost > 0
    assert 0 < call["total_ms"] <= outcome.figures.total_ms
    search.search("tent")
    assert len(workbench.calls(search.id)) == n_calls + 2


def test_similar_items_leave_the_item_itself_out(search: Search) -> None:
    best = search.search(SearchRequest(query="mountain tent", mode="keyword")).results[0]
    others = search.similar(best.hit.chunk.chunk_id, 2)
    assert len(others) == 2
    assert "Ridge Tent" not in [result.title for result in others]


def test_thumbs_are_kept_per_query_and_taken_back(search: Search) -> None:
    first, second = search.search(SearchRequest(query="tent", mode="keyword")).results[:2]
    search.judge("tent ", first, 1)
    search.judge("tent", second, 0)
    assert search.grades("tent") == {first.item: 1, second.item: 0}
    search.judge("tent", first, None)
    assert search.grades("tent") == {second.item: 0}
    assert search.grades("stove") == {}


@pytest.mark.parametrize("query", ["", "   ", "\0"])
def test_an_empty_query_is_refused(search: Search, query: str) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        search.search(query)


def test_a_long_query_is_refused_with_its_length(search: Search) -> None:
    with pytest.raises(InvalidInput, match="1500 characters; at most 1000"):
        search.search("x" * 1500)


def test_nothing_indexed_gives_nothing(workbench: Workbench) -> None:
    record = workbench.workspace.prototypes.create("search", "Empty", SearchSettings().to_json())
    empty = Search(record.id, workbench._toolbox)
    assert empty.search("anything").results == ()
    assert empty.titles() == ()
    with pytest.raises(NotFound):
        empty.similar(0)


def test_settings_survive_the_workspace(search: Search) -> None:
    wanted = replace(
        search.settings, semantic_weight=0.7, suggestions=("tents",), per_document=True
    )
    search.configure(wanted)
    assert search.settings == wanted


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"n_results": 0}, "n_results"),
        ({"semantic_weight": 1.1}, "semantic_weight"),
        ({"mode": "magic"}, "mode"),
        ({"roles": (("a", "b"),)}, "roles"),
        ({"suggestions": ("a",) * 9}, "suggestions"),
        ({"diversity": True}, "diversity"),
    ],
)
def test_settings_out_of_range_name_the_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        SearchSettings(**change)
    assert list(caught.value.fields) == [field]


def test_nothing_found_in_chinese_offers_what_sounds_alike(search: Search) -> None:
    search.add_file("帐篷.md", "# 帐篷\n\n防水帐篷适合两人露营。\n".encode())
    search.update_index().wait(30)
    outcome = search.search(SearchRequest(query="帐蓬", mode="keyword"))
    assert outcome.results == ()
    assert outcome.correction == "帐篷"
    meant = search.search(SearchRequest(query="帐篷", mode="keyword"))
    assert titles(meant) == ["帐篷"]
    assert meant.correction is None


def test_a_column_that_says_the_same_everywhere_narrows_nothing(workbench: Workbench) -> None:
    record = workbench.workspace.prototypes.create("search", "Shop", SearchSettings().to_json())
    made = Search(record.id, workbench._toolbox)
    rows = (f"Cup {n},Maple,{('red', 'blue')[n % 2]},Holds tea for {n}" for n in range(6))
    made.add_file("cups.csv", "\n".join(["Name,Brand,Colour,Description", *rows]).encode())
    made.update_index().wait(30)

    assert made.facet_columns() == ("Colour",)
