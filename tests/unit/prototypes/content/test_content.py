"""A content prototype on the deterministic engine: writing, editing, history, limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from studio.config import Settings
from studio.errors import Cancelled, InvalidInput, NotFound
from studio.prototypes.content import composing
from studio.prototypes.content.content import Content
from studio.prototypes.content.forms_filled import example_form
from studio.prototypes.content.settings import CheckRules, ContentSettings
from studio.prototypes.content.template import OutputField
from studio.workbench import Workbench

FORM = {"product": "Cove 2 Tent", "facts": "sleeps two; 2.1 kg; two doors"}


@pytest.fixture(scope="module")
def workbench(tmp_path_factory) -> Iterator[Workbench]:
    home = tmp_path_factory.mktemp("home")
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as opened:
        yield opened


@pytest.fixture
def content(workbench: Workbench) -> Content:
    return workbench.create(Content, "Shop texts", Content.default_settings("en"))


def configured(content: Content, **changes) -> ContentSettings:
    content.configure(replace(content.settings, **changes))
    return content.settings


def test_a_new_prototype_begins_with_a_template_that_can_write(content):
    assert content.settings.template == "product-description"
    assert content.problems() == {}
    assert [variable.name for variable in content.settings.variables][:2] == ["product", "facts"]


def test_settings_survive_the_way_through_json(content):
    settings = content.settings
    assert ContentSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_variants_are_stored_with_checks_and_figures(content):
    written = content.write(FORM, 3)
    assert len(written.texts) == 3
    assert written.tokens_out > 0
    assert {check.name for check in written.texts[0].checks} >= {"length", "support", "variants"}
    history = content.history()
    assert [text.id for text in history] == [text.id for text in reversed(written.texts)]
    assert content.text(written.texts[0].id) == written.texts[0]


def test_the_same_seed_gives_the_same_texts(content):
    first, second = content.write(FORM, 2), content.write(FORM, 2)
    assert [text.content for text in first.texts] == [text.content for text in second.texts]


def test_an_incomplete_form_names_each_field(content):
    with pytest.raises(InvalidInput) as caught:
        content.start({"product": "  "})
    assert set(caught.value.fields) == {"product", "facts"}


def test_a_form_that_is_too_long_is_refused(content):
    with pytest.raises(InvalidInput, match="20,000"):
        content.start({**FORM, "product": "x" * 50_000})


def test_a_failed_required_check_is_tried_again_with_the_reason(content):
    rules = CheckRules(min_words=400, must_pass=("length",))
    configured(content, checks=rules, n_retries=2)
    text = content.write(FORM, 1).texts[0]
    assert text.n_attempts == 3
    assert not text.is_accepted
    assert len(text.attempts) == 2
    assert "400" in str(text.failed_required[0].notice)


def test_who_looks_on_is_told_why_a_text_is_written_again(content):
    rules = CheckRules(min_words=400, must_pass=("length",))
    configured(content, checks=rules, n_retries=1)
    writing = content.start(FORM)
    text = writing.result(60).texts[0]
    assert writing.glimpse().rejected[0] == text.attempts[0][1]
    configured(content, n_retries=0)  # the last text is rejected, too, and not written again
    writing = content.start(FORM)
    assert not writing.result(60).texts[0].is_accepted
    assert set(writing.glimpse().rejected) == {None}


def test_the_length_of_the_form_is_what_a_text_is_held_against(content):
    text = content.write({**FORM, "length": "300"}, 1).texts[0]
    length = next(one for one in text.checks if one.name == "length")
    assert (length.notice.values["low"], length.notice.values["high"]) == (210, 390)


def test_an_engine_without_schemas_is_told_the_json_in_words(content, monkeypatch):
    configured(content, shape="fields", fields=(OutputField(name="title"),), n_retries=0)
    told = []
    made = composing.messages_for

    def watched(*args, **options):
        told.append(options["follows_schema"])
        return made(*args, **options)

    monkeypatch.setattr(composing, "messages_for", watched)
    content.write(FORM, 1)
    assert told == [content._tools.models.info(content.model.id).follows_schema] == [False]


def test_a_text_that_passes_is_written_once(content):
    configured(content, checks=CheckRules(must_pass=("banned_words",)), n_retries=3)
    assert content.write(FORM, 1).texts[0].n_attempts == 1


def test_required_words_come_from_the_form_too(content):
    configured(content, n_retries=0)
    text = content.write({**FORM, "must_include": "kayak"}, 1).texts[0]
    check = next(one for one in text.checks if one.name == "required_words")
    assert check.found == ("kayak",)


def test_editing_keeps_the_old_text_and_checks_the_new(content):
    text = content.write(FORM, 1).texts[0]
    edited = content.edit(text.id, "The Cove 2 Tent weighs 2.1 kg and costs 999 dollars.")
    support = next(one for one in edited.checks if one.name == "support")
    assert (edited.origin, edited.parent_id) == ("edited", text.id)
    assert support.found == ("999",)
    assert [one.id for one in content.revisions(edited.id)] == [text.id, edited.id]


def test_restoring_makes_a_new_text_with_the_old_words(content):
    text = content.write(FORM, 1).texts[0]
    content.edit(text.id, "Another text altogether, about nothing at all.")
    restored = content.restore(text.id)
    assert restored.content == text.content
    assert restored.id != text.id
    assert len(content.revisions(text.id)) == 3


def test_an_empty_edit_is_refused(content):
    text = content.write(FORM, 1).texts[0]
    with pytest.raises(InvalidInput):
        content.edit(text.id, "   ")


def test_a_part_is_written_anew_and_the_rest_stays(content):
    text = content.write(FORM, 1).texts[0]
    old = content.edit(text.id, "First sentence stays. Second goes. Third stays.")
    made = content.rewrite(old.id, 22, 34, "shorter").result(10)
    assert made.content.startswith("First sentence stays. ")
    assert made.content.endswith(" Third stays.")
    assert made.origin == "rewritten"
    assert made.content != old.content


def test_a_field_is_written_anew_and_the_others_stay(content):
    fields = (OutputField(name="title"), OutputField(name="tags", type="list"))
    content.configure(replace(content.settings, shape="fields", fields=fields))
    first = content.write(FORM, 1).texts[0]
    old = content.edit(first.id, '{"title": "A red lamp", "tags": ["red", "steel"]}')
    made = content.rewrite_field(old.id, "title", "shorter").result(10)
    assert made.origin == "rewritten"
    assert dict(made.fields)["tags"] == "red\nsteel"
    assert dict(made.fields)["title"] not in ("", "A red lamp")
    assert json.loads(made.content)["title"] == dict(made.fields)["title"]
    with pytest.raises(InvalidInput):
        content.rewrite_field(old.id, "price")


@pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 2), (0, 10_000), (-1, 4)])
def test_a_part_that_is_none_is_refused(content, start, end):
    text = content.write(FORM, 1).texts[0]
    with pytest.raises(InvalidInput):
        content.rewrite(text.id, start, end)


def test_rating_and_keeping_are_remembered(content):
    text = content.write(FORM, 2).texts[0]
    content.rate(text.id, 4)
    content.keep(text.id)
    kept = content.history(only_kept=True)
    assert [(one.id, one.rating, one.is_kept) for one in kept] == [(text.id, 4, True)]
    with pytest.raises(InvalidInput):
        content.rate(text.id, 6)


def test_texts_of_another_prototype_are_not_found(workbench, content):
    other = workbench.create(Content, "Other", Content.default_settings("en"))
    text = content.write(FORM, 1).texts[0]
    with pytest.raises(NotFound):
        other.text(text.id)


def test_every_template_fills_its_example_in_both_languages(workbench):
    for language in ("en", "zh"):
        content = workbench.create(Content, language, Content.default_settings(language))
        templates = content.templates()
        assert len(templates) == 12
        for template in templates:
            content.use_template(template.id)
            assert content.problems() == {}, template.id
            form = {v.name: v.example or "x 1" for v in template.variables}
            messages = content.prompt(form)
            assert form[template.variables[0].name].split("；")[0] in messages[-1].content
            text = "".join(message.content for message in messages)
            assert "{{" not in text
            assert "{%" not in text
            # The button that fills in the example leaves nothing that is needed empty.
            assert content.prompt(example_form(template.variables)), template.id
        facts = {
            template.id: variable.example
            for template in templates
            for variable in template.variables
            if variable.name == "facts"
        }
        tents = {facts["product-description"], facts["seo"], facts["blog"]}
        others = ("ad", "email", "social-post", "press-release", "own")
        assert not tents & {facts[name] for name in others}  # no stove that sleeps two


def test_fields_that_the_instruction_uses_are_proposed_for_the_form(content):
    listed = "{{ main_parts | join(', ') }}{% for tip in tips %}{{ tip }}{% endfor %}"
    configured(content, instructions="{{ product }} for {{ dish }}: " + listed)
    assert content.problems()
    missing = content.missing_fields()
    assert [(one.name, one.label, one.type) for one in missing] == [
        ("dish", "Dish", "text"),
        ("main_parts", "Main parts", "list"),
        ("tips", "Tips", "list"),
    ]
    configured(content, variables=(*content.settings.variables, *missing))
    assert content.problems() == {}
    assert content.missing_fields() == ()


@pytest.mark.parametrize(
    "instructions",
    [
        "{{ product",
        "{{ range(9) }}",
        "{{ dish.taste }}",
        "{{ product }}",
        "{{ " + "(" * 2500 + "dish" + ")" * 2500 + " }}",
        "{{ dish" + " | trim" * 900 + " }}",
    ],
)
def test_no_field_mends_an_instruction_that_is_wrong_otherwise(content, instructions):
    configured(content, instructions=instructions)
    assert content.missing_fields() == ()


def test_a_template_that_reaches_out_is_told_as_a_problem(content):
    settings = replace(content.settings, instructions="{{ product.__class__ }}")
    assert "dot" in str(content.problems(settings)["instructions"])
    content.configure(settings)
    with pytest.raises(InvalidInput, match="refused"):
        content.start(FORM)


def test_stopping_gives_what_there_is(content):
    writing = content.start(FORM, 1)
    writing.cancel()
    try:
        texts = writing.result(10).texts
    except Cancelled:
        assert content.history() == ()
    else:
        assert texts[0].content


def test_facts_from_the_documents_are_cited(content):
    content.add_file("tent.md", b"# Cove 2 Tent\n\nThe Cove 2 Tent has a porch of 90 cm.\n")
    content.update_index().result(30)
    configured(content, uses_documents=True, min_relevance=0.0, n_retries=0)
    text = content.write(FORM, 1).texts[0]
    assert text.passages[0].document_name == "tent.md"
    edited = content.edit(text.id, "The Cove 2 Tent has a porch of 90 cm and two doors.")
    assert next(one for one in edited.checks if one.name == "support").status == "passed"


def test_the_voice_is_read_from_samples(content):
    sample = (
        "We make tents for people who walk. You carry them all day, so we keep them light. "
        "Ours weigh 1.4 kg. You pitch them in five minutes. Tents should last: we repair ours."
    )
    voice = content.read_voice([sample, sample])
    assert "speaks to the reader" in voice.tone
    assert "tents" in voice.vocabulary
    assert "No exclamation marks." in voice.dont
    with pytest.raises(InvalidInput, match="40"):
        content.read_voice(["Too short."])
