"""`studio users` makes the first owner on the machine itself; no password is an argument."""

from __future__ import annotations

import io

import pytest

from studio import cli
from studio.acting import Role
from studio.workbench import Workbench


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("studio.sharing.passwords._N", 2)


def run(monkeypatch, *arguments: str, stdin: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    return cli.main(["users", *arguments])


def test_people_are_added_listed_changed_and_removed(monkeypatch, capsys) -> None:
    add = ("add", "Ann", "--role", "owner", "--password-stdin")
    assert run(monkeypatch, *add, stdin="correct horse\n") == 0
    assert run(monkeypatch, "add", "ed@example.com", "--no-password") == 0
    assert run(monkeypatch, "role", "ED@example.com", "viewer") == 0
    assert run(monkeypatch, "password", "ann", "--password-stdin", stdin="battery staple\n") == 0
    capsys.readouterr()
    assert run(monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["Ann", "owner", "password", "never", "signed", "in"],
        ["ed@example.com", "viewer", "provider", "never", "signed", "in"],
    ]
    with Workbench.open(resume=False) as bench:
        token = bench.accounts.sign_in("Ann", "battery staple", "test")
        assert bench.accounts.holder(token).role is Role.OWNER
    assert run(monkeypatch, "remove", "ed@example.com") == 0
    assert run(monkeypatch, "remove", "Ann") == 1
    assert "Ann is the last owner." in capsys.readouterr().err


def test_two_passwords_that_differ_add_nobody(monkeypatch, capsys) -> None:
    typed = iter(["correct horse", "correct hose"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    assert cli.main(["users", "add", "Ann", "--role", "owner"]) == 1
    assert "The two passwords differ." in capsys.readouterr().err
    with Workbench.open(resume=False) as bench:
        assert bench.workspace.users.list() == ()


def test_without_a_terminal_it_says_how_to_give_a_password(monkeypatch, capsys) -> None:
    def nobody_types(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", nobody_types)
    assert cli.main(["users", "add", "Ann", "--role", "owner"]) == 1
    assert "--password-stdin" in capsys.readouterr().err
    assert cli.main(["users", "list"]) == 0
    assert capsys.readouterr().out == ""


def test_an_unknown_name_is_said(monkeypatch, capsys) -> None:
    assert run(monkeypatch, "role", "Nobody", "owner") == 1
    assert "There is nobody called Nobody." in capsys.readouterr().err
