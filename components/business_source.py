"""What the business pages compute from, kept between reruns: the measured base and ways of serving it.

A result is computed once for what it depends on, so that a slider does not compute it again. The module
draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from components import business_draft, cache
from components.business_draft import Draft
from studio.economics.business_case import BusinessCase, ServingFigures, make_case
from studio.economics.business_model import BusinessModel
from studio.economics.comparison import ModelResult
from studio.economics.measured_base import MeasuredBase
from studio.economics.serving import Dot, LoadPoint, Serving
from studio.economics.serving_choice import ServingChoice, Slo
from studio.economics.uncertainty import Outlook
from studio.records import Notice
from studio.workbench import AnyPrototype


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A prototype as the business pages see it in one run of a page.

    `state` says all that its base depends on: calls, prices and the last measurement. `hour` is the
    aware hour at which hosted models are priced. `accounts` says whose requests count.
    """

    prototype: AnyPrototype
    state: str
    hour: datetime
    accounts: str = ""

    def base(self) -> MeasuredBase:
        """The measured base; from memory while nothing it depends on has changed."""
        return cache.measured_base(self.prototype.id, self.accounts, self.state)

    def serving(self, choice: ServingChoice) -> Serving:
        """A way of serving the base.

        Raises:
            StudioError: the choice does not fit the base, or has no price.
        """
        return cache.serving(
            self.prototype.id, self.accounts, self.state, repr(choice), self.hour, choice
        )

    def servings(self, choices: Sequence[ServingChoice]) -> tuple[Serving | Notice, ...]:
        """Many ways of serving the base at once; in place of one that cannot be, why not."""
        return cache.servings(
            self.prototype.id, self.accounts, self.state, repr(choices), self.hour, choices
        )

    def curve(
        self, of: Serving, rates_per_s: Sequence[float], slo: Slo, *, replicas: int | None = None
    ) -> tuple[LoadPoint, ...]:
        """`Serving.curve`, from memory where it was drawn before."""
        key = f"{self.state} {self.hour} {of.choice!r} {tuple(rates_per_s)} {replicas} {slo}"
        return cache.load_curve(key, of, rates_per_s, replicas, slo)

    def dots(self, servings: Sequence[Serving], rate_per_s: float, slo: Slo) -> tuple[Dot, ...]:
        """`Serving.dot` of each, from memory where they were drawn before."""
        choices = [one.choice for one in servings]
        key = f"{self.state} {self.hour} {choices!r} {rate_per_s} {slo}"
        return cache.dots(key, servings, rate_per_s, slo)

    def group_curve(
        self, of: Serving, people: Sequence[int], think_s: float, slo: Slo, *, replicas: int
    ) -> tuple[LoadPoint, ...]:
        """`Serving.at_users` for each number of people, from memory where it was drawn before."""
        key = f"{self.state} {self.hour} {of.choice!r} {tuple(people)} {think_s} {replicas} {slo}"
        return cache.group_curve(key, of, people, think_s, replicas, slo)

    def figures(self, draft: Draft) -> ServingFigures:
        """What the way of serving puts into every model; its queue is solved once."""
        serving = self.serving(draft.choice)
        return cache.serving_figures(self._key(draft), serving, draft.slo)

    def case(self, model: BusinessModel, draft: Draft) -> BusinessCase:
        """A model with what is assumed.

        Raises:
            StudioError: a value is not possible, or the way of serving does not fit.
        """
        return make_case(model, draft.values(model), self.figures(draft))

    def result(self, model: BusinessModel, draft: Draft) -> ModelResult:
        """What a model comes to; from memory where it was computed before. Raises as `case`."""
        key = f"{self._key(draft)} {model.key} {sorted(draft.values(model).items())}"
        case = self.case(model, draft)
        return cache.model_result(key, case, self.serving(draft.choice), draft.slo)

    def outlooks(self, draft: Draft, results: Sequence[ModelResult]) -> tuple[Outlook, ...]:
        """Thousands of random worlds for models; from memory where they were drawn before."""
        key = f"{self._key(draft)} {draft.shared} {draft.own} {[r.case.model.key for r in results]}"
        return cache.model_outlooks(key, results)

    def _key(self, draft: Draft) -> str:
        return f"{self.state} {self.hour} {draft.choice!r} {draft.slo!r}"


def of(prototype: AnyPrototype) -> Source:
    """The source of a prototype; asks the ledger and the workspace once."""
    accounts = business_draft.load(prototype.id).accounts
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return Source(
        prototype=prototype,
        state=f"{accounts} {state_of(prototype)}",
        hour=hour,
        accounts=accounts,
    )


def state_of(prototype: AnyPrototype) -> str:
    """All that what was measured of a prototype depends on, for the key of a cache."""
    bench = cache.workbench()
    book = bench.prices()
    replay = bench.measuring(prototype.id).last()
    facts = (
        prototype.id,
        bench.ledger.count(),
        book.machine_hour_usd,
        sorted((model, repr(price)) for model, price in book.overrides.items()),
        None if replay is None else replay.measured_at,
    )
    return repr(facts)
