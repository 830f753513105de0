"""What people said about answers, and answers of the team, are kept once and found again."""

from __future__ import annotations

import pytest

from studio.errors import InvalidInput, NotFound
from studio.workspace.feedback_record import Exchange, FeedbackFilter, Opinion, Retrieved
from studio.workspace.publication_record import PublicationChoices

ASKED = Exchange(
    question="Do you ship to Norway?",
    answer="No.",
    retrieved=(Retrieved(name="shipping.md", text="We ship to the EU.", relevance=0.7, page=2),),
)
DOWN = Opinion(thumb="down", reason="wrong", comment="100% wrong", correction="Yes, in 5 days.")


def put(workspace, bot, request="r1", opinion=DOWN, exchange=ASKED, **more):
    return workspace.feedback.put(bot.id, request, exchange, opinion, **more)


def test_an_opinion_is_read_back_with_the_whole_exchange(workspace, bot):
    kept = put(workspace, bot, version=3, account="demo:p:v")
    assert workspace.feedback.get(kept.id) == kept
    assert (kept.exchange, kept.opinion, kept.version, kept.state) == (ASKED, DOWN, 3, "new")
    assert workspace.feedback.find(bot.id, "r1", "", "demo:p:v") == kept
    assert workspace.feedback.find(bot.id, "r1") is None


def test_a_later_word_replaces_the_earlier_and_parts_and_people_stand_apart(workspace, bot):
    first = put(workspace, bot)
    later = put(workspace, bot, opinion=Opinion(thumb="up"))
    assert (later.id, later.opinion.thumb) == (first.id, "up")
    put(workspace, bot, account="demo:p:v")
    put(workspace, bot, exchange=Exchange(question="q", answer="a", part="2"))
    assert workspace.feedback.count(FeedbackFilter(prototype_id=bot.id)) == 3


def test_what_was_put_aside_is_new_again_only_when_it_says_something_else(workspace, bot):
    kept = put(workspace, bot)
    workspace.feedback.settle(kept.id, "dismissed")
    assert put(workspace, bot).state == "dismissed"
    assert put(workspace, bot, opinion=Opinion(thumb="up")).state == "new"
    workspace.feedback.settle(kept.id, "curated", {"curated_id": "c"})
    assert put(workspace, bot).state == "curated"


def test_taking_back_forgets_what_was_not_accepted(workspace, bot):
    kept = put(workspace, bot)
    workspace.feedback.settle(kept.id, "case", {"judged": []})
    workspace.feedback.take_back(bot.id, "r1")
    assert workspace.feedback.get(kept.id).state == "case"
    workspace.feedback.settle(kept.id, "new")
    workspace.feedback.take_back(bot.id, "r1")
    with pytest.raises(NotFound):
        workspace.feedback.get(kept.id)


def test_every_filter_narrows(workspace, bot):
    shown = workspace.publications.create(bot.id, 1, PublicationChoices(headline="Demo"))
    put(workspace, bot, "r1", version=1)
    put(workspace, bot, "r2", Opinion(thumb="up"), version=2, publication_id=shown.id)

    def requests(**wanted):
        return [one.request_id for one in workspace.feedback.list(FeedbackFilter(**wanted))]

    assert requests() == ["r2", "r1"]
    assert (
        requests(thumb="up") == requests(version=2) == requests(publication_id=shown.id) == ["r2"]
    )
    assert (
        requests(reason="wrong") == requests(publication_id="") == requests(text="5 DAYS") == ["r1"]
    )
    assert requests(text="100%") == ["r1"]
    assert requests(text="10_%") == requests(state="dismissed") == []
    assert [one.request_id for one in workspace.feedback.list(limit=1, offset=1)] == ["r1"]


def test_a_curated_answer_counts_its_hits_and_can_be_switched_and_restored(workspace, bot):
    kept = workspace.curated_answers.add(bot.id, " Do you  ship? ", "Yes.", feedback_id="f")
    assert (kept.question, kept.is_on, kept.n_hits, kept.vector) == ("Do you ship?", True, 0, None)
    workspace.curated_answers.keep_vector(kept.id, "m", "1", b"1234")
    workspace.curated_answers.count_hit(kept.id)
    workspace.curated_answers.count_hit(kept.id)
    now = workspace.curated_answers.get(kept.id)
    assert (now.n_hits, now.vector, now.last_hit_at is None) == (2, b"1234", False)
    workspace.curated_answers.switch(kept.id, is_on=False)
    assert workspace.curated_answers.list(bot.id, only_on=True) == ()
    workspace.curated_answers.delete(kept.id)
    assert workspace.curated_answers.list(bot.id) == ()
    workspace.curated_answers.restore(kept.id)
    assert workspace.curated_answers.list(bot.id)[0].n_hits == 2


def test_another_question_loses_its_vector_and_another_answer_does_not(workspace, bot):
    kept = workspace.curated_answers.add(bot.id, "q", "a")
    workspace.curated_answers.keep_vector(kept.id, "m", "1", b"1234")
    assert workspace.curated_answers.edit(kept.id, "q", "b").vector == b"1234"
    assert workspace.curated_answers.edit(kept.id, "other", "b").vector is None


@pytest.mark.parametrize(("question", "answer"), [("", "a"), ("q", " "), ("q" * 4001, "a")])
def test_a_curated_answer_needs_words(workspace, bot, question, answer):
    with pytest.raises(InvalidInput):
        workspace.curated_answers.add(bot.id, question, answer)


def test_a_split_is_kept_until_a_version_is_published(workspace, bot):
    workspace.prototypes.update_settings(bot.id, {"tone": "cold"})
    workspace.prototypes.update_settings(bot.id, {"tone": "new"})
    shown = workspace.publications.create(bot.id, 1, PublicationChoices(headline="Demo"))
    assert shown.second_version is None
    split = workspace.publications.split(shown.id, 2, 30)
    assert (split.version, split.second_version, split.second_share_percent) == (1, 2, 30)
    again = workspace.publications.split(shown.id, 2, 50)
    assert (again.split_since, again.second_share_percent) == (split.split_since, 50)
    assert workspace.publications.split(shown.id, 3, 50).split_since > split.split_since
    for version, share in ((1, 50), (2, 0), (2, 100)):
        with pytest.raises(InvalidInput):
            workspace.publications.split(shown.id, version, share)
    with pytest.raises(NotFound):
        workspace.publications.split(shown.id, 9, 50)
    assert workspace.publications.publish(shown.id, 2).second_version is None
    workspace.publications.split(shown.id, 1, 10)
    ended = workspace.publications.end_split(shown.id)
    assert (ended.second_version, ended.second_share_percent, ended.split_since) == (None, 0, None)
