"""The view "What people ask" of the search page, in the demo mode."""

from __future__ import annotations

import csv
import io

import pytest

from components import query_figures
from studio.prototypes.search.settings import SearchSettings

PAGE = "build/search.py"
PRODUCTS = (
    "Name,Description\n"
    "Ridge Tent,A mountain tent for two people with two doors and strong poles\n"
    "Harbour Stove,A gas stove that boils a litre of water in four minutes\n"
)
CONSOLE = b"Top queries,Clicks,Impressions\ngas stove,1,30\nkayak paddle,2,10\n=kayak,0,2\n"


@pytest.fixture
def search(bench):
    made = bench.create_search("Shop", SearchSettings())
    made.add_file("products.csv", PRODUCTS.encode())
    assert made.update_index().wait(30)
    return made


@pytest.fixture
def view(open_page, search):
    """Open the view in a language."""

    def open_(lang: str = "en"):
        at = open_page(PAGE, prototype=search.slug, lang=lang)
        return at.segmented_control(key="_builder.view").set_value("queries").run()

    return open_


def settled(at, search):
    """The page once the report is made."""
    assert search.queries.job().wait(30)
    at.run()
    assert not at.error
    return at


def metrics(at) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_the_sample_list_is_one_click_away(view, search) -> None:
    at = view()
    assert not at.metric
    at.button(key=f"_queries.sample.{search.id}").click().run()
    shown = metrics(settled(at, search))
    assert (shown["Different queries"], shown["Asked in all"]) == ("72", "9,300 times")


def test_an_upload_is_counted_and_its_columns_can_be_corrected(view, search) -> None:
    at = view()
    upload = at.file_uploader(key=f"_queries.upload.{search.id}.0")
    upload.set_value([("Queries.csv", CONSOLE, "text/csv")]).run()
    shown = metrics(settled(at, search))
    assert (shown["Answered"], shown["Asked in all"]) == ("71%", "42 times")
    assert at.selectbox(key=f"_queries.count.{search.id}").value == "Impressions"
    at.selectbox(key=f"_queries.count.{search.id}").set_value("").run()
    assert metrics(settled(at, search))["Asked in all"] == "3 times"


def test_a_bad_file_is_refused_with_its_reason(view, search) -> None:
    at = view()
    upload = at.file_uploader(key=f"_queries.upload.{search.id}.0")
    upload.set_value([("empty.csv", b"", "text/csv")]).run()
    assert "empty.csv is empty" in at.error[0].value
    assert search.queries.kept() is None


def test_pasted_lines_are_counted(view, search) -> None:
    at = view()
    at.text_area(key=f"_queries.paste.{search.id}").set_value("gas stove\nkayak\n")
    at.button(key=f"_queries.paste.{search.id}.use").click().run()
    assert metrics(settled(at, search))["Different queries"] == "2"


def test_the_threshold_moves_the_figures_without_another_call(view, search, bench) -> None:
    search.report_on(["gas stove", "kayak paddle"], [3, 1]).result(30)
    n_calls = len(bench.calls(search.id))
    at = view()
    assert metrics(at)["Answered"] == "75%"
    at.slider(key=f"_queries.threshold.{search.id}").set_value(0.95).run()
    assert metrics(at)["Answered"] == "0%"
    assert len(bench.calls(search.id)) == n_calls


def test_filters_leave_what_fits(view, search) -> None:
    search.report_on(["gas stove", "kayak paddle", "how to clean a stove"]).result(30)
    at = view()
    at.segmented_control(key=f"_queries.view.{search.id}").set_value("all").run()
    at.pills(key=f"_queries.intents.{search.id}").set_value(["learn"]).run()
    (queries, _themes) = at.dataframe
    assert list(queries.value["Query"]) == ["how to clean a stove"]


def test_a_changed_index_offers_to_count_again(view, search) -> None:
    search.report_on(["gas stove", "kayak paddle"]).result(30)
    search.add_file("paddle.md", b"# Kayak paddle\n\nA kayak paddle of carbon.\n")
    assert search.update_index().wait(30)
    at = view()
    assert "has changed" in at.main.warning[0].value
    at.button(key=f"_queries.again.{search.id}").click().run()
    assert metrics(settled(at, search))["Answered"] == "100%"
    assert not at.main.warning


def test_nothing_indexed_says_what_to_do(open_page, bench) -> None:
    empty = bench.create_search("Empty", SearchSettings())
    at = open_page(PAGE, prototype=empty.slug)
    at.segmented_control(key="_builder.view").set_value("queries").run()
    assert any("Nothing to search yet" in caption.value for caption in at.caption)


def test_the_download_opens_in_a_spreadsheet(search) -> None:
    search.queries.keep_file("q.csv", CONSOLE)
    report = search.queries.start().result(30)
    content = query_figures.as_csv(report, report.queries)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["Query"] for row in rows] == ["gas stove", "kayak paddle", "'=kayak"]
    assert [row["Answered"] for row in rows] == ["yes", "no", "no"]
