"""The bench of a search and of a chatbot without a browser (demo engine)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from studio.prototypes.search.settings import SearchSettings

PRODUCTS = (
    "Name,Category,Description,Article number\n"
    "Cove Tent,camping,A three-season tent for one person with a porch,T-1\n"
    "Ridge Tent,camping,A mountain tent for two people with strong poles,T-2\n"
    "Harbour Stove,cooking,A gas stove that boils a litre of water in minutes,S-1\n"
    "Tide Jacket,clothing,A waterproof jacket with a hood,J-1\n"
    "Gale Jacket,clothing,A windproof jacket for cyclists,J-2\n"
    "Quay Lamp,camping,A lamp that shines for forty hours,L-1\n"
)
QUERIES = ("tent", "stove", "waterproof jacket", "lamp", "cyclists", "mountain")
RIGHT = ("Cove Tent", "S-1", "Tide Jacket", "Quay Lamp", "J-2", "T-2")


@pytest.fixture
def search(bench):
    made = bench.create_search("Shop", SearchSettings(min_relevance=0.0, suggestions=("tent",)))
    made.add_file("products.csv", PRODUCTS.encode())
    made.update_index().wait(30)
    return made


@pytest.fixture
def opened(open_page, search):
    """Open the bench of the search in one of its views."""

    def open_(view: str = "compare", page: str = "build/search.py", slug: str = "") -> AppTest:
        at = open_page(page, prototype=slug or search.slug)
        at.segmented_control(key="_builder.view").set_value("bench").run()
        if view != "compare":
            at.segmented_control(key="_bench.view").set_value(view).run()
        assert not at.exception
        return at

    return open_


def judged(search):
    rows = "query,document,grade\n" + "\n".join(
        f"{query},{item},1" for query, item in zip(QUERIES, RIGHT, strict=True)
    )
    return search.bench.read_judgements("judged.csv", rows.encode())


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info, *at.success]
    return "\n".join(element.value for element in shown).replace("\\", "")


def asked(at: AppTest, search, query: str) -> AppTest:
    return at.text_input(key=f"_bench.query.{search.id}").set_value(query).run()


def test_a_query_is_shown_by_words_by_meaning_and_by_both_with_times(opened, search):
    at = asked(opened(), search, "tent")
    assert not at.exception
    shown = texts(at)
    for way in ("Words (keyword)", "Meaning (semantic)", "Both (hybrid)"):
        assert way in shown
    assert shown.count("Ridge Tent") == 3
    assert "index " in shown
    assert "model " in shown


def test_an_example_fills_the_box(opened, search):
    at = opened()
    at.button(key=f"_bench.example.{search.id}.0").click().run()
    assert at.text_input(key=f"_bench.query.{search.id}").value == "tent"
    assert "Ridge Tent" in texts(at)


def test_a_trial_shows_what_changes_and_is_kept_only_when_applied(opened, search):
    at = asked(opened(), search, "tent")
    at.segmented_control(key=f"_bench.{search.id}.mode").set_value("keyword").run()
    shown = texts(at)
    assert "What changes against the settings in use" in shown
    assert "gone, was" in shown
    assert search.version == 1
    assert search.settings.mode == "hybrid"
    at.button(key=f"_bench.{search.id}.apply").click().run()
    assert not at.exception
    assert (search.version, search.settings.mode) == (2, "keyword")
    assert search.settings.suggestions == ("tent",)
    assert "Version 2" in at.toast[0].value.replace("\\", "")
    assert "What changes" not in texts(at)


def test_a_dropped_trial_is_the_settings_in_use_again(opened, search):
    at = asked(opened(), search, "tent")
    at.slider(key=f"_bench.{search.id}.semantic_weight").set_value(0.9).run()
    at.button(key=f"_bench.{search.id}.drop").click().run()
    assert at.slider(key=f"_bench.{search.id}.semantic_weight").value == 0.5
    assert "These are the settings in use" in texts(at)


def test_a_change_of_the_settings_in_use_reaches_the_trial(opened, search):
    at = asked(opened(), search, "tent")
    at.slider(key=f"_bench.{search.id}.semantic_weight").set_value(0.9).run()
    search.configure(replace(search.settings, n_results=3))
    at.run()
    at.button(key=f"_bench.{search.id}.apply").click().run()
    assert (search.settings.n_results, search.settings.semantic_weight) == (3, 0.9)


def test_filters_narrow_what_is_tried(opened, search):
    at = asked(opened(), search, "tent")
    at.toggle(key=f"_bench.{search.id}.more").set_value(True).run()
    at.pills(key=f"_bench.{search.id}.filter.Category").set_value(["clothing"]).run()
    assert not at.exception
    assert "Ridge Tent" not in texts(at)
    assert "Gale Jacket" in texts(at)


def test_a_thumb_is_a_judgement_at_once_in_every_column(opened, search):
    at = asked(opened(), search, "tent")
    best = search.bench.find("tent", search.settings).results[0]
    chunk = best.hit.chunk.chunk_id

    def thumb(mode):
        (one,) = (f for f in at.feedback if f".{mode}." in f.key and f.key.endswith(f".{chunk}"))
        return one

    thumb("hybrid").set_value(1).run()
    assert search.bench.grades("tent") == {best.item: 1}
    assert thumb("keyword").value == 1


def test_a_thumb_of_the_bench_belongs_to_the_query_it_was_given_for(opened, search):
    at = asked(opened(), search, "tent")
    first = {one.key: one for one in at.feedback}
    next(iter(first.values())).set_value(1).run()
    assert len(search.bench.grades("tent")) == 1
    asked(at, search, "mountain")
    second = {one.key: one for one in at.feedback}
    assert second
    assert not first.keys() & second.keys()
    assert [one.value for one in second.values() if one.value is not None] == []


def test_only_reranking_models_that_are_here_can_be_tried(opened, search, monkeypatch):
    from studio.workbench import Workbench

    monkeypatch.setattr(Workbench, "ready_models", lambda bench, task: ())
    at = opened()
    at.toggle(key=f"_bench.{search.id}.more").set_value(True).run()
    assert not at.exception
    assert not [s for s in at.selectbox if s.key == f"_bench.{search.id}.rerank_model"]
    assert "load one on the Models page" in texts(at)


def test_a_reranking_model_that_is_not_here_is_named_with_the_way_to_it(
    opened, search, bench, monkeypatch
):
    from studio.records import Task
    from studio.workbench import Workbench

    spec = bench.catalogue.list(Task.RERANKING)[0]
    search.configure(replace(search.settings, rerank_model=spec.id))
    monkeypatch.setattr(Workbench, "ready_models", lambda bench, task: ())
    at = opened()
    at.toggle(key=f"_bench.{search.id}.more").set_value(True).run()

    (choice,) = (s for s in at.selectbox if s.key == f"_bench.{search.id}.rerank_model")
    assert choice.options == ["None", spec.name]
    assert f"{spec.name} is not on this computer." in texts(at).replace("\\", "")

    search.configure(replace(search.settings, rerank_model="gone"))
    at.run()
    assert "There is no reranking model gone any more" in texts(at).replace("\\", "")
    assert not at.exception


def test_a_document_says_where_it_stands_unless_that_is_its_title(open_page, search):
    search.add_file("fees.txt", b"The yearly fee of the club is nineteen dollars.")
    search.add_file("rules.md", b"# House rules\n\nThe club takes in dogs.")
    search.update_index().wait(30)
    at = open_page("build/search.py", prototype=search.slug)
    at.text_input(key=f"_search.query.{search.id}").set_value("club").run()

    places = [one.value.replace("\\", "") for one in at.caption if "relevance" in one.value]
    assert any(place.startswith("rules.md · relevance") for place in places)
    assert not any(place.startswith("fees.txt") for place in places)
    assert "fees.txt" in texts(at)


def test_a_thumb_belongs_to_the_query_it_was_given_for(open_page, search):
    at = open_page("build/search.py", prototype=search.slug)

    def thumbs_of(query):
        at.text_input(key=f"_search.query.{search.id}").set_value(query).run()
        assert not at.exception
        return {one.key: one for one in at.feedback}

    first = thumbs_of("tent")
    next(iter(first.values())).set_value(1).run()
    assert len(search.grades("tent")) == 1
    second = thumbs_of("mountain")
    assert second
    assert not first.keys() & second.keys()
    assert [one.value for one in second.values() if one.value is not None] == []


def test_judgements_are_uploaded_with_a_report_of_what_was_dropped(opened, search):
    at = opened("judgements")
    content = b"query,document,grade\ntent,Cove Tent,1\nstove,Nothing,1\nlamp,L-1,high\n"
    at.file_uploader[-1].set_value([("judged.csv", content, "text/csv")]).run()
    assert not at.exception
    assert search.bench.grades("tent") == {"products.csv#Cove Tent": 1}
    shown = texts(at)
    assert "Judgements read: 1" in shown
    assert "Row 2: There is no document Nothing here." in shown
    assert "Row 3: The grade 'high' cannot be read" in shown
    assert "Rows are counted without the header." in shown


def test_a_file_without_the_columns_is_refused_with_what_is_needed(opened, search):
    at = opened("judgements")
    at.file_uploader[-1].set_value([("a.csv", b"who,what\na,b\n", "text/csv")]).run()
    assert "need a column called query" in texts(at)
    assert search.bench.judgements() == ()


def test_ticked_judgements_are_deleted(opened, search):
    judged(search)
    at = opened("judgements")
    kept = search.bench.judgements()
    key = f"_bench.{search.id}.judgements.{hash(tuple((j.query, j.stored) for j in kept))}"
    at.session_state[key] = {"edited_rows": {0: {"Delete": True}}, "added_rows": [],
                             "deleted_rows": []}  # fmt: skip
    at.run()
    at.button(key=f"_bench.{search.id}.delete").click().run()
    assert not at.exception
    assert search.bench.judgements() == kept[1:]


def test_drafts_count_only_once_they_are_confirmed(opened, search):
    at = opened("judgements")
    at.button(key=f"_bench.{search.id}.draft").click().run()
    assert search.bench.judgements() == ()
    confirm = next(b for b in at.button if b.label == "Confirm")
    at.text_input(key=confirm.key.replace(".confirm", ".query")).set_value("something for rain")
    confirm.click().run()
    (one,) = search.bench.judgements()
    assert (one.query, one.grade, one.source) == ("something for rain", 1, "draft")
    n_before = len([b for b in at.button if b.label == "Discard"])
    next(b for b in at.button if b.label == "Discard").click().run()
    assert len(search.bench.judgements()) == 1
    assert n_before == 5


def test_nothing_judged_cannot_be_measured_and_says_how_many_are_needed(opened, search):
    at = opened("verdict")
    assert at.button(key=f"_bench.{search.id}.measure").disabled
    assert "at least 5; about 50 make it sure" in texts(at)


def test_measuring_gives_a_verdict_that_stays_after_a_reload_and_can_be_used(opened, search):
    judged(search)
    at = opened("verdict")
    at.button(key=f"_bench.{search.id}.measure").click().run()
    search.bench.measuring().wait(30)
    at = opened("verdict")
    shown = texts(at)
    assert "nDCG@10" in shown or "rank equally well" in shown
    assert "on version 1: 6 queries, 6 judgements (from files 6)" in shown
    table = at.table[0].value
    assert list(table.index) == ["Words (keyword)", "Meaning (semantic)", "Both (hybrid), in use"]
    at.button(key=f"_bench.{search.id}.use.keyword").click().run()
    assert (search.version, search.settings.mode) == (2, "keyword")
    assert "Measured on version 1; now it is version 2." in texts(at)


def test_what_accepted_feedback_judged_is_measured_too(opened, search):
    judged(search)
    search.bench.judge_item("porch", "products.csv#Cove Tent", 1)
    search.bench.start_measuring(None).wait(30)
    assert "from feedback 1" in texts(opened("verdict"))


def test_the_trial_is_measured_beside_the_others(opened, search):
    judged(search)
    at = asked(opened(), search, "tent")
    at.slider(key=f"_bench.{search.id}.semantic_weight").set_value(0.9).run()
    at.segmented_control(key="_bench.view").set_value("verdict").run()
    at.button(key=f"_bench.{search.id}.measure").click().run()
    search.bench.measuring().wait(30)
    at.run()
    table = at.table[0].value
    assert list(table.index)[-1] == "on trial"


def test_a_chatbot_is_tuned_the_same_way(opened, bench):
    bot = bench.create_chatbot("Help desk")
    bot.add_file("returns.md", b"# Returns\n\nTents can be returned within 60 days.")
    bot.add_file("club.md", b"# Club\n\nThe yearly fee for the club is 19 dollars.")
    bot.update_index().wait(30)
    bot.configure(replace(bot.settings, min_relevance=0.0))
    at = asked(opened(page="build/chatbot.py", slug=bot.slug), bot, "yearly fee")
    assert not at.exception
    assert "Club" in texts(at)
    at.toggle(key=f"_bench.{bot.id}.more").set_value(True).run()
    at.slider(key=f"_bench.{bot.id}.n_passages").set_value(1).run()
    at.button(key=f"_bench.{bot.id}.apply").click().run()
    assert bot.settings.n_passages == 1


def test_the_bench_is_in_chinese(open_page, search):
    judged(search)
    at = open_page("build/search.py", prototype=search.slug, lang="zh")
    at.segmented_control(key="_builder.view").set_value("bench").run()
    assert not at.exception


def test_the_sample_brings_judgements_that_all_name_something(opened, bench):
    sample = bench.sample_search("en")
    sample.update_index().wait(60)
    found = sample.bench.find("tent", sample.settings).results[0]
    sample.bench.judge("tent", found.hit.chunk, 1)  # a thumb does not take the offer away
    at = opened("judgements", slug=sample.slug)
    at.button(key=f"_bench.{sample.id}.sample_judgements").click().run()
    kept = [one for one in sample.bench.judgements() if one.source != "thumb"]
    assert len({one.query for one in kept}) == 24
    assert all(one.item is not None for one in kept)
    assert not [one for one in at.button if "sample_judgements" in (one.key or "")]
