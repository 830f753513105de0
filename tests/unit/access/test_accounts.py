"""Passwords and tokens: wrong ones are slowed and told nothing, right ones give a token that ends."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from studio.access.accounts import MIN_LENGTH, Accounts
from studio.acting import Actor, Role, acting_as
from studio.errors import AccessDenied, InvalidInput, LimitReached
from studio.workspace.store import Workspace

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("studio.sharing.passwords._N", 2)


@pytest.fixture
def time():
    return [datetime(2026, 3, 1, tzinfo=UTC)]


@pytest.fixture
def workspace(tmp_path, time):
    workspace = Workspace(f"sqlite:///{tmp_path / 'w.db'}", tmp_path / "files", lambda: time[0])
    yield workspace
    workspace.close()


@pytest.fixture
def accounts(workspace, time):
    return Accounts(workspace, timedelta(days=14), lambda: time[0])


def test_the_right_password_gives_a_token_for_its_person(accounts):
    ann = accounts.add("Ann", Role.OWNER, PASSWORD)
    token = accounts.sign_in("ann", PASSWORD, "10.0.0.1")
    assert accounts.holder(token) == Actor(name="Ann", role=Role.OWNER, user_id=ann.id)
    assert accounts.sign_in("Ann", PASSWORD, "10.0.0.1") != token


def test_a_token_ends_with_time_or_with_signing_out(accounts, time, workspace):
    accounts.add("Ann", Role.OWNER, PASSWORD)
    token, other = (accounts.sign_in("Ann", PASSWORD, "a") for _ in range(2))
    accounts.sign_out(token)
    accounts.sign_out("unknown")
    assert accounts.holder(token) is None
    assert accounts.holder(other) is not None
    time[0] += timedelta(days=14)
    assert accounts.holder(other) is None
    assert [e.action for e in workspace.activity.list(actor="Ann")] == ["signed out", "signed in"]


def test_a_viewer_can_sign_out(accounts):
    accounts.add("Ann", Role.OWNER, PASSWORD)
    accounts.add("Vic", Role.VIEWER, PASSWORD)
    token = accounts.sign_in("Vic", PASSWORD, "a")
    with acting_as(accounts.holder(token)):
        accounts.sign_out(token)
    assert accounts.holder(token) is None


@pytest.mark.parametrize("name", ["Ann", "Nobody", "", "provider@example.com"])
def test_wrong_names_and_passwords_get_one_answer(accounts, name):
    accounts.add("Ann", Role.OWNER, PASSWORD)
    accounts.add("provider@example.com", Role.EDITOR)
    with pytest.raises(AccessDenied) as caught:
        accounts.sign_in(name, "wrong password", "a")
    assert str(caught.value) == "The name or the password is wrong. Try again."


def test_an_unknown_name_costs_as_much_work_as_a_known_one(accounts, monkeypatch):
    accounts.add("Ann", Role.OWNER, PASSWORD)
    tried = []
    from studio.access import accounts as module

    original = module.is_password
    monkeypatch.setattr(
        module, "is_password", lambda password, kept: tried.append(kept) or original(password, kept)
    )
    for name in ("Ann", "Nobody"):
        with pytest.raises(AccessDenied):
            accounts.sign_in(name, "wrong password", "a")
    assert len(tried) == 2
    assert [kept.split("$")[:4] for kept in tried] == [["scrypt", "2", "8", "5"]] * 2


def test_wrong_tries_wait_and_the_right_one_waits_with_them(accounts, time):
    accounts.add("Ann", Role.OWNER, PASSWORD)
    for _ in range(5):
        with pytest.raises(AccessDenied):
            accounts.sign_in("Ann", "wrong password", "10.0.0.1")
    with pytest.raises(LimitReached, match="Try again in 1 s"):
        accounts.sign_in("Ann", PASSWORD, "10.0.0.1")
    with pytest.raises(LimitReached):  # another name does not help that browser
        accounts.sign_in("Ed", "wrong password", "10.0.0.1")
    assert accounts.sign_in("Ann", PASSWORD, "10.0.0.2")  # and holds up nobody elsewhere
    time[0] += timedelta(seconds=1.5)
    assert accounts.sign_in("Ann", PASSWORD, "10.0.0.1")


def test_short_passwords_are_refused(accounts, workspace):
    with pytest.raises(InvalidInput, match="has 9 characters; it must have 10") as caught:
        accounts.add("Ann", Role.OWNER, "x" * (MIN_LENGTH - 1))
    assert list(caught.value.fields) == ["password"]
    assert workspace.users.list() == ()


def test_a_provider_lets_in_only_who_is_listed(accounts):
    accounts.add("ann@example.com", Role.EDITOR)
    assert accounts.provided("Ann@Example.com").role is Role.EDITOR
    assert accounts.provided("eve@example.com") is None
    assert accounts.provided("") is None


def test_made_up_tokens_open_nothing(accounts):
    for token in ("", "x" * 43, "' OR 1=1 --", "é" * 43, "x" * 10_000):
        assert accounts.holder(token) is None


def test_nothing_secret_is_kept_or_logged(accounts, tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        accounts.add("Ann", Role.OWNER, PASSWORD)
        token = accounts.sign_in("Ann", PASSWORD, "10.0.0.1")
        with pytest.raises(AccessDenied):
            accounts.sign_in("Ann", "a secret typo", "10.0.0.1")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("w.db*"))
    for secret in (PASSWORD, token, "a secret typo", "10.0.0.1"):
        assert secret.encode() not in kept
        assert secret not in caplog.text


def test_only_owners_add_people_and_change_passwords(accounts):
    ann = accounts.add("Ann", Role.OWNER, PASSWORD)
    with acting_as(Actor(name="Ed", role=Role.EDITOR)):
        with pytest.raises(AccessDenied):
            accounts.add("Eve", Role.OWNER, PASSWORD)
        with pytest.raises(AccessDenied):
            accounts.set_password(ann.id, "my own password")
    assert accounts.sign_in("Ann", PASSWORD, "a")
