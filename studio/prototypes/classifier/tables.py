"""The stored tables of a classifier: what each is for, which column holds the text, which the label.

A guess is made once, when a table comes in; what somebody corrects stands in the settings, so that it
has versions. Knows no cell beyond the examples.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from studio.errors import InvalidInput, NotFound
from studio.ingestion.long_table import LongTables, TextTable, read_long_tables
from studio.prototypes.classifier.settings import ClassifierSettings, Pairs
from studio.records import Notice
from studio.workspace.records import DocumentRecord, Json

if TYPE_CHECKING:
    import pandas as pd

TableUse = Literal["learn", "test", "unlabelled", "synthetic", "ignore"]
USES: tuple[TableUse, ...] = get_args(TableUse)
"""To learn from (a part of it tests), to test only, to find texts worth labelling in, texts that a model
made (learnt from, never tested with), or not at all."""

MADE_FROM = "made_by_a_model_from"
"""The column by which a table of texts that a model made is known: what each was made from."""
_OLD_COLUMNS = ("text", "label", "made_from")
_OLD_NAME = "made-by-a-model-"
"""How such tables were known before; a column `made_from` alone may be anybody's."""

N_LOOKED_AT = 500
N_EXAMPLES = 3
MOST_LABELS_SHARE = 0.5
"""A column with more different values than this share of its rows is hardly one of labels."""

_TEXT_NAMES = re.compile(
    r"text|message|mail|body|content|question|query|sentence|utterance|review|comment|request|subject"
    r"|文本|内容|消息|邮件|问题|留言|评论|正文|来信",
    re.IGNORECASE,
)
_LABEL_NAMES = re.compile(
    r"label|class|categor|intent|topic|sentiment|tag|target|team|department|queue"
    r"|标签|类别|分类|意图|主题|情感|部门",
    re.IGNORECASE,
)
_TEST_NAMES = re.compile(
    r"(^|[^a-z])(test|held.?out|valid(ation)?)([^a-z]|$)|测试|验证", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """A table within a stored file; `label_column` is "" where it has none.

    `examples` are a few values of each column. `problem` says what is missing for it to be used.
    """

    document_id: str
    name: str
    use: TableUse
    text_column: str
    label_column: str
    columns: tuple[str, ...]
    examples: tuple[tuple[str, ...], ...]
    problem: Notice | None = None

    @property
    def is_made(self) -> bool:
        """Whether a model made its texts."""
        return bool(self.source_column)

    @property
    def source_column(self) -> str:
        """The column of what each text was made from; "" where no model made them."""
        return _source_column(self.name, self.columns)

    @property
    def is_used(self) -> bool:
        """Whether anything is read from it."""
        return self.use != "ignore" and self.problem is None


def look_at(name: str, content: bytes, max_bytes: int) -> tuple[LongTables, Json]:
    """The beginning of the tables in a file, and the account of them that is stored with it."""
    found = read_long_tables(name, content, max_bytes=max_bytes, max_rows=N_LOOKED_AT)
    return found, {"tables": [_account(table) for table in found.tables]}


def _account(table: TextTable) -> Json:
    frame = table.frame.head(N_LOOKED_AT)
    text, label = guess_columns(frame)
    is_test = bool(_TEST_NAMES.search(table.name)) and bool(label)
    return {
        "name": table.name,
        "use": "test" if is_test else "learn" if label else "unlabelled",
        "text": text,
        "label": label,
        "columns": list(map(str, frame.columns)),
        "examples": [_examples(frame[column]) for column in frame.columns],
    }


def guess_columns(frame: pd.DataFrame) -> tuple[str, str]:
    """The columns of the text and of the label, "" for none, by their names and by what is in them."""
    columns = [str(column) for column in frame.columns]
    filled = {one: [v for v in map(str, frame[one]) if v.strip()] for one in columns}
    lengths = {one: sum(map(len, values)) / len(values) for one, values in filled.items() if values}
    if not lengths:
        return "", ""
    text = max(lengths, key=lambda one: lengths[one] * (3 if _TEXT_NAMES.search(one) else 1))
    candidates = [one for one in lengths if one != text and _looks_like_labels(filled[one])]
    named = [one for one in candidates if _LABEL_NAMES.search(one)]
    repeated = [one for one in candidates if len(set(filled[one])) < len(filled[one])]
    best = named or repeated or ([one for one in lengths if one != text and _named(one)])
    return text, best[0] if best else ""


def _named(column: str) -> bool:
    return bool(_LABEL_NAMES.search(column))


def _looks_like_labels(values: Sequence[str]) -> bool:
    """Short values that come again."""
    n_different = len(set(values))
    is_short = max(map(len, values)) <= 80
    return is_short and n_different <= max(2, MOST_LABELS_SHARE * len(values))


def _examples(column: pd.Series[Any]) -> list[str]:  # Any: a column of texts, untyped by pandas
    values = dict.fromkeys(value for value in map(str, column) if value.strip())
    return [value[:80] for value in list(values)[:N_EXAMPLES]]


def stored_tables(
    records: Sequence[DocumentRecord], settings: ClassifierSettings
) -> tuple[StoredTable, ...]:
    """The tables of these files, in their order, as the settings have them."""
    uses, texts = dict(settings.table_uses), dict(settings.text_columns)
    labels = dict(settings.label_columns)
    tables = []
    for record in records:
        for account in record.report.get("tables", ()):
            name, columns = account["name"], tuple(account["columns"])
            use = _use(uses.get(name, account["use"]))
            if not _source_column(name, columns):
                use = _use(account["use"]) if use == "synthetic" else use
            elif use != "ignore":
                use = "synthetic"  # whatever is chosen: it must never test
            text = _known(texts.get(name, account["text"]), columns)
            label = _known(labels.get(name, account["label"]), columns)
            tables.append(
                StoredTable(
                    document_id=record.document_id,
                    name=name,
                    use=use,
                    text_column=text,
                    label_column=label,
                    columns=columns,
                    examples=tuple(tuple(values) for values in account["examples"]),
                    problem=_problem(use, text, label),
                )
            )
    return tuple(tables)


def _source_column(name: str, columns: Sequence[str]) -> str:
    if MADE_FROM in columns:
        return MADE_FROM
    is_old = name.startswith(_OLD_NAME) and tuple(columns) == _OLD_COLUMNS
    return _OLD_COLUMNS[-1] if is_old else ""


def _use(stored: str) -> TableUse:
    return next((one for one in USES if one == stored), "ignore")


def _known(column: str, columns: Sequence[str]) -> str:
    return column if column in columns else ""


def _problem(use: TableUse, text: str, label: str) -> Notice | None:
    if use == "ignore":
        return None
    if not text:
        return Notice("Say which column holds the text.")
    if text == label:
        return Notice("The text and the label cannot be the same column.")
    if use != "unlabelled" and not label:
        return Notice("Say which column holds the label, or that the texts have none yet.")
    return None


def with_use(settings: ClassifierSettings, table: str, use: str) -> ClassifierSettings:
    """The settings with a table of that name used for something else.

    Raises:
        InvalidInput: there is no such use.
    """
    if use not in USES:
        raise InvalidInput(
            "A table cannot be used for {use}; choose one of: {allowed}.",
            use=use,
            allowed=", ".join(USES),
        )
    return replace(settings, table_uses=_changed(settings.table_uses, table, use))


def with_columns(
    settings: ClassifierSettings, table: StoredTable, *, text: str, label: str
) -> ClassifierSettings:
    """The settings with other columns of a table; `label` "" for none.

    Raises:
        NotFound: the table has no such column.
    """
    for column in (text, label):
        if column and column not in table.columns:
            raise NotFound("{table} has no column {column}.", table=table.name, column=column)
    return replace(
        settings,
        text_columns=_changed(settings.text_columns, table.name, text),
        label_columns=_changed(settings.label_columns, table.name, label),
    )


def _changed(pairs: Pairs, key: str, value: str) -> Pairs:
    return tuple({**dict(pairs), key: value}.items())
