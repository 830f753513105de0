"""The report's own words, by the name that the template calls them."""

from __future__ import annotations

from collections.abc import Mapping

from studio.records import Notice

TEXTS: Mapping[str, Notice] = {
    "colon": Notice(": "),
    "open": Notice(" ("),
    "close": Notice(")"),
    "report": Notice("Prototype report"),
    "demo": Notice(
        "Made with the demo engine. Times, costs and answers say nothing of a real product."
    ),
    "glance": Notice("At a glance"),
    "what": Notice("What it is"),
    "model": Notice("Model"),
    "licence": Notice("Licence"),
    "runs_at": Notice("Runs at"),
    "own_machine": Notice("its owner's machine"),
    "unknown": Notice("unknown"),
    "shown": Notice("How it answers"),
    "asked_now": Notice("asked for this report"),
    "sources": Notice("From"),
    "quality": Notice("How good it is"),
    "way": Notice("Way"),
    "value": Notice("Value"),
    "interval": Notice("95% interval"),
    "ours": Notice("in use"),
    "baseline": Notice("baseline"),
    "speed": Notice("How fast it is"),
    "quantity": Notice("Quantity"),
    "whole": Notice("Whole request"),
    "first_word": Notice("First word"),
    "p50": Notice("half within (p50)"),
    "p90": Notice("90 of 100 (p90)"),
    "p95": Notice("95 of 100 (p95)"),
    "p99": Notice("99 of 100 (p99)"),
    "cost": Notice("What one request costs"),
    "stage": Notice("Stage"),
    "share": Notice("Requests with it"),
    "tokens": Notice("Tokens in and out, mean"),
    "thousand": Notice("models of 1,000 requests cost"),
    "mean_cost": Notice("Cost, mean"),
    "cost_unknown": Notice(
        "The price of a model is unknown, so that no cost can be said. Enter it under Settings."
    ),
    "cost_demo": Notice("The demo engine has no price."),
    "business": Notice("The business model"),
    "figure": Notice("Figure"),
    "rests_on": Notice("Rests on"),
    "break_even": Notice("A month by the number of customers: where it carries itself"),
    "revenue": Notice("revenue"),
    "all_costs": Notice("all costs"),
    "cash": Notice("Cash at the end of each month"),
    "sensitivity": Notice("What the monthly profit depends on most"),
    "sensitivity_note": Notice(
        "Each row: one assumption from the low to the high end of its range, all others as assumed. The"
        " line is the profit as assumed."
    ),
    "assumptions": Notice("Assumptions and their sources"),
    "usual_range": Notice("Range"),
    "origin": Notice("Formula or source"),
}
