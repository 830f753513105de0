"""What was said stays, in order, under an id that nobody guesses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.errors import InvalidInput, NotFound


def test_turns_come_back_in_order_with_their_extras(workspace, bot):
    talk = workspace.conversations.start(bot.id, "page")
    assert workspace.conversations.turns(talk.id) == ()
    said = workspace.conversations.append_turn(talk.id, "user", "你好\ud800")
    answer = workspace.conversations.append_turn(
        talk.id, "assistant", "Hello", {"citations": [{"rank": 1}], "finish_reason": "stop"}
    )
    assert workspace.conversations.turns(talk.id) == (said, answer)
    assert (said.position, said.role, said.content, said.extra) == (0, "user", "你好?", {})
    assert answer.extra == {"citations": [{"rank": 1}], "finish_reason": "stop"}
    assert answer.created_at > said.created_at > talk.started_at


def test_ids_are_long_and_differ(workspace, bot):
    ids = {workspace.conversations.start(bot.id).id for _ in range(20)}
    assert len(ids) == 20
    assert {len(identifier) for identifier in ids} == {32}


def test_clear_starts_anew_and_keeps_the_old(workspace, bot):
    old = workspace.conversations.start(bot.id, "page")
    other = workspace.conversations.start(bot.id, "share")
    workspace.conversations.append_turn(old.id, "user", "hi")
    new = workspace.conversations.clear(old.id)
    assert (new.prototype_id, new.key, new.ended_at) == (bot.id, "page", None)
    assert workspace.conversations.turns(new.id) == ()
    assert len(workspace.conversations.turns(old.id)) == 1
    ended = workspace.conversations.get(old.id)
    assert ended.ended_at is not None
    assert workspace.conversations.list(bot.id) == (new, other, ended)
    assert workspace.conversations.list(bot.id, "share") == (other,)


def test_unknown_ids_and_extras_that_are_not_json_are_refused(workspace, bot):
    for action in (
        lambda: workspace.conversations.start("nobody"),
        lambda: workspace.conversations.get("nobody"),
        lambda: workspace.conversations.turns("nobody"),
        lambda: workspace.conversations.clear("nobody"),
        lambda: workspace.conversations.append_turn("nobody", "user", "hi"),
    ):
        with pytest.raises(NotFound):
            action()
    talk = workspace.conversations.start(bot.id)
    with pytest.raises(InvalidInput):
        workspace.conversations.append_turn(talk.id, "user", "hi", {"a": object()})


def test_threads_that_talk_at_once_lose_no_turn(workspace, bot):
    talk = workspace.conversations.start(bot.id)
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: workspace.conversations.append_turn(talk.id, "user", str(n)), range(40)
            )
        )
    turns = workspace.conversations.turns(talk.id)
    assert [turn.position for turn in turns] == list(range(40))
    assert {turn.content for turn in turns} == {str(n) for n in range(40)}


def test_preferences_hold_json_by_key(workspace):
    preferences = workspace.preferences
    assert preferences.get("language") is None
    assert preferences.get("language", "en") == "en"
    for value in ("zh", None, 0, {"gpt": {"input": "0.15"}}, [1, 2]):
        preferences.set("language", value)
        assert preferences.get("language", "default") == value
    with pytest.raises(InvalidInput):
        preferences.set("language", object())


def test_catalogue_models_are_kept_in_order(workspace):
    assert workspace.load_models() == []
    workspace.save_models([{"id": "b"}, {"id": "a", "languages": ("en",)}])
    assert workspace.load_models() == [{"id": "b"}, {"id": "a", "languages": ["en"]}]
    workspace.save_models([])
    assert workspace.load_models() == []


def test_recent_ones_are_those_in_which_something_was_said_the_latest_words_first(
    workspace, bot
) -> None:
    talks = workspace.conversations
    first, second, silent, other = (
        talks.start(bot.id, key).id for key in ("me", "me", "me", "you")
    )
    for talk, words in ((first, "One"), (second, "Two"), (other, "Not mine"), (first, "More")):
        talks.append_turn(talk, "user", words)
    found = talks.recent(bot.id, "me", 5)
    assert [(one.id, one.first_words, one.is_over) for one in found] == [
        (first, "One", False),
        (second, "Two", False),
    ]
    assert silent not in {one.id for one in found}
    assert talks.recent(bot.id, "me", 1) == found[:1]


def test_an_ended_one_is_over_until_it_goes_on(workspace, bot) -> None:
    talks = workspace.conversations
    talk = talks.start(bot.id).id
    talks.append_turn(talk, "user", "One")
    talks.end(talk)
    assert talks.recent(bot.id, "", 1)[0].is_over
    talks.append_turn(talk, "user", "Two")
    assert not talks.recent(bot.id, "", 1)[0].is_over
