"""What a user assumes about a prototype's business: kept at every change, for all pages and sessions.

How it is served, what is promised, and the values that differ from the defaults; those that several
models share count for all of them. Nothing has to be saved; scenarios are copies under a name. The
module draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from components import cache
from studio.economics.business_model import BusinessModel
from studio.economics.models.registry import MODELS
from studio.economics.scenario import Scenario
from studio.economics.serving_choice import AsMeasured, ServingChoice, Slo
from studio.economics.shared_lines import PAYMENT, PEAK_FACTOR, SHARED
from studio.errors import DataError

SHARED_KEYS = frozenset(assumption.key for assumption in (*SHARED, *PAYMENT))
PEAK = "peak_factor"
Values = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is assumed; `own` has values by model and assumption, `shared` those of all models.

    `accounts` is how the accounts begin whose requests are computed from; empty for everybody's.
    """

    choice: ServingChoice
    slo: Slo = field(default_factory=Slo)
    shared: Values = field(default_factory=dict)
    own: Mapping[str, Values] = field(default_factory=dict)
    accounts: str = ""

    @property
    def peak_factor(self) -> float:
        """The busiest hour against the mean of the month."""
        return float(self.shared.get(PEAK, PEAK_FACTOR))

    def values(self, model: BusinessModel) -> dict[str, Decimal]:
        """The user's values of a model."""
        keys = {assumption.key for assumption in model.assumptions}
        shared = {key: value for key, value in self.shared.items() if key in keys}
        return {**shared, **self.own.get(model.key, {})}

    def with_value(self, model: BusinessModel, key: str, value: Decimal | None) -> Draft:
        """The same with another value of an assumption; None takes the default again."""
        if key in SHARED_KEYS:
            return replace(self, shared=_changed(self.shared, key, value))
        own = _changed(self.own.get(model.key, {}), key, value)
        return replace(self, own={**self.own, model.key: own})

    def scenario(self, model: BusinessModel) -> Scenario:
        """A model of it as a scenario that can be kept."""
        return Scenario(
            model_key=model.key, choice=self.choice, values=self.values(model), slo=self.slo
        )

    def with_scenario(self, scenario: Scenario) -> Draft:
        """The same with a scenario in place of what was assumed for its model."""
        known = {model.key: model for model in MODELS}[scenario.model_key]
        keys = {assumption.key for assumption in known.assumptions}
        shared = {key: value for key, value in self.shared.items() if key not in keys}
        shared |= {k: v for k, v in scenario.values.items() if k in SHARED_KEYS}
        own = {k: v for k, v in scenario.values.items() if k not in SHARED_KEYS}
        return replace(
            self,
            choice=scenario.choice,
            slo=scenario.slo,
            shared=shared,
            own={**self.own, scenario.model_key: own},
        )


def load(prototype_id: str) -> Draft:
    """What is assumed about a prototype; the defaults, served as measured, where nothing was changed."""
    usual = Draft(choice=AsMeasured())
    stored = cache.workbench().workspace.preferences.get(_key(prototype_id))
    if stored is None:
        return usual
    try:
        own = {key: Scenario.from_json(key, one) for key, one in stored["own"].items()}
        common = Scenario.from_json("", stored["common"])
    except (KeyError, AttributeError, DataError):  # of another version: the defaults are no loss
        return usual
    return Draft(
        choice=common.choice,
        slo=common.slo,
        shared=common.values,
        own={key: scenario.values for key, scenario in own.items()},
        accounts=str(stored.get("accounts", "")),
    )


def keep(prototype_id: str, draft: Draft) -> None:
    """Keep what is assumed about a prototype."""

    def stored(values: Values) -> dict[str, Any]:  # JSON
        return Scenario(model_key="", choice=draft.choice, values=values, slo=draft.slo).to_json()

    cache.workbench().workspace.preferences.set(
        _key(prototype_id),
        {
            "common": stored(draft.shared),
            "own": {key: stored(values) for key, values in draft.own.items()},
            "accounts": draft.accounts,
        },
    )


def keep_choice(prototype_id: str, choice: ServingChoice) -> None:
    """Keep how a prototype would be served."""
    keep(prototype_id, replace(load(prototype_id), choice=choice))


def keep_slo(prototype_id: str, slo: Slo) -> None:
    """Keep what is promised."""
    keep(prototype_id, replace(load(prototype_id), slo=slo))


def keep_peak_factor(prototype_id: str, factor: float) -> None:
    """Keep the peak factor: one for the load and for every business model."""
    draft = load(prototype_id)
    keep(prototype_id, replace(draft, shared=_changed(draft.shared, PEAK, Decimal(str(factor)))))


def keep_accounts(prototype_id: str, accounts: str) -> None:
    """Keep whose requests are computed from; empty for everybody's."""
    keep(prototype_id, replace(load(prototype_id), accounts=accounts))


def _key(prototype_id: str) -> str:
    return f"business.draft.{prototype_id}"


def _changed(values: Values, key: str, value: Decimal | None) -> dict[str, Decimal]:
    rest = {name: one for name, one in values.items() if name != key}
    return rest if value is None else {**rest, key: value}
