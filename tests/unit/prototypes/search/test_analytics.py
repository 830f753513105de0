import numpy as np
import pytest

from studio.errors import InvalidInput
from studio.prototypes.search.analytics import analyse, counted
from studio.prototypes.search.intents import Intent
from studio.records import Chunk, Hit

PLACES = {"tent price": 0, "price of a tent": 0, "refund": 1, "how to get a refund": 1, "jobs": 2}


def embed(queries):
    return np.eye(4, dtype=np.float32)[[PLACES[query] for query in queries]]


def best_hit(query, vector):
    which = int(vector.argmax())
    if which == 2:
        return None
    chunk = Chunk(
        chunk_id=0,
        document_id=str(which),
        document_name=f"doc{which}",
        page=None,
        start=0,
        end=1,
        text="x",
    )
    relevance = (0.9, 0.3)[which]
    return Hit(
        rank=1, chunk=chunk, score=1, relevance=relevance, dense_score=None, lexical_score=None
    )


def report():
    asked = counted(
        ["tent price", "price of a tent", *["refund"] * 5, "how to get a refund", "jobs"]
    )
    return analyse(asked, embed=embed, best_hit=best_hit, min_relevance=0.4)


def test_themes_by_what_is_asked_most_with_coverage():
    found = report()
    assert [(t.name, t.example, t.n_queries, t.n_asked, t.coverage) for t in found.themes] == [
        ("refund", "refund", 2, 6, 0.0),
        ("price", "price of a tent", 2, 2, 1.0),
        ("jobs", "jobs", 1, 1, 0.0),
    ]
    assert found.themes[1].intents == ((Intent.BUY, 1.0),)
    assert found.coverage == pytest.approx(2 / 9)


def test_gaps_are_what_is_asked_and_not_answered():
    found = report()
    assert [query.query for query in found.gaps()] == ["refund", "how to get a refund", "jobs"]
    by_query = {query.query: query for query in found.queries}
    assert (by_query["tent price"].nearest, by_query["tent price"].is_covered) == ("doc0", True)
    assert (by_query["refund"].nearest, by_query["refund"].is_covered) == ("doc1", False)
    assert by_query["tent price"].intent is Intent.BUY
    assert by_query["jobs"].relevance == 0.0


def test_frame_has_a_row_per_query():
    frame = report().frame()
    assert list(frame["query"])[0] == "refund"
    assert frame["n_asked"].sum() == 9
    assert set(frame["theme"]) == {"refund", "price", "jobs"}


def test_another_threshold_counts_the_same_anew():
    found = report()
    lower = found.at(0.3)
    assert [query.query for query in lower.gaps()] == ["jobs"]
    assert lower.coverage == pytest.approx(8 / 9)
    assert [theme.coverage for theme in lower.themes] == [1.0, 1.0, 0.0]
    assert lower.at(0.4) == found
    assert found.at(0.0).gaps()[0].query == "jobs"  # nothing is near it at all


def test_what_is_beyond_the_limit_is_counted(monkeypatch):
    monkeypatch.setattr("studio.prototypes.search.analytics.MAX_QUERIES", 2)
    found = report()
    assert [query.query for query in found.queries] == ["refund", "how to get a refund"]
    assert found.n_left_out == 3


def test_a_notebook_shows_figures_and_gaps_as_text():
    shown = analyse(
        counted(["<b>jobs</b>"]),
        embed=lambda queries: np.eye(1, dtype=np.float32),
        best_hit=lambda query, vector: None,
        min_relevance=0.4,
    )._repr_html_()
    assert "1 queries, asked 1 times" in shown
    assert "&lt;b&gt;jobs" in shown


def test_progress_counts_queries():
    seen = []
    analyse(
        counted(["refund", "jobs"]),
        embed=embed,
        best_hit=best_hit,
        min_relevance=0.4,
        report=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(2, 2)]


def test_same_query_in_other_case_counts_once():
    assert counted(["Refund", " refund ", ""], [2, 3, 1]) == {"Refund": 5}


@pytest.mark.parametrize("queries", [[], ["", "  "]])
def test_empty_list_is_refused(queries):
    with pytest.raises(InvalidInput, match="no queries"):
        counted(queries)


def test_counts_below_one_are_refused():
    with pytest.raises(InvalidInput, match="count 0"):
        counted(["a"], [0])
