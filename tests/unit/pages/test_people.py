"""People are added, changed and removed by owners, and only by them."""

from __future__ import annotations

import pytest

from studio.acting import Role


def texts(at) -> str:
    return "\n".join(box.value for box in [*at.markdown, *at.caption, *at.info, *at.error])


def test_on_this_machine_the_first_person_becomes_an_owner(open_page, bench) -> None:
    at = open_page("run/people.py")
    assert "Nobody has an account yet." in at.info[0].value
    at.text_input(key="_people.name").set_value("Ann")
    at.text_input(key="_people.password").set_value("correct horse")
    at.button(key="_people.add").click().run()
    (ann,) = bench.workspace.users.list()
    assert (ann.name, ann.role, ann.has_password) == ("Ann", Role.OWNER, True)
    assert at.toast[0].value.replace("\\", "") == "Ann can sign in now."
    assert at.text_input(key="_people.password").value == ""
    assert "**Ann** · Owner" in texts(at)


def test_a_short_password_adds_nobody_and_says_why(open_page, bench) -> None:
    at = open_page("run/people.py")
    at.text_input(key="_people.name").set_value("Ann")
    at.text_input(key="_people.password").set_value("short")
    at.button(key="_people.add").click().run()
    assert bench.workspace.users.list() == ()
    assert "it must have 10 to 200" in texts(at)


@pytest.fixture
def ed(sign_in_as):
    from components import cache

    return cache.workbench().accounts.add("Ed", Role.EDITOR, "editor password")


def test_an_owner_changes_roles_and_passwords_and_removes(open_page, sign_in_as, ed) -> None:
    from components import cache

    sign_in_as(Role.OWNER, "Ann")
    bench = cache.workbench()
    at = open_page("run/people.py")
    at.radio(key=f"_people.role.{ed.id}").set_value(Role.VIEWER).run()
    assert bench.workspace.users.named("Ed").role is Role.VIEWER
    at.text_input(key=f"_people.password.{ed.id}").set_value("another password")
    at.button(key=f"_people.set.{ed.id}").click().run()
    assert bench.accounts.sign_in("Ed", "another password", "test")
    assert not [button for button in at.button if button.key == f"_people.remove.{ed.id}"]
    at.checkbox(key=f"_people.sure.{ed.id}").check().run()
    assert bench.workspace.users.named("Ed") is not None
    at.button(key=f"_people.remove.{ed.id}").click().run()
    assert [user.name for user in bench.workspace.users.list()] == ["Ann"]
    assert {e.actor for e in bench.workspace.activity.list(action="changed a role")} == {"Ann"}


def test_the_last_owner_is_kept(open_page, sign_in_as) -> None:
    from components import cache

    sign_in_as(Role.OWNER, "Ann")
    users = cache.workbench().workspace.users
    at = open_page("run/people.py")
    ann_id = users.named("Ann").id
    at.checkbox(key=f"_people.sure.{ann_id}").check().run()
    at.button(key=f"_people.remove.{ann_id}").click().run()
    assert "Ann is the last owner." in texts(at)
    assert users.named("Ann") is not None


def test_others_see_who_is_there_and_change_nothing(open_page, sign_in_as, ed) -> None:
    sign_in_as(Role.EDITOR, "Eve")
    at = open_page("run/people.py")
    assert "**Ed** · Editor" in texts(at)
    assert "Only an owner can add, change or remove people." in texts(at)
    assert not list(at.main.button)
