"""The charts of a business report that are about serving: cost by stage, ways compared, time under load.

Times under load are simulated request by request, as a report has the time for it. The module makes
charts; it draws no page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from components import chart_frame as frame
from components import chart_load, serving_compare, serving_cost
from components import format as fmt
from components.business_draft import Draft
from components.business_source import Source
from components.i18n import _, translate
from components.load_form import Load
from components.shown_currency import ShownCurrency
from studio.economics.comparison import ModelResult
from studio.economics.serving import Serving
from studio.economics.serving_simulation import play
from studio.economics.traffic import poisson

if TYPE_CHECKING:
    import plotly.graph_objects as go

SHARES = tuple(i / 10 for i in range(1, 10))
"""The loads that are simulated, against the most that a replica can answer."""
N_REQUESTS = 3_000
WARM_UP = 0.1
"""The first part of them is left out: the queue is empty at the start."""
SEED = 0

Headed = tuple[str, "go.Figure"]


def charts(source: Source, draft: Draft, result: ModelResult, shown: ShownCurrency) -> list[Headed]:
    """The charts with their headings, for the way of serving and the promise that are assumed.

    Args:
        source: the prototype.
        draft: what is assumed.
        result: the model at whose busiest hour the ways of serving are compared.
        shown: the currency.
    """
    serving = source.serving(draft.choice)
    bars = serving_cost.bars_of({translate(serving.name): serving}, shown)
    found = [(_("What a request costs, by stage"), serving_cost.figure(bars, shown))]
    peak = result.statement.value("peak_rate")
    if peak:
        load = Load(rate_per_s=float(peak), slo=draft.slo)
        _every, dots, _left_out = serving_compare.dots_of(source, draft.choice, load, shown)
        heading = _(
            "Ways of serving the busiest hour of {model}: {rate} requests/s",
            model=translate(result.case.model.name),
            rate=fmt.number(float(peak)),
        )
        if dots:
            found.append((heading, serving_compare.figure(dots, shown)))
    under_load = _under_load(serving, draft)
    if under_load is not None:
        name = translate(serving.name)
        heading = _("Time under load, one replica, simulated request by request: {way}", way=name)
        found.append((heading, under_load))
    return found


def _under_load(serving: Serving, draft: Draft) -> go.Figure | None:
    """p50, p95 and p99 of simulated requests at each load; None where they cannot be simulated."""
    most, path = serving.max_rate_per_s, serving.only_path
    if most is None or path is None or not path.has_times:
        return None
    rates = [share * most for share in SHARES]
    skipped = int(WARM_UP * N_REQUESTS)
    times_s = [
        play(serving, poisson(rate, N_REQUESTS, np.random.default_rng(SEED))).total_ms[skipped:]
        / 1000
        for rate in rates
    ]
    return chart_load.figure(
        rates,
        {
            name: [float(np.quantile(one, share)) for one in times_s]
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        },
        frame.Axis(title=_("Demand"), unit=_("requests/s")),
        limit_s=draft.slo.total_ms / 1000,
        band=serving.band,
    )
