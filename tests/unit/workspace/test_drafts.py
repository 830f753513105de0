"""Drafts are kept as they were, each with its prototype; a batch that is deleted comes back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio.acting import Actor, Role, acting_as
from studio.errors import InvalidInput, NotFound
from studio.prototypes.content.typed import Typed
from studio.workspace.batches import NewBatch


def test_a_draft_comes_back_as_it_was_kept(workspace, bot):
    kept = workspace.drafts.add(bot.id, "seo", "Tents", {"queries": [["light tent", 3]]})
    assert workspace.drafts.get(bot.id, kept.id) == kept
    assert kept.content == {"queries": [["light tent", 3]]}
    assert workspace.drafts.latest(bot.id, "seo") == kept
    assert workspace.drafts.latest(bot.id, "outline") is None


def test_the_newest_stands_first_and_kinds_do_not_mix(workspace, bot):
    for title in ("first", "second"):
        workspace.drafts.add(bot.id, "seo", title, {})
    workspace.drafts.add(bot.id, "outline", "third", {})
    assert [head.title for head in workspace.drafts.list(bot.id, "seo")] == ["second", "first"]
    assert workspace.drafts.latest(bot.id, "seo").title == "second"
    workspace.drafts.remove(bot.id, "seo")
    assert workspace.drafts.list(bot.id, "seo") == ()
    assert workspace.drafts.has_any(bot.id)
    workspace.drafts.remove(bot.id, "outline")
    assert not workspace.drafts.has_any(bot.id)


def test_a_draft_is_changed_from_what_it_is_now(workspace, bot):
    kept = workspace.drafts.add(bot.id, "outline", "Tents", {"n": 1, "title": "Tents"})
    changed = workspace.drafts.change(bot.id, kept.id, lambda now: {**now, "n": now["n"] + 1})
    assert changed.content == {"n": 2, "title": "Tents"}
    assert changed.updated_at > kept.updated_at
    assert workspace.drafts.get(bot.id, kept.id) == changed


def test_a_deleted_draft_is_gone_until_it_is_brought_back(workspace, bot):
    older = workspace.drafts.add(bot.id, "outline", "first", {"n": 1})
    kept = workspace.drafts.add(bot.id, "outline", "second", {"n": 1})
    workspace.drafts.delete(bot.id, kept.id)
    assert [head.id for head in workspace.drafts.list(bot.id, "outline")] == [older.id]
    assert workspace.drafts.latest(bot.id, "outline") == older
    with pytest.raises(NotFound):
        workspace.drafts.get(bot.id, kept.id)
    with pytest.raises(NotFound):
        workspace.drafts.delete(bot.id, kept.id)
    # What was being written by it ends all the same, and is there when it comes back.
    workspace.drafts.change(bot.id, kept.id, lambda _: {"n": 2})
    workspace.drafts.delete(bot.id, older.id)
    assert not workspace.drafts.has_any(bot.id)
    workspace.drafts.restore(bot.id, kept.id)
    assert workspace.drafts.get(bot.id, kept.id).content == {"n": 2}
    other = workspace.prototypes.create("content", "Other", {})
    with pytest.raises(NotFound):
        workspace.drafts.restore(other.id, older.id)


def test_drafts_belong_to_their_prototype(workspace, bot):
    kept = workspace.drafts.add(bot.id, "seo", "Tents", {})
    other = workspace.prototypes.create("content", "Other", {})
    assert workspace.drafts.list(other.id, "seo") == ()
    with pytest.raises(NotFound):
        workspace.drafts.get(other.id, kept.id)
    with pytest.raises(NotFound):
        workspace.drafts.change(other.id, kept.id, lambda now: now)
    with pytest.raises(NotFound):
        workspace.drafts.add("nobody", "seo", "x", {})
    with pytest.raises(InvalidInput):
        workspace.drafts.add(bot.id, "seo", "x", {"no": object()})


def test_whoever_may_try_a_prototype_may_keep_what_came_of_it(workspace, bot):
    with acting_as(Actor(name="Vic", role=Role.VIEWER)):
        workspace.drafts.add(bot.id, "seo", "Tents", {})
    assert workspace.drafts.has_any(bot.id)


@pytest.fixture
def batch(workspace, bot):
    new = NewBatch(name="b.csv", version=1, settings={}, columns={}, rows=[{"a": "1"}, {"a": "2"}])
    return workspace.batches.add(bot.id, new)


def test_a_deleted_batch_is_gone_until_it_is_restored_with_its_rows(workspace, bot, batch):
    (row, _other) = workspace.batches.rows(batch.id)
    workspace.batches.finish_row(batch.id, row, 2.0, Decimal("0.5"))
    before = workspace.batches.get(bot.id, batch.id)
    workspace.batches.delete(bot.id, batch.id)
    assert workspace.batches.list(bot.id) == ()
    with pytest.raises(NotFound):
        workspace.batches.get(bot.id, batch.id)
    workspace.batches.restore(bot.id, batch.id)
    assert workspace.batches.get(bot.id, batch.id) == before
    assert len(workspace.batches.rows(batch.id)) == 2
    actions = [entry.action for entry in workspace.activity.list()]
    assert actions[:2] == ["restored a batch", "deleted a batch"]
    with pytest.raises(NotFound):
        workspace.batches.restore("nobody", batch.id)


def test_what_a_person_typed_is_found_among_many(workspace, bot):
    typed = Typed(bot.id, workspace.drafts)
    for n in range(60):
        typed.keep("one", {"n": n}, f"person {n}")
    typed.keep("one", {"n": -1}, "person 0")
    assert typed.get("one", "person 0") == {"n": -1}
    assert len(workspace.drafts.list(bot.id, "typed.one", limit=100)) == 60
