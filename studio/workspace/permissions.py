"""Which role it takes to write a table: asked at every write, whichever page or call it comes from.

What nobody thought of takes an editor, so that a table that is added later is closed to viewers until
it is named here. Knows tables by their names only.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.dml import UpdateBase

from studio.acting import Actor, Role, refusal
from studio.workspace.database import actor_of

TRYING = frozenset(
    {"conversations", "turns", "texts", "drafts", "jobs", "feedback", "activity", "wrong_tries"}
    | {"evaluation_votes"}
)
"""Tables that trying a prototype writes: what was said and written, opinions, work that prepares it,
and wrong passwords on the way to it."""

DECIDING = {"feedback": frozenset({"state", "outcome"})}
"""Columns that only an editor changes by themselves, in rows that trying writes."""

BESIDE = {
    "curated_answers": frozenset({"n_hits", "last_hit_at", "model", "revision", "vector"}),
}
"""Columns that trying changes in rows which are otherwise an editor's."""

OWNING = frozenset({"users", "sign_ins", "publications", "published_versions", "api_keys"})
"""Tables of what only an owner manages."""

IRREVERSIBLE = frozenset({"prototypes", "projects"})
"""Tables whose rows only an owner deletes; everybody else puts them away."""


def check_changes(session: Session) -> None:
    """Check what a session holds before it is written, against whoever acts in it.

    Raises:
        AccessDenied: it holds something that takes a higher role; nothing is written.
    """
    actor = actor_of(session)
    if actor.role is Role.OWNER:
        return
    for row in session.new:
        _check(actor, needed(table_of(row)))
    for row in session.deleted:
        _check(actor, needed(table_of(row), is_delete=True))
    for row in session.dirty:
        changed = changed_columns(row)
        if changed:
            _check(actor, needed(table_of(row), changed))


def check_statement(state: ORMExecuteState) -> None:
    """Check a statement that writes many rows at once.

    Raises:
        AccessDenied: it takes a higher role; nothing is written.
    """
    if isinstance(state.statement, UpdateBase):
        table: Any = state.statement.table  # of the several forms, a store uses plain tables only
        values = getattr(state.statement, "_values", None) if state.is_update else None
        columns = frozenset(str(getattr(column, "key", column)) for column in values or ())
        _check(actor_of(state.session), needed(table.name, columns, is_delete=state.is_delete))


def needed(table: str, columns: frozenset[str] = frozenset(), *, is_delete: bool = False) -> Role:
    """The role that it takes to write a table, or to delete from it.

    Args:
        table: its name.
        columns: which of them are changed; none for whole rows.
        is_delete: whether rows are deleted.
    """
    if columns and columns <= BESIDE.get(table, frozenset()):
        return Role.VIEWER
    if columns and columns <= DECIDING.get(table, frozenset()):
        return Role.EDITOR
    if table in OWNING or (is_delete and table in IRREVERSIBLE):
        return Role.OWNER
    return Role.VIEWER if table in TRYING else Role.EDITOR


def table_of(row: object) -> str:
    """The name of the table that a mapped row belongs to."""
    return str(inspect(row, raiseerr=True).mapper.local_table.name)


def changed_columns(row: object) -> frozenset[str]:
    """The columns of a mapped row that differ from what is stored."""
    return frozenset(a.key for a in inspect(row, raiseerr=True).attrs if a.history.has_changes())


def _check(actor: Actor, role: Role) -> None:
    if actor.role < role:
        raise refusal(actor, role)
