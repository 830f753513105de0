"""Who acts, and how it is carried to other threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.acting import NOBODY, THE_STUDIO, Acting, Actor, Role, acting_as
from studio.errors import AccessDenied

ANN = Actor(name="Ann", role=Role.VIEWER, user_id="1")


def test_without_a_page_the_studio_acts():
    assert Acting().current() == THE_STUDIO
    assert Acting(lambda: None).current() == THE_STUDIO


def test_whom_the_page_is_drawn_for_acts_unless_somebody_is_named():
    acting = Acting(lambda: ANN)
    assert acting.current() == ANN
    with acting_as(THE_STUDIO):
        assert acting.current() == THE_STUDIO
    assert acting.current() == ANN


def test_work_is_done_by_whoever_began_it_on_any_thread():
    acting = Acting()
    with acting_as(ANN):
        work = acting.carried(lambda: acting.current())
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(work).result() == ANN
        assert pool.submit(acting.current).result() == THE_STUDIO


def test_work_in_turn_takes_the_turn_of_whoever_began_it_and_not_their_rights():
    drawn_for: list[Actor | None] = [ANN]
    acting = Acting(lambda: drawn_for[0])
    work = acting.in_turn(lambda: (acting.user_in_turn(), acting.current()))
    drawn_for[0] = None  # as on the thread that does it
    assert acting.user_in_turn() == ""
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(work).result() == ("1", THE_STUDIO)
        assert pool.submit(acting.user_in_turn).result() == ""


@pytest.mark.parametrize(
    ("actor", "role", "text"),
    [
        (NOBODY, Role.VIEWER, "not signed in"),
        (ANN, Role.EDITOR, "change nothing"),
        (ANN, Role.OWNER, "Only an owner"),
    ],
)
def test_a_refusal_says_what_it_takes(actor, role, text):
    with pytest.raises(AccessDenied, match=text):
        Acting(lambda: actor).require(role)


def test_a_higher_role_may_what_a_lower_one_may():
    owner = Actor(name="Ann", role=Role.OWNER)
    assert [Acting(lambda: owner).require(role) for role in Role] == [owner] * 4


def test_unknown_names_of_roles_may_nothing():
    assert [Role.named(name) for name in ("viewer", "owner", "admin", "")] == [
        Role.VIEWER,
        Role.OWNER,
        Role.NOBODY,
        Role.NOBODY,
    ]
    assert Role.EDITOR.word == "editor"
