"""Approximate nearest neighbours through FAISS, with every find compared exactly afterwards.

FAISS keeps shortened copies of the vectors in a graph (HNSW) or in lists (IVF) and proposes
candidates; their cosines are computed from the stored vectors, so that scores never depend on the
kind of index. How hard it looks is measured when it is built, against exact search on its own
vectors. Where a filter leaves few rows, or FAISS finds too few, the rows are read one by one.

Vectors can be added and taken away without training anew: FAISS numbers what it was given by slots,
and `rows_of_slots` says which row a slot is now, or that it is none any more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.retrieval.dense import DenseSearch
from studio.retrieval.index_choice import IndexKind
from studio.retrieval.vectors import GONE, Vectors, best, load_faiss, unit_rows

ANN_FILE = "neighbours.faiss"
SLOTS_FILE = "slots.npy"

TARGET_RECALL = 0.985
"""Share of the ten nearest that must be found on average; half a point above what is promised."""

_HNSW_EFFORTS = (32, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 768)
_IVF_EFFORTS = (4, 8, 12, 16, 24, 32, 40, 48, 56, *range(64, 321, 16))
_N_SAMPLES = 256
# How far an imagined question lies between two passages. With 0.85 the recall by effort is that of
# real sentences held out of 100,000 (within 0.005 from 8 lists on); nearer questions flatter.
_LIKENESS = np.float32(0.85)
_N_NEIGHBOURS = 10
_FEW = 2_000  # rows that are read one by one sooner than FAISS is asked
# Vectors from which on all cores look for one question together. On two cores that takes 2.8 ms instead
# of 5.1 among a million vectors (320 lists); among 100,000 it saves 0.2 ms, and eight questions at once
# are answered at 0.8 of the rate.
_FOR_ALL_CORES = 500_000
_N_LOOKED_ABOUT = 64  # nearest rows that tell how rare the allowed ones are about the query
_BLOCK = 65_536
_N_FOR_A_LIST = 48  # vectors that its centre is learnt from; FAISS asks for 39 or more
_BUILD_SEED = 0
_MOST = 127  # the largest whole number of a byte with a sign


class ApproximateIndex:
    """Nearly all of the nearest passages, in a fraction of the time of comparing with each.

    Args:
        vectors: of all rows.
        kind: "hnsw", "ivf" or "ivf_compact".
        neighbours: the FAISS index; slot numbers are its ids.
        rows_of_slots: `(n_slots,)` int64, the row of each slot or `GONE`; each row once.
        effort: how many candidates a graph, or how many lists, are looked at.
    """

    def __init__(
        self,
        vectors: Vectors,
        kind: IndexKind,
        neighbours: Any,  # Any: faiss has no types
        rows_of_slots: NDArray[np.int64],
        effort: int,
    ) -> None:
        self.vectors = vectors
        self.n_passages, self.dim = vectors.n_passages, vectors.dim
        self.kind = kind
        self.rows_of_slots = rows_of_slots
        self.effort = effort
        self.neighbours = neighbours
        if kind != "hnsw":
            # The lists of one question on all cores, which its file does not keep.
            neighbours.parallel_mode = int(len(rows_of_slots) >= _FOR_ALL_CORES)
        self._scale = _scale_of(neighbours, kind)
        self._live = rows_of_slots != GONE

    def with_effort(self, effort: int) -> ApproximateIndex:
        """The same index, looking so hard."""
        return ApproximateIndex(
            self.vectors, self.kind, self.neighbours, self.rows_of_slots, effort
        )

    @property
    def n_slots(self) -> int:
        """Vectors that FAISS holds, those taken away included."""
        return len(self.rows_of_slots)

    def top(
        self,
        query: NDArray[np.float32],
        n: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows of the `n` nearest passages and their cosines, best first, ties by row.

        `allowed`, `(n_passages,)`, says which rows may be given. Fewer than `n` are given only where
        fewer are allowed.
        """
        n_allowed = self.n_passages if allowed is None else int(np.count_nonzero(allowed))
        n = min(n, n_allowed)
        effort = self.effort
        if allowed is not None:
            effort = self._effort_for(query, allowed, n_allowed)
        if n_allowed <= max(_FEW, self._cost_in_rows(effort)):
            return self.vectors.top(query, n, allowed)
        n_rescored = self._n_rescored(n) if allowed is None else 4 * self._n_rescored(n)
        rows = self._candidates(query, n_rescored, effort, allowed)
        if len(rows) < n:
            return self.vectors.top(query, n, allowed)
        return best(rows, self.vectors.cosines(query, rows), n)

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of the query with the passages of these rows, in their order."""
        return self.vectors.cosines(query, rows)

    def save(self, folder: Path) -> None:
        """Write everything but the vectors into the folder, which must exist. Raises OSError."""
        # Through Python, because FAISS cannot open every path that Python can.
        (folder / ANN_FILE).write_bytes(load_faiss().serialize_index(self.neighbours).data)
        np.save(folder / SLOTS_FILE, self.rows_of_slots, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, vectors: Vectors, kind: IndexKind, effort: int) -> ApproximateIndex:
        """What `save` wrote, in files already known to be whole. Raises OSError or ValueError."""
        content = np.fromfile(folder / ANN_FILE, dtype=np.uint8)
        slots = np.load(folder / SLOTS_FILE, allow_pickle=False)
        neighbours = load_faiss().deserialize_index(content)
        n_live = int(np.count_nonzero(slots != GONE))
        if len(slots) != neighbours.ntotal or n_live != vectors.n_passages:
            raise ValueError(f"{SLOTS_FILE} has {n_live} of {vectors.n_passages} rows")
        return cls(vectors, kind, neighbours, slots, effort)

    def _effort_for(
        self, query: NDArray[np.float32], allowed: NDArray[np.bool_], n_allowed: int
    ) -> int:
        """How hard to look where not every row may be given: the rarer those, the harder.

        FAISS looks where the query is at home. Where the allowed rows live elsewhere (a question about
        tents, a filter for shoes) it would hardly see them, so that their share is taken there, where
        it is smaller than in the whole.
        """
        share = n_allowed / max(1, self.n_passages)
        if n_allowed > _FEW:
            near = self._candidates(query, _N_LOOKED_ABOUT, self.effort, None)
            share = min(share, float(np.count_nonzero(allowed[near])) / _N_LOOKED_ABOUT)
        return min(self.n_slots, int(np.ceil(self.effort / max(share, 1 / self.n_slots))))

    def _candidates(
        self,
        query: NDArray[np.float32],
        n: int,
        effort: int,
        allowed: NDArray[np.bool_] | None,
    ) -> NDArray[np.int64]:
        """Up to `n` rows that FAISS holds to be near, allowed ones only, in no order."""
        selector = self._selector(allowed)
        if self.kind == "hnsw":
            parameters = load_faiss().SearchParametersHNSW(efSearch=max(effort, n), sel=selector)
        else:
            n_lists = min(effort, self.neighbours.nlist)
            parameters = load_faiss().SearchParametersIVF(nprobe=n_lists, sel=selector)
        _, slots = self.neighbours.search(
            _written(unit_rows(query[None, :]), self._scale),
            min(n, self.n_slots),
            params=parameters,
        )
        found: NDArray[np.int64] = self.rows_of_slots[slots[0][slots[0] >= 0]]
        return found

    def _selector(self, allowed: NDArray[np.bool_] | None) -> Any:
        if allowed is None and self._live.all():
            return None
        wanted = self._live
        if allowed is not None:
            wanted = self._live & allowed[self.rows_of_slots]  # GONE picks any row; not live anyway
        return load_faiss().IDSelectorBitmap(np.packbits(wanted, bitorder="little"))

    def _n_rescored(self, n: int) -> int:
        """How many candidates are compared exactly: the coarser the copies, the more."""
        return 20 * n + 1000 if self.kind == "ivf_compact" else 2 * n + 10

    def _cost_in_rows(self, effort: int) -> int:
        """About how many rows could be read one by one while FAISS looks so hard."""
        if self.kind == "hnsw":
            return 10 * effort
        return int(self.n_slots * min(1.0, effort / self.neighbours.nlist) / 4)


def train(
    vectors: Vectors, kind: IndexKind, parameters: Mapping[str, int]
) -> tuple[ApproximateIndex, float]:
    """A new index of these vectors, and the recall that was measured on them."""
    sample = _sample(vectors.rows, _N_FOR_A_LIST * parameters.get("lists", 1024))
    neighbours = _empty(vectors.dim, kind, parameters)
    if kind != "hnsw":
        neighbours.cp.seed = _BUILD_SEED
        neighbours.cp.max_points_per_centroid = _N_FOR_A_LIST
    neighbours.train(sample)
    if kind == "ivf":
        neighbours = _in_whole_numbers(neighbours, sample)
    scale = _scale_of(neighbours, kind)
    for start in range(0, vectors.n_passages, _BLOCK):
        neighbours.add(_written(vectors.rows[start : start + _BLOCK], scale))
    slots = np.arange(vectors.n_passages, dtype=np.int64)
    return tuned(ApproximateIndex(vectors, kind, neighbours, slots, 1))


def extended(
    index: ApproximateIndex, vectors: Vectors, old_rows: NDArray[np.int64]
) -> ApproximateIndex:
    """The index for changed vectors, without training: what is new is added, the rest stays.

    `old_rows`, `(n_passages,)`, says for each row of `vectors` which row of `index` has the very same
    vector, or `GONE`; no old row twice. `index` is used up: it must not be searched any more.
    """
    new_of_old = np.full(index.n_passages, GONE, dtype=np.int64)
    taken = np.flatnonzero(old_rows != GONE)
    new_of_old[old_rows[taken]] = taken
    slots = np.where(index.rows_of_slots == GONE, GONE, new_of_old[index.rows_of_slots])
    added = np.flatnonzero(old_rows == GONE)
    for start in range(0, len(added), _BLOCK):
        rows = vectors.rows[added[start : start + _BLOCK]]
        index.neighbours.add(_written(rows, _scale_of(index.neighbours, index.kind)))
    return ApproximateIndex(
        vectors, index.kind, index.neighbours, np.concatenate([slots, added]), index.effort
    )


def tuned(index: ApproximateIndex) -> tuple[ApproximateIndex, float]:
    """The index with the least effort that finds `TARGET_RECALL`, and the recall it has then.

    Questions are imagined between two passages each, since a question is never quite like a passage.
    """
    queries, nearest = _imagined_queries(index.vectors)
    efforts = _HNSW_EFFORTS if index.kind == "hnsw" else _IVF_EFFORTS

    def recall(effort: int) -> float:
        return recall_of(index.with_effort(effort), queries, nearest)

    # More effort finds no less, so that few of them need to be tried.
    at = bisect_left(efforts[:-1], TARGET_RECALL, key=recall)
    return index.with_effort(efforts[at]), recall(efforts[at])


def measured_recall(index: DenseSearch, vectors: Vectors, n_samples: int = 64) -> float:
    """Share of the ten nearest that an index finds for questions imagined between its vectors."""
    queries, nearest = _imagined_queries(vectors, n_samples)
    return recall_of(index, queries, nearest)


def recall_of(
    index: DenseSearch, queries: NDArray[np.float32], nearest: NDArray[np.int64]
) -> float:
    """Mean share of the `nearest`, `(n_queries, k)` rows, among the `k` that the index gives."""
    found = [index.top(query, nearest.shape[1])[0] for query in queries]
    shares = [np.isin(rows, got).mean() for rows, got in zip(nearest, found, strict=True)]
    return float(np.mean(shares))


def exact_neighbours(vectors: Vectors, queries: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The `k` nearest rows of each unit query, `(n_queries, k)` in no order, by comparing with all."""
    k = min(k, vectors.n_passages)
    scores = np.empty((len(queries), 0), dtype=np.float32)
    rows = np.empty((len(queries), 0), dtype=np.int64)
    for start in range(0, vectors.n_passages, _BLOCK):
        block = queries @ vectors.rows[start : start + _BLOCK].T
        numbers = np.broadcast_to(np.arange(start, start + block.shape[1]), block.shape)
        scores, rows = np.hstack([scores, block]), np.hstack([rows, numbers])
        kept = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
        scores = np.take_along_axis(scores, kept, axis=1)
        rows = np.take_along_axis(rows, kept, axis=1)
    return rows


def _imagined_queries(
    vectors: Vectors, n_samples: int = _N_SAMPLES
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    random = np.random.default_rng(_BUILD_SEED)
    first, second = random.integers(vectors.n_passages, size=(2, n_samples))
    queries = unit_rows(vectors.rows[first] + _LIKENESS * vectors.rows[second])
    return queries, exact_neighbours(vectors, queries, _N_NEIGHBOURS)


def _sample(rows: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    if len(rows) <= most:
        return np.ascontiguousarray(rows)
    chosen = np.random.default_rng(_BUILD_SEED).choice(len(rows), most, replace=False)
    return np.ascontiguousarray(rows[np.sort(chosen)])


def _empty(dim: int, kind: IndexKind, parameters: Mapping[str, int]) -> Any:
    if kind == "hnsw":
        index = load_faiss().index_factory(
            dim, f"HNSW{parameters['links']},SQ8", load_faiss().METRIC_INNER_PRODUCT
        )
        index.hnsw.efConstruction = parameters["effort"]
        return index
    # RaBitQ (Gao and Long, 2024) keeps one bit to a number. On clustered vectors it found more than
    # product quantisation of the same size (recall at ten 0.97 against 0.93, 800 finds rescored).
    # The lists of "ivf" only learn their centres here: `_in_whole_numbers` gives them their copies.
    codes = "Flat" if kind == "ivf" else "RaBitQ"
    return load_faiss().index_factory(
        dim, f"IVF{parameters['lists']},{codes}", load_faiss().METRIC_INNER_PRODUCT
    )


def _in_whole_numbers(lists: Any, sample: NDArray[np.float32]) -> Any:
    """Empty lists with the same centres that keep whole numbers from -127 to 127.

    FAISS multiplies these as they are and must not decode them first: with AVX-512 that takes half the
    time (one million vectors, 256 lists: 2.2 ms against 4.2), with AVX2 two thirds (100,000 vectors,
    208 lists: 2.0 ms against 3.0), and it finds as much. The centres are written in the same unit,
    which tells it to whoever opens the index.
    """
    faiss = load_faiss()
    centres = lists.quantizer.reconstruct_n(0, lists.nlist)
    scale = _MOST / max(float(np.abs(sample).max()), 1 / _MOST)
    quantizer = faiss.IndexFlatIP(lists.d)
    quantizer.add(centres * np.float32(scale))
    whole = faiss.IndexIVFScalarQuantizer(
        quantizer,
        lists.d,
        lists.nlist,
        faiss.ScalarQuantizer.QT_8bit_direct_signed,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    quantizer.this.disown()  # it lives and dies with the lists
    whole.own_fields = True
    whole.train(centres)  # nothing is left to learn
    return whole


def _scale_of(neighbours: Any, kind: IndexKind) -> float:
    """What numbers of unit vectors are multiplied by in this index; 0 where they are kept as given."""
    if kind != "ivf" or neighbours.sq.qtype != load_faiss().ScalarQuantizer.QT_8bit_direct_signed:
        return 0.0
    return float(np.linalg.norm(neighbours.quantizer.reconstruct(0)))


def _written(rows: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """Unit vectors as FAISS is given them."""
    if not scale:
        return np.ascontiguousarray(rows)
    whole: NDArray[np.float32] = np.clip(np.rint(rows * np.float32(scale)), -_MOST, _MOST)
    return whole
