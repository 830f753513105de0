"""`studio bench recommendation`: how well and how fast recommenders are, against what was promised.

Quality on MovieLens (ml_latest_small): each user's last item is to be foretold, what was seen is left
out, all items are candidates. Parameters are searched on the item before it, by the search that every
prototype has; nothing is chosen by looking at the last items. Speed and memory on drawn data, as its
size matters and not its sense.
"""

from __future__ import annotations

import csv
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from studio.errors import NotFound
from studio.evaluation.comparison import Interval
from studio.prototypes.recommendation.evaluating import EvaluationPlan, evaluate
from studio.prototypes.recommendation.evaluation import Evaluation, TuningResult
from studio.prototypes.recommendation.goals import METHODS, MethodName
from studio.prototypes.recommendation.interactions import Interactions, Items
from studio.prototypes.recommendation.listing import made_list, shelf_of
from studio.prototypes.recommendation.methods.contract import Recommender, TrainingData
from studio.prototypes.recommendation.methods.registry import made
from studio.prototypes.recommendation.methods.threads import n_threads, one_blas_thread
from studio.prototypes.recommendation.methods.visitors import visitor_of
from studio.prototypes.recommendation.rules import Rules
from studio.prototypes.recommendation.trained import Trained
from studio.prototypes.recommendation.tuning import TuningDesk, tune
from studio.prototypes.recommendation.visiting import Visit
from studio.prototypes.recommendation.weighing import training_data

SEED = 7
DEFAULT: MethodName = "hybrid"
"""The method that a prototype takes for "for you" as long as nothing was measured."""
POPULAR_NDCG, POPULAR_TOLERANCE = 0.019, 0.001
DEFAULT_NDCG, TUNED_NDCG = 0.045, 0.052
FIT_RATIO, P95_MS = 1.2, 20.0
SIZES: tuple[tuple[int, int], ...] = ((10_000, 2_500), (10_000, 10_000))
"""Users and items of the drawn data."""
N_PER_USER = 50
N_REQUESTS = 300
N_REPEATED = 3

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something promised: what, the figure, and whether it holds."""

    name: str
    figure: str
    is_passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """One method on drawn data. `alone_s` is the library's own fit, None where there is none."""

    method: MethodName
    n_users: int
    n_items: int
    fit_s: float
    alone_s: float | None
    p50_ms: float
    p95_ms: float
    memory_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationReport:
    """All figures and checks. `tuned` are the searches, the best of the tuned methods first."""

    evaluation: Evaluation
    tuned: tuple[TuningResult, ...]
    speeds: tuple[Speed, ...]
    n_threads: int

    @property
    def checks(self) -> tuple[Check, ...]:
        """What was promised."""
        popular, usual = _ndcg(self.evaluation, "popular"), _ndcg(self.evaluation, DEFAULT)
        best = max((result.test for result in self.tuned), key=lambda i: i.mean, default=usual)
        checks = [
            Check(
                name=f"popular nDCG@10 is {POPULAR_NDCG} (the harness is right)",
                figure=str(popular),
                is_passed=abs(popular.mean - POPULAR_NDCG) <= POPULAR_TOLERANCE,
            ),
            Check(
                name=f"default method nDCG@10 at least {DEFAULT_NDCG}",
                figure=str(usual),
                is_passed=usual.mean >= DEFAULT_NDCG,
            ),
            Check(
                name=f"best tuned nDCG@10 at least {TUNED_NDCG}",
                figure=str(best),
                is_passed=best.mean >= TUNED_NDCG,
            ),
        ]
        for speed in self.speeds:
            size = f"{speed.method} at {speed.n_users:,} x {speed.n_items:,}"
            if speed.alone_s:
                ratio = speed.fit_s / speed.alone_s
                checks.append(
                    Check(
                        name=f"{size}: fit within {FIT_RATIO} of implicit alone",
                        figure=f"{ratio:.2f} ({speed.fit_s:.2f} s, {speed.alone_s:.2f} s)",
                        is_passed=ratio <= FIT_RATIO,
                    )
                )
            checks.append(
                Check(
                    name=f"{size}: p95 of a list under {P95_MS:.0f} ms",
                    figure=f"{speed.p95_ms:.1f} ms",
                    is_passed=speed.p95_ms < P95_MS,
                )
            )
        return (*checks, *_growth(self.speeds))

    @property
    def is_passed(self) -> bool:
        """Whether everything promised holds."""
        return all(check.is_passed for check in self.checks)

    def as_text(self) -> str:
        """The tables, for a terminal."""
        e = self.evaluation
        lines = [
            f"ml_latest_small, leave-last-out: {e.n_users} users, {e.n_train:,} ratings learnt from",
            f"{'method':12} {'nDCG@10':22} {'hit rate':>8} {'coverage':>8} {'fit s':>7} {'p95 ms':>7}"
            f" {'MB':>6}  against popular",
        ]
        for one in e.methods:
            lines.append(
                f"{one.method:12} {one.measures['nDCG@10']!s:22} "
                f"{one.measures['Success@10'].mean:8.3f} {one.coverage:8.3f} {one.fit_s:7.2f} "
                f"{one.p95_ms:7.1f} {one.memory_bytes / 1e6:6.1f}  {one.outcome}"
            )
        for result in self.tuned:
            lines.append(
                f"tuned {result.method}: {result.test} instead of {result.test_default} "
                f"({len(result.trials)} trials; {_values(result.best.parameters)})"
            )
        lines.append(f"drawn data, {self.n_threads} threads")
        for speed in self.speeds:
            alone = "" if speed.alone_s is None else f", implicit alone {speed.alone_s:.2f} s"
            lines.append(
                f"{speed.method:12} {speed.n_users:,} x {speed.n_items:,}: fit {speed.fit_s:.2f} s"
                f"{alone}, a list p50 {speed.p50_ms:.1f} p95 {speed.p95_ms:.1f} ms, "
                f"{speed.memory_mb:.1f} MB"
            )
        lines += [
            f"{'ok  ' if check.is_passed else 'MISS'} {check.name}: {check.figure}"
            for check in self.checks
        ]
        return "\n".join(lines)

    def as_json(self) -> str:
        """The figures, for a file."""
        values = {
            "ndcg": {m.method: asdict(m.measures["nDCG@10"]) for m in self.evaluation.methods},
            "tuned": {r.method: asdict(r.test) for r in self.tuned},
            "speeds": [asdict(speed) for speed in self.speeds],
            "checks": [asdict(check) for check in self.checks],
        }
        return json.dumps(values, indent=1)


def run_recommendation_benchmark(
    folder: Path,
    *,
    quick: bool = False,
    progress: Progress = lambda _text: None,
) -> RecommendationReport:
    """Measure quality, tuning, speed and memory.

    Args:
        folder: of the public collections.
        quick: the default method and its parts, smaller drawn data, and no tuning.
        progress: told what is being done.

    Raises:
        NotFound: the collection is not there.
    """
    items, events = movielens(folder)
    plan = EvaluationPlan(split="last", parameters={}, event_weights={}, seed=SEED)
    if quick:
        plan = replace(plan, methods=("popular", "item_cosine", DEFAULT))
    progress("quality on ml_latest_small")
    now = datetime.now(UTC)
    measured = evaluate(
        events,
        len(items),
        plan,
        vectors=None,
        fingerprint="ml_latest_small",
        now=now,
        report=lambda _done, _total, notice: None if quick else progress(str(notice)),
    )
    tuned = []
    for method in () if quick else (DEFAULT,):
        progress(f"tuning {method}")
        tuned.append(
            tune(
                method,
                events,
                len(items),
                plan,
                TuningDesk(report=lambda done, total: progress(f"trial {done + 1} of {total}")),
                vectors=None,
                fingerprint="ml_latest_small",
                now=now,
            )
        )
    speeds = []
    for n_users, n_items in SIZES[:1] if quick else SIZES:
        progress(f"speed at {n_users:,} users and {n_items:,} items")
        speeds += measure_speed(n_users, n_items, quick=quick)
    return RecommendationReport(
        evaluation=measured, tuned=tuple(tuned), speeds=tuple(speeds), n_threads=n_threads()
    )


def movielens(folder: Path) -> tuple[Items, Interactions]:
    """ml_latest_small as items and interactions; whoever rated an item took it, however many stars.

    So it is counted where the figures that ours are compared with come from.

    Raises:
        NotFound: it is not in the folder.
    """
    place = folder / "ml_latest_small"
    if not (place / "ratings.csv").is_file():
        raise NotFound(
            "The collection ml_latest_small is not in {folder}. Name the folder with --data.",
            folder=folder,
        )
    with (place / "movies.csv").open(encoding="utf-8", newline="") as file:
        movies = list(csv.DictReader(file))
    items = Items(
        ids=tuple(row["movieId"] for row in movies),
        titles=tuple(row["title"] for row in movies),
        texts=tuple(f"{row['title']} {row['genres'].replace('|', ', ')}" for row in movies),
        attributes={"genre": tuple(tuple(row["genres"].split("|")) for row in movies)},
    )
    with (place / "ratings.csv").open(encoding="utf-8", newline="") as file:
        ratings = list(csv.DictReader(file))
    return items, Interactions.of(
        users=[row["userId"] for row in ratings],
        items=[row["movieId"] for row in ratings],
        known=items,
        kinds=["rating"] * len(ratings),
        times_s=[float(row["timestamp"]) for row in ratings],
    )


def drawn_data(n_users: int, n_items: int, *, seed: int = SEED) -> TrainingData:
    """`N_PER_USER` items per user with a long tail (log-normal), in order of time."""
    rng = np.random.default_rng(seed)
    popularity = rng.lognormal(0, 1.5, n_items)
    users = np.repeat(np.arange(n_users), N_PER_USER)
    items = rng.choice(n_items, len(users), p=popularity / popularity.sum())
    events = Interactions(
        users=tuple(map(str, range(n_users))),
        kinds=("view",),
        user_codes=users,
        item_codes=items,
        kind_codes=np.zeros(len(users), np.int64),
        ratings=np.full(len(users), np.nan),
        times_s=np.arange(len(users), dtype=np.float64),
    )
    return training_data(events, n_items)


def measure_speed(n_users: int, n_items: int, *, quick: bool = False) -> list[Speed]:
    """Fit, list and memory of the methods by `implicit` beside it alone, and of the default method."""
    data = drawn_data(n_users, n_items)
    popular = made("popular", data, {})
    popular.fit(data)
    speeds = []
    for name in ("item_cosine", "item_bm25", "als", DEFAULT):
        alone = _ALONE.get(name)
        fits, alones = [], []
        method = made(name, data, {})
        for _ in range(1 if name == DEFAULT or quick else N_REPEATED):  # turn by turn
            method = made(name, data, {})
            began_s = time.perf_counter()
            method.fit(data, seed=SEED)
            fits.append(time.perf_counter() - began_s)
            if alone is not None:
                began_s = time.perf_counter()
                alone(data, method.values)
                alones.append(time.perf_counter() - began_s)
        times_ms = _list_times_ms(data, method, popular)
        parts = getattr(method, "parts", ())
        speeds.append(
            Speed(
                method=name,
                n_users=n_users,
                n_items=n_items,
                fit_s=min(fits),
                alone_s=min(alones, default=None),
                p50_ms=statistics.median(times_ms),
                p95_ms=float(np.quantile(times_ms, 0.95)),
                memory_mb=(method.memory_bytes + sum(p.memory_bytes for p in parts)) / 1e6,
            )
        )
    return speeds


def _list_times_ms(data: TrainingData, method: Recommender, popular: Recommender) -> list[float]:
    """Ten items with rules and reasons, as somebody is served, one request at a time."""
    ids = tuple(map(str, range(data.n_items)))
    trained = Trained(
        methods={method.name: method, "popular": popular},
        item_ids=ids,
        user_ids=tuple(map(str, range(data.n_users))),
        vectors=None,
        model="",
        parameters=(),
        fingerprint="",
        n_events=len(data.users),
        trained_at=datetime.now(UTC),
    )
    shelf = shelf_of(trained, Items.bare(ids))
    rng = np.random.default_rng(SEED)
    times_ms = []
    for user in rng.choice(data.n_users, min(N_REQUESTS, data.n_users), replace=False).tolist():
        began_s = time.perf_counter()
        visitor = visitor_of(data, user)
        seen = frozenset(visitor.items.tolist())
        visit = Visit(visitor=visitor, history=(), seen=seen, notices=())
        made_list(method, popular, visit, shelf, trained, Rules(), n_items=10, now_s=0.0)
        times_ms.append((time.perf_counter() - began_s) * 1000)
    return times_ms


def _cosine_alone(data: TrainingData, values: Mapping[str, float]) -> None:
    from implicit.nearest_neighbours import ItemItemRecommender, normalize

    model = ItemItemRecommender(K=int(values["n_neighbours"]) + 1, num_threads=n_threads())
    model.fit(normalize(data.matrix.T).T.tocsr().astype("float64"), show_progress=False)


def _bm25_alone(data: TrainingData, values: Mapping[str, float]) -> None:
    from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight

    model = ItemItemRecommender(K=int(values["n_neighbours"]) + 1, num_threads=n_threads())
    weighted = bm25_weight(data.matrix.T, K1=values["k1"], B=values["b"]).T
    model.fit(weighted.tocsr().astype("float64"), show_progress=False)


def _als_alone(data: TrainingData, values: Mapping[str, float]) -> None:
    from implicit.als import AlternatingLeastSquares

    with one_blas_thread():
        AlternatingLeastSquares(
            factors=int(values["n_factors"]),
            regularization=values["regularisation"],
            alpha=values["alpha"],
            iterations=15,
            use_gpu=False,
            num_threads=n_threads(),
            random_state=SEED,
        ).fit(data.matrix, show_progress=False)


_ALONE: Mapping[str, Callable[[TrainingData, Mapping[str, float]], None]] = {
    "item_cosine": _cosine_alone,
    "item_bm25": _bm25_alone,
    "als": _als_alone,
}


def _growth(speeds: Sequence[Speed]) -> list[Check]:
    """A list must not take more time per item where there are more items."""
    checks = []
    for name in METHODS:
        own = sorted((s for s in speeds if s.method == name), key=lambda s: s.n_items)
        if len(own) < 2:
            continue
        small, large = own[0], own[-1]
        times, items = large.p50_ms / small.p50_ms, large.n_items / small.n_items
        checks.append(
            Check(
                name=f"{name}: {items:.0f} times the items take at most {items:.0f} times as long",
                figure=f"{times:.1f} times",
                is_passed=times <= items,
            )
        )
    return checks


def _ndcg(evaluation: Evaluation, method: MethodName) -> Interval:
    found = evaluation.of(method)
    if found is None:
        raise NotFound("{method} was not measured.", method=method)
    return found.measures["nDCG@10"]


def _values(parameters: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in parameters.items()) or "the usual ones"
