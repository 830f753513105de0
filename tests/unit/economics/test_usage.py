from __future__ import annotations

from decimal import Decimal

import pandas as pd

from studio.economics.usage import usage_by_prototype


def table(*rows) -> pd.DataFrame:
    names = ["prototype_id", "request_id", "error", "tokens_in", "tokens_out", "cost"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({"prototype_id": "str", "error": "str", "cost": "object"})


def test_usage_is_summed_per_prototype_those_with_most_calls_first() -> None:
    b, none, a = usage_by_prototype(
        table(
            ("a", "1", None, 10, 5, Decimal("0.01")),
            ("b", "2", None, 1, 1, None),
            ("b", "2", "Overloaded", 1, 0, None),
            ("b", "3", None, 2, 2, Decimal("0.5")),
            (None, "4", None, 1, 1, None),
        )
    )
    assert (b.prototype_id, b.n_requests, b.n_calls, b.n_failed) == ("b", 2, 3, 1)
    assert (b.n_tokens, b.cost_usd, b.n_unpriced) == (7, Decimal("0.5"), 2)
    assert (a.prototype_id, a.cost_usd) == ("a", Decimal("0.01"))
    assert (none.prototype_id, none.cost_usd, none.n_unpriced) == ("", None, 1)


def test_no_calls_are_no_usage() -> None:
    assert usage_by_prototype(table()) == ()
