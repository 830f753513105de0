"""From which load on a server of one's own is cheaper than a hosted model."""

from __future__ import annotations

import numpy as np
import pytest

from studio.economics.crossover import crossover
from tests.unit.economics.business_examples import hosted, serving


def test_one_endless_server_pays_from_its_price_by_the_price_of_a_request():
    own = serving("0", hour="2", rate_per_replica=np.inf)
    found = crossover(hosted("0.001"), own)
    assert found.from_requests.value == pytest.approx(2 * 730 / 0.001, rel=0.01)
    assert found.requests.shape == found.first_usd.shape == found.second_usd.shape


def test_servers_that_grow_with_the_load_pay_later_or_never():
    # A full server carries 3 requests per second at the peak, a quarter of that on average.
    per_request = 2 * 730 / (3 / 4 * 2_592_000)
    dear, cheap = f"{per_request * 1.5:.9f}", f"{per_request * 0.9:.9f}"
    value = crossover(hosted(dear), serving("0", hour="2")).from_requests.value
    assert value > 2 * 730 / float(dear)
    never = crossover(hosted(cheap), serving("0", hour="2")).from_requests
    assert never.value is None
    assert "never" in str(never.note)


def test_the_cheaper_one_from_the_start_says_so():
    found = crossover(hosted("0.01"), hosted("0.001"))
    assert found.from_requests.value == pytest.approx(1000)


def test_an_unknown_price_gives_no_crossover():
    found = crossover(hosted(), serving(cost=None)).from_requests
    assert found.value is None
    assert "unknown" in str(found.note)


def test_the_peak_factor_is_the_users_and_stands_among_the_inputs():
    dear = hosted("0.0009")
    usual, flat = (crossover(dear, serving("0"), peak_factor=peak) for peak in (4.0, 1.0))
    assert usual.from_requests.value > flat.from_requests.value
    peak = {one.key: one for one in flat.from_requests.inputs}["peak_factor"]
    assert peak.value == 1
    assert "own entry" in str(peak.source)
