"""Measure a prototype now: its own questions replayed by 1, 2, 4, 8 and 16 callers, in the background.

What came of it is kept with the prototype and is what the business pages compute from; measurements of
one version by the same models add up. Knows no kind: see `target`. The first requests are not counted,
as a model may still be loading.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from studio.acting import Role
from studio.economics.present_calls import is_present
from studio.economics.replayed import Replay
from studio.errors import InvalidInput
from studio.jobs.runner import Job, JobContext
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.replay.callers import Callers, Round
from studio.prototypes.replay.other_load import OtherLoad
from studio.prototypes.replay.target import Replayable
from studio.records import Notice

MEASURE_JOB = "measure-now"
N_INPUTS = 160
"""Texts that are asked for: enough that hardly any is asked twice in one measurement. An engine that
remembers the beginning of a prompt would answer the second time too fast."""


MOST_RUNS = 10
"""Measurements that are added up at most; the next one begins anew. Each has some 150 requests."""
_LONG_S = 60.0  # from which on it is said how long it takes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPlan:
    """How much is measured: requests by number of callers, and how long a round of several may take.

    The round of one caller may take `alone_limit_s`: its requests are what everything else is computed
    from, and a slow model needs the time.
    """

    rounds: tuple[tuple[int, int], ...] = ((1, 30), (2, 16), (4, 24), (8, 32), (16, 48))
    n_warm_up: int = 2
    limit_s: float = 20.0
    alone_limit_s: float = 600.0

    @property
    def n_alone(self) -> int:
        """Requests of a single caller, one after the other."""
        return sum(n for n_concurrent, n in self.rounds if n_concurrent == 1)

    @property
    def n_requests(self) -> int:
        """Requests in all, warming up included."""
        return self.n_warm_up + sum(n for _, n in self.rounds)


class Measuring:
    """Measuring of one prototype. Every method may be called by any thread.

    Args:
        prototype: of any kind.
        toolbox: where the measurement is kept, and what runs it.
    """

    def __init__(self, prototype: StoredPrototype[Any], toolbox: Toolbox) -> None:
        self._prototype = prototype
        self._tools = toolbox

    @property
    def can_start(self) -> bool:
        """Whether this kind can be measured and has something to ask."""
        return isinstance(self._prototype, Replayable) and bool(self._prototype.replay_inputs(1))

    def start(self, plan: ReplayPlan | None = None, *, anew: bool = False) -> Job[Replay]:
        """Measure in the background; the same job while it runs.

        Args:
            plan: how much is measured.
            anew: leaves out what was measured of this version before; it is added to otherwise.

        Raises:
            InvalidInput: this kind cannot be measured, or it has nothing to ask yet.
            AccessDenied: whoever acts is no editor.
        """
        self._tools.acting.require(Role.EDITOR)
        target = self._target()
        wanted = plan or ReplayPlan()
        texts = target.replay_inputs(N_INPUTS)
        if not texts:
            raise InvalidInput(
                "There is nothing to ask yet. Add documents or tables and get them ready, or use the"
                " prototype a few times first."
            )
        return self._tools.jobs.start(
            MEASURE_JOB,
            Notice("Measuring {name}", name=self._prototype.name),
            lambda context: self._measure(target, texts, wanted, context, anew=anew),
            self._prototype.id,
        )

    def job(self) -> Job[Replay] | None:
        """The measurement that runs, or ran last in this process; None where there is none."""
        return self._tools.jobs.latest(MEASURE_JOB, self._prototype.id)

    def last(self) -> Replay | None:
        """What was measured of the version measured last, in all; None before the first time."""
        stored = self._tools.workspace.preferences.get(self._key)
        return None if stored is None else Replay.from_json(stored)

    @property
    def _key(self) -> str:
        return f"replay.{self._prototype.id}"

    def _target(self) -> Replayable:
        if not isinstance(self._prototype, Replayable):
            raise InvalidInput(
                "A prototype of the kind {kind} cannot be measured by replaying.",
                kind=self._prototype.kind,
            )
        return self._prototype

    def adds_up(self, earlier: Replay | None) -> bool:
        """Whether the next measurement is added to an earlier one, as far as can be told before."""
        if earlier is None or earlier.n_runs >= MOST_RUNS:
            return False
        return earlier.version == self._prototype.version

    def _measure(
        self,
        target: Replayable,
        texts: Sequence[str],
        plan: ReplayPlan,
        context: JobContext,
        *,
        anew: bool,
    ) -> Replay:
        version, endless = self._prototype.version, itertools.cycle(texts)
        done = itertools.count(1)
        load = OtherLoad()
        rounds: list[Round] = []
        warm_up = (1, plan.n_warm_up)
        notice, alone_s = Notice("Warming up"), 0.0
        for position, (n_concurrent, n_requests) in enumerate((warm_up, *plan.rounds)):
            limit_s = plan.alone_limit_s if n_concurrent == 1 else plan.limit_s
            if position:
                notice = said(n_concurrent, min(limit_s, n_requests * alone_s))

            def report(notice: Notice = notice) -> None:
                context.report(next(done), plan.n_requests, "requests", notice)

            callers = Callers(
                target,
                endless,
                n_concurrent=n_concurrent,
                n_requests=n_requests,
                limit_s=limit_s,
                is_cancelled=context.cancelled,
                on_answer=report,
            )
            found = callers.run()
            context.raise_if_cancelled()
            if found.failure is not None and found.point is None:
                raise found.failure
            if position:
                rounds.append(found)
            elif found.requests:  # the last one: the first may have waited for a model to load
                alone_s = found.requests[-1].total_ms / 1e3
        replay = Replay(
            measured_at=self._tools.clock(),
            version=version,
            requests=tuple(request for one in rounds for request in one.requests),
            sweep=tuple(one.point for one in rounds if one.point is not None),
            n_failed=sum(one.n_failed for one in rounds),
            load=load.share(),
            n_inputs=len(texts),
        )
        self._tools.ledger.flush()
        earlier = None if anew else self.last()
        if earlier is not None and self.adds_up(earlier) and self._is_alike(earlier, replay):
            replay = replay.after(earlier)
        self._tools.workspace.preferences.set(self._key, replay.to_json())
        return replay

    def _is_alike(self, earlier: Replay, later: Replay) -> bool:
        """Whether both measured the same models, as the ledger has their calls."""
        calls = self._tools.ledger.frame(prototype_id=self._prototype.id)
        before, after = (
            calls[calls["request_id"].isin([one.request_id for one in replay.alone])]
            for replay in (earlier, later)
        )
        if before.empty or after.empty:  # no model is asked, or the ledger has forgotten it
            return before.empty and after.empty
        return bool(is_present(before, after).all())


def said(n_concurrent: int, alone_s: float) -> Notice:
    """What is going on; `alone_s` is how many seconds a single caller will take."""
    if n_concurrent == 1 and alone_s > _LONG_S:
        return Notice("Measuring with one caller, about {n} min", n=math.ceil(alone_s / 60))
    if n_concurrent == 1:
        return Notice("Measuring with one caller")
    return Notice("Measuring with {n} callers at once", n=n_concurrent)
