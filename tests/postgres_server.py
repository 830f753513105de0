"""A PostgreSQL server for tests: started once a session in a folder of its own, on a socket there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url


class PostgresServer:
    """A running server; gives empty databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new_database(self, like: str | None = None) -> str:
        """The SQLAlchemy URL of a database that nobody else uses; empty, or a copy of another."""
        name = f"test_{uuid.uuid4().hex}"
        template = f' TEMPLATE "{_name(like)}"' if like else ""
        self._run(f'CREATE DATABASE "{name}"{template}')
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def drop_database(self, url: str) -> None:
        """Remove a database of `new_database`, whoever is still connected."""
        self._run(f'DROP DATABASE "{_name(url)}" WITH (FORCE)')

    def connect(self, url: str) -> psycopg.Connection:
        """A connection beside the studio's own, without transactions."""
        return psycopg.connect(
            f"host={self._folder} dbname={_name(url)} user=postgres", autocommit=True
        )

    def _run(self, statement: str) -> None:
        with psycopg.connect(
            f"host={self._folder} dbname=postgres user=postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


def _name(url: str) -> str:
    return str(make_url(url).database)


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs, the newest; None where there is none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2])
    )
    return folders[-1] if folders else None


@contextmanager
def postgres_server(folder: Path, programs: Path) -> Iterator[PostgresServer]:
    """Start a server that listens on a socket in the folder only, and stop it at the end.

    It refuses to run as root, so there it runs as the user that its package made."""
    data = folder / "data"
    data.mkdir(parents=True)
    become: dict[str, object] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        become = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        for path in (folder, data):
            os.chown(path, user.pw_uid, user.pw_gid)
        for parent in folder.parents:  # a temporary folder is the owner's alone
            if parent.stat().st_mode & 0o011 == 0:
                parent.chmod(parent.stat().st_mode | 0o011)

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), *arguments],
            check=True,
            capture_output=True,
            cwd=folder,
            **become,  # type: ignore[call-overload]
        )

    call("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    # Durability is the server's own affair and not tested here.
    options = f"-c listen_addresses='' -k {folder} -c fsync=off -c max_connections=200"
    call("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield PostgresServer(folder)
    finally:
        call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
