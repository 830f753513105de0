"""Judgements from the rows of an uploaded file, with a report of what was dropped and why.

A row is a mapping from column name to value, wherever it comes from: CSV, JSON, a table that was
read. The module knows no files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from studio.csv_file import as_it_was
from studio.errors import DataError
from studio.evaluation.judgements import MAX_GRADE, Judgement, normalised, query_id_of
from studio.records import Notice

Part = Literal["query_id", "query", "document", "grade"]

# How columns are called in files that people have: ours, TREC's, BEIR's, and in Chinese.
_NAMES: Mapping[Part, tuple[str, ...]] = {
    "query_id": ("query_id", "query-id", "qid", "question_id", "查询编号", "问题编号"),
    "query": ("query", "question", "search", "text", "查询", "问题", "搜索词"),
    "document": (
        "document_id", "document-id", "corpus-id", "doc_id", "docid", "docno", "document", "doc",
        "item_id", "item", "gold_document", "文档", "文档编号", "商品", "条目",
    ),
    "grade": (
        "grade", "score", "relevance", "rel", "label", "judgement", "judgment", "rating",
        "分数", "评分", "相关度", "等级",
    ),
}  # fmt: skip
_NO = frozenset({"no", "false", "n", "not relevant", "irrelevant", "否", "不相关", "无关"})
_YES = frozenset({"yes", "true", "y", "relevant", "是", "相关"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedRow:
    """A row that gave no judgement: its number, from 1 without the header, and why."""

    number: int
    reason: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJudgements:
    """What a file gave: judgements in its order, and the rows that were dropped, in theirs."""

    judgements: tuple[Judgement, ...]
    dropped: tuple[DroppedRow, ...]

    @property
    def summary(self) -> Notice:
        """One sentence for the user."""
        return Notice(
            "Judgements read: {n_judgements}, on queries: {n_queries}. Rows dropped: {n_dropped}.",
            n_judgements=len(self.judgements),
            n_queries=len({judgement.query_id for judgement in self.judgements}),
            n_dropped=len(self.dropped),
        )


@dataclass(slots=True)
class _Reader:
    """Takes row after row; remembers the queries and pairs it has seen."""

    columns: Mapping[Part, str]
    documents: Mapping[str, str] | None
    queries: dict[str, str]
    max_query_characters: int | None = None
    pairs: dict[tuple[str, str], Judgement] = field(default_factory=dict)
    dropped: list[DroppedRow] = field(default_factory=list)

    def take(self, number: int, row: Mapping[str, object]) -> None:
        judgement = self._judgement(row)
        if isinstance(judgement, Notice):
            self.dropped.append(DroppedRow(number=number, reason=judgement))
            return
        first = self.pairs.setdefault((judgement.query_id, judgement.document_id), judgement)
        if first is not judgement:
            reason = Notice(
                "The same query and document stand in a row above, with the grade {grade}.",
                grade=first.grade,
            )
            self.dropped.append(DroppedRow(number=number, reason=reason))

    def _judgement(self, row: Mapping[str, object]) -> Judgement | Notice:
        query_id, query = self._text(row, "query_id"), self._text(row, "query")
        query = query or self.queries.get(query_id, "")
        if not query:
            return Notice("The query is empty.")
        limit, n_characters = self.max_query_characters, len(" ".join(query.split()))
        if limit is not None and n_characters > limit:
            return Notice(
                "The query has {n} characters; at most {limit} are read.",
                n=n_characters,
                limit=limit,
            )
        query_id = query_id or query_id_of(query)
        if normalised(self.queries.setdefault(query_id, query)) != normalised(query):
            return Notice(
                "The query id {query_id} stands for another query in a row above.",
                query_id=query_id,
            )
        named = self._text(row, "document")
        if not named:
            return Notice("The document is empty.")
        document_id = named if self.documents is None else self.documents.get(named)
        if document_id is None:
            return Notice("There is no document {name} here.", name=named)
        written = self._text(row, "grade") if "grade" in self.columns else "1"
        grade = _grade(written)
        if grade is None:
            return Notice(
                "The grade {value!r} cannot be read; it must be a whole number from 0 to {limit}, "
                "or yes or no.",
                value=written,
                limit=MAX_GRADE,
            )
        return Judgement(
            query_id=query_id, query=self.queries[query_id], document_id=document_id, grade=grade
        )

    def _text(self, row: Mapping[str, object], part: Part) -> str:
        value = row.get(self.columns.get(part, ""))
        return "" if value is None else as_it_was(str(value).strip())


def read_judgements(
    rows: Iterable[Mapping[str, object]],
    *,
    documents: Mapping[str, str] | None = None,
    queries: Mapping[str, str] | None = None,
    columns: Mapping[Part, str] | None = None,
    max_query_characters: int | None = None,
) -> ReadJudgements:
    """The judgements in the rows.

    A file needs a column of documents and one of queries, or of query ids that `queries` explains.
    Without a column of grades every row says "relevant". Of rows that repeat a query and a document
    the first counts. No rows give no judgements.

    Args:
        rows: column name to value, in the file's order.
        documents: what a document may be called (id, name, article number) to its id; rows that name
            another are dropped. None takes every name as an id.
        queries: query id to query, for files that give ids only.
        columns: which column is which, where the names do not say it.
        max_query_characters: rows with a longer query are dropped; any length by default.

    Raises:
        DataError: there is no column of queries or none of documents; the message lists the columns.
    """
    reader: _Reader | None = None
    for number, row in enumerate(rows, start=1):
        if reader is None:
            chosen = dict(columns or {})
            found = _find_columns(list(row), chosen, has_queries=queries is not None)
            reader = _Reader(
                columns=found,
                documents=documents,
                queries=dict(queries or {}),
                max_query_characters=max_query_characters,
            )
        reader.take(number, row)
    if reader is None:
        return ReadJudgements(judgements=(), dropped=())
    return ReadJudgements(judgements=tuple(reader.pairs.values()), dropped=tuple(reader.dropped))


def _find_columns(
    present: list[str], chosen: Mapping[Part, str], *, has_queries: bool
) -> dict[Part, str]:
    by_name = {name.strip().casefold(): name for name in reversed(present)}
    found: dict[Part, str] = {}
    for part, names in _NAMES.items():
        column = chosen.get(part) or next((by_name[n] for n in names if n in by_name), None)
        if column is not None:
            found[part] = column
    is_complete = "document" in found and (
        "query" in found or ("query_id" in found and has_queries)
    )
    if is_complete and set(found.values()) <= set(present):
        return found
    raise DataError(
        "The judgements need a column called query and one called document; grade is optional. The "
        "columns are: {columns}. Rename them and upload the file again.",
        columns=", ".join(present) or "-",
    )


def _grade(written: str) -> int | None:
    """The grade, or None where it cannot be read. Spreadsheets write 1 as 1.0."""
    word = written.casefold()
    if word in _NO or word in _YES:
        return int(word in _YES)
    try:
        value = float(word)
    except ValueError:
        return None
    return int(value) if value.is_integer() and 0 <= value <= MAX_GRADE else None
