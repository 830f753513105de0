"""Every call has a price with a source, or is said to have none."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.economics.hosted import Rates, TokenRate, find_price, hosted_models, is_private
from studio.economics.prices import Basis, PriceBook, TokenPrice
from studio.errors import InvalidInput, PriceUnknown
from studio.ledger.schema import COLUMNS, frame_of, row_of
from studio.records import CallRecord, Stage

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
OPENAI = "remote:api.openai.com/v1"
D = Decimal


def call(**changes) -> CallRecord:
    values = {
        "call_id": "c",
        "request_id": "r",
        "prototype_id": "bot",
        "version": 1,
        "surface": "page",
        "stage": Stage.GENERATION,
        "model": "my-model",
        "revision": "gpt-4o-mini",
        "engine": "remote",
        "device": OPENAI,
        "precision": "",
        "tokens_in": 0,
        "tokens_out": 0,
        "queue_ms": 0.0,
        "first_token_ms": 1.0,
        "total_ms": 1.0,
        "busy_ms": 0.0,
        "batch_size": 1.0,
        "started_at": NOON,
    }
    return CallRecord(**(values | changes))


def local(busy_ms: float, **changes) -> CallRecord:
    return call(engine="openvino", device="cpu", revision="abc", busy_ms=busy_ms, **changes)


def frame(*records: CallRecord) -> pd.DataFrame:
    return frame_of([row_of(record) for record in records])


@pytest.fixture
def book() -> PriceBook:
    return PriceBook(D("0.10"))


@pytest.mark.parametrize(
    ("model", "tokens_in", "tokens_out", "cached", "usd"),
    [
        ("gpt-4o-mini", 1_000_000, 0, 0, "0.15"),
        ("gpt-4o-mini", 0, 1_000_000, 0, "0.6"),
        ("gpt-4o-mini", 1, 0, 0, "0.00000015"),
        ("gpt-4o", 1_000, 100, 0, "0.0035"),
        ("gpt-4o", 1_000, 100, 400, "0.003"),
        ("text-embedding-3-small", 1_000_000, 0, 0, "0.02"),
        ("o3", 1_000_000, 1_000_000, 0, "10"),
    ],
)
def test_hosted_calls_cost_what_the_invoice_says(book, model, tokens_in, tokens_out, cached, usd):
    price = book.price_of(
        call(revision=model, tokens_in=tokens_in, tokens_out=tokens_out, cached_tokens=cached)
    )
    assert price.amount == D(usd)
    assert price.basis is Basis.CATALOGUE
    assert price.currency == "USD"


def test_a_long_prompt_is_charged_the_higher_rate_for_all_of_it(book):
    def cost(tokens_in: int) -> Decimal | None:
        return book.price_of(
            call(
                revision="claude-sonnet-4-5",
                device="remote:api.anthropic.com",
                tokens_in=tokens_in,
                tokens_out=1_000,
            )
        ).amount

    assert (cost(200_000), cost(200_001)) == (D("0.615"), D("1.222506"))


def test_the_price_is_that_of_the_hour_and_the_day_of_the_call(book):
    def cost(model: str, host: str, at: datetime) -> Decimal | None:
        return book.price_of(
            call(
                revision=model,
                device=f"remote:{host}",
                tokens_in=10**6,
                tokens_out=10**6,
                started_at=at,
            )
        ).amount

    assert cost("deepseek-chat", "api.deepseek.com", NOON) == D("1.37")
    assert cost("deepseek-chat", "api.deepseek.com", NOON.replace(hour=20)) == D("0.685")
    assert cost("o3", "api.openai.com", datetime(2025, 1, 1, tzinfo=UTC)) == D("50")


def test_the_source_names_list_version_and_date(book):
    assert str(book.price_of(call(tokens_in=1)).source) == (
        "price list genai-prices 0.2.3: gpt-4o-mini at OpenAI, checked on 2026-10-14"
    )
    without = book.price_of(call(tokens_in=1, revision="text-embedding-3-small"))
    assert str(without.source) == (
        "price list genai-prices 0.2.3: text-embedding-3-small at OpenAI"
    )


def test_local_calls_cost_their_share_of_the_machine(book):
    price = book.price_of(local(3_600_000.0))
    assert (price.amount, price.basis) == (D("0.1"), Basis.MACHINE)
    assert str(price.source) == (
        "busy time of this machine at 0.10 USD per hour (assumption, editable)"
    )
    assert book.price_of(local(0.36)).amount == D("0.00000001")
    assert book.price_of(local(0.0)).amount == 0
    assert book.price_of(local(float("nan"))).amount is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"revision": "no-such-model"}, "does not have it"),
        ({"revision": "no-such-model", "device": "remote:llm.example.com"}, "does not have it"),
        ({"device": "remote:127.0.0.1:11434"}, "a server of your own"),
        ({"device": "remote:gpu-box.local"}, "a server of your own"),
        ({"revision": "whisper-1"}, "there is no rate for it in price list"),
        ({"revision": "text-embedding-3-small", "tokens_out": 5}, "there is no rate for it"),
    ],
)
def test_an_unknown_price_is_never_zero(book, changes, says):
    record = call(tokens_in=10, **changes)
    price = book.price_of(record)
    assert (price.amount, price.basis) == (None, Basis.UNKNOWN)
    assert says in str(price.source)
    row = book.attach(frame(record)).iloc[0]
    assert (row.cost, row.cost_basis, row.cost_source) == (None, "unknown", price.source)
    assert pd.isna(row.cost_usd)


def test_an_unlisted_public_host_is_priced_as_a_stated_guess(book):
    price = book.price_of(call(device="remote:llm.example.com/v1", tokens_in=10**6))
    assert price.amount == D("0.15")
    assert "a guess" in str(price.source)


def test_the_demo_engine_is_not_a_cost(book):
    price = book.price_of(call(engine="fake", device="cpu", tokens_in=3, busy_ms=5.0))
    assert (price.amount, price.basis) == (None, Basis.DEMO)
    assert str(price.source) == "demo engine: not a cost"


@pytest.mark.parametrize("name", ["my-model", "gpt-4o-mini"])
def test_the_users_own_price_stands_above_list_and_machine(name):
    price = TokenPrice(input_usd_per_mtok=D(1), output_usd_per_mtok=D(2))
    book = PriceBook(D("0.10"), {name: price, "abc": price})
    hosted = book.price_of(call(tokens_in=10**6, tokens_out=10**6, cached_tokens=10**5))
    assert (hosted.amount, hosted.basis) == (D(3), Basis.OVERRIDE)
    assert str(hosted.source).startswith(f"your own price for {name}: 1 USD in and 2 USD out")
    assert book.price_of(local(99.0, tokens_in=10**6)).amount == D(1)


def test_an_own_price_may_have_a_rate_for_cached_tokens():
    price = TokenPrice(
        input_usd_per_mtok=D(1), output_usd_per_mtok=D(2), cached_usd_per_mtok=D("0.5")
    )
    book = PriceBook(D(0), {"my-model": price})
    record = call(tokens_in=1_000_000, cached_tokens=400_000)
    assert book.price_of(record).amount == D("0.8")


def test_quote_prices_a_request_with_another_model(book):
    quote = book.quote(
        "gpt-4o", provider_id="openai", tokens_in=1_000, tokens_out=100, cached_tokens=400, at=NOON
    )
    assert quote.amount == D("0.003")
    assert (
        book.quote("gpt-4o", provider_id="nobody", tokens_in=1, tokens_out=1, at=NOON).amount
        is None
    )
    own = PriceBook(D(0), {"gpt-4o": TokenPrice(input_usd_per_mtok=D(9), output_usd_per_mtok=D(9))})
    assert own.quote(
        "gpt-4o", provider_id="openai", tokens_in=10**6, tokens_out=0, at=NOON
    ).amount == D(9)


@pytest.mark.parametrize("value", [D(-1), D("NaN"), D("Infinity")])
def test_prices_below_zero_or_not_numbers_are_refused(value):
    with pytest.raises(InvalidInput, match="must be 0 or more"):
        PriceBook(value)
    with pytest.raises(InvalidInput) as caught:
        TokenPrice(input_usd_per_mtok=D(1), output_usd_per_mtok=value)
    assert list(caught.value.fields) == ["output_usd_per_mtok"]


def test_attach_adds_the_price_of_every_call_and_leaves_the_table_alone(book):
    records = [call(tokens_in=1000, tokens_out=7), local(12.5), call(revision="?", tokens_in=1)]
    calls = frame(*records).iloc[::-1]
    before = calls.copy()
    priced = book.attach(calls)
    pd.testing.assert_frame_equal(calls, before)
    expected = [book.price_of(record) for record in reversed(records)]
    assert list(priced.cost) == [price.amount for price in expected]
    assert list(priced.cost_source) == [price.source for price in expected]
    assert list(priced.cost_basis) == [price.basis for price in expected]
    assert list(priced.cost_usd)[1:] == [float(price.amount) for price in expected[1:]]
    assert list(priced.index) == [2, 1, 0]


def test_attach_gives_an_empty_table_the_same_columns(book):
    empty, one = book.attach(frame()), book.attach(frame(call(tokens_in=1)))
    assert empty.dtypes.equals(one.dtypes)
    assert list(empty.columns) == [*COLUMNS, "cost", "cost_usd", "cost_basis", "cost_source"]


def test_attach_prices_twenty_thousand_calls_within_a_second(book):
    table = frame(
        call(tokens_in=1),
        local(3.25),
        call(revision="deepseek-chat", device="remote:api.deepseek.com", tokens_in=9),
        call(revision="claude-sonnet-4-5", device="remote:api.anthropic.com", tokens_in=250_000),
    )
    calls = pd.concat([table] * 5_000, ignore_index=True)
    calls["started_at"] += pd.to_timedelta(calls.index.to_numpy(), unit="min")
    book.attach(table)
    began = time.process_time()
    priced = book.attach(calls)
    assert time.process_time() - began < 1.0
    assert priced.cost.notna().all()


TOKENS = st.integers(0, 2_000_000)


@given(tokens_in=TOKENS, tokens_out=TOKENS, busy_ms=st.floats(0, 1e7))
def test_doubling_tokens_or_time_doubles_the_cost(tokens_in, tokens_out, busy_ms):
    book = PriceBook(D("0.10"))
    once = book.price_of(call(tokens_in=tokens_in, tokens_out=tokens_out)).amount
    twice = book.price_of(call(tokens_in=2 * tokens_in, tokens_out=2 * tokens_out)).amount
    assert twice == 2 * once
    machine = book.price_of(local(busy_ms)).amount
    assert book.price_of(local(2 * busy_ms)).amount == pytest.approx(2 * machine, rel=D("1e-12"))


@given(tokens_in=TOKENS, tokens_out=TOKENS, cached=TOKENS)
def test_a_call_costs_the_sum_of_its_parts(tokens_in, tokens_out, cached):
    def cost(tokens_in: int, tokens_out: int, cached: int) -> Decimal:
        return (
            PriceBook(D(0))
            .price_of(call(tokens_in=tokens_in, tokens_out=tokens_out, cached_tokens=cached))
            .amount
        )

    cached = min(cached, tokens_in)
    parts = cost(tokens_in - cached, 0, 0) + cost(0, tokens_out, 0) + cost(cached, 0, cached)
    assert cost(tokens_in, tokens_out, cached) == parts


def test_every_model_of_the_list_is_priced_as_the_list_prices_it():
    from genai_prices import Usage
    from genai_prices.data_snapshot import get_snapshot

    from studio.economics.hosted import HostedPrice

    n_compared = 0
    for provider in get_snapshot().providers:
        for number, model in enumerate(provider.models):
            at = NOON + timedelta(hours=number)
            tokens_in, cached, tokens_out = 1_000 * (number % 300) + 7, number % 5, number % 90
            rates = HostedPrice(provider, model, is_guess=False).rates(at)
            ours = rates.cost(tokens_in, tokens_out, cached) if rates else None
            if ours is None:
                continue
            usage = Usage(
                input_tokens=tokens_in, cache_read_tokens=cached, output_tokens=tokens_out
            )
            theirs = model.calc_price(usage, provider, genai_request_timestamp=at)
            assert ours == theirs.total_price, (provider.id, model.id)
            n_compared += 1
    assert n_compared > 2_000


def test_a_model_without_any_price_in_the_list_has_no_rates():
    from genai_prices.types import ClauseEquals, ModelInfo, Provider

    from studio.economics.hosted import HostedPrice

    model = ModelInfo(id="new", match=ClauseEquals(equals="new"))
    provider = Provider(id="p", name="P", api_pattern="https://p", models=[model])
    assert HostedPrice(provider, model, is_guess=False).rates(NOON) is None


def test_hosted_models_are_listed_with_their_rates():
    models = {(model.provider_id, model.model_id): model for model in hosted_models(NOON)}
    mini = models["openai", "gpt-4o-mini"]
    assert (mini.input_usd_per_mtok, mini.output_usd_per_mtok) == (D("0.15"), D("0.6"))
    assert (mini.provider_name, mini.context_tokens) == ("OpenAI", 128_000)
    assert ("openai", "whisper-1") not in models
    assert models["anthropic", "claude-sonnet-4-5"].has_tiers
    assert PriceBook(D(0)).hosted_models(NOON) == hosted_models(NOON)


def test_rates_without_any_token_rate_price_nothing():
    assert Rates(input=None, output=None).cost(0, 0) is None
    assert Rates(input=None, output=TokenRate(base=D(1))).cost(0, 10**6) == D(1)
    assert Rates(input=TokenRate(base=D(1)), output=None, request_usd=D("0.5")).cost(0, 0) == D(
        "0.5"
    )


def test_find_price_does_not_guess_for_a_known_provider():
    with pytest.raises(PriceUnknown, match="does not have it"):
        find_price("claude-sonnet-4-5", host="api.cohere.com")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:8000", True),
        ("127.0.0.1", True),
        ("[::1]:80", True),
        ("192.168.1.9/v1", True),
        ("box.lan", True),
        ("api.openai.com", False),
        ("8.8.8.8:443", False),
    ],
)
def test_private_hosts(host, expected):
    assert is_private(host) is expected


def test_prices_load_no_model_library_and_no_price_list_before_use():
    program = (
        "import sys, studio.economics.prices; "
        "print([name for name in ('torch', 'faiss', 'openvino', 'transformers', 'genai_prices')"
        " if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr
