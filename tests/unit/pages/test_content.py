"""The content builder without a browser (demo engine): forms, variants, batches, votes, history."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from components import cache
from components import content_words as words
from studio.inference.model_spec import ModelSpec
from studio.prototypes.content.content import Content
from studio.prototypes.content.long_text import LongTexts
from studio.prototypes.content.settings import CheckRules
from studio.prototypes.content.templates.names import NAMES
from studio.prototypes.content.votes import Contender
from studio.records import Task

BRIEF = {"product": "Cove Tent", "facts": "1.45 kg; one person"}
SHEET = "product,facts\n" + "\n".join(f"Lamp {i},shines {i} hours; red" for i in range(6))


@pytest.fixture
def content(bench):
    made = bench.create(Content, "Shop texts", Content.default_settings("en"))
    made.use_template("product-description")
    made.configure(replace(made.settings, n_variants=2, n_retries=0))
    return made


@pytest.fixture
def opened(open_page, content):
    """Open the builder in one of its views."""

    def open_(view: str = "try") -> AppTest:
        at = open_page("build/content.py", prototype=content.slug)
        if view != "try":
            at.segmented_control(key="_builder.view").set_value(view).run()
        assert not at.exception
        return at

    return open_


def wait_for_dry_run() -> None:
    """Wait for the dry run that was begun; one that ended before its page did is not kept."""
    for name, writing in list(cache.writings()._things.items()):
        if ".dry." in name:
            writing.result(60)


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info, *at.success]
    return "\n".join(str(element.value) for element in shown).replace("\\", "")


def field(content, name: str, type_: str) -> str:
    return f"_content.form.{content.id}.{name}.{type_}"


def submit(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def restarted() -> None:
    """Forget what is in memory, as the end of the process does."""
    cache.writings()._things.clear()
    cache.sheets()._things.clear()


def written(content, purpose: str) -> None:
    """Wait for what is being written for this purpose."""
    cache.writings().get(f"{content.id}.{purpose}").result(60)


def filled(at: AppTest, content) -> AppTest:
    at.text_input(key=field(content, "product", "text")).set_value(BRIEF["product"])
    at.text_area(key=field(content, "facts", "list")).set_value(BRIEF["facts"])
    return at


@pytest.mark.parametrize("template", NAMES)
def test_a_new_generator_begins_with_a_template(open_page, bench, template):
    made = bench.create(Content, "Empty", Content.default_settings("en"))
    at = open_page("build/content.py", prototype=made.slug)
    assert not at.exception
    assert "What do you want to write?" in [element.value for element in at.subheader]
    at.button(key=f"_content.template.{template}").click().run()
    assert not at.exception
    assert made.settings.template == template
    at = open_page("build/content.py", prototype=made.slug)  # the page is loaded anew
    assert "What do you want to write?" not in [element.value for element in at.subheader]
    assert any(button.label == "Write 3 variants" for button in at.button)


def test_a_form_of_ones_own_grows_with_its_instruction(open_page, bench):
    made = bench.create(Content, "Menu", Content.default_settings("en"))
    at = open_page("build/content.py", prototype=made.slug)
    at.button(key="_content.template.own").click().run()
    assert not at.exception
    assert [variable.name for variable in made.settings.variables] == ["subject", "facts"]
    assert at.session_state[f"content_form_editor_{made.id}"]  # its fields are open
    written_by = f"_content.{made.id}.instructions"
    at.text_area(key=written_by).set_value("Praise {{ dish }} of {{ parts | join(', ') }}.").run()
    assert "which is no field of the form" in texts(at)
    submit(at, "Add the fields dish, parts to the form")
    assert not at.exception
    assert [variable.name for variable in made.settings.variables][2:] == ["dish", "parts"]
    assert "which is no field of the form" not in texts(at)
    assert at.text_input(key=field(made, "dish", "text")).label == "Dish (optional)"


def test_a_template_that_needs_documents_says_that_there_are_none(open_page, bench):
    made = bench.create(Content, "Answers", Content.default_settings("en"))
    made.use_template("faq")
    at = open_page("build/content.py", prototype=made.slug)
    assert "what is written now is made up" in texts(at)
    at.button(key=f"_content.sample_documents.{made.id}").click().run()
    assert not at.exception
    assert made.documents()
    assert "what is written now is made up" not in texts(at)


def test_an_incomplete_form_says_what_is_missing_beside_the_field(opened, content):
    at = submit(opened(), "Write 2 variants")
    assert not at.exception
    assert texts(at).count("This is needed.") == 2
    assert content.history() == ()
    at = submit(filled(at, content), "Write 2 variants")
    assert "This is needed." not in texts(at)


def test_the_example_fills_the_form(opened, content):
    at = submit(opened(), "Fill in the example")
    assert at.text_input(key=field(content, "product", "text")).value == "Cove 2 Tent"
    assert at.number_input(key=field(content, "length", "number")).value == 60
    assert "\n" in at.text_area(key=field(content, "facts", "list")).value


def test_variants_stand_side_by_side_and_can_be_kept_rated_and_edited(opened, content):
    at = submit(filled(opened(), content), "Write 2 variants")
    written(content, "try")
    at.run()
    assert not at.exception
    at.button(key=f"_content.others.{content.id}").click().run()
    written(content, "try")
    at.run()
    assert content.settings.seed == 1
    assert len(content.history()) == 4
    first, second = (text.id for text in reversed(content.history(limit=2)))
    at.button(key=f"_content.keep.{first}").click().run()
    at.feedback(key=f"_content.stars.{second}").set_value(3).run()
    assert content.text(first).is_kept
    assert content.text(second).rating == 4
    at.button(key=f"_content.edit.{first}").click().run()
    at.text_area(key=f"_content.edited.{first}").set_value("A tent of 1.45 kg.").run()
    at.button(key=f"_content.edited.{first}.save").click().run()
    assert not at.exception
    assert content.history()[0].content == "A tent of 1.45 kg."
    assert content.history()[0].parent_id == first
    assert "A tent of 1.45 kg." in texts(at)


def test_a_part_is_written_again_and_the_rest_stays(opened, content):
    at = submit(filled(opened(), content), "Write 2 variants")
    written(content, "try")
    at.run()
    text = content.edit(content.history()[0].id, "It is red. It shines for nine hours.")
    at.run()
    at.button(key=f"_content.rewrite.{text.id}").click().run()
    at.selectbox(key=f"_content.part.{text.id}").set_value(1)
    at.text_input(key=f"_content.wish.{text.id}.own").set_value("shorter")
    at.button(key=f"_content.part.{text.id}.go").click().run()
    written(content, "rewrite")
    at.run()
    assert not at.exception
    again = content.history()[0]
    assert (again.origin, again.parent_id) == ("rewritten", text.id)
    assert again.content.startswith("It is red. ")


def test_what_was_typed_and_not_run_outlives_the_session(opened, content):
    at = opened()
    assert not content.is_used()  # looking at a form keeps nothing
    filled(at, content).run()
    at = opened()
    assert at.text_input(key=field(content, "product", "text")).value == BRIEF["product"]
    assert at.text_area(key=field(content, "facts", "list")).value.splitlines() == [
        "1.45 kg",
        "one person",
    ]
    at.text_input(key=field(content, "product", "text")).set_value("").run()
    assert opened().text_input(key=field(content, "product", "text")).value == ""
    for view, key in (
        ("seo", f"_content.seo.topic.{content.id}"),
        ("long", f"_content.long.topic.{content.id}"),
    ):
        opened(view).text_input(key=key).set_value("Light tents").run()
        assert opened(view).text_input(key=key).value == "Light tents"
    at = opened("long")
    at.segmented_control(key=f"_content.long.{content.id}").set_value("summarise").run()
    at.text_area(key=f"_content.summary.{content.id}").set_value("A tent.").run()
    at = opened("long")
    at.segmented_control(key=f"_content.long.{content.id}").set_value("summarise").run()
    assert at.text_area(key=f"_content.summary.{content.id}").value == "A tent."


def test_what_is_compared_outlives_the_session(opened, content):
    side = f"_content.side.{content.id}.B"
    at = opened("compare")
    at.text_input(key=f"{side}.name").set_value("Hot").run()
    at.slider(key=f"{side}.temperature").set_value(1.2).run()
    at.text_area(key=f"{side}.instructions").set_value("Sell {{ product }}.").run()
    at.toggle(key=f"{side}.voice").set_value(False).run()
    at = opened("compare")
    assert not at.exception
    assert at.text_input(key=f"{side}.name").value == "Hot"
    assert at.slider(key=f"{side}.temperature").value == 1.2
    assert at.text_area(key=f"{side}.instructions").value == "Sell {{ product }}."
    assert at.toggle(key=f"{side}.voice").value is False
    assert at.text_input(key=f"_content.side.{content.id}.A.name").value == "Side A"


@pytest.mark.parametrize("kept", ["", "A 方"])
def test_a_side_without_a_name_of_its_own_is_called_so_in_the_readers_language(
    opened, content, kept
):
    content.typed.keep("side.A", {"name": kept})
    at = opened("compare")
    assert at.text_input(key=f"_content.side.{content.id}.A.name").value == "Side A"
    at.toggle(key=f"_content.side.{content.id}.A.voice").set_value(False).run()
    assert content.typed.get("side.A")["name"] == ""


def test_what_is_wrong_with_a_field_is_said_until_it_is_changed(opened, content):
    at = submit(opened(), "Write 2 variants")
    assert texts(at).count("This is needed.") == 2
    at.text_input(key=field(content, "product", "text")).set_value("Tent").run()
    assert texts(at).count("This is needed.") == 1
    assert texts(at.run()).count("This is needed.") == 1  # of the other field, as before


def test_a_reload_shows_what_was_written_last(opened, content):
    content.write(BRIEF)
    assert "Written last" in texts(opened())
    document = "The workshop mends tents. It is open on Saturdays. Zips cost $12."
    summary = content.long_texts.summarise(document, words=50).result(60).text
    assert content.history(limit=1)[0].id == summary.id
    assert f"_content.keep.{summary.id}" not in [button.key for button in opened().button]


def test_a_failed_check_is_named_with_its_reason(opened, content):
    rules = CheckRules(required_words=("zeppelin",), must_pass=("required_words",))
    content.configure(replace(content.settings, checks=rules))
    content.write(BRIEF)
    assert "Required words** (must pass): Missing: zeppelin" in texts(opened())


def test_a_template_that_is_refused_says_so_and_writes_nothing(opened, content):
    content.configure(replace(content.settings, instructions="{{ product.__class__ }}"))
    at = opened()
    assert any("line 1" in element.value.lower() for element in at.warning)
    submit(filled(at, content), "Write 2 variants")
    assert not at.exception
    assert content.history() == ()


def test_a_sheet_is_tried_and_priced_before_it_runs(opened, content):
    at = opened("batch")
    content.batches.trials.take(content.batches.read("lamps.csv", SHEET.encode()))
    at.run()
    assert at.selectbox(key=f"_content.map.{content.id}.product").value == "product"
    at.button(key=f"_content.dry.{content.id}").click().run()
    wait_for_dry_run()
    at.run()
    assert not at.exception
    assert "What all 6 rows will take" in texts(at)
    assert [metric.label for metric in at.metric] == [
        "Cost",
        "Time",
        "Tokens read",
        "Tokens written",
    ]
    assert at.metric[0].value == "unknown"  # the demo engine has no price, and is not free
    rows = next(one for one in at.number_input if one.label.startswith("Rows to write"))
    rows.set_value(4).run()
    assert "4 rows: " in texts(at)
    assert content.batches.list() == ()
    at.button(key=f"_content.run.{content.id}").click().run()
    assert not at.exception
    (batch,) = content.batches.list()
    assert (batch.n_rows, batch.name) == (4, "lamps.csv")


def test_of_a_file_with_several_tables_one_is_chosen(opened, content):
    files = {"notes.csv": "read,me\na,b\n", "lamps.csv": SHEET}
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    at = opened("batch")
    at.file_uploader[-1].set_value([("both.zip", folder.getvalue(), "application/zip")]).run()
    box = at.selectbox(key=f"_content.sheet.table.{content.id}")
    assert content.batches.trials.sheet() is None
    box.set_value("both.zip/lamps.csv").run()
    at.button(key=f"_content.sheet.table.{content.id}.take").click().run()
    assert not at.exception
    assert len(content.batches.trials.sheet().rows) == 6
    assert "the others are: both.zip/notes.csv" in texts(at)


def test_a_sheet_its_columns_and_its_trial_outlive_the_process(opened, content, open_page):
    content.batches.trials.take(content.batches.read("lamps.csv", SHEET.encode()))
    at = opened("batch")
    at.selectbox(key=f"_content.map.{content.id}.facts").set_value("product").run()
    at.button(key=f"_content.dry.{content.id}").click().run()
    wait_for_dry_run()
    restarted()
    at = opened("batch")
    assert at.selectbox(key=f"_content.map.{content.id}.facts").value == "product"
    assert "What all 6 rows will take" in texts(at)
    content.configure(
        replace(content.settings, temperature=0.2)
    )  # the trial is of other settings now
    assert "What all 6 rows will take" not in texts(at.run())
    at.button(key=f"_content.sheet.drop.{content.id}").click().run()
    assert not at.exception
    assert content.batches.trials.sheet() is None


def test_a_deleted_batch_is_brought_back(opened, content):
    sheet = content.batches.read("lamps.csv", SHEET.encode())
    batch = content.batches.start(sheet, content.batches.guess(sheet))
    next(j for j in cache.workbench().jobs.jobs() if j.kind == "content-batch").wait(60)
    at = opened("batch")
    at.button(key=f"_content.delete.{batch.id}").click().run()
    assert not at.exception
    assert content.batches.list() == ()
    assert "**lamps.csv** was deleted." in texts(at)
    at.button(key=f"_content.undelete.{content.id}").click().run()
    assert not at.exception
    assert [one.id for one in content.batches.list()] == [batch.id]
    assert "Took: " in texts(at)
    assert "was deleted" not in texts(at)


def test_a_column_that_is_missing_is_said_and_nothing_can_run(opened, content):
    content.batches.trials.take(content.batches.read("x.csv", b"product,price\nLamp,3\n"))
    at = opened("batch")
    assert not at.exception
    assert "Choose a column." in texts(at)
    assert not [button for button in at.button if button.key == f"_content.dry.{content.id}"]


def test_a_finished_batch_shows_its_rows_and_those_without_a_text_apart(opened, content):
    lines = SHEET + "\n,no name\n"
    sheet = content.batches.read("lamps.csv", lines.encode())
    batch = content.batches.start(sheet, content.batches.guess(sheet))
    job = next(job for job in cache.workbench().jobs.jobs() if job.kind == "content-batch")
    job.wait(60)
    at = opened("batch")
    assert content.batches.get(batch.id).state == "done"
    assert len(at.dataframe[0].value) == 7
    at.segmented_control(key=f"_content.filter.{batch.id}").set_value("failed").run()
    assert not at.exception
    assert at.dataframe[0].value["Result"].tolist() == ["no text"]
    assert "Took: " in texts(at)


def test_the_rows_that_were_typed_last_are_written_however_quick_the_hand(opened, content):
    content.batches.trials.take(content.batches.read("lamps.csv", SHEET.encode()))
    at = opened("batch")
    at.button(key=f"_content.dry.{content.id}").click().run()
    wait_for_dry_run()
    at.run()
    rows = next(one for one in at.number_input if one.label.startswith("Rows to write"))
    rows.set_value(2)  # and at once, in the same run, the button
    at.button(key=f"_content.run.{content.id}").click().run()
    assert not at.exception
    assert [batch.n_rows for batch in content.batches.list()] == [2]


def test_a_row_that_passed_says_how_many_checks_it_did_not_pass(opened, content):
    rules = CheckRules(required_words=("zeppelin",), must_pass=("length",))
    content.configure(replace(content.settings, checks=rules))
    sheet = content.batches.read("lamps.csv", SHEET.encode())
    batch = content.batches.start(sheet, content.batches.guess(sheet))
    next(job for job in cache.workbench().jobs.jobs() if job.kind == "content-batch").wait(60)
    at = opened("batch")
    shown = at.dataframe[0].value
    rows = content.batches.rows(batch.id)
    for said, failed, row in zip(shown["Result"], shown["Did not pass"], rows, strict=True):
        assert row.state == "done"
        assert "Required words" in failed
        notes = len(failed.split(", "))
        assert said == ("passed, 1 note" if notes == 1 else f"passed, {notes} notes")
    clean = replace(rows[0], text=replace(rows[0].text, checks=()))
    assert words.row_result(clean) == "passed"
    assert words.row_result(replace(rows[0], state="rejected")) == "a check failed"
    told = content.batches.download(batch.id, "csv", words.sheet()).decode("utf-8-sig")
    assert "passed, " in told


def test_a_vote_is_blind_and_then_tells_whose_text_it_was(opened, content):
    at = opened("compare")
    at.text_input(key=f"_content.side.{content.id}.A.name").set_value("Plain")
    at.slider(key=f"_content.side.{content.id}.B.temperature").set_value(0.0).run()
    submit(filled(at, content), "Write both")
    written(content, "compare")
    at.run()
    assert not at.exception
    assert "Plain" not in texts(at)
    next(button for button in at.button if button.label == "Left is better").click().run()
    assert not at.exception
    assert "· Plain" in texts(at)
    assert "1 vote" in texts(at)
    restarted()
    assert "· Plain" in texts(opened("compare"))


def test_history_restores_an_older_text(opened, content):
    first = content.write(BRIEF, 1).texts[0]
    edited = content.edit(first.id, "Mine.")
    at = opened("history")
    at.button(key=f"_content.open.{edited.id}").click().run()
    at.button(key=f"_content.restore.{edited.id}.{first.id}").click().run()
    assert not at.exception
    assert content.history()[0].origin == "restored"
    assert content.history()[0].content == first.content
    at.toggle(key=f"_content.only_kept.{content.id}").set_value(True).run()
    assert "Nothing is kept yet" in texts(at)


def test_every_view_opens_in_chinese_without_a_word_of_english_in_its_choices(open_page, bench):
    made = bench.create(Content, "文案", Content.default_settings("zh"))
    made.use_template("email")
    at = open_page("build/content.py", prototype=made.slug, lang="zh")
    for view in ("batch", "compare", "seo", "long", "history"):
        at.segmented_control(key="_builder.view").set_value(view).run()
        assert not at.exception
        labels = [element.label for element in (*at.text_input, *at.text_area) if element.label]
        assert all(any("\u4e00" <= sign <= "\u9fff" for sign in label) for label in labels), labels


def test_seo_reports_on_a_topic_and_scores_a_title_that_is_typed(opened, content):
    at = opened("seo")
    key = f"_content.seo.{{}}.{content.id}"
    at.text_input(key=key.format("topic")).set_value("Light tents").run()
    at.text_area(key=key.format("queries")).set_value("light tent\t30\ntent for two").run()
    at.button(key=key.format("go")).click().run()
    written(content, "seo")
    at.run()
    assert not at.exception
    assert "of 2 queries are about this topic; the page does not answer" in texts(at)
    at.text_input(key=key.format("own.title")).set_value("Light tent for two people").run()
    assert not at.exception
    assert "Light tent for two people" in texts(at)
    assert texts(at).count("typed by you") == 1
    restarted()
    at = opened("seo")
    assert "of 2 queries are about this topic" in texts(at)
    assert at.text_input(key=key.format("topic")).value == "Light tents"
    assert at.text_area(key=key.format("queries")).value == "light tent\t30\ntent for two"
    content.seo.start("Kettles", (("kettle", 1),), n_variants=0).result(20)
    at.run()
    chosen = at.selectbox(key=f"_content.draft.seo.{content.id}")
    assert [option.split(" · ")[0] for option in chosen.options] == ["Kettles", "Light tents"]
    chosen.set_value(chosen.value).run()
    older = content.seo.reports.list()[1]
    at.selectbox(key=f"_content.draft.seo.{content.id}").set_value(older.id).run()
    assert not at.exception
    assert "of 2 queries are about this topic" in texts(at)


def test_reports_outlines_and_summaries_are_deleted_and_brought_back(opened, content):
    content.seo.start("Kettles", (("kettle", 1),), n_variants=0).result(20)
    content.seo.start("Light tents", (("light tent", 1),), n_variants=0).result(20)
    content.long_texts.outline("Down jackets", n_sections=2).result(20)
    content.long_texts.summarise("A tent. It is red.").result(20)
    for view, name, drafts in (
        ("seo", "seo", content.seo.reports),
        ("long", "outline", content.long_texts.plans),
        ("summarise", "summary", content.long_texts.summaries),
    ):
        at = opened("long" if view == "summarise" else view)
        if view == "summarise":
            at.segmented_control(key=f"_content.long.{content.id}").set_value(view).run()
        before = drafts.list()
        at.button(key=f"_content.draft.{name}.{content.id}.delete").click().run()
        assert not at.exception
        assert drafts.list() == before[1:]
        assert f"**{before[0].title}** was deleted." in texts(at)
        at.button(key=f"_content.deleted_draft.{name}.{content.id}.undo").click().run()
        assert not at.exception
        assert drafts.list() == before
        assert at.selectbox(key=f"_content.draft.{name}.{content.id}").value == before[0].id
        assert "was deleted" not in texts(at)


def test_a_long_text_is_planned_changed_and_written(opened, content):
    at = opened("long")
    at.text_input(key=f"_content.long.topic.{content.id}").set_value("Down jackets").run()
    at.text_area(key=f"_content.long.facts.{content.id}").set_value("30 °C; never dry-clean").run()
    at.number_input(key=f"_content.long.sections.{content.id}").set_value(2).run()
    at.button(key=f"_content.long.sections.{content.id}.propose").click().run()
    written(content, "outline")
    at.run()
    assert not at.exception
    (plan,) = content.long_texts.plans.list()
    key = f"_content.long.outline.{plan.id}"
    row = {"Section": "Washing", "What it says, separated by semicolons": "30 °C"}
    at.session_state[key] = {"edited_rows": {0: row}, "added_rows": [], "deleted_rows": []}
    at.text_input(key=f"{key}.title").set_value("All about down").run()
    at.button(key=f"_content.long.words.{content.id}.go").click().run()
    written(content, "long")
    at.run()
    assert not at.exception
    assert "All about down" in texts(at)
    at.segmented_control(key="_builder.view").set_value("history").run()
    at.segmented_control(key="_builder.view").set_value("long").run()
    assert "### Washing" in texts(at).replace("#### ", "### ")
    restarted()
    at = opened("long")
    assert at.text_input(key=f"_content.long.topic.{content.id}").value == "Down jackets"
    assert at.text_input(key=f"{key}.title").value == "All about down"
    kept = content.long_texts.plans.get(plan.id).value
    assert kept.outline.sections[0].heading == "Washing"
    assert "Washing" in content.text(kept.text_id).content
    assert "All about down" in texts(at)


def test_a_plan_is_written_with_its_own_facts(opened, content, monkeypatch):
    given = []
    write = LongTexts.write

    def watched(self, outline, **options):
        given.append(options["facts"])
        return write(self, outline, **options)

    monkeypatch.setattr(LongTexts, "write", watched)
    content.long_texts.outline("Down jackets", facts="30 °C", n_sections=2).result(30)
    at = opened("long")
    at.text_area(key=f"_content.long.facts.{content.id}").set_value("of the next one").run()
    at.button(key=f"_content.long.words.{content.id}.go").click().run()
    assert not at.exception
    assert given == ["30 °C"]


def test_a_text_is_summarised(opened, content):
    at = opened("long")
    at.segmented_control(key=f"_content.long.{content.id}").set_value("summarise").run()
    at.text_area(key=f"_content.summary.{content.id}").set_value("A tent. " * 200).run()
    at.button(key=f"_content.summary.{content.id}.go").click().run()
    written(content, "summary")
    at.run()
    assert not at.exception
    assert content.history(limit=1)
    restarted()
    at = opened("long")
    at.segmented_control(key=f"_content.long.{content.id}").set_value("summarise").run()
    assert at.text_area(key=f"_content.summary.{content.id}").value == "A tent. " * 200
    assert content.history(limit=1)[0].content in texts(at)


def test_a_model_that_does_not_write_the_language_is_told_with_the_way_out(opened, content, bench):
    english = ModelSpec(
        id="en", name="Anglo", task=Task.GENERATION, source="remote", location="x",
        base_url="http://127.0.0.1:9/v1", languages=("en",),
    )  # fmt: skip
    bench.catalogue.add(english)
    bench.catalogue.add(replace(english, id="both", name="Bilingual", languages=("en", "zh")))
    content.configure(replace(content.settings, generation_model="en"))
    for view in ("try", "batch", "compare", "seo", "long"):
        assert "does not write" not in texts(opened(view))
    content.configure(replace(content.settings, language="zh"))
    for view in ("try", "batch", "compare", "seo", "long"):
        at = opened(view)
        assert "Anglo does not write Chinese" in texts(at), view
    at.button(key=f"_content.model.{content.id}.both").click().run()
    assert not at.exception
    assert content.model.id == "both"
    assert "does not write" not in texts(at)


def test_checks_are_set_by_hand_and_kept(opened, content):
    at = opened()
    at.toggle(key=f"_content.must.{content.id}.support").set_value(True).run()
    at.number_input(key=f"_content.{content.id}.checks.max_words").set_value(90).run()
    at.text_area(key=f"_content.{content.id}.checks.banned_words").set_value("snow\n\nbest").run()
    assert not at.exception
    rules = content.settings.checks
    assert "support" in rules.must_pass
    assert (rules.max_words, rules.banned_words) == (90, ("snow", "best"))
    at.toggle(key=f"_content.must.{content.id}.support").set_value(False).run()
    assert "support" not in content.settings.checks.must_pass


def test_a_text_of_fields_begins_with_one_field(opened, content):
    at = opened()
    at.selectbox(key=f"_content.{content.id}.shape").set_value("fields").run()
    assert not at.exception
    assert content.settings.shape == "fields"
    assert [one.name for one in content.settings.fields] == ["text"]
    at.selectbox(key=f"_content.{content.id}.shape").set_value("plain").run()
    assert content.settings.shape == "plain"


def test_the_voice_is_read_from_samples_and_can_be_changed(opened, content):
    sample = "We build calm tents. We test them in gales and we repair them for years. " * 4
    at = opened()
    at.text_area(key=f"_content.{content.id}.voice.samples").set_value(sample).run()
    at.button(key=f"_content.voice.read.{content.id}").click().run()
    assert not at.exception
    voice = content.settings.voice
    assert voice.samples == (sample.strip(),)
    assert voice.tone or voice.vocabulary
    at.text_area(key=f"_content.{content.id}.voice.dont").set_value("No jokes").run()
    assert content.settings.voice.dont == ("No jokes",)


def test_votes_are_told_in_the_readers_language_whoever_cast_them(opened, content):
    model = content.model
    sides = (Contender(name="A 方"), Contender(name="Hot", temperature=1.2))
    ballot = content.votes.start(BRIEF, *sides).result(60)
    content.votes.cast(ballot.id, "left")
    told = texts(opened("compare"))
    assert "Side A against Hot" in told or "Hot against Side A" in told
    assert "A 方" not in told
    assert f"Side A: {model.name}" in told
    assert model.id != model.name
