"""The bench of one prototype: ways of searching side by side, judgements, and the measured verdict.

    bench = search.bench
    bench.find("light tent", replace(search.settings, mode="keyword"))     # what other settings find
    bench.judge("light tent", found.results[0].hit.chunk, 1)               # a thumb up
    search.measure()                                                       # the verdict

Nothing here changes the prototype but `apply`. Knows the index and the models through the prototype.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.errors import InvalidInput
from studio.evaluation.drafting import Draft
from studio.evaluation.judgements import Judgement, queries_of
from studio.evaluation.reading import ReadJudgements
from studio.jobs.runner import Job, JobContext, JobState
from studio.prototypes.base import Toolbox
from studio.prototypes.bench.finding import Found
from studio.prototypes.bench.item_names import ItemNames
from studio.prototypes.bench.judging import Judged, Judging, to_measure
from studio.prototypes.bench.measuring import (
    MeasuredWay,
    Measurement,
    distinct,
    verdicts_on,
    ways_of,
)
from studio.prototypes.bench.versions import (
    VersionsMeasured,
    check_same_index,
    versions_measured,
)
from studio.prototypes.bench.ways import hits_of, tuned_fields, way_of
from studio.prototypes.close_reading import read_closely
from studio.prototypes.document_settings import DocumentSettings
from studio.prototypes.knowledge import Knowledge, relevant_hits
from studio.prototypes.search.comparing import Measured, Vector, Way, compare_ways, ranked
from studio.prototypes.search.presenting import result_of
from studio.prototypes.search.query_text import checked_query
from studio.prototypes.searcher import Searcher
from studio.records import CallContext, Chunk, Filter, Notice
from studio.retrieval.passages import searchable_text
from studio.retrieval.query import SearchMode

if TYPE_CHECKING:
    from studio.prototypes.documented import DocumentedPrototype

MEASURE_JOB = "measure"
"""The kind of job that measures; its key is the prototype's id."""
MODES: tuple[SearchMode, ...] = ("keyword", "semantic", "hybrid")
N_EXCERPT = 110
N_REMEMBERED = 16  # queries whose vectors are kept, so that a slider asks no model
N_FACET_VALUES = 12
N_EMBEDDED_AT_ONCE = 32


class SearchBench:
    """The bench of one prototype. Every method may be called by any thread.

    Args:
        prototype: whose bench it is.
        toolbox: what it works with.
        knowledge: the prototype's documents and index.
    """

    def __init__(
        self, prototype: DocumentedPrototype[Any], toolbox: Toolbox, knowledge: Knowledge
    ) -> None:
        self._prototype = prototype
        self._tools = toolbox
        self._knowledge = knowledge
        self._judging = Judging(prototype.id, toolbox.workspace.judgements, self.names)
        self._lock = threading.Lock()
        self._warm: object = None  # the index that was searched last
        self._names: tuple[object, frozenset[str], ItemNames] | None = None
        self._vectors: OrderedDict[tuple[str, str], tuple[Vector, float]] = OrderedDict()

    def names(self) -> ItemNames:
        """What the items of the index are called in judgements."""
        index = self._knowledge.searcher().index
        chunks = () if index is None else index.chunks
        columns = self._prototype.columns()
        titles = frozenset(column.name for column in columns if column.role == "title")
        with self._lock:
            kept = self._names
            if kept is None or kept[0] is not chunks or kept[1] != titles:
                kept = (chunks, titles, ItemNames(chunks, titles))
                self._names = kept
            return kept[2]

    def passages(self) -> tuple[tuple[str, str], ...]:
        """Item and text of every passage of the index; () while nothing is indexed."""
        index = self._knowledge.searcher().index
        if index is None:
            return ()
        names = self.names()
        return tuple((names.of(chunk), searchable_text(chunk)) for chunk in index.chunks)

    # Trying

    def find(
        self, query: str, settings: DocumentSettings, filters: tuple[Filter, ...] = ()
    ) -> Found:
        """What the prototype would find with these settings; none while nothing is indexed.

        Raises:
            InvalidInput: the query is empty or too long.
            StudioError: a model failed.
        """
        text = checked_query(query)
        searcher, context = self._knowledge.searcher(), self._context()
        vector, model_ms = None, 0.0
        way = way_of(settings, filters)
        if self._reads(searcher, text, way):
            vector, model_ms = self._vector(searcher, text, context)
        if self._warm is not searcher.index:  # what an index reads only once is nobody's time
            hits_of(searcher, text, vector, replace(way, rerank_model=""), context)
            self._warm = searcher.index
        began_s = time.perf_counter()
        hits = hits_of(searcher, text, vector, way, context)
        index_ms = (time.perf_counter() - began_s) * 1000
        if self._prototype.reads_closely:
            reading = read_closely(searcher, text, vector, hits, context)
            hits = reading.hits
            model_ms += 0.0 if reading.call is None else reading.call.total_ms
        hits = relevant_hits(hits, settings.min_relevance)
        roles = {column.name: column.role for column in self._prototype.columns()}
        names = self.names()
        return Found(
            query=text,
            mode=settings.mode
            if vector is not None and searcher.reads_script_of(text)
            else "keyword",
            results=tuple(
                result_of(hit, text, roles, item=names.of(hit.chunk), n_characters=N_EXCERPT)
                for hit in hits
            ),
            model_ms=model_ms,
            index_ms=index_ms,
            is_reranked=bool(settings.rerank_model),
        )

    def ranking(self, query: str, settings: DocumentSettings) -> tuple[str, ...]:
        """The items found with these settings, best first, to the depth of the measures or deeper.

        As in `measure`, whatever the threshold and the number of results; () while nothing is indexed.

        Raises:
            InvalidInput: the query is empty or too long.
            StudioError: a model failed.
        """
        text = checked_query(query)
        searcher, context, names = self._knowledge.searcher(), self._context(), self.names()
        if searcher.index is None:
            return ()
        way = way_of(settings)
        reads = self._reads(searcher, text, way)
        vector = self._vector(searcher, text, context)[0] if reads else None
        items, _ = ranked(
            text,
            vector,
            way,
            lambda query, vector, way: hits_of(searcher, query, vector, way, context),
            lambda hit: names.of(hit.chunk),
        )
        return tuple(items)

    def side_by_side(
        self, query: str, settings: DocumentSettings, filters: tuple[Filter, ...] = ()
    ) -> dict[SearchMode, Found]:
        """What the three ways find, everything else as in these settings: keyword search first."""
        return {mode: self.find(query, replace(settings, mode=mode), filters) for mode in MODES}

    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """The columns that a search can be narrowed by, with their most frequent values."""
        index = self._knowledge.searcher().index
        if index is None:
            return {}
        kinds = {info.name: info.kind for info in index.columns}
        return {
            column.name: tuple(value for value, _ in index.facets(column.name)[:N_FACET_VALUES])
            for column in self._prototype.columns()
            if column.role == "filter" and kinds.get(column.name) in ("category", "text")
        }

    def apply(self, settings: DocumentSettings, note: str = "") -> int:
        """Search as in these settings from now on; other settings stay. Gives the new version.

        Raises:
            InvalidInput: a value is not allowed.
        """
        now = self._prototype.settings
        tuned = {name: getattr(settings, name) for name in tuned_fields(now)}
        self._prototype.configure(replace(now, **tuned), note)
        return self._prototype.version

    # Judging

    def judge(self, query: str, chunk: Chunk, grade: int | None) -> None:
        """Keep how right the item of a passage is for a query, 0 or more; None takes it back."""
        self._judging.judge(query, self.names().of(chunk), grade, "thumb")

    def judge_item(self, query: str, item: str, grade: int | None) -> None:
        """Keep how right an item is, as accepted feedback says; None takes it back.

        Raises:
            InvalidInput: the query is empty or too long, or the grade is not allowed.
        """
        self._judging.judge(query, item, grade, "feedback")

    def grades(self, query: str) -> dict[str, int]:
        """The judgements of a query: item, as in `SearchResult.item` -> grade."""
        return self._judging.grades(query)

    def judgements(self) -> tuple[Judged, ...]:
        """All judgements, by query and item, also those whose item is not there any more."""
        return self._judging.kept()

    def remove_judgements(self, judged: Sequence[Judged]) -> None:
        """Take judgements back."""
        self._judging.remove(judged)

    def read_judgements(self, name: str, content: bytes) -> ReadJudgements:
        """Keep the judgements in a CSV, Excel or JSON file: columns query, document, grade.

        Documents may be named by file name, rows by their title or article number.

        Raises:
            DataError: the file cannot be read, has no table, or not these columns.
        """
        limit = self._tools.settings.max_upload_bytes
        return self._judging.read(name, content, max_bytes=limit)

    def drafts(self, n: int = 20, *, seed: int = 0) -> tuple[Draft, ...]:
        """Queries that people may ask, made from the documents; judgements once `confirm` is called."""
        documents = [
            self._prototype.document(record.document_id)
            for record in self._prototype.documents()
            if record.status != "refused"
        ]
        ignored = {c.name for c in self._prototype.columns() if c.role == "ignore"}
        return self._judging.drafts(documents, frozenset(ignored), n=n, seed=seed)

    def confirm(self, draft: Draft, query: str = "", grade: int = 1) -> None:
        """Keep a draft as a judgement, in these words if they are given.

        Raises:
            InvalidInput: the query is too long, or the grade is not allowed.
        """
        self._judging.judge(query.strip() or draft.query, draft.item_id, grade, "draft")

    # Measuring

    def start_measuring(self, trial: DocumentSettings | None = None) -> Job[Measurement]:
        """Measure in the background; the same job while it runs.

        Args:
            trial: settings to measure beside the usual ways and what is set now.
        """
        return self._tools.jobs.start(
            MEASURE_JOB,
            Notice("Measuring the search"),
            lambda context: self.measure(trial, context=context),
            key=self._prototype.id,
        )

    def measuring(self) -> Job[Measurement] | None:
        """The measuring job that was started last; None where none is remembered."""
        return self._tools.jobs.latest(MEASURE_JOB, self._prototype.id)

    def last_measurement(self) -> Measurement | None:
        """What was measured last since the studio was started; None where nothing was."""
        for job in self._tools.jobs.jobs():
            if (job.kind, job.key, job.state) == (MEASURE_JOB, self._prototype.id, JobState.DONE):
                found: Measurement = job.result()
                return found
        return None

    def measure(
        self, trial: DocumentSettings | None = None, *, context: JobContext | None = None
    ) -> Measurement:
        """Keyword, semantic and hybrid search, what is set now, and a trial, on the judged queries.

        Args:
            trial: settings to measure beside them.
            context: of the job it is done in.

        Raises:
            InvalidInput: nothing is judged as right, or nothing is indexed.
            StudioError: a model failed, or the job was stopped.
        """
        record = self._prototype.record
        now = self._prototype.settings
        behalf = self._context()
        judged = self.judgements()
        judgements = to_measure(judged)
        wanted, parts = distinct(ways_of(now, trial))
        measured = self._compare(judgements, wanted, behalf, context)
        ways = tuple(
            MeasuredWay(parts=parts[part], settings=wanted[part], measured=measured[part])
            for part in wanted
        )
        queries = queries_of(judgements)
        return Measurement(
            ways=ways,
            queries={key: queries[key] for key in ways[0].measured.ndcg_of},
            n_judgements=len(judgements),
            n_by_source=Counter(one.source for one in judged if one.item is not None),
            n_gone=sum(one.item is None for one in judged),
            version=record.version,
            measured_at=self._tools.clock(),
            verdicts=verdicts_on(ways),
        )

    def versions(
        self, settings: DocumentSettings, other: DocumentSettings, *, names: tuple[Notice, Notice]
    ) -> VersionsMeasured:
        """Two versions of the prototype on the judged queries, and which of them finds better.

        Args:
            settings: of the first version.
            other: of the second.
            names: what both are called within a sentence.

        Raises:
            InvalidInput: nothing is judged as right, nothing is indexed, or the versions read or cut
                documents in ways of which only one can be in the index.
            StudioError: a model failed.
        """
        check_same_index(settings, other)
        wanted = {"first": settings, "second": other}
        found = self._compare(to_measure(self.judgements()), wanted, self._context(), None)
        return versions_measured(found["first"], found["second"], names)

    def _compare(
        self,
        judgements: Sequence[Judgement],
        wanted: Mapping[Any, DocumentSettings],
        behalf: CallContext,
        context: JobContext | None,
    ) -> dict[Any, Measured]:
        """Each of these settings measured on the judgements, by its name."""
        searcher, names = self._knowledge.searcher(), self.names()
        if searcher.index is None:
            raise InvalidInput("There is nothing to search yet. Add documents first.")
        return compare_ways(
            judgements,
            {name: way_of(settings, ()) for name, settings in wanted.items()},
            embed=lambda queries: self._read_all(searcher, queries, behalf, context),
            rank=lambda query, vector, way: hits_of(
                searcher,
                query,
                vector if self._reads(searcher, query, way) else None,
                way,
                behalf,
            ),
            name=lambda hit: names.of(hit.chunk),
            report=_reporting(context),
        )

    def _read_all(
        self,
        searcher: Searcher,
        queries: Sequence[str],
        behalf: CallContext,
        context: JobContext | None,
    ) -> list[Vector]:
        vectors: list[Vector] = []
        for start in range(0, len(queries), N_EMBEDDED_AT_ONCE):
            if context is not None:
                context.raise_if_cancelled()
            part = queries[start : start + N_EMBEDDED_AT_ONCE]
            found = searcher.read(part, behalf)
            is_usable = found is not None and searcher.fits(found.call.revision)
            vectors += list(found.vectors) if found and is_usable else [None] * len(part)
        return vectors

    def _vector(self, searcher: Searcher, query: str, context: CallContext) -> tuple[Vector, float]:
        """The query's vector and what reading it took in ms, remembered for the last few queries."""
        if searcher.index is None:
            return None, 0.0
        key = (searcher.index.revision, query)
        with self._lock:
            if key in self._vectors:
                self._vectors.move_to_end(key)
                return self._vectors[key]
        found = searcher.read([query], context)
        if found is None or not searcher.fits(found.call.revision):
            return None, 0.0
        with self._lock:
            self._vectors[key] = (found.vectors[0], found.call.total_ms)
            while len(self._vectors) > N_REMEMBERED:
                self._vectors.popitem(last=False)
            return self._vectors[key]

    def _reads(self, searcher: Searcher, query: str, way: Way) -> bool:
        """Whether the prototype lets its model read a query for this way of searching."""
        if self._prototype.reads_every_query:
            return True
        return way.options.mode != "keyword" and searcher.reads_script_of(query)

    def _context(self) -> CallContext:
        record = self._prototype.record
        return CallContext(
            request_id=f"bench-{uuid.uuid4().hex[:12]}",
            prototype_id=record.id,
            version=record.version,
            surface="bench",
        )


def _reporting(context: JobContext | None) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        if context is not None:
            context.raise_if_cancelled()
            context.report(done, total, "queries")

    return report
