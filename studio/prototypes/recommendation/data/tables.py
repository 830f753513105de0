"""The stored tables of a recommender, with what each holds and what its columns are for.

A guess is made once, when a table comes in, for each kind of table that it might be; what somebody
corrects stands in the settings, so that it has versions. Knows no cell beyond the examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from studio.errors import InvalidInput, NotFound
from studio.ingestion.long_table import LongTables, read_long_tables
from studio.prototypes.recommendation.data.roles import (
    N_LOOKED_AT,
    NEEDED,
    REPEATABLE,
    ROLES_OF,
    TABLE_KINDS,
    ColumnRole,
    ColumnUse,
    TableKind,
    guess_kind,
    guess_roles,
    is_surely,
    names_columns,
)
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.records import Notice
from studio.workspace.records import DocumentRecord, Json

READABLE_KINDS: tuple[TableKind, ...] = ("items", "events", "users")

PROBLEMS: Mapping[ColumnRole, Notice] = {
    "item": Notice("Say which column holds the item's id."),
    "user": Notice("Say which column holds the user's id."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """A table within a stored file.

    Attributes:
        document_id: of the file.
        name: of the table; that of the file, or with a sheet or an inner file.
        kind: what it holds, as guessed or as set.
        guessed_kind: as guessed.
        columns: with the role of each, as guessed or as set.
        problem: what is missing for it to be used; None where nothing is.
    """

    document_id: str
    name: str
    kind: TableKind
    guessed_kind: TableKind
    columns: tuple[ColumnUse, ...]
    problem: Notice | None = None

    @property
    def roles(self) -> dict[str, ColumnRole]:
        """Column to role."""
        return {column.name: column.role for column in self.columns}

    @property
    def is_used(self) -> bool:
        """Whether anything is learnt from it."""
        return self.kind != "ignore" and self.problem is None


def look_at(name: str, content: bytes, max_bytes: int) -> tuple[LongTables, Json]:
    """The beginning of the tables in a file, and the account of them that is stored with it."""
    found = read_long_tables(name, content, max_bytes=max_bytes, max_rows=N_LOOKED_AT)
    if len(found.tables) == 1 and names_columns(found.tables[0].frame):
        found = LongTables(
            refusal=Notice(
                "{name} names its columns and holds no rows below them. Export it again with its "
                "rows.",
                name=name,
            )
        )
    # Beside a table that names its users or items, a sheet that names none tells of something else.
    are_sure = [is_surely(table.frame) for table in found.tables]
    account = {
        "tables": [
            {
                "name": table.name,
                "kind": guess_kind(table.frame) if is_sure or not any(are_sure) else "ignore",
                "columns": {
                    kind: [
                        [use.name, use.role, list(use.examples)]
                        for use in guess_roles(table.frame, kind)
                    ]
                    for kind in READABLE_KINDS
                },
            }
            for table, is_sure in zip(found.tables, are_sure, strict=True)
        ]
    }
    return found, account


def stored_tables(
    records: Sequence[DocumentRecord], settings: RecommendationSettings
) -> tuple[StoredTable, ...]:
    """The tables of these files, in their order, as the settings have them."""
    kinds = dict(settings.table_kinds)
    tables = []
    for record in records:
        for account in record.report.get("tables", ()):
            guessed: TableKind = account["kind"]
            kind = _kind(kinds.get(account["name"], guessed))
            columns = _columns(account, kind, settings)
            tables.append(
                StoredTable(
                    document_id=record.document_id,
                    name=account["name"],
                    kind=kind,
                    guessed_kind=guessed,
                    columns=columns,
                    problem=_problem(kind, columns),
                )
            )
    return tuple(tables)


def with_kind(settings: RecommendationSettings, table: str, kind: str) -> RecommendationSettings:
    """The settings with a table of that name holding something else.

    Raises:
        InvalidInput: there is no such kind of table.
    """
    if kind not in TABLE_KINDS:
        raise InvalidInput(
            "A table cannot hold {kind}; choose one of: {allowed}.",
            kind=kind,
            allowed=", ".join(TABLE_KINDS),
        )
    kinds = {**dict(settings.table_kinds), table: kind}
    return replace(settings, table_kinds=tuple(kinds.items()))


def with_role(
    settings: RecommendationSettings, table: StoredTable, column: str, role: str
) -> RecommendationSettings:
    """The settings with another role of a column, in all tables of the kind.

    A role that only one column may have is taken from the other one.

    Raises:
        NotFound: the table has no such column.
        InvalidInput: columns of such a table cannot have that role.
    """
    if column not in table.roles:
        raise NotFound("{table} has no column {column}.", table=table.name, column=column)
    allowed = ROLES_OF[table.kind]
    if role not in allowed:
        raise InvalidInput(
            "A column of this table cannot be {role}; choose one of: {allowed}.",
            role=role,
            allowed=", ".join(allowed),
        )
    changed = {(kind, name): its for kind, name, its in settings.column_roles}
    if role not in REPEATABLE:
        for name, its in table.roles.items():
            if its == role and name != column:
                changed[table.kind, name] = "ignore"
    changed[table.kind, column] = role
    return replace(
        settings, column_roles=tuple((kind, name, its) for (kind, name), its in changed.items())
    )


def _kind(stored: str) -> TableKind:
    return next((kind for kind in TABLE_KINDS if kind == stored), "ignore")


def _columns(
    account: Mapping[str, Any], kind: TableKind, settings: RecommendationSettings
) -> tuple[ColumnUse, ...]:  # Any: JSON
    guessed = account["columns"].get(kind) or account["columns"][READABLE_KINDS[0]]
    set_ = {name: role for its, name, role in settings.column_roles if its == kind}
    return tuple(
        ColumnUse(
            name=name,
            role=_role(kind, set_.get(name, role)) if kind != "ignore" else "ignore",
            examples=tuple(examples),
        )
        for name, role, examples in guessed
    )


def _role(kind: TableKind, stored: str) -> ColumnRole:
    return next((role for role in ROLES_OF[kind] if role == stored), "ignore")


def _problem(kind: TableKind, columns: Sequence[ColumnUse]) -> Notice | None:
    roles = {column.role for column in columns}
    return next((PROBLEMS[role] for role in NEEDED[kind] if role not in roles), None)
