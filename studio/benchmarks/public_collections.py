"""Public collections for judging search: documents, queries, and which document answers which.

Reads folders that hold `corpus.jsonl`, `queries.jsonl` and `qrels_test.tsv` (the layout of BEIR), or
a list of frequent questions. The module knows neither index nor model.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from studio.errors import DataError, NotFound
from studio.evaluation.judgements import Judgement, query_id_of
from studio.evaluation.reading import read_judgements
from studio.records import Document, Page

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Documents in one language, queries in the same or another, and judgements that join them."""

    name: str
    documents: tuple[Document, ...]
    judgements: tuple[Judgement, ...]
    document_language: Language
    query_language: Language

    @property
    def languages(self) -> frozenset[str]:
        """What a model must read to search it by meaning."""
        return frozenset((self.document_language, self.query_language))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    documents: str
    queries: str
    document_language: Language = "en"
    query_language: Language = "en"
    # Whether the titles are those of the texts. XQuAD's are names of whole articles, in English for
    # the Chinese texts, too: with them keyword search would find passages across languages.
    has_titles: bool = False


_SOURCES: Mapping[str, _Source] = {
    "cranfield": _Source(documents="cranfield", queries="cranfield", has_titles=True),
    "covid_faq": _Source(documents="covid_faq", queries="covid_faq"),
    "xquad_en": _Source(documents="xquad_en", queries="xquad_en"),
    "xquad_zh": _Source(
        documents="xquad_zh", queries="xquad_zh", document_language="zh", query_language="zh"
    ),
    "xquad_en-zh": _Source(documents="xquad_zh", queries="xquad_en", document_language="zh"),
    "xquad_zh-en": _Source(documents="xquad_en", queries="xquad_zh", query_language="zh"),
}

COLLECTIONS: tuple[str, ...] = tuple(_SOURCES)
"""Names in the order they are measured; "xquad_en-zh" asks in English for Chinese passages."""


def load_collection(name: str, folder: Path) -> Collection:
    """One of `COLLECTIONS` from the folder of the data sets.

    Raises:
        NotFound: the name is unknown, or a folder or file is not there.
        DataError: a file is not as expected.
    """
    source = _SOURCES.get(name)
    if source is None:
        raise NotFound(
            "There is no collection {name}. There are: {names}.",
            name=name,
            names=", ".join(COLLECTIONS),
        )
    try:
        if name == "covid_faq":
            documents, judgements = _frequent_questions(folder / source.documents)
        else:
            documents = _corpus(folder / source.documents, has_titles=source.has_titles)
            judgements = _judged(folder / source.documents, folder / source.queries)
    except FileNotFoundError as error:
        raise NotFound("{path} is not there.", path=error.filename) from error
    except (KeyError, ValueError) as error:
        raise DataError(
            "The collection {name} cannot be read: {reason}.", name=name, reason=repr(error)
        ) from error
    return Collection(
        name=name,
        documents=documents,
        judgements=judgements,
        document_language=source.document_language,
        query_language=source.query_language,
    )


def _corpus(folder: Path, *, has_titles: bool) -> tuple[Document, ...]:
    """The documents that have text; a title stands above the text as its heading."""
    return tuple(
        Document(
            document_id=row["_id"],
            # A name is searched, too: where it is not the text's own title it must not help.
            name=(has_titles and row["title"]) or row["_id"],
            pages=(Page(text=_with_title(row) if has_titles else row["text"]),),
        )
        for row in _rows(folder / "corpus.jsonl")
        if row["text"].strip()
    )


def _with_title(row: Mapping[str, str]) -> str:
    """The title as a heading, and the text without the title that Cranfield's texts begin with."""
    title = " ".join(row["title"].split())
    text = " ".join(row["text"].split())
    body = text.removeprefix(title).lstrip(" .") or text
    return f"# {title}\n\n{body}" if title else text


def _judged(documents: Path, queries: Path) -> tuple[Judgement, ...]:
    texts = {row["_id"]: row["text"] for row in _rows(queries / "queries.jsonl")}
    with (documents / "qrels_test.tsv").open(encoding="utf-8", newline="") as file:
        read = read_judgements(csv.DictReader(file, delimiter="\t"), queries=texts)
    if read.dropped:
        raise ValueError(f"row {read.dropped[0].number}: {read.dropped[0].reason}")
    return read.judgements


def _frequent_questions(folder: Path) -> tuple[tuple[Document, ...], tuple[Judgement, ...]]:
    """Questions with answers, and what other people said instead of the question.

    Some of the questions stand in the list more than once, from other sources; each counts.
    """
    entries = list(_rows(folder / "faq.jsonl"))
    documents = tuple(
        Document(
            document_id=entry["id"],
            name=entry["id"],
            pages=(Page(text=f"# {entry['question']}\n\n{entry['answer']}"),),
        )
        for entry in entries
    )
    judgements = {
        (pair["b"], entry["id"]): Judgement(
            query_id=query_id_of(pair["b"]), query=pair["b"], document_id=entry["id"], grade=1
        )
        for pair in _rows(folder / "question_pairs_en.jsonl")
        if pair["label"] == 1
        for entry in entries
        if entry["question"] == pair["a"]
    }
    return documents, tuple(judgements.values())


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
