"""The report: the pages' own figures, honest gaps, and nothing in it that runs."""

from __future__ import annotations

import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from components import report_words
from components.shown_currency import ShownCurrency
from studio.business import exchange_rates
from studio.economics.currency import Currency
from studio.economics.figure import Figure
from studio.economics.scenario import Scenario
from studio.errors import NotFound
from studio.export.report import charts
from studio.export.report.facts import ReportChoices
from studio.export.report.rendering import render
from studio.export.report.words import ReportWords
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.content.content import Content
from studio.prototypes.recommendation.recommendation import Recommendation
from tests.unit.export.conftest import QUESTION
from tests.unit.prototypes.classifier.mails import table
from tests.unit.prototypes.recommendation.shop import events_csv, items_csv

EVIL = "<script>alert('x')</script>"


class Tags(HTMLParser):
    """The elements of a page, their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.names.append(tag)
        self.attributes += attrs

    def handle_data(self, data) -> None:
        self.text += data


def save_scenario(bench, prototype_id: str, name: str = "Base case"):
    business = bench.business(prototype_id)
    scenario = Scenario(
        model_key="subscription", choice=business.as_measured, values={"price": Decimal(15)}
    )
    return business, business.save(name, scenario)


def test_gaps_say_what_is_missing_and_how_to_get_it(bench, bot):
    text = Tags(bench.report(bot.id, ReportChoices(n_exchanges=0))).text
    for sentence in (
        "Nothing was asked yet. Use the prototype",
        "Nothing was judged yet. Under Tune",
        "No request was measured yet. Use the prototype, or press Measure now",
        "No business model was chosen. Set one up under Business models",
    ):
        assert sentence in text


def test_what_the_report_asks_is_not_among_the_requests_it_reports(bench, bot):
    bot.ask(QUESTION)
    n_before = bench.measured_base(bot.id).n_requests
    bench.report(bot.id)
    assert bench.measured_base(bot.id).n_requests == n_before == 1


def test_figures_are_those_of_the_pages(bench, bot):
    for _ in range(3):
        bot.ask(QUESTION)
    bench.workspace.judgements.put(bot.id, [(QUESTION, "returns.md", 1)], "thumb")
    business, saved = save_scenario(bench, bot.id)
    gathered = bench.exports.start_report(
        bot.id, ReportChoices(scenario_id=saved.record.id)
    ).result()
    result = business.result_of(saved.scenario)
    assert gathered.business is not None
    assert gathered.business.result.figure("profit").value == result.figure("profit").value
    base = business.base()
    assert base.total is not None
    assert gathered.base.total == base.total

    def written(figure: Figure) -> str:
        return f"{figure.key}={figure.value}"

    words = ReportWords(duration=lambda s: f"<{s!r}>", figure=written, assumption=written)
    text = Tags(render(gathered, words)).text
    for percentile in (base.total.p50, base.total.p95, base.total.p99):
        assert f"<{percentile / 1000!r}>" in text
    for key in ("profit", "gross_margin", "break_even", "break_even_price"):
        figure = result.figure(key)
        assert f"{key}={figure.value}" in text
    for figure in result.case.inputs:  # every assumption with its source
        assert f"{figure.key}={figure.value}" in text
        assert figure.source is None or str(figure.source) in text
    assert "Requests: 3, from" in text
    assert "keyword search" in text
    assert "Judged queries: 1" in text
    assert "45 days" in text  # the answer to the starter question


def test_stored_text_never_becomes_markup(bench, bot):
    bot.rename(f"Desk {EVIL}")
    bot.add_file(f"{EVIL}.md", f"# Evil {EVIL}\n\nReturn {EVIL} within 45 days.".encode())
    bot.update_index().wait()
    talk = bot.start_conversation()
    bot.ask(f"How long to return {EVIL}?", talk)
    bench.workspace.prototypes.update_settings(
        bot.id, {**bot.record.settings, "n_passages": 5}, f"note {EVIL}"
    )
    _, saved = save_scenario(bench, bot.id, f"Case {EVIL}")
    page = bench.report(bot.id, ReportChoices(scenario_id=saved.record.id, is_recent=True))
    found = Tags(page)
    assert "script" not in found.names
    assert page.count(EVIL) == 0
    assert found.text.count(EVIL) >= 4
    assert not [name for name, _ in found.attributes if name.startswith("on")]


def test_page_fetches_nothing_and_forbids_scripts(bench, bot):
    bot.ask(QUESTION)
    _, saved = save_scenario(bench, bot.id)
    page = bench.report(bot.id, ReportChoices(scenario_id=saved.record.id))
    found = Tags(page)
    assert not {"script", "link", "img", "iframe"} & set(found.names)
    assert not [v for n, v in found.attributes if n in ("src", "href")]
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@page" in page
    assert len(page) < 60_000


def test_recent_answers_are_those_of_conversations_the_newest_first(bench, bot):
    talk = bot.start_conversation()
    bot.ask("Where do parcels leave from?", talk)
    bot.ask(QUESTION, talk)
    gathered = bench.exports.start_report(bot.id, ReportChoices(is_recent=True)).result()
    assert [one.asked for one in gathered.exchanges] == [QUESTION, "Where do parcels leave from?"]
    assert all(one.asked_at is not None for one in gathered.exchanges)


def test_recommender_reports_its_test_against_the_popular_list(bench):
    shop = bench.create(Recommendation, "Shop", Recommendation.default_settings("en"))
    shop.desk.add([("items.csv", items_csv()), ("events.csv", events_csv())])
    shop.train().result()
    assert bench.exports.start_report(shop.id, ReportChoices()).result().findings is None
    evaluation = shop.start_evaluating().result()
    gathered = bench.exports.start_report(shop.id, ReportChoices()).result()
    assert gathered.findings is not None
    rows = gathered.findings.rows
    assert [row.mean for row in rows] == [m.measures["nDCG@10"].mean for m in evaluation.methods]
    assert sum(row.is_baseline for row in rows) == sum(row.is_ours for row in rows) == 1
    assert gathered.findings.verdicts == (evaluation.verdict,)
    assert len(gathered.exchanges) == 3
    people = [user.user_id for user in shop.find_users("", 3)]
    page = Tags(render(gathered)).text
    assert "Person A: " in page
    assert not [one for one in people if re.search(rf"\b{re.escape(one)}\b", page)]
    assert re.search(r"\(.+\)", str(gathered.exchanges[0].lines[0]))  # each item with its reason


def test_at_a_glance_a_classifier_is_told_by_its_own_measure_with_its_interval(bench):
    mails = bench.create(Classifier, "Mails", Classifier.default_settings("en"))
    mails.desk.add([("mails.csv", table())])
    mails.train().result(60)
    gathered = bench.exports.start_report(mails.id, ReportChoices(n_exchanges=0)).result()
    ours = mails.evaluation().scores.accuracy
    page = Tags(render(gathered)).text
    text = " ".join(page[page.index("At a glance") :].split())
    interval = f"({ours.low:.3f} – {ours.high:.3f})"
    assert f"How good it is (accuracy){ours.mean:.3f} {interval}" in text
    assert "nDCG" not in text


def test_content_reports_checks_of_its_texts(bench):
    content = bench.create(Content, "Texts", Content.default_settings("en"))
    content.write({"product": "Cove 1 Tent", "facts": "one person; 1.45 kg"}, 2)
    gathered = bench.exports.start_report(content.id, ReportChoices()).result()
    assert gathered.findings is not None
    assert "Of the last 2 texts" in str(gathered.findings.verdicts[0])
    assert gathered.exchanges[0].asked.startswith("Cove 1 Tent")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_was_entered_is_not_rounded(bench, bot, language):
    bot.ask(QUESTION)
    business = bench.business(bot.id)
    scenario = Scenario(
        model_key="subscription", choice=business.as_measured, values={"price": Decimal("19.90")}
    )
    saved = business.save("Just below twenty", scenario)
    gathered = bench.exports.start_report(
        bot.id, ReportChoices(scenario_id=saved.record.id)
    ).result()
    assert gathered.business is not None
    price = gathered.business.result.case.inputs[0]
    assert price.value == Decimal("19.90")
    shown = ShownCurrency(currency=Currency.USD, rates=exchange_rates(bench.workspace))
    for words in (ReportWords(), report_words.words(language, shown)):
        assert "19.9" in words.assumption(price)
        assert "USD" in words.assumption(price)


def test_what_is_said_at_the_top_of_a_line_is_in_the_picture():
    drawn = charts.lines(
        [0, 36],
        [charts.Series(values=[10.0, 590.0])],
        "Cash",
        "USD",
        ticks=[(0, "0")],
        marks=[(36, 590.0, "590 USD")],
    )
    point = re.search(r'cy="([\d.]+)"', drawn)
    said = re.search(r'y="([\d.]+)"[^>]*>590 USD', drawn)
    assert point
    assert said
    assert 8 < float(said[1]) < float(point[1]) - 8


def test_unknown_scenario_is_refused(bench, bot):
    with pytest.raises(NotFound):
        bench.report(bot.id, ReportChoices(scenario_id="nothing"))


def test_charts_are_empty_without_values_and_escape_labels():
    assert charts.bars([], "t") == charts.ranges([], "t") == ""
    one = charts.Series(values=[1.0])
    assert charts.lines([0], [one], "t", "USD", ticks=()) == ""
    gap = charts.Series(values=[1.0, float("nan")])
    assert charts.lines([0, 1], [gap], "t", "USD", ticks=()) == ""
    drawn = charts.bars([charts.Bar(label=EVIL, value=1, text=EVIL)], EVIL)
    assert EVIL not in drawn
    assert "<svg" in drawn
    row = charts.Range(label="很长的标签" * 10, low=-1, value=0, high=2, text="x")
    assert "…" in charts.ranges([row], "t", middle=0)
