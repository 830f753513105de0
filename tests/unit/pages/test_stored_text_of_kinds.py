"""Evil in tables, forms, labels and texts is text on every view of every kind, and in its demo."""

from __future__ import annotations

import csv
import html
import io
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.content.content import Content
from studio.prototypes.content.settings import CheckRules
from studio.prototypes.content.template import Variable
from studio.prototypes.content.voice import Voice
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.prototypes.registry import KINDS
from studio.prototypes.search.search import Search
from studio.prototypes.search.settings import SearchSettings
from studio.workspace.publication_record import PublicationChoices
from tests.unit.pages.conftest import UI
from tests.unit.pages.test_roles import BUILDERS
from tests.unit.pages.test_stored_text import EVIL, SHORT, bad, leaves
from tests.unit.prototypes.classifier import mails
from tests.unit.prototypes.recommendation.shop import CATEGORIES, events_csv, items_csv

TALE = f"{EVIL} about kettles"


def rows(*lines: tuple[object, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def evil_search(bench) -> Search:
    made = bench.create(
        Search,
        SHORT,
        SearchSettings(min_relevance=0.0, title=EVIL, suggestions=(TALE,)).to_json(),
    )
    shop = [("name", SHORT, "url", "price")]
    shop += [(f"{EVIL} kettle {n}", f"{EVIL} {n % 2}", "javascript:alert(1)", n) for n in range(6)]
    made.add_file(f"{SHORT}.csv", rows(*shop))
    made.update_index().wait(30)
    made.queries.report_on([TALE, f"{TALE} again", "kettle"]).wait(60)
    bench.workspace.judgements.put(made.id, [(TALE, SHORT, 1)], "upload")
    return made


def evil_content(bench) -> Content:
    made = bench.create(Content, SHORT, Content.default_settings("en"))
    variables = (
        Variable(name="product", label=EVIL, help=EVIL, example=EVIL),
        Variable(name="kind", label=EVIL, type="choice", choices=(EVIL, "b")),
    )
    rules = CheckRules(required_words=(EVIL,), banned_words=("the",), must_pass=("length",))
    made.configure(
        replace(
            made.settings,
            variables=variables,
            instructions=f"{{{{ product }}}} {EVIL.replace('{', '')}",
            voice=Voice(tone=(EVIL,), vocabulary=(EVIL,), do=(EVIL,), dont=(EVIL,)),
            checks=rules,
            n_variants=1,
            n_retries=0,
        )
    )
    values = {"product": EVIL, "kind": EVIL}
    written = made.write(values, 1).texts[0]
    made.edit(written.id, f"# {EVIL}\n\n{EVIL}")
    sheet = made.batches.read(f"{SHORT}.csv", rows(("product", SHORT), (EVIL, EVIL), ("", EVIL)))
    made.batches.start(sheet, made.batches.guess(sheet))
    next(job for job in bench.jobs.jobs() if job.kind == "content-batch").wait(60)
    made.seo.start(SHORT, ((EVIL, 3), ("kettle", 1)), page=f"{EVIL}. Kettles.").result(60)
    made.long_texts.outline(SHORT, facts=EVIL, n_sections=2).result(60)
    made.long_texts.summarise(f"{EVIL}. A kettle is here.").result(60)
    return made


def evil_recommendation(bench) -> Recommendation:
    made = bench.create(Recommendation, SHORT, RecommendationSettings().to_json())
    items = items_csv().decode()
    evil = html.escape(EVIL.replace(",", ""))  # as markup it would not be kept
    for category in CATEGORIES:
        items = items.replace(f"{category.title()} number", f"{evil} number")
    made.desk.add([("items.csv", items.encode()), ("events.csv", events_csv())])
    made.train().result(60)
    return made


def evil_classifier(bench) -> Classifier:
    made = bench.create(
        Classifier,
        SHORT,
        ClassifierSettings(suggestions=(TALE,), label_meanings=((EVIL[:150], EVIL),)).to_json(),
    )
    evil = [(f"{text} {EVIL}", label and f"{label} {SHORT}") for text, label in mails.rows()]
    made.desk.add([(f"{SHORT}.csv", mails.table(evil))])
    made.train().result(60)
    return made


EVIL_ONES = {
    "search": evil_search,
    "content": evil_content,
    "recommendation": evil_recommendation,
    "classifier": evil_classifier,
}


def test_every_kind_is_looked_at():
    assert {*EVIL_ONES, "chatbot"} == set(KINDS)  # chatbots in `test_stored_text`


@pytest.mark.parametrize("kind", EVIL_ONES)
def test_it_is_text_on_every_view_of_a_builder(open_page, bench, kind) -> None:
    made = EVIL_ONES[kind](bench)
    at = open_page(BUILDERS[kind], prototype=made.slug)
    found, n_evil = {}, {}
    for view in [str(one) for one in at.segmented_control(key="_builder.view").options]:
        at.segmented_control(key="_builder.view").set_value(_value(at, view)).run(timeout=60)
        assert not at.exception, view
        found[view] = bad(at)
        texts = [str(getattr(one, "proto", "")) for one in leaves(at.main)]
        n_evil[view] = sum("onerror" in text for text in texts)
    assert {view: lines for view, lines in found.items() if lines} == {}
    assert max(n_evil.values()) > 3, n_evil  # beyond the head of the page: it is there at all


@pytest.mark.parametrize("kind", EVIL_ONES)
def test_it_is_text_in_a_demo(bench, kind) -> None:
    made = EVIL_ONES[kind](bench)
    choices = PublicationChoices(
        headline=SHORT, founder=SHORT, greeting=EVIL, starter_questions=(TALE,)
    )
    slug = bench.publish(made.id, choices).slug
    at = AppTest.from_file(UI, default_timeout=60)
    at.context["url"] = "http://localhost:8501/demo"
    at.query_params["show"] = slug
    at.run()
    at.switch_page("../pages/demo.py").run()
    assert not at.exception
    assert bad(at) == []
    for button in [one for one in at.button if "starter" in (one.key or "")][:1]:
        button.click().run(timeout=60)
        at.run(timeout=60)
    assert not at.exception
    assert bad(at) == []


def _value(at: AppTest, label: str) -> object:
    """The value of a choice by its label: what a widget of a test gives is the label."""
    control = at.segmented_control(key="_builder.view")
    return control.options[[str(one) for one in control.options].index(label)]
