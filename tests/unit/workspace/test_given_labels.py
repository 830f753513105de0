from __future__ import annotations

import pytest

from studio.errors import InvalidInput


@pytest.fixture
def prototype(workspace) -> str:
    return workspace.prototypes.create("classifier", "Mail", {}).id


def test_the_latest_word_on_a_text_counts(workspace, prototype):
    workspace.given_labels.put(prototype, [("k1", "one", "a"), ("k2", "two", "b")])
    workspace.given_labels.put(prototype, [("k1", "one", "c")])
    assert {one.key: one.label for one in workspace.given_labels.list(prototype)} == {
        "k1": "c",
        "k2": "b",
    }
    workspace.given_labels.remove(prototype, "k2")
    workspace.given_labels.remove(prototype, "gone")
    assert [one.text for one in workspace.given_labels.list(prototype)] == ["one"]


def test_labels_are_each_prototypes_own_and_can_be_copied(workspace, prototype):
    other = workspace.prototypes.create("classifier", "Other", {}).id
    workspace.given_labels.put(prototype, [("k", "one", "a")])
    assert workspace.given_labels.list(other) == ()
    workspace.given_labels.copy(prototype, other)
    assert [one.label for one in workspace.given_labels.list(other)] == ["a"]


@pytest.mark.parametrize("wrong", [("", "t", "l"), ("k", " ", "l"), ("k", "t", "x" * 201)])
def test_what_cannot_be_kept_is_refused_and_nothing_is_kept(workspace, prototype, wrong):
    with pytest.raises(InvalidInput, match="characters"):
        workspace.given_labels.put(prototype, [("k0", "t", "l"), wrong])
    assert workspace.given_labels.list(prototype) == ()
