"""The report on what people ask a search: the list it is made from, the job that makes it.

The founder's file is kept as it came, and read anew when it is needed; the report itself is made again
by a job, whose vectors come from the cache of the model service. Knows no page.
"""

from __future__ import annotations

import csv
import io
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import NotFound
from studio.inference.protocol import ModelService
from studio.ingestion.reader import read_files
from studio.jobs.runner import Job, JobContext, JobState
from studio.prototypes.base import Toolbox
from studio.prototypes.knowledge import Knowledge
from studio.prototypes.search.analytics import QueryReport, analyse, counted
from studio.prototypes.search.query_list import QueryList, QueryTable, lines_of, read_list, table_of
from studio.prototypes.search.themes import MAX_QUERIES
from studio.prototypes.searcher import Searcher
from studio.records import CallContext, EmbeddingRequest, Hit, Notice
from studio.retrieval.query import SearchOptions

QUERIES_JOB = "queries"
"""The kind of job that makes a report; its key is the prototype's id."""
USUAL_MIN_RELEVANCE = 0.5
"""From which relevance on a query counts as answered, unless told otherwise: where doubt begins (see
`studio.retrieval.relevance`)."""
N_LOOKED_AT = 5
"""Results of which the most relevant one says how well a query is answered."""

_KEPT = "search.queries.{id}"


class _ListChangedError(Exception):
    """Another list, or other columns, were chosen while the report was being made."""


class QueryReporting:
    """What people ask one search. Every method may be called by any thread.

    Args:
        prototype_id: of the search.
        toolbox: the stores and the model service.
        knowledge: its documents and index.
        model: gives the catalogue id of the model that is set.
        options: gives how it searches now.
    """

    def __init__(
        self,
        prototype_id: str,
        toolbox: Toolbox,
        knowledge: Knowledge,
        model: Callable[[], str],
        options: Callable[[], SearchOptions],
    ) -> None:
        self._id = prototype_id
        self._tools = toolbox
        self._knowledge = knowledge
        self._model = model
        self._options = options
        self._lock = threading.Lock()
        self._table: tuple[str, QueryTable] | None = None  # of the file that was read last

    # The list

    def kept(self) -> QueryList | None:
        """The list that is kept for this search, or None while there is none.

        Raises:
            DataError: its file was damaged on the disk.
        """
        stored = self._stored()
        return None if stored is None else self._read(stored)

    def keep_file(self, name: str, content: bytes) -> QueryList:
        """Keep a file's list instead of the one before; which column is which is guessed.

        Raises:
            DataError: it cannot be read or holds no list; the list before stays.
        """
        return self._keep(name, content, is_pasted=False)

    def keep_lines(self, text: str) -> QueryList:
        """Keep a typed or pasted list, one query per line, instead of the one before.

        Raises:
            DataError: it is empty; the list before stays.
        """
        return self._keep("", text.encode(), is_pasted=True)

    def choose_columns(self, query_column: str, count_column: str) -> QueryList:
        """Read the kept list by these columns; an empty `count_column` counts each row once.

        Raises:
            NotFound: there is no list.
            InvalidInput: there is no query in that column; the columns stay as they were.
        """
        stored = self._stored()
        if stored is None:
            raise NotFound("There is no list of queries yet. Upload one first.")
        changed = {**stored, "query_column": query_column, "count_column": count_column}
        found = self._read(changed)
        self._tools.workspace.preferences.set(self._key, changed)
        return found

    # The report

    def report_on(
        self, queries: Iterable[str], counts: Iterable[int] | None = None
    ) -> Job[QueryReport]:
        """Keep these queries instead of the list before, and make the report in the background.

        Raises:
            InvalidInput: a count is below 1, or there is no query.
            NotFound: there is no index yet.
        """
        text = io.StringIO()
        writer = csv.writer(text, delimiter="\t", lineterminator="\n")
        writer.writerow(("query", "count"))
        writer.writerows(counted(queries, counts).items())
        self._searcher()
        self.keep_lines(text.getvalue())
        return self.start()

    def start(self) -> Job[QueryReport]:
        """Make the report on the kept list in the background; the same job while it runs.

        A list that is changed meanwhile is taken up by the same job.

        Raises:
            NotFound: there is no list, or no index yet.
        """
        if self._stored() is None:
            raise NotFound("There is no list of queries yet. Upload one first.")
        self._searcher()
        return self._tools.jobs.start(
            QUERIES_JOB, Notice("Looking at what people ask"), self._make, key=self._id
        )

    def job(self) -> Job[QueryReport] | None:
        """The job that makes or made the report last in this process; None before."""
        return self._tools.jobs.latest(QUERIES_JOB, self._id)

    def report(self) -> QueryReport | None:
        """The report that was made last in this process; None before, and while it is being made."""
        job = self.job()
        return job.result() if job is not None and job.state is JobState.DONE else None

    def is_current(self, report: QueryReport) -> bool:
        """Whether list and index are still those that a report was made from."""
        return report.made_from == self._source()

    def _make(self, context: JobContext) -> QueryReport:
        while True:
            try:
                return self._make_once(context)
            except _ListChangedError:
                continue

    def _make_once(self, context: JobContext) -> QueryReport:
        source, listed = self._source(), self.kept()
        if listed is None:
            raise NotFound("There is no list of queries yet. Upload one first.")
        reader = _Reader(
            searcher=self._searcher(),
            models=self._tools.models,
            model=self._model(),
            options=replace(self._options(), k=N_LOOKED_AT, min_relevance=0.0),
            call=CallContext(
                request_id=f"queries-{uuid.uuid4().hex[:12]}",
                prototype_id=self._id,
                surface="job",
            ),
        )

        def go_on() -> None:
            context.raise_if_cancelled()
            if self._source() != source:
                raise _ListChangedError

        def report(done: int, total: int) -> None:
            notice = Notice("Grouping the queries into themes") if done == total else None
            context.report(done, total, "queries", notice)
            go_on()

        report(0, min(len(listed.asked), MAX_QUERIES))
        made = analyse(
            Counter(dict(listed.asked)),
            embed=reader.embed,
            best_hit=reader.best_hit,
            min_relevance=USUAL_MIN_RELEVANCE,
            report=report,
        )
        go_on()
        return replace(made, made_from=source)

    def _searcher(self) -> Searcher:
        searcher = self._knowledge.searcher()
        if searcher.index is None or searcher.index.n_passages == 0:
            raise NotFound("There is no search index yet. Build it first.")
        return searcher

    def _source(self) -> str:
        """Stands for the list, its columns and the index."""
        stored, index = self._stored() or {}, self._knowledge.searcher().index
        parts = [stored.get(name) for name in ("sha256", "query_column", "count_column")]
        built = () if index is None else (index.model, index.revision, index.built_at.isoformat())
        return "|".join(str(part) for part in (*parts, *built))

    @property
    def _key(self) -> str:
        return _KEPT.format(id=self._id)

    def _stored(self) -> dict[str, Any] | None:  # Any: what JSON can say
        stored: dict[str, Any] | None = self._tools.workspace.preferences.get(self._key)
        return stored

    def _keep(self, name: str, content: bytes, *, is_pasted: bool) -> QueryList:
        table = self._table_from(name, content, is_pasted=is_pasted)
        found = read_list(table)
        sha256 = self._tools.workspace.files.put(content)
        stored = {
            "name": name,
            "sha256": sha256,
            "is_pasted": is_pasted,
            "query_column": None,
            "count_column": None,
        }
        self._tools.workspace.preferences.set(self._key, stored)
        with self._lock:
            self._table = (sha256, table)
        return found

    def _read(self, stored: dict[str, Any]) -> QueryList:
        with self._lock:
            known = self._table
        if known is None or known[0] != stored["sha256"]:
            content = self._tools.workspace.files.get(stored["sha256"])
            table = self._table_from(stored["name"], content, is_pasted=stored["is_pasted"])
            known = (stored["sha256"], table)
            with self._lock:
                self._table = known
        table = replace(known[1], name=stored["name"])
        return read_list(table, stored["query_column"], stored["count_column"])

    def _table_from(self, name: str, content: bytes, *, is_pasted: bool) -> QueryTable:
        if is_pasted:
            return lines_of(name, content.decode())
        limit = self._tools.settings.max_upload_bytes
        return table_of(name, read_files(name, content, max_bytes=limit), content)


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads the queries of one report with the model, and looks for their passages.

    `is_read` turns False where the index's own model cannot be asked: then words alone search, while
    the themes still need vectors, which the model that is set makes.
    """

    searcher: Searcher
    models: ModelService
    model: str
    options: SearchOptions
    call: CallContext
    is_read: bool = True

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        made = self.searcher.read(texts, self.call) if self.is_read else None
        if made is None:
            self.is_read = False
            request = EmbeddingRequest(
                model=self.model, texts=tuple(texts), purpose="query", context=self.call
            )
            made = self.models.embed(request)
        return made.vectors

    def best_hit(self, query: str, vector: NDArray[np.float32]) -> Hit | None:
        hits = self.searcher.search(query, vector if self.is_read else None, self.options)
        return max(hits, key=lambda hit: hit.relevance, default=None)
