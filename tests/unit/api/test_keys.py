"""Who gets in: right keys at once, wrong ones slower and slower, and nobody to what is another's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from studio.api import credentials
from studio.prototypes.chatbot.chatbot import Chatbot
from tests.unit.api.conftest import QUESTION, Api, bearer

WRONG = {"Authorization": "Bearer ps_" + "x" * 43}
CHAT = {"model": "help-desk", "messages": [{"role": "user", "content": QUESTION}]}
ADDRESSES = [
    ("GET", "/v1/models"),
    ("GET", "/v1/models/help-desk"),
    ("GET", "/v1/prototypes"),
    ("GET", "/v1/prototypes/help-desk"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/embeddings"),
    ("POST", "/v1/prototypes/help-desk/ask"),
    ("POST", "/v1/prototypes/help-desk/search"),
    ("POST", "/v1/prototypes/help-desk/recommend"),
    ("POST", "/v1/prototypes/help-desk/events"),
    ("POST", "/v1/prototypes/help-desk/generate"),
    ("POST", "/v1/prototypes/help-desk/classify"),
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_nothing_is_open_without_a_key_whatever_is_sent(api: Api, method: str, path: str) -> None:
    for body in (b"", b"{", b'{"model": 1}'):
        answered = api.client.request(method, path, content=body)
        assert answered.status_code == 401
        assert answered.json()["error"]["code"] == "missing_api_key"
        assert answered.headers["www-authenticate"] == "Bearer"


def test_every_address_is_in_the_list_above(api: Api) -> None:
    paths = api.client.get("/v1/openapi.json").json()["paths"]
    known = {(m.upper(), f"/v1{p}") for p, methods in paths.items() for m in methods}
    listed = {
        (m, p.replace("models/help-desk", "models/{model}").replace("/help-desk", "/{slug}"))
        for m, p in ADDRESSES
    }
    assert known == listed


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "ps_x", "bearer\tps_x", "Bearer  "]
)
def test_other_credentials_are_none(api: Api, header: str) -> None:
    answered = api.client.get("/v1/models", headers={"Authorization": header})
    assert answered.status_code == 401


def test_a_key_in_the_address_is_none(api: Api) -> None:
    key = api.key()
    assert api.client.get(f"/v1/models?api_key={key.secret}").status_code == 401


def test_a_revoked_key_is_refused_from_the_next_request_on(api: Api) -> None:
    key = api.key()
    assert api.get("/v1/models", key).status_code == 200
    api.workbench.workspace.api_keys.revoke(key.record.id)
    answered = api.get("/v1/models", key)
    assert answered.status_code == 401
    assert answered.json()["error"]["code"] == "invalid_api_key"


def test_wrong_keys_wait_longer_each_time_and_are_refused_in_the_end(api: Api) -> None:
    codes = [
        api.client.get("/v1/models", headers=WRONG).status_code
        for _ in range(credentials.N_REFUSED + 1)
    ]
    assert codes == [401] * credentials.N_REFUSED + [429]
    assert api.naps_s == sorted(api.naps_s)
    assert api.naps_s[:3] == [0.25, 0.5, 1.0]
    assert max(api.naps_s) == credentials.LONGEST_WAIT_S
    assert len(api.naps_s) == credentials.N_REFUSED - credentials.N_FREE
    refused = api.client.get("/v1/models", headers=WRONG)
    assert refused.headers["retry-after"]
    assert refused.json()["error"]["code"] == "too_many_wrong_keys"

    # A right key from the same address is not slowed; tries are forgotten after a while.
    n_naps = len(api.naps_s)
    assert api.get("/v1/models", api.key()).status_code == 200
    api.timer_s += credentials.FORGET_S + 1
    assert api.client.get("/v1/models", headers=WRONG).status_code == 401
    assert len(api.naps_s) == n_naps


def test_another_keys_publication_looks_like_one_that_is_not_there(
    api: Api, bot: Chatbot, workbench
) -> None:
    mine = api.publish(bot, "mine")
    key = api.key(publications=(mine.id,))
    assert [one["id"] for one in api.get("/v1/models", key).json()["data"]] == ["mine"]
    assert [one["slug"] for one in api.get("/v1/prototypes", key).json()["data"]] == ["mine"]
    assert api.ask("mine", key).status_code == 200
    before = len(workbench.calls())
    for guess in ("help-desk", "nothing", mine.id, bot.id, bot.slug, "..%2Fmine", "MINE"):
        answers = [
            api.ask(guess, key),
            api.get(f"/v1/models/{guess}", key),
            api.get(f"/v1/prototypes/{guess}", key),
            api.post(f"/v1/prototypes/{guess}/ask", {"question": QUESTION}, key),
        ]
        assert {one.status_code for one in answers} == {404}, guess
        texts = {one.json()["error"]["message"].replace(guess, "X") for one in answers}
        assert "help-desk" not in str(texts)
    theirs = api.get("/v1/models/help-desk", key).json()["error"]["message"]
    none = api.get("/v1/models/no-such-one", key).json()["error"]["message"]
    assert theirs.replace("help-desk", "X") == none.replace("no-such-one", "X")
    assert len(workbench.calls()) == before


def test_a_key_without_publications_opens_none(api: Api) -> None:
    key = api.key(publications=())
    assert api.get("/v1/models", key).json()["data"] == []
    assert api.ask("help-desk", key).status_code == 404


def test_ended_expired_and_deleted_are_like_unknown(api: Api, bot: Chatbot, workbench) -> None:
    publications = workbench.workspace.publications
    desk = publications.by_slug("help-desk")
    ended = publications.end(api.publish(bot, "ended").id)
    brief = api.publish(bot, "brief", expires_at=api.now + timedelta(hours=1))
    key = api.key(publications=(desk.id, ended.id, brief.id))
    assert api.ask("brief", key).status_code == 200
    api.now += timedelta(hours=1)
    for slug in ("ended", "brief", "unknown"):
        answered = api.ask(slug, key)
        assert answered.status_code == 404
        assert answered.json()["error"]["code"] == "model_not_found"
        asked = api.post(f"/v1/prototypes/{slug}/ask", {"question": QUESTION}, key)
        assert asked.json()["error"]["code"] == "prototype_not_found"
    assert [one["id"] for one in api.get("/v1/models", key).json()["data"]] == ["help-desk"]
    workbench.delete(bot.id)
    assert api.ask("help-desk", key).status_code == 404
    assert api.get("/v1/models", key).json()["data"] == []
    assert api.get("/v1/prototypes", key).json()["data"] == []
    workbench.restore(bot.id)
    assert api.ask("help-desk", key).status_code == 200


def test_use_is_noted_and_neither_key_nor_text_is_in_the_log(api: Api, caplog) -> None:
    caplog.set_level("DEBUG", "studio")
    key = api.key()
    api.ask("help-desk", key, "a very private question")
    api.client.get("/v1/models", headers=WRONG)
    assert api.workbench.workspace.api_keys.get(key.record.id).last_used_at is not None
    assert key.record.id in caplog.text
    assert key.secret not in caplog.text
    assert "private question" not in caplog.text


def test_the_body_is_not_read_before_the_key(api: Api) -> None:
    answered = api.client.post("/v1/chat/completions", content=b"{" * 10_000)
    assert answered.status_code == 401
    answered = api.client.post("/v1/chat/completions", content=b"{", headers=bearer(api.key()))
    assert answered.status_code == 400
    assert answered.json()["error"]["code"] == "invalid_json"
