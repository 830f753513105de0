"""Tables of items to `Items`: one entry per id, with what a model reads and what people see.

Knows roles, not column names; keeps the order of the files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.prototypes.recommendation.data import several, values
from studio.prototypes.recommendation.data.roles import ColumnRole
from studio.prototypes.recommendation.interactions import Items

if TYPE_CHECKING:
    import pandas as pd

_CURRENCY = re.compile(r"(?:^|[._\s])currency(?:[_\s]?code)?$|币种|货币", re.IGNORECASE)
MAX_TEXT = 2000
"""Characters of an item's text that a model is given; it reads no more than a few hundred words."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoleTable:
    """A table with the role of each of its columns."""

    frame: pd.DataFrame
    roles: Mapping[str, ColumnRole]

    def column(self, role: ColumnRole) -> str | None:
        """The column with that role; None where none has it."""
        return next((name for name, its in self.roles.items() if its == role), None)

    def columns(self, role: ColumnRole) -> tuple[str, ...]:
        """All columns with that role."""
        return tuple(name for name, its in self.roles.items() if its == role)

    def cells(self, role: ColumnRole) -> pd.Series[str]:
        """The cells of the column with that role; empty texts where none has it."""
        import pandas as pd

        name = self.column(role)
        if name is None:
            return pd.Series([""] * len(self.frame), dtype=str)
        return self.frame[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadItems:
    """The items of all tables, and what was left out: rows without an id, rows whose id came before.

    `n_pictures_unread` items have a picture link that is no web address.
    """

    items: Items
    n_rows: int
    n_without_id: int
    n_repeated: int
    n_pictures_unread: int = 0


def read_items(tables: Sequence[RoleTable]) -> ReadItems:
    """The items of these tables, in their order; of an id that comes twice, the first row counts.

    Args:
        tables: each with a column of the role "item".
    """
    import pandas as pd

    frames = [_plain_frame(table) for table in tables]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"item": []})
    has_id = whole["item"].fillna("") != ""
    named = whole[has_id]
    kept = named.drop_duplicates("item").reset_index(drop=True)
    currencies = [found for table in tables if (found := _currency(table))]
    items = _items(kept, currencies[0] if currencies else "")
    return ReadItems(
        items=items,
        n_pictures_unread=sum(
            bool(cell) and not image
            for cell, image in zip(kept["image"], items.images, strict=True)
        )
        if len(items)
        else 0,
        n_rows=len(whole),
        n_without_id=int((~has_id).sum()),
        n_repeated=len(named) - len(kept),
    )


def _plain_frame(table: RoleTable) -> pd.DataFrame:
    """The columns by role; attributes by "attribute " and their name."""
    import pandas as pd

    texts = table.frame[list(table.columns("text"))]
    columns: dict[str, pd.Series] = {
        "item": values.ids(table.cells("item")),
        "title": values.plain_texts(table.cells("title")),
        "text": values.plain_texts(
            texts.agg(" ".join, axis=1).str.strip() if texts.shape[1] else table.cells("text")
        ),
        "image": table.cells("image"),
        "link": table.cells("link"),
        "price": pd.Series(values.numbers(table.cells("price"))),
        "stock": pd.Series(values.stock(table.cells("stock"))),
        "date": pd.Series(values.times(table.cells("date")).seconds),
    }
    for name in table.columns("attribute"):
        columns[f"attribute {name}"] = values.plain_texts(table.frame[name])
    return pd.DataFrame(columns)


def _currency(table: RoleTable) -> str:
    name = table.column("price")
    if name is None:
        return ""
    found = values.currency(name, table.frame[name])
    beside = (column for column in table.frame.columns if _CURRENCY.search(column))
    return found or next(filter(None, (values.currency("", table.frame[c]) for c in beside)), "")


def _items(frame: pd.DataFrame, currency: str) -> Items:
    ids = tuple(frame["item"])
    attributes = {
        name.removeprefix("attribute "): several.values(frame[name].fillna(""))
        for name in frame.columns
        if name.startswith("attribute ")
    }
    if not ids:
        return Items.bare(())
    titles = tuple(title or item for title, item in zip(frame["title"], ids, strict=True))
    return Items(
        ids=ids,
        titles=titles,
        texts=_texts(titles, frame["text"], attributes),
        attributes=attributes,
        images=values.addresses(frame["image"]),
        links=values.addresses(frame["link"]),
        prices=frame["price"].to_numpy(dtype=np.float64),
        stock=frame["stock"].to_numpy(dtype=np.float64),
        added_at_s=frame["date"].to_numpy(dtype=np.float64),
        currency=currency,
    )


def _texts(
    titles: Sequence[str],
    texts: Sequence[str] | pd.Series[str],
    attributes: Mapping[str, tuple[tuple[str, ...], ...]],
) -> tuple[str, ...]:
    """Title, values of the attributes and description, as far as a model reads."""
    made = []
    for at, (title, text) in enumerate(zip(titles, texts, strict=True)):
        listed = ", ".join(value for column in attributes.values() for value in column[at])
        made.append(". ".join(part for part in (title, listed, text) if part)[:MAX_TEXT])
    return tuple(made)
