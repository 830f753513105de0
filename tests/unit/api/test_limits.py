"""Limits of a key: requests in a minute, tokens and money in a day, and all keys together."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from studio.api.admission import Admissions
from studio.api.api_error import ApiError, of_failure
from studio.economics.prices import TokenPrice
from studio.errors import DeadlineExceeded, Overloaded
from studio.metering import Usage
from studio.workspace.api_key_record import ApiKeyRecord, KeyGrants
from tests.unit.api.conftest import Api


def record(**grants: object) -> ApiKeyRecord:
    return ApiKeyRecord(
        id="k1",
        name="Acme",
        prefix="ps_abc",
        grants=KeyGrants(**grants),  # type: ignore[arg-type]
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


class Meter:
    """Stands in for the meters: what was used today."""

    def __init__(
        self,
        usage: Usage = Usage(),  # noqa: B008 - frozen
        lately: Usage | None = None,
    ) -> None:
        self.usage, self.lately = usage, lately

    def usual(self, account: str, account_prefix: str) -> Usage | None:
        assert (account, account_prefix) == ("key:k1", "key:")
        return self.lately

    def today(self, account: str) -> Usage:
        assert account == "key:k1"
        return self.usage

    def until_midnight(self) -> timedelta:
        return timedelta(hours=2)


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_requests_of_a_minute_slide() -> None:
    clock = Clock()
    admissions = Admissions(Meter(), clock)  # type: ignore[arg-type]
    key = record(requests_per_minute=2)
    first = admissions.admit(key, is_work=True)
    assert first.headers["x-ratelimit-remaining-requests"] == "1"
    clock.now_s = 30
    admissions.admit(key, is_work=False)
    with pytest.raises(ApiError) as caught:
        admissions.admit(key, is_work=True)
    assert (caught.value.status, caught.value.code) == (429, "rate_limit_exceeded")
    assert caught.value.retry_after_s == 30
    clock.now_s = 60
    admissions.admit(key, is_work=True)
    with pytest.raises(ApiError):
        admissions.admit(key, is_work=True)


def test_a_key_has_so_many_requests_at_once_and_no_more() -> None:
    admissions = Admissions(Meter(), Clock())  # type: ignore[arg-type]
    key = record(requests_per_minute=None, max_at_once=2)
    first = admissions.admit(key, is_work=True)
    admissions.admit(key, is_work=True)
    admissions.admit(key, is_work=False)  # costs nothing
    with pytest.raises(ApiError, match="2 requests at once") as caught:
        admissions.admit(key, is_work=True)
    assert (caught.value.status, caught.value.retry_after_s) == (429, 1)
    first.leave()
    admissions.admit(key, is_work=True)


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (Overloaded("Busy.", retry_after_s=17), 503, "overloaded", "17"),
        (Overloaded("Busy."), 503, "overloaded", "2"),
        (DeadlineExceeded("Late."), 504, "deadline_exceeded", "2"),
    ],
)
def test_what_is_busy_or_late_says_when_to_try_again(error, status, code, retry_after) -> None:
    answer = of_failure(error, "r").response()
    assert answer.status_code == status
    assert json.loads(answer.body)["error"]["code"] == code
    assert answer.headers["retry-after"] == retry_after


def test_all_keys_together_have_a_limit_and_a_place_is_given_back_once() -> None:
    admissions = Admissions(Meter(), Clock(), max_concurrent=2)  # type: ignore[arg-type]
    key = record(requests_per_minute=None)
    first = admissions.admit(key, is_work=True)
    admissions.admit(key, is_work=True)
    with pytest.raises(ApiError) as caught:
        admissions.admit(key, is_work=True)
    assert (caught.value.status, caught.value.code) == (503, "overloaded")
    first.leave()
    first.leave()
    assert admissions.n_running == 1
    admissions.admit(key, is_work=True)
    with pytest.raises(ApiError):
        admissions.admit(key, is_work=True)


@pytest.mark.parametrize(
    ("grants", "usage", "code"),
    [
        ({"tokens_per_day": 100}, Usage(tokens_in=60, tokens_out=39), None),
        ({"tokens_per_day": 100}, Usage(tokens_in=60, tokens_out=40), "insufficient_quota"),
        ({"usd_per_day": Decimal("0.10")}, Usage(cost_usd=Decimal("0.0999")), None),
        (
            {"usd_per_day": Decimal("0.10")},
            Usage(cost_usd=Decimal("0.10")),
            "insufficient_quota",
        ),
        ({"usd_per_day": Decimal(0)}, Usage(), "insufficient_quota"),
        ({"usd_per_day": Decimal(1)}, Usage(n_unpriced=1), "price_unknown"),
        ({}, Usage(tokens_in=10**9, cost_usd=Decimal(10**6), n_unpriced=3), None),
    ],
)
def test_what_a_day_may_cost(grants, usage, code) -> None:
    admissions = Admissions(Meter(usage), Clock())  # type: ignore[arg-type]
    key = record(**grants)
    admissions.admit(key, is_work=False)  # looking is free
    if code is None:
        admissions.admit(key, is_work=True)
        return
    with pytest.raises(ApiError) as caught:
        admissions.admit(key, is_work=True)
    assert (caught.value.status, caught.value.code) == (429, code)
    assert caught.value.is_final


def test_what_runs_counts_as_much_as_a_usual_request_of_today() -> None:
    used = Usage(n_requests=4, cost_usd=Decimal("0.08"))
    admissions = Admissions(Meter(used), Clock())  # type: ignore[arg-type]
    key = record(usd_per_day=Decimal("0.10"))
    running = admissions.admit(key, is_work=True)
    with pytest.raises(ApiError):
        admissions.admit(key, is_work=True)
    running.leave()
    admissions.admit(key, is_work=True)


def test_a_day_that_begins_empty_is_measured_by_the_days_before() -> None:
    lately = Usage(n_requests=100, tokens_in=2_000, cost_usd=Decimal(3))  # 0.03 USD, 20 tokens each
    for grants in ({"usd_per_day": Decimal("0.10")}, {"tokens_per_day": 70}):
        admissions = Admissions(Meter(lately=lately), Clock())  # type: ignore[arg-type]
        for _ in range(4):
            admissions.admit(record(**grants), is_work=True)
        with pytest.raises(ApiError, match="has used its"):
            admissions.admit(record(**grants), is_work=True)


def test_what_was_never_measured_is_worked_on_a_few_at_a_time() -> None:
    admissions = Admissions(Meter(), Clock())  # type: ignore[arg-type]
    key = record(usd_per_day=Decimal("0.01"))
    first = admissions.admit(key, is_work=True)
    admissions.admit(key, is_work=True)
    for _ in range(60):
        with pytest.raises(ApiError, match="not measured yet") as caught:
            admissions.admit(key, is_work=True)
    assert (caught.value.status, caught.value.retry_after_s) == (429, 1)
    first.leave()
    admissions.admit(key, is_work=True)
    unlimited = record()
    admissions.admit(unlimited, is_work=True)


def test_a_tokens_limit_ends_a_keys_day_and_no_other_keys(api: Api) -> None:
    key, other = api.key(tokens_per_day=1), api.key(tokens_per_day=10_000)
    assert api.ask("help-desk", key).status_code == 200
    refused = api.ask("help-desk", key)
    assert refused.status_code == 429
    error = refused.json()["error"]
    assert (error["type"], error["code"]) == ("insufficient_quota", "insufficient_quota")
    assert 1 <= int(refused.headers["retry-after"]) <= 86_401
    assert refused.headers["x-should-retry"] == "false"
    assert api.get("/v1/models", key).status_code == 200
    assert api.ask("help-desk", other).status_code == 200


def test_a_rate_limit_says_when_to_come_back(api: Api) -> None:
    key = api.key(requests_per_minute=1)
    first = api.get("/v1/models", key)
    assert first.headers["x-ratelimit-limit-requests"] == "1"
    assert first.headers["x-ratelimit-remaining-requests"] == "0"
    refused = api.get("/v1/models", key)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] in ("60", "61")
    assert "x-should-retry" not in refused.headers
    api.timer_s += 60
    assert api.get("/v1/models", key).status_code == 200


def test_places_are_given_back_after_answers_errors_and_streams(api: Api) -> None:
    key = api.key(requests_per_minute=None)
    for _ in range(300):
        assert api.get("/v1/models", key).status_code == 200
    api.ask("nothing", key)
    api.ask("help-desk", key, stream=True)
    assert "studio_http_requests_running 0.0" in api.metrics.text().decode()
    gate = api.client.app.routes[0].app._app._app.state.gate  # the frame, the body's limit
    assert gate._admissions.n_running == 0


def test_the_meter_of_a_key_moves(api: Api, workbench) -> None:
    key = api.key()
    assert workbench.meters.today(key.record.account) == Usage()
    api.ask("help-desk", key)
    first = workbench.meters.today(key.record.account)
    assert first.n_requests == 1
    assert first.tokens > 0
    reply = api.ask("help-desk", key, stream=True, stream_options={"include_usage": True})
    assert reply.status_code == 200
    assert workbench.meters.today(key.record.account).tokens == 2 * first.tokens
    (day,) = workbench.meters.by_day(key.record.account)
    assert (day.account, day.usage.n_requests) == (key.record.account, 2)
    workbench.set_price("smollm2-135m-instruct", TokenPrice(
        input_usd_per_mtok=Decimal(1), output_usd_per_mtok=Decimal(1)
    ))  # fmt: skip
    assert workbench.meters.today(key.record.account).cost_usd == 0  # the demo is no cost
