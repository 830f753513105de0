"""Gathering what a report says; asks the prototype a few things where that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.business import Business
from studio.config import VERSION
from studio.economics.break_even_curve import BreakEvenCurve, break_even_curve
from studio.economics.comparison import ModelResult
from studio.economics.sensitivity import tornado
from studio.errors import StudioError
from studio.export.code_files import WHAT
from studio.export.kinds.contract import KindExport
from studio.export.kinds.findings import Exchange, Findings
from studio.export.kinds.registry import export_of
from studio.export.needed_models import needed_models
from studio.export.report.facts import BusinessFacts, NamedModel, Report, ReportChoices
from studio.inference.model_spec import ModelSpec
from studio.prototypes.base import StoredPrototype, Toolbox
from studio.prototypes.evaluation.evaluations import Evaluations
from studio.records import Notice

N_SWINGS = 8
BEYOND, MOST_SHOWN, N_COUNTS = 1.6, 50, 60
"""How far the curve goes, up to how many times the customers of now, and in how many steps."""
NOTHING_ASKED = Notice("Nothing was asked yet. Use the prototype, then make the report again.")
NOTHING_MEASURED = Notice(
    "No request was measured yet. Use the prototype, or press Measure now under Cost and latency."
)
NO_SCENARIO = Notice(
    "No business model was chosen. Set one up under Business models, save it as a scenario, and choose"
    " it for the report."
)


def gather(
    prototype: StoredPrototype[Any],
    business: Business,
    toolbox: Toolbox,
    choices: ReportChoices,
    *,
    report: Callable[[Notice], object] = lambda _: None,
) -> Report:
    """Everything that a report on the prototype says, as of now.

    Args:
        prototype: of a kind that can be exported.
        business: of the prototype.
        toolbox: the stores.
        choices: what goes in.
        report: told what is being done.

    Raises:
        NotFound: there is no such scenario, or the kind cannot be reported on.
        StudioError: the scenario cannot be computed.
    """
    export, record = export_of(prototype.kind), prototype.record
    # First, so that what the report itself asks is not among the requests it reports on.
    base = business.base()
    report(Notice("Reading what was measured"))
    findings, why_not = _findings(export, prototype)
    report(Notice("Asking the prototype"))
    exchanges, nothing_asked = _exchanges(export, prototype, choices)
    report(Notice("Computing the business model"))
    facts = _business(business, choices.scenario_id) if choices.scenario_id else None
    version = toolbox.workspace.prototypes.version(record.id, record.version)
    models = needed_models(prototype, export, toolbox.catalogue).all
    return Report(
        name=record.name,
        kind=record.kind,
        what=WHAT[record.kind],
        language=str(record.settings.get("language", "en")),
        version=record.version,
        version_note=version.note,
        made_at=toolbox.clock(),
        studio=VERSION,
        is_demo=toolbox.settings.is_demo or base.is_demo,
        n_documents=len(toolbox.workspace.documents.list(record.id)),
        models=tuple(map(_model, models)),
        exchanges=exchanges,
        exchanges_missing=nothing_asked,
        findings=findings,
        findings_missing=why_not,
        evaluated=_evaluated(prototype, toolbox),
        base=base,
        base_missing=NOTHING_MEASURED,
        business=facts,
        business_missing=NO_SCENARIO,
    )


def _findings(
    export: KindExport, prototype: StoredPrototype[Any]
) -> tuple[Findings | None, Notice]:
    """What was found, else why there is nothing; a failing model does not take the report away."""
    try:
        return export.findings(prototype), export.how_to_find
    except StudioError as error:
        return None, error.notice


def _evaluated(prototype: StoredPrototype[Any], toolbox: Toolbox) -> tuple[Notice, ...]:
    """What the latest run of Evaluate found of the version, with what the run is called."""
    evaluation = Evaluations(prototype, toolbox)
    run = evaluation.latest()
    if run is None:
        return ()
    return (Notice("Evaluation: {name}", name=run.name), *evaluation.verdict(run))


def _exchanges(
    export: KindExport, prototype: StoredPrototype[Any], choices: ReportChoices
) -> tuple[tuple[Exchange, ...], Notice]:
    if not choices.n_exchanges:
        return (), NOTHING_ASKED
    try:
        return export.exchanges(prototype, choices.n_exchanges, choices.is_recent), NOTHING_ASKED
    except StudioError as error:
        return (), error.notice


def _business(business: Business, scenario_id: str) -> BusinessFacts:
    saved = business.scenario(scenario_id)
    result = business.result_of(saved.scenario)
    return BusinessFacts(
        scenario=saved.record.name,
        result=result,
        curve=_curve(result),
        swings=tornado(result.case, "profit")[:N_SWINGS],
    )


def _curve(result: ModelResult) -> BreakEvenCurve:
    """From no customer to beyond what is looked at, and beyond the break-even where that is near."""
    now = max(1.0, float(result.case.value("customers")))
    at = result.statement.value("break_even")
    right = BEYOND * max(now, float(at) if at is not None and at <= MOST_SHOWN * now else 0.0)
    return break_even_curve(result.case, [right * i / N_COUNTS for i in range(N_COUNTS + 1)])


def _model(spec: ModelSpec) -> NamedModel:
    return NamedModel(name=spec.name, licence=spec.licence, runs_at=spec.base_url)
