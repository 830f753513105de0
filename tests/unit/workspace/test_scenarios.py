"""Scenarios are kept under names; deleting puts them away."""

from __future__ import annotations

import pytest

from studio.errors import InvalidInput, NotFound

CONTENT = {"values": {"price": "19.90"}, "serving": {"kind": "as_measured"}}


@pytest.fixture
def scenario(workspace, bot):
    return workspace.scenarios.create(bot.id, " Cheap ", "subscription", CONTENT)


def test_a_scenario_comes_back_as_it_was_saved(workspace, bot, scenario):
    assert workspace.scenarios.get(scenario.id) == scenario
    assert (scenario.name, scenario.model, scenario.content) == ("Cheap", "subscription", CONTENT)
    assert workspace.scenarios.list(bot.id) == (scenario,)


def test_a_copy_is_changed_without_the_original(workspace, bot, scenario):
    copy = workspace.scenarios.duplicate(scenario.id, "Dear")
    changed = workspace.scenarios.update(copy.id, content={"values": {"price": "30"}})
    assert changed.name == "Dear"
    assert workspace.scenarios.get(scenario.id).content == CONTENT
    assert [one.name for one in workspace.scenarios.list(bot.id)] == ["Dear", "Cheap"]


def test_scenarios_belong_to_their_prototype(workspace, scenario):
    other = workspace.prototypes.create("chatbot", "Other", {})
    assert workspace.scenarios.list(other.id) == ()


def test_a_deleted_one_is_gone_until_it_is_restored(workspace, bot, scenario):
    workspace.scenarios.delete(scenario.id)
    workspace.scenarios.delete(scenario.id)
    assert workspace.scenarios.list(bot.id) == ()
    with pytest.raises(NotFound):
        workspace.scenarios.update(scenario.id, name="x")
    assert workspace.scenarios.restore(scenario.id).name == "Cheap"


def test_what_cannot_be_kept_is_refused(workspace, bot, scenario):
    with pytest.raises(NotFound):
        workspace.scenarios.create("nobody", "Name", "subscription", {})
    with pytest.raises(InvalidInput):
        workspace.scenarios.create(bot.id, " ", "subscription", {})
    with pytest.raises(InvalidInput):
        workspace.scenarios.update(scenario.id, name="a" * 201, content={"x": 1})
    assert workspace.scenarios.get(scenario.id) == scenario
