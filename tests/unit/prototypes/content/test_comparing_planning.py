"""Blind votes, the SEO workbench, long texts and summaries, on the deterministic engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from studio.config import Settings
from studio.errors import InvalidInput, ModelUnavailable, NotFound, Overloaded
from studio.evaluation.text_checks.reading import sentences_of
from studio.inference.model_spec import ModelSpec
from studio.prototypes.content import seo_variants
from studio.prototypes.content.composing import Composer
from studio.prototypes.content.content import Content
from studio.prototypes.content.long_text import MAX_TITLE, Outline, OutlineSection, title_of
from studio.prototypes.content.map_reduce import parts_of
from studio.prototypes.content.sections import MAX_SUMMARY, running_summary, without_echo
from studio.prototypes.content.seo_score import (
    repeats_words,
    score_description,
    score_title,
    width_px,
)
from studio.prototypes.content.votes import Contender, standing
from studio.workbench import Workbench

FORM = {"product": "Cove", "facts": "2 kg; two doors"}


def brief(number):
    """Another brief for every number."""
    return {"product": f"Cove {number}", "facts": f"{number} kg; two doors"}


QUERIES = (("light tent", 9), ("buy tent", 4), ("how to pitch a tent", 2))
PAGE = "Our light tent weighs 2 kg. You can buy it here."


@pytest.fixture(scope="module")
def workbench(tmp_path_factory) -> Iterator[Workbench]:
    home = tmp_path_factory.mktemp("home")
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as opened:
        yield opened


@pytest.fixture
def content(workbench: Workbench) -> Content:
    return workbench.create(Content, "Shop texts", Content.default_settings("en"))


def test_a_ballot_hides_whose_texts_they_are_until_the_vote(content):
    first, second = Contender(name="warm"), Contender(name="cold", temperature=0.0)
    ballot = content.votes.start(FORM, first, second, seed=1).result(10)
    assert ballot.names is None
    assert content.votes.standings() == ()
    cast = content.votes.cast(ballot.id, "left")
    assert set(cast.names) == {"warm", "cold"}
    found = content.votes.standings()[0]
    assert (found.n_first + found.n_second, found.n_ties) == (1, 0)
    winner = found.first if found.n_first else found.second
    assert winner == cast.names[0]
    content.votes.cast(ballot.id, "tie")
    assert content.votes.standings()[0].n_ties == 1


def test_a_ballot_waits_for_its_vote_on_the_disk(content):
    assert content.votes.latest() is None
    first, second = Contender(name="warm"), Contender(name="cold", temperature=0.0)
    ballot = content.votes.start(FORM, first, second, seed=1).result(10)
    again = Content(content.id, content._tools)  # as the next process finds it
    assert again.votes.latest() == ballot
    assert again.votes.latest().names is None
    cast = again.votes.cast(ballot.id, "tie")
    assert content.votes.latest() == cast


def test_the_order_of_a_ballot_follows_the_seed(content):
    first, second = Contender(name="warm"), Contender(name="cold", temperature=0.0)
    names = []
    for n, seed in enumerate((0, 0, 1)):
        ballot = content.votes.start(brief(n), first, second, seed=seed).result(10)
        names.append(content.votes.cast(ballot.id, "tie").names)
    assert names[0] == names[1] != names[2]


def test_the_order_of_a_ballot_is_not_known_beforehand(content, monkeypatch):
    from studio.prototypes.content import votes

    drawn = iter((0, 1))
    monkeypatch.setattr(votes.secrets, "randbits", lambda _: next(drawn))
    first, second = Contender(name="warm"), Contender(name="cold", temperature=0.0)
    names = []
    for n in range(2):
        ballot = content.votes.start(brief(n), first, second).result(10)
        names.append(content.votes.cast(ballot.id, "tie").names)
    assert names[0] != names[1]


def test_votes_count_together_only_where_both_sides_were_set_the_same(content):
    def vote(first: Contender, second: Contender) -> None:
        ballot = content.votes.start(brief(next(numbers)), first, second).result(10)
        content.votes.cast(ballot.id, "tie")

    numbers = itertools.count()
    first, second = Contender(name="Side A"), Contender(name="Side B", temperature=0.0)
    vote(first, second)
    vote(first, replace(second, name="Cold"))  # another name only
    assert [(one.second, one.n_ties) for one in content.votes.standings()] == [("Side A", 2)]
    vote(first, replace(second, temperature=0.3))
    vote(first, replace(second, instructions="Write an ad for {{ product }}."))
    content.configure(replace(content.settings, instructions="Praise {{ product }}: {{ facts }}"))
    vote(first, second)
    assert [one.n_ties for one in content.votes.standings()] == [1, 1, 1, 2]
    assert content.votes.standings()[0].version == content.version


def test_the_next_vote_is_about_other_texts_of_the_same_brief(content, monkeypatch):
    drawn = []
    compose = Composer.compose

    def noted(self, *args, **kwargs):
        drawn.append(self.settings.seed)
        return compose(self, *args, **kwargs)

    monkeypatch.setattr(Composer, "compose", noted)
    first, second = Contender(name="warm"), Contender(name="cold", temperature=0.0)
    ballot = content.votes.start(FORM, first, second).result(10)
    content.votes.start(FORM, first, second).result(10)  # not voted on: the same ones again
    content.votes.cast(ballot.id, "left")
    content.votes.start({**FORM, "product": "Bay"}, first, second).result(10)
    assert drawn == [0, 0, 0, 0, 1, 1]


def test_the_same_two_texts_are_not_voted_on_twice(content):
    first = Contender(name="a", temperature=0.0)
    second = Contender(name="b", temperature=0.0, uses_voice=False)
    ballot = content.votes.start(FORM, first, second).result(10)
    content.votes.cast(ballot.id, "left")
    with pytest.raises(InvalidInput, match="voted on these two texts already"):
        content.votes.start(FORM, first, second).result(10)
    assert content.votes.start(brief(1), first, second).result(10).names is None


def test_the_default_model_and_the_same_one_by_its_name_are_the_same(content):
    named = Contender(name="b", model=content.model.id)
    with pytest.raises(InvalidInput, match="same"):
        content.votes.start(FORM, Contender(name="a"), named).result(10)


def test_equal_sides_and_unknown_votes_are_refused(content):
    with pytest.raises(InvalidInput):
        content.votes.start(FORM, Contender(name="a"), Contender(name="b"))
    with pytest.raises(InvalidInput):
        content.votes.cast("x", "both")
    with pytest.raises(NotFound):
        content.votes.cast("x", "left")


def test_the_interval_is_that_of_wilson():
    found = standing("a", "b", 9, 1, 0)
    # Wilson's interval for 9 of 10, as statsmodels and R's prop.test(correct=FALSE) give it.
    assert (round(found.low, 3), round(found.high, 3)) == (0.596, 0.982)
    assert found.is_clear
    assert not standing("a", "b", 3, 2, 0).is_clear
    tied = standing("a", "b", 8, 0, 2)  # two ties are one vote for each
    assert (tied.share, tied.low, tied.high) == (found.share, found.low, found.high)
    assert standing("a", "b", 0, 0, 0).share is None


def test_the_seo_report_tells_gaps_and_proposes(content):
    report = content.seo.start("tents", QUERIES, page=PAGE, n_variants=1).result(20)
    gaps = {query.query: query.is_gap for query in report.queries}
    assert not gaps["light tent"]
    assert gaps["how to pitch a tent"]
    assert [query.intent.value for query in report.queries] == ["thing", "buy", "learn"]
    assert report.outline[0].heading == "How to pitch a tent"
    assert report.outline[0].is_missing
    scores = [title.score for title in report.titles]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 100 for score in scores)


def test_a_report_is_found_again_as_it_was_made(content):
    report = content.seo.start("tents", QUERIES, page=PAGE, n_variants=1).result(20)
    again = Content(content.id, content._tools)  # as the next process finds it
    assert again.seo.reports.latest().value == report
    assert report.page == PAGE
    content.seo.start("kettles", QUERIES, n_variants=0).result(20)
    assert [head.title for head in again.seo.reports.list()] == ["kettles", "tents"]


def test_queries_about_something_else_belong_on_other_pages(content):
    queries = (("rain jacket", 900), ("power bank", 800), *QUERIES)
    report = content.seo.start("tents", queries, page=PAGE, n_variants=0).result(20)
    about = {query.query: query.is_about for query in report.queries}
    assert about == {q: "tent" in q for q, _ in queries}
    assert report.n_about == len(QUERIES)
    assert not any(query.is_gap for query in report.queries if not query.is_about)
    assert not any("jacket" in item.heading.lower() for item in report.outline)
    assert not any("jacket" in title.text.lower() for title in report.titles)
    assert "rain jacket" not in report.keywords


def test_where_nothing_is_about_the_topic_everything_counts(content):
    report = content.seo.start("kettles", QUERIES, n_variants=0).result(20)
    assert (report.n_about, report.n_gaps) == (len(QUERIES), len(QUERIES))


def test_without_a_page_all_queries_are_gaps(content):
    report = content.seo.start("tents", QUERIES, n_variants=0).result(20)
    assert report.n_gaps == len(QUERIES)


@pytest.mark.parametrize(
    ("topic", "queries", "page"),
    [
        ("", QUERIES, ""),
        ("tents", (), ""),
        ("tents", (("  ", 1),), ""),
        ("t", QUERIES, "x" * 10**6),
    ],
)
def test_what_the_workbench_cannot_use_is_refused(content, topic, queries, page):
    with pytest.raises(InvalidInput):
        content.seo.start(topic, queries, page=page)


def test_chinese_titles_that_are_put_together_have_chinese_colons():
    titles = seo_variants._titles("双人帐篷", ["轻便的双人帐篷", "防水帐篷"])
    assert "双人帐篷：轻便的双人帐篷" in titles
    assert "轻便的双人帐篷：防水帐篷" in titles
    assert "Tents: light tent" in seo_variants._titles("tents", ["light tent"])


def test_titles_are_scored_by_what_people_ask_and_by_width():
    queries = [query for query, _ in QUERIES]
    good = score_title("Light tent: buy tent for two", queries)
    assert good.score > score_title("Welcome to our home page", queries).score
    wide = score_title("Light tent " * 12, queries)
    assert wide.score < good.score
    assert sum(points for _, _, points in good.reasons) == 100
    assert width_px("帐篷") > width_px("te")
    description = score_description("Our light tent weighs 2 kg. Buy tent pegs here.", queries)
    assert description.score > score_description("Hello", queries).score
    assert score_title("", queries).score == 0
    assert not repeats_words("The tent, the pegs and the bag of the tent")
    assert repeats_words("A light tent, a lighter tent, the lightest tents")
    assert repeats_words("帐篷，帐篷，双人帐篷")


def test_usual_headings_share_the_facts_and_no_section_has_all_of_them(content):
    facts = [f"fact {n} of a tent" for n in range(6)]
    outline = content.long_texts.outline("tents", facts="\n".join(facts), n_sections=3).result(10)
    assert [len(section.points) for section in outline.sections] == [2, 2, 2]
    assert sorted(point for section in outline.sections for point in section.points) == facts


def test_a_document_is_called_by_its_first_line():
    assert title_of("\n\n# About  Maple & Tide\n\nIt is a store.") == "About Maple & Tide"
    assert title_of("---\n关于枫汐\n") == "关于枫汐"
    assert title_of(" \n") == ""
    assert len(title_of("a" * 900)) == MAX_TITLE


def test_an_outline_puts_facts_to_sections(content):
    outline = content.long_texts.outline("tents", facts="2 kg\ntwo doors", n_sections=3).result(10)
    assert len(outline.sections) == 3
    points = [point for section in outline.sections for point in section.points]
    assert sorted(points) == ["2 kg", "two doors"]
    assert outline.note is not None  # the deterministic engine proposes nothing


def test_a_long_text_has_every_section_and_is_stored(content, monkeypatch):
    monkeypatch.setattr(ModelSpec, "is_small", property(lambda _: False))
    outline = Outline(
        title="Tents", sections=(OutlineSection(heading="Weight"), OutlineSection(heading="Doors"))
    )
    text = content.long_texts.write(outline, facts="2 kg", words=20).result(10)
    assert text.content.startswith("# Tents\n\n## Weight\n\n")
    assert "\n\n## Doors\n\n" in text.content
    assert content.history()[0].id == text.id


SECTIONS = tuple(OutlineSection(heading=one) for one in ("Weight", "Doors", "Care"))


def failing(monkeypatch, error: Exception, calls: set[int]) -> None:
    """Let the model fail at these calls, counted from 1."""
    say, count = Composer.say, itertools.count(1)

    def broken(self, *args, **kwargs):
        if next(count) in calls:
            raise error
        return say(self, *args, **kwargs)

    monkeypatch.setattr(Composer, "say", broken)


def test_a_model_that_fails_leaves_the_sections_before(content, monkeypatch):
    monkeypatch.setattr(ModelSpec, "is_small", property(lambda _: False))
    failing(monkeypatch, ModelUnavailable("It does not answer."), {2})
    outline = Outline(title="Tents", sections=SECTIONS)
    text = content.long_texts.write(outline, facts="2 kg", words=20).result(10)
    assert "## Weight" in text.content
    assert "## Doors" not in text.content
    assert str(text.note) == ("Not written, as the model failed: Doors, Care. It does not answer.")
    assert content.history()[0].id == text.id


def test_a_model_that_fails_at_once_gives_no_text(content, monkeypatch):
    failing(monkeypatch, ModelUnavailable("It does not answer."), {1})
    with pytest.raises(ModelUnavailable):
        content.long_texts.write(Outline(title="Tents", sections=SECTIONS), words=20).result(10)


def test_a_busy_model_is_waited_for_between_sections(content, monkeypatch):
    monkeypatch.setattr(ModelSpec, "is_small", property(lambda _: False))
    failing(monkeypatch, Overloaded("Busy."), {2, 3})
    outline = Outline(title="Tents", sections=SECTIONS)
    text = content.long_texts.write(outline, facts="2 kg", words=20).result(10)
    assert text.content.count("\n## ") == 3
    assert text.note is None


def test_of_a_small_model_only_what_the_facts_bear_out_stands_in_a_long_text(content):
    assert content.model.is_small
    outline = Outline(
        title="Tents",
        sections=(
            OutlineSection(heading="Weight", points=("2 kg", "carried by one person")),
            OutlineSection(heading="History"),
        ),
    )
    text = content.long_texts.write(outline, words=20).result(10)
    assert text.content == "# Tents\n\n## Weight\n\n- 2 kg\n- carried by one person"
    assert text.finish_reason == "stop"
    assert text.note.values["headings"] == "History"
    with pytest.raises(InvalidInput, match="bear out"):
        content.long_texts.write(Outline(title="Tents", sections=outline.sections[1:])).result(10)


def test_of_a_small_model_only_what_the_document_bears_out_stands_in_a_summary(content):
    assert content.model.is_small
    document = "The tent is light. It weighs two kilograms. It has two doors.\n" * 3
    summary = content.long_texts.summarise(document, words=20).result(30)
    assert set(sentences_of(summary.text.content)) <= set(sentences_of(document))
    assert summary.text.note is not None


def test_a_long_document_is_summarised_in_parts(content):
    document = "The tent is light. It weighs two kilograms.\n" * 200
    summary = content.long_texts.summarise(document, words=30).result(30)
    assert summary.n_levels >= 2
    assert summary.steps[0].start == 0
    assert summary.steps[-1].end == len(document.strip())
    assert summary.text.content


def test_an_outline_is_found_again_with_its_changes_and_its_text(content):
    outline = content.long_texts.outline("tents", facts="2 kg", n_sections=2).result(10)
    plan = content.long_texts.plans.latest()
    assert (plan.value.topic, plan.value.facts, plan.value.outline) == ("tents", "2 kg", outline)
    mine = Outline(title="Mine", sections=(OutlineSection(heading="Weight", points=("2 kg",)),))
    content.long_texts.change(plan.id, mine)
    text = content.long_texts.write(mine, words=20, plan_id=plan.id).result(10)
    again = Content(content.id, content._tools).long_texts.plans.get(plan.id).value
    assert (again.outline, again.text_id, again.facts) == (mine, text.id, "2 kg")


def test_a_part_that_the_model_is_too_busy_for_is_asked_for_again(content, monkeypatch):
    say, n_refused = Composer.say, itertools.count(1)

    def busy_at_first(self, *args, **kwargs):
        if next(n_refused) <= 4:
            raise Overloaded("Busy.")
        return say(self, *args, **kwargs)

    monkeypatch.setattr(Composer, "say", busy_at_first)
    document = "".join(f"The tent number {n} weighs {n} kg. " for n in range(300))
    summary = content.long_texts.summarise(document, words=30).result(30)
    assert summary.steps[-1].end == len(document.strip())


def test_a_short_text_is_refused_at_once_where_the_model_is_busy(content, monkeypatch):
    def busy(self, *_args, **_kwargs):
        raise Overloaded("Busy.")

    monkeypatch.setattr(Composer, "say", busy)
    with pytest.raises(Overloaded):
        content.long_texts.summarise("The tent weighs 2 kg.", words=20).result(5)


def test_a_summary_is_found_again_with_its_document_and_its_parts(content):
    document = "The tent is light. It weighs two kilograms.\n" * 200
    summary = content.long_texts.summarise(document, words=30).result(30)
    again = Content(content.id, content._tools).long_texts.summaries.latest().value
    assert again == summary
    assert again.document == document.strip()


def test_a_prototype_is_used_from_the_first_thing_on_that_is_kept(content):
    assert not content.is_used()
    content.seo.start("tents", QUERIES, n_variants=0).result(20)
    assert content.is_used()


@pytest.mark.parametrize("words", [0, 5000])
def test_lengths_out_of_range_are_refused(content, words):
    with pytest.raises(InvalidInput):
        content.long_texts.summarise("text", words=words)
    with pytest.raises(InvalidInput):
        content.long_texts.write(Outline(title="x", sections=()), words=100)
    with pytest.raises(InvalidInput):
        content.long_texts.outline(" ")


@pytest.mark.parametrize("size", [10, 37, 1000])
def test_parts_have_no_gap_and_no_overlap(size):
    text = "One sentence here. Another one.\nA line\n" * 20
    parts = parts_of(text, size)
    assert parts[0][0] == 0
    assert parts[-1][1] == len(text)
    assert all(before[1] == after[0] for before, after in zip(parts, parts[1:], strict=False))
    assert all(0 < end - start <= size for start, end in parts)


def test_the_running_summary_stays_short():
    summary = ""
    for n in range(30):
        summary = running_summary(
            summary, f"Section {n} says that something holds. And more. Third."
        )
    assert len(summary) <= MAX_SUMMARY
    assert "Section 29" in summary
    assert "Section 0 " not in summary


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Why it matters: when it rains.", "When it rains."),
        ("Section: Why it matters: It rains.", "It rains."),
        ("**Why it matters**: it rains.", "It rains."),
        ("Why it matters is a long story.", "Why it matters is a long story."),
        ("Why it matters:", "Why it matters:"),
    ],
)
def test_a_section_does_not_begin_with_its_own_heading(text, left):
    assert without_echo(text, "Why it matters") == left
