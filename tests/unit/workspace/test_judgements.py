"""What people said about results is kept once per query and item."""

from __future__ import annotations

import pytest

from studio.errors import InvalidInput


def shown(workspace, bot):
    return [(j.query, j.item, j.grade, j.source) for j in workspace.judgements.list(bot.id)]


def test_a_later_judgement_replaces_the_earlier(workspace, bot):
    assert workspace.judgements.put(bot.id, [("tent", "a", 1), ("tent", "b", 0)], "thumb") == 2
    workspace.judgements.put(bot.id, [(" tent ", "a", 0)], "upload")
    assert shown(workspace, bot) == [("tent", "a", 0, "upload"), ("tent", "b", 0, "thumb")]


def test_judgements_belong_to_their_prototype(workspace, bot):
    other = workspace.prototypes.create("chatbot", "Other", {})
    workspace.judgements.put(bot.id, [("tent", "a", 1)], "thumb")
    assert workspace.judgements.list(other.id) == ()


def test_one_or_all_of_a_query_are_taken_back(workspace, bot):
    workspace.judgements.put(bot.id, [("q", "a", 1), ("q", "b", 1), ("r", "a", 1)], "draft")
    workspace.judgements.remove(bot.id, "q", "a")
    assert shown(workspace, bot) == [("q", "b", 1, "draft"), ("r", "a", 1, "draft")]
    workspace.judgements.remove(bot.id, "q")
    workspace.judgements.remove(bot.id, "never")
    assert shown(workspace, bot) == [("r", "a", 1, "draft")]


@pytest.mark.parametrize("bad", [("q", "a", -1), ("q", "a", 11), ("", "a", 1), ("q", "", 1)])
def test_one_bad_judgement_keeps_none(workspace, bot, bad):
    with pytest.raises(InvalidInput):
        workspace.judgements.put(bot.id, [("q", "a", 1), bad], "upload")
    assert workspace.judgements.list(bot.id) == ()
