"""`studio users`: the people who may sign in, managed on the machine itself.

The only way to make the first owner. A password is asked for without being shown, or read from standard
input; it is never an argument, which other users of the machine could see.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from studio.acting import Role
from studio.errors import InvalidInput, NotFound

ROLES = [role.word for role in (Role.VIEWER, Role.EDITOR, Role.OWNER)]


def add_parser(commands: Any) -> None:  # Any: argparse keeps the type to itself
    """Add the command to a parser's commands."""
    users = commands.add_parser("users", help="list, add, change or remove who may sign in")
    users.set_defaults(command=_list)
    verbs = users.add_subparsers(metavar="verb")
    verbs.add_parser("list", help="who may sign in, and as what")
    add = verbs.add_parser("add", help="let somebody sign in")
    add.add_argument("name", help="their name, or the e-mail address that a provider vouches for")
    add.add_argument("--role", choices=ROLES, default="editor")
    add.add_argument(
        "--no-password", action="store_true", help="they sign in through a provider only"
    )
    add.add_argument("--password-stdin", action="store_true", help="read the password from stdin")
    add.set_defaults(command=_add)
    role = verbs.add_parser("role", help="let somebody do more or less")
    role.add_argument("name")
    role.add_argument("role", choices=ROLES)
    role.set_defaults(command=_role)
    password = verbs.add_parser("password", help="change somebody's password")
    password.add_argument("name")
    password.add_argument("--password-stdin", action="store_true", help="read it from stdin")
    password.set_defaults(command=_password)
    remove = verbs.add_parser("remove", help="let somebody in no more")
    remove.add_argument("name")
    remove.set_defaults(command=_remove)


def _list(_options: argparse.Namespace) -> int:
    with _workbench() as workbench:
        for user in workbench.workspace.users.list():
            seen = f"{user.seen_at:%Y-%m-%d %H:%M} UTC" if user.seen_at else "never signed in"
            way = "password" if user.has_password else "provider"
            print(f"{user.name:32} {user.role.word:8} {way:10} {seen}")
    return 0


def _add(options: argparse.Namespace) -> int:
    password = None if options.no_password else _asked(is_stdin=options.password_stdin)
    with _workbench() as workbench:
        user = workbench.accounts.add(options.name, Role.named(options.role), password)
    print(f"{user.name} can sign in as {user.role.word}.")
    return 0


def _role(options: argparse.Namespace) -> int:
    with _workbench() as workbench:
        user = workbench.workspace.users.set_role(
            _id(workbench, options.name), Role.named(options.role)
        )
    print(f"{user.name} is {user.role.word} now.")
    return 0


def _password(options: argparse.Namespace) -> int:
    with _workbench() as workbench:
        user_id = _id(workbench, options.name)
        workbench.accounts.set_password(user_id, _asked(is_stdin=options.password_stdin))
    print(f"{options.name} has a new password, and has to sign in again everywhere.")
    return 0


def _remove(options: argparse.Namespace) -> int:
    with _workbench() as workbench:
        workbench.workspace.users.remove(_id(workbench, options.name))
    print(f"{options.name} cannot sign in any more.")
    return 0


def _asked(*, is_stdin: bool) -> str:
    if is_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    try:
        password = getpass.getpass("Password: ")
        repeated = getpass.getpass("Once more: ")
    except EOFError as error:
        raise InvalidInput(
            "No password can be typed here, as there is no terminal. Give it with --password-stdin, or"
            " add the person with --no-password."
        ) from error
    if repeated != password:
        raise InvalidInput("The two passwords differ. Nothing was changed; try again.")
    return password


def _id(workbench: Any, name: str) -> str:  # Any: imported only when a command runs
    user = workbench.workspace.users.named(name)
    if user is None:
        raise NotFound("There is nobody called {name}. `studio users` lists everybody.", name=name)
    return str(user.id)


def _workbench() -> Any:  # Any: as above
    from studio.workbench import Workbench

    return Workbench.open(resume=False)
