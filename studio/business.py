"""The business of one prototype: what it costs, how it is served, and which model carries it.

What the business pages do is one or two calls here, in a notebook too:

    business = workbench.business("support-bot")
    result = business.result("subscription", {"price": Decimal(15)})
    print(result.figure("break_even").value)

Reads the ledger and the prices; computing is `economics`, storing is the workspace's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from studio.economics.business_case import BusinessCase, ServingFigures, make_case
from studio.economics.business_model import BusinessModel
from studio.economics.choice_figures import choice_figures
from studio.economics.comparison import ModelResult, result_of
from studio.economics.crossover import Crossover, crossover
from studio.economics.currency import DEFAULT_RATES, Currency, ExchangeRates
from studio.economics.measured_base import MeasuredBase
from studio.economics.models.registry import MODELS, model_named
from studio.economics.scenario import Difference, Scenario, difference
from studio.economics.serving import Serving, serve
from studio.economics.serving_choice import AsMeasured, ServingChoice, Slo
from studio.economics.serving_inputs import serving_figures
from studio.economics.shared_lines import PEAK_FACTOR
from studio.economics.table_export import figures_csv
from studio.economics.uncertainty import N_DRAWS, Outlook, outlooks
from studio.economics.workbook import workbook
from studio.economics.workbook_cells import WorkbookWords
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.records import Notice
from studio.workspace.records import ScenarioRecord
from studio.workspace.scenarios import Scenarios
from studio.workspace.store import Workspace

Values = Mapping[str, Decimal]
_RATES = "business.exchange_rates"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedScenario:
    """A scenario as it is stored: under which id and name, and what it says."""

    record: ScenarioRecord
    scenario: Scenario


class Business:
    """What can be computed about a prototype as a business. Thread-safe; reads anew at each call.

    Args:
        prototype: of any kind.
        toolbox: where prices are read, and scenarios are kept.
        base: gives the prototype's measured requests.
    """

    def __init__(
        self, prototype: StoredPrototype[Any], toolbox: Toolbox, base: Callable[[], MeasuredBase]
    ) -> None:
        self._id, self._name = prototype.id, prototype.name
        self._tools = toolbox
        self._base = base

    def base(self) -> MeasuredBase:
        """The measured requests; one without requests where there are none."""
        return self._base()

    @property
    def as_measured(self) -> AsMeasured:
        """The way it is served now: on machines like this one, at the price set for it."""
        return AsMeasured()

    def serving(self, choice: ServingChoice | None = None) -> Serving:
        """A way of serving the base, at the prices of this moment; by default as measured.

        Raises:
            InvalidInput: nothing was measured yet, or the choice does not fit.
            PriceUnknown: the price list has no such model.
            NotFound: the table has no such GPU or model.
        """
        return serve(self.base(), choice or self.as_measured, at=self._tools.clock())

    def crossover(
        self,
        first: ServingChoice,
        second: ServingChoice,
        *,
        slo: Slo | None = None,
        peak_factor: float = PEAK_FACTOR,
    ) -> Crossover:
        """From how many requests per month on the second way of serving is cheaper than the first.

        Args:
            first: such as a hosted model.
            second: such as a server of one's own.
            slo: the promise that decides how many servers a load needs.
            peak_factor: the busiest hour against the mean of the month, 1 or more.

        Raises as `serving`.
        """
        figures = [self._figures(self.serving(choice), slo) for choice in (first, second)]
        return crossover(*figures, peak_factor=peak_factor)

    @property
    def models(self) -> tuple[BusinessModel, ...]:
        """The six business models, in the order they are shown."""
        return MODELS

    def case(
        self,
        model_key: str,
        values: Values | None = None,
        *,
        choice: ServingChoice | None = None,
        slo: Slo | None = None,
    ) -> BusinessCase:
        """A business model with the user's values; what is missing takes its default.

        Raises:
            NotFound: there is no such model.
            InvalidInput: a value is not possible; `fields` names it. Or as `serving`.
        """
        model = model_named(model_key)
        return make_case(model, values or {}, self._figures(self.serving(choice), slo))

    def result(
        self,
        model_key: str,
        values: Values | None = None,
        *,
        choice: ServingChoice | None = None,
        slo: Slo | None = None,
    ) -> ModelResult:
        """What a business model comes to; raises as `case`."""
        return self.compare({model_key: values or {}}, choice=choice, slo=slo)[0]

    def compare(
        self,
        values: Mapping[str, Values] | None = None,
        *,
        choice: ServingChoice | None = None,
        slo: Slo | None = None,
    ) -> tuple[ModelResult, ...]:
        """Several models on the same base and serving, in the order of the mapping; all by default.

        Raises:
            NotFound: there is no such model.
            InvalidInput: a value is not possible. Or as `serving`.
        """
        wanted = {model.key: {} for model in MODELS} if values is None else values
        serving = self.serving(choice)
        figures = self._figures(serving, slo)
        return tuple(
            result_of(make_case(model_named(key), own, figures), serving, slo)
            for key, own in wanted.items()
        )

    def workbook(self, result: ModelResult, *, currency: Currency = Currency.USD) -> bytes:
        """The model as an XLSX file with live formulas; amounts in USD and a currency beside it."""
        return workbook(
            result,
            WorkbookWords(title=self._name),
            at=self._tools.clock(),
            currency=currency,
            rates=exchange_rates(self._tools.workspace),
        )

    def csv(self, result: ModelResult) -> str:
        """Every figure of the model with its provenance, as comma-separated values."""
        return figures_csv(result, WorkbookWords(title=self._name))

    def outlooks(
        self, results: Sequence[ModelResult], *, n_draws: int = N_DRAWS, seed: int = 0
    ) -> tuple[Outlook, ...]:
        """What comes of models in thousands of random worlds; the same seed, the same worlds."""
        return outlooks([result.case for result in results], n_draws=n_draws, seed=seed)

    # Scenarios

    def save(self, name: str, scenario: Scenario) -> SavedScenario:
        """Keep a scenario under a name.

        Raises:
            InvalidInput: the name is empty or too long.
            NotFound: there is no such business model.
        """
        model_named(scenario.model_key)
        record = self._scenarios.create(self._id, name, scenario.model_key, scenario.to_json())
        return SavedScenario(record=record, scenario=scenario)

    def scenarios(self) -> tuple[SavedScenario, ...]:
        """The scenarios of this prototype, the one changed last first.

        Raises:
            DataError: one cannot be read.
        """
        return tuple(_saved(record) for record in self._scenarios.list(self._id))

    def scenario(self, scenario_id: str) -> SavedScenario:
        """The scenario of that id.

        Raises:
            NotFound: there is none.
            DataError: it cannot be read.
        """
        return _saved(self._scenarios.get(scenario_id))

    def update(self, scenario_id: str, scenario: Scenario) -> SavedScenario:
        """Replace what a scenario says; raises NotFound."""
        return _saved(self._scenarios.update(scenario_id, content=scenario.to_json()))

    def rename(self, scenario_id: str, name: str) -> SavedScenario:
        """Give a scenario another name; raises NotFound, InvalidInput."""
        return _saved(self._scenarios.update(scenario_id, name=name))

    def duplicate(self, scenario_id: str, name: str) -> SavedScenario:
        """A copy under another name; raises NotFound, InvalidInput."""
        return _saved(self._scenarios.duplicate(scenario_id, name))

    def delete(self, scenario_id: str) -> None:
        """Put a scenario away; `restore` brings it back. Raises NotFound."""
        self._scenarios.delete(scenario_id)

    def restore(self, scenario_id: str) -> SavedScenario:
        """Bring a deleted scenario back; raises NotFound."""
        return _saved(self._scenarios.restore(scenario_id))

    def result_of(self, scenario: Scenario) -> ModelResult:
        """What a scenario comes to; raises as `case`."""
        return self.result(
            scenario.model_key, scenario.values, choice=scenario.choice, slo=scenario.slo
        )

    def difference(self, before: Scenario, after: Scenario) -> Difference:
        """What two scenarios assume and come to otherwise; raises as `case`."""
        served = tuple(
            choice_figures(one.choice, self.serving(one.choice).name, one.slo)
            for one in (before, after)
        )
        return difference(
            self.result_of(before), self.result_of(after), served=(served[0], served[1])
        )

    def _figures(self, serving: Serving, slo: Slo | None) -> ServingFigures:
        return serving_figures(serving, slo=slo)

    @property
    def _scenarios(self) -> Scenarios:
        return self._tools.workspace.scenarios


def exchange_rates(workspace: Workspace) -> ExchangeRates:
    """The user's exchange rates, or the dated ones that come with the studio."""
    stored = workspace.preferences.get(_RATES)
    if stored is None:
        return DEFAULT_RATES
    return ExchangeRates(
        cny_per_usd=Decimal(stored["cny_per_usd"]),
        eur_per_usd=Decimal(stored["eur_per_usd"]),
        as_of=date.fromisoformat(stored["as_of"]),
        source=Notice("your own entry"),
    )


def set_exchange_rates(workspace: Workspace, rates: ExchangeRates | None) -> None:
    """Keep the user's exchange rates; None takes the studio's again."""
    stored = (
        None
        if rates is None
        else {
            "cny_per_usd": str(rates.cny_per_usd),
            "eur_per_usd": str(rates.eur_per_usd),
            "as_of": rates.as_of.isoformat(),
        }
    )
    workspace.preferences.set(_RATES, stored)


def _saved(record: ScenarioRecord) -> SavedScenario:
    return SavedScenario(record=record, scenario=Scenario.from_json(record.model, record.content))
