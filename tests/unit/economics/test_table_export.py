"""CSV files hold every figure with its provenance."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from studio.economics.comparison import result_of
from studio.economics.models.registry import MODELS
from studio.economics.plan import HORIZON_MONTHS
from studio.economics.table_export import comparison_csv, figures_csv, plan_csv
from studio.economics.workbook_cells import WorkbookWords
from tests.unit.economics.business_examples import case

WORDS = WorkbookWords(title="Bot")


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")  # else Excel reads Chinese as something else
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_every_figure_is_there_with_where_it_comes_from():
    found = {row["key"]: row for row in rows(figures_csv(result_of(case("subscription")), WORDS))}
    assert found["profit"]["formula"] == "gross_profit - fixed_cost"
    assert found["profit"]["inputs"] == "gross_profit fixed_cost"
    assert found["payment_share"]["source"].startswith("Stripe")
    assert found["payment_share"]["date"] == "2026-11-23"
    assert found["fixed_cost"]["note"] == "unverified"
    assert found["price"]["unit"] == "USD per user month"
    assert found["runway"]["value"] == ""
    assert "36 months" in found["runway"]["note"]


def test_every_month_is_a_row():
    result = result_of(case("api"))
    found = rows(plan_csv(result, replace(WORDS, unit=lambda unit: "USD" if unit.is_money else "")))
    assert len(found) == HORIZON_MONTHS
    assert "customers" in found[0]  # no empty brackets after what has no unit
    assert float(found[-1]["cash (USD)"]) == float(result.plan.values("cash")[-1])


def test_every_model_is_a_column():
    found = rows(comparison_csv([result_of(case(model.key)) for model in MODELS], WORDS))
    by_key = {row["key"]: row for row in found}
    assert float(by_key["revenue"]["Subscription"]) == 20_000
    assert by_key["profitable_month"]["Advertising"] == "not profitable within 36 months"
