"""Every kind is listed, described and called; what does not fit is refused with where to go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studio.api.kinds.registry import endpoint_of, endpoints
from studio.config import Settings
from studio.prototypes.content.content import Content
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.registry import KINDS
from studio.workbench import Workbench
from studio.workspace.publication_record import PublicationChoices
from tests.unit.api.conftest import Api, make_api

PRICE = "price (USD)"
BODIES: dict[str, dict[str, Any]] = {
    "chatbot": {"question": "How are returns paid?", "turns": [{"role": "user", "content": "Hi"}]},
    "search": {"query": "lamp", "n_results": 3, "sort": {"column": PRICE, "descending": True}},
    "recommendation": {"likes": [], "n_items": 3},
    "content": {"fields": {}, "n": 1},
    "classifier": {"text": "Where is my parcel?"},
}


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with Workbench.open(settings=Settings(home=home, is_demo=True)) as workbench:
        api = make_api(workbench)
        for name, kind in KINDS.items():
            api.publish(workbench.sample(kind), f"my-{name}")
        for job in workbench.jobs.jobs():
            job.wait(120)
        yield api


def test_every_kind_has_one_main_endpoint() -> None:
    assert sorted(one.kind.kind for one in endpoints() if one.is_main) == sorted(KINDS)
    assert len({one.action for one in endpoints()}) == len(endpoints())


def test_all_are_listed_with_where_to_call_them(samples: Api) -> None:
    listed = samples.get("/v1/prototypes", samples.key()).json()["data"]
    assert {one["kind"]: one["endpoint"] for one in listed} == {
        "chatbot": "/v1/prototypes/my-chatbot/ask",
        "classifier": "/v1/prototypes/my-classifier/classify",
        "content": "/v1/prototypes/my-content/generate",
        "recommendation": "/v1/prototypes/my-recommendation/recommend",
        "search": "/v1/prototypes/my-search/search",
    }
    models = samples.get("/v1/models", samples.key()).json()["data"]
    assert [one["id"] for one in models] == ["my-chatbot"]


def rows(reply: dict[str, Any]) -> list[dict[str, str]]:
    return [{f["column"]: f["value"] for f in one["facts"]} for one in reply["results"]]


def filled(samples: Api, kind: str) -> dict[str, Any]:
    body = dict(BODIES[kind])
    if kind == "content":
        about = samples.get(f"/v1/prototypes/my-{kind}", samples.key()).json()["about"]
        body["fields"] = {
            one["name"]: one["example"] or (one["choices"] or ["x"])[0] for one in about["fields"]
        }
    return body


@pytest.mark.parametrize("kind", KINDS)
def test_each_answers_on_the_keys_account_and_keeps_nothing(samples: Api, kind: str) -> None:
    key = samples.key()
    described = samples.get(f"/v1/prototypes/my-{kind}", key).json()
    assert described["about"]
    answered = samples.post(described["endpoint"], filled(samples, kind), key)
    assert answered.status_code == 200, answered.text
    reply = answered.json()
    match kind:
        case "chatbot":
            assert reply["answer"]
            assert reply["kind"] in ("written", "quoted", "not_found")
        case "search":
            assert [one["rank"] for one in reply["results"]] == [1, 2, 3]
            assert {one["reason"] for one in reply["results"]} <= {"words", "meaning", "both"}
            values = [float(row[PRICE]) for row in rows(reply) if PRICE in row]
            assert len(values) > 1
            assert values == sorted(values, reverse=True)
        case "recommendation":
            assert len(reply["items"]) == 3
            assert reply["is_new"]
            assert reply["items"][0]["reason"]["text"]
        case "classifier":
            assert reply["labels"][0]["confidence"] == reply["confidence"]
            assert reply["label"] == (reply["labels"][0]["label"] if reply["is_sure"] else None)
            assert bool(reply["reason"]) != reply["is_sure"]
        case "content":
            assert reply["texts"][0]["content"]
            assert reply["texts"][0]["checks"]
    calls = samples.workbench.ledger.frame(account=key.record.account)
    assert set(calls["request_id"]) == {answered.headers["x-request-id"]}
    assert set(calls["surface"]) == {"api"}
    if kind == "content":
        (record,) = samples.workbench.prototypes("content")
        assert samples.workbench.prototype(record.id).history() == ()  # type: ignore[attr-defined]


def test_a_search_without_an_index_does_not_say_that_nothing_fits(samples: Api) -> None:
    search = samples.workbench.create_search("Not built")
    search.add_file("club.md", b"# Club\n\nThe yearly fee for the club is 19 dollars.")
    samples.publish(search, "not-built")
    key = samples.key()
    answered = samples.post("/v1/prototypes/not-built/search", {"query": "fee"}, key)
    assert answered.status_code == 503
    assert answered.json()["error"]["code"] == "not_ready"
    assert answered.headers["retry-after"] == "10"
    search.update_index().wait(30)
    answered = samples.post("/v1/prototypes/not-built/search", {"query": "fee"}, key)
    assert answered.status_code == 200
    samples.workbench.delete(search.id)


def test_another_kinds_action_says_where_to_go(samples: Api) -> None:
    answered = samples.post("/v1/prototypes/my-search/ask", {"question": "x"}, samples.key())
    assert answered.status_code == 400
    assert answered.json()["error"]["code"] == "wrong_kind"
    assert "/v1/prototypes/my-search/search" in answered.json()["error"]["message"]
    chat = samples.ask("my-search", samples.key())
    assert chat.json()["error"]["code"] == "wrong_kind"
    assert samples.post("/v1/prototypes/my-search/dance", {}, samples.key()).status_code == 404


@pytest.mark.parametrize(
    ("kind", "body", "param"),
    [
        ("chatbot", {"question": ""}, "question"),
        ("chatbot", {}, "question"),
        (
            "chatbot",
            {"question": "x", "turns": [{"role": "system", "content": "x"}]},
            "turns.0.role",
        ),
        ("search", {"query": "x", "n_results": 51}, "n_results"),
        ("search", {"query": "x", "mode": "magic"}, "mode"),
        ("search", {"query": "x", "filters": [{"column": "price", "min": 1}]}, "filters.0.min"),
        ("search", {"query": "x", "filters": [{"column": "no"}]}, "filters.0.column"),
        ("search", {"query": "x", "sort": {"column": "brand"}}, "sort.column"),
        ("classifier", {"text": ""}, "text"),
        ("recommendation", {"n_items": 0}, "n_items"),
        ("recommendation", {"likes": ["x" * 201]}, "likes.0"),
        ("content", {"fields": {}}, None),
        ("content", {"fields": {"product": 3}}, "fields.product"),
    ],
)
def test_what_does_not_fit_names_the_field(samples: Api, kind, body, param) -> None:
    endpoint = endpoint_of(kind)
    assert endpoint is not None
    answered = samples.post(f"/v1/prototypes/my-{kind}/{endpoint.action}", body, samples.key())
    assert answered.status_code == 400, answered.text
    error = answered.json()["error"]
    if param is not None:
        assert error["param"] == param
    else:
        assert error["param"]  # the first required field of the form


def test_a_field_that_the_form_does_not_have_is_refused(samples: Api) -> None:
    body = filled(samples, "content")
    body["fields"]["lenght"] = "60"
    refused = samples.post("/v1/prototypes/my-content/generate", body, samples.key())
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert (error["param"], error["code"]) == ("fields", "unknown_field")
    assert "lenght" in error["message"]
    assert "length" in error["message"]


def test_filters_narrow_and_unknown_ids_are_said(samples: Api) -> None:
    key = samples.key()
    body = {"query": "lamp", "filters": [{"column": PRICE, "maximum": 60}]}
    found = samples.post("/v1/prototypes/my-search/search", body, key).json()
    assert found["results"]
    assert all(float(row[PRICE]) <= 60 for row in rows(found) if PRICE in row)
    listed = samples.post(
        "/v1/prototypes/my-recommendation/recommend", {"likes": ["no-such-item"]}, key
    ).json()
    assert listed["notes"]


EVENTS = "/v1/prototypes/my-recommendation/events"


def test_what_a_user_did_is_told_and_counts_at_once(samples: Api) -> None:
    (record,) = samples.workbench.prototypes("recommendation")
    recommender = samples.workbench.prototype(record.id, Recommendation)
    item = recommender.find_items(n_items=1)[0].item_id
    ask = {"user_id": "api-user", "n_items": 3}
    key = samples.key()
    before = samples.post("/v1/prototypes/my-recommendation/recommend", ask, key).json()
    assert before["is_new"]
    event = {"user_id": "api-user", "item_id": item, "kind": "purchase", "at": "2026-01-05T10:00Z"}
    kept = samples.post(EVENTS, {"events": [event]}, key)
    assert (kept.status_code, kept.json()) == (200, {"n_kept": 1})
    after = samples.post("/v1/prototypes/my-recommendation/recommend", ask, key).json()
    assert not after["is_new"]
    assert recommender.training_state().n_new_events == 1


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"events": []}, 400, "events"),
        ({"events": [{"user_id": "u"}]}, 400, "events.0.item_id"),
        ({"events": [{"user_id": "u", "item_id": "no-such-item"}]}, 404, None),
        (
            {"events": [{"user_id": "u", "item_id": "x", "at": "2026-01-05T10:00"}]},
            400,
            "events.0.at",
        ),
    ],
)
def test_events_that_cannot_be_kept_are_refused(samples: Api, body, status, param) -> None:
    answered = samples.post(EVENTS, body, samples.key())
    assert answered.status_code == status, answered.text
    assert answered.json()["error"]["param"] == param


def test_a_list_is_explained_in_the_prototypes_language(samples: Api) -> None:
    (record,) = samples.workbench.prototypes("recommendation")
    recommender = samples.workbench.prototype(record.id, Recommendation)
    settings = recommender.settings
    recommender.configure(replace(settings, language="zh"))
    try:
        samples.workbench.publish(record.id, PublicationChoices(headline="商店"), slug="my-shop")
        body = {"likes": ["no-such-item"], "n_items": 3}
        reply = samples.post("/v1/prototypes/my-shop/recommend", body, samples.key()).json()
    finally:
        recommender.configure(settings)
    assert reply["notes"]
    texts = [*reply["notes"], *(one["reason"]["text"] for one in reply["items"])]
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in texts), texts


def test_checks_of_a_text_are_told_in_the_prototypes_language(samples: Api) -> None:
    (record,) = samples.workbench.prototypes("content")
    content = samples.workbench.prototype(record.id, Content)
    settings = content.settings
    body = filled(samples, "content")
    content.configure(replace(settings, language="zh"))
    try:
        samples.workbench.publish(record.id, PublicationChoices(headline="文案"), slug="my-texts")
        reply = samples.post("/v1/prototypes/my-texts/generate", body, samples.key()).json()
    finally:
        content.configure(settings)
    told = [check["text"] for text in reply["texts"] for check in text["checks"]]
    assert told
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in told), told
