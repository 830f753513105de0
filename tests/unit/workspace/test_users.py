"""People and their sign-ins: names are one person's, the last owner stays, old tokens open nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from studio.acting import Role
from studio.errors import InvalidInput, NotFound


@pytest.fixture
def users(workspace):
    return workspace.users


def test_a_name_is_one_persons_whatever_its_letters(users):
    ann = users.add(" Ann@Example.com ", Role.OWNER, "hash")
    assert (ann.name, ann.role, ann.has_password, ann.seen_at) == (
        "Ann@Example.com",
        Role.OWNER,
        True,
        None,
    )
    assert users.named("ANN@example.COM") == ann
    assert users.password_hash("ann@example.com") == "hash"
    assert users.named("Ed") is None
    with pytest.raises(InvalidInput, match="already") as caught:
        users.add("ann@example.com", Role.VIEWER)
    assert list(caught.value.fields) == ["name"]


def test_the_last_owner_stays(users):
    ann, ed = users.add("Ann", Role.OWNER), users.add("Ed", Role.EDITOR)
    for action in (lambda: users.remove(ann.id), lambda: users.set_role(ann.id, Role.VIEWER)):
        with pytest.raises(InvalidInput, match="last owner"):
            action()
    users.set_role(ed.id, Role.OWNER)
    users.remove(ann.id)
    assert [user.name for user in users.list()] == ["Ed"]


def test_whether_anybody_can_let_others_in(users):
    users.add("Ed", Role.EDITOR)
    assert not users.has_owner()
    users.add("Ann", Role.OWNER)
    assert users.has_owner()


def test_a_token_opens_until_its_time_is_up(workspace, users, clock):
    ann = users.add("Ann", Role.OWNER)
    users.begin_sign_in(ann.id, "long", clock() + timedelta(days=1))
    users.begin_sign_in(ann.id, "short", clock() + timedelta(seconds=2))
    assert users.signed_in("long").id == ann.id
    assert users.signed_in("long").seen_at is not None
    clock()
    assert users.signed_in("short") is None
    users.end_sign_in("long")
    assert users.signed_in("long") is None
    assert users.signed_in("never given") is None


@pytest.mark.parametrize("end", ["password", "remove"])
def test_another_password_or_a_removal_ends_every_sign_in(users, clock, end):
    users.add("Ann", Role.OWNER)
    ed = users.add("Ed", Role.EDITOR, "hash")
    users.begin_sign_in(ed.id, "token", clock() + timedelta(days=1))
    if end == "password":
        users.set_password(ed.id, "other")
    else:
        users.remove(ed.id)
    assert users.signed_in("token") is None


def test_a_changed_role_counts_for_who_is_signed_in(users, clock):
    ed = users.add("Ed", Role.EDITOR)
    users.begin_sign_in(ed.id, "token", clock() + timedelta(days=1))
    users.set_role(ed.id, Role.VIEWER)
    assert users.signed_in("token").role is Role.VIEWER


def test_nobody_is_not_found(users, clock):
    for action in (
        lambda: users.remove("x"),
        lambda: users.set_role("x", Role.OWNER),
        lambda: users.set_password("x", "y"),
        lambda: users.begin_sign_in("x", "y", clock()),
    ):
        with pytest.raises(NotFound):
            action()
