"""The API page: a key is made and shown once, changed, revoked; meters; code for what is published."""

from __future__ import annotations

import re

from studio.prototypes.recommendation.recommendation import Recommendation
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.workspace.api_key_record import KeyGrants
from studio.workspace.publication_record import PublicationChoices

PAGE = "share/api.py"
QUESTION = "What does a return label cost?"


def secrets_on(at) -> list[str]:
    return [code.value for code in at.code if re.fullmatch(r"ps_[\w-]{43}", code.value)]


def published(bench, slug: str = "help-desk"):
    bot = bench.create_chatbot("Help desk")
    bench.publish(bot.id, PublicationChoices(headline="Help <b>desk</b>"), slug=slug)
    return bot


def make_key(at, name: str):
    at.text_input(key="_api.new.name").set_value(name)
    create = next(b for b in at.button if b.label == "Create the key")
    return create.click().run()


def test_an_empty_studio_says_what_to_do_first(open_page) -> None:
    at = open_page(PAGE)
    assert at.title[0].value == "API"
    assert any("Publish a prototype first" in one.value for one in at.info)
    assert any("nothing to call" in one.value for one in at.caption)
    assert not at.error


def test_a_key_is_shown_once_and_never_again(open_page, bench) -> None:
    published(bench)
    at = make_key(open_page(PAGE), "Acme *Ltd*")
    (secret,) = secrets_on(at)
    found = bench.workspace.api_keys.find(secret)
    assert found.name == "Acme *Ltd*"
    assert found.grants == KeyGrants()
    done = next(b for b in at.button if b.label == "I have copied it")
    assert secrets_on(done.click().run()) == []
    assert secrets_on(open_page(PAGE)) == []
    assert any(found.prefix in one.value.replace("\\", "") for one in at.markdown)


def test_a_key_needs_a_name(open_page, bench) -> None:
    at = make_key(open_page(PAGE), "  ")
    assert bench.workspace.api_keys.list() == ()
    assert any("name is empty" in one.value for one in at.toast)


def test_what_a_key_opens_and_its_limits_are_chosen(open_page, bench) -> None:
    published(bench)
    (publication,) = bench.publications()
    at = open_page(PAGE)
    at.multiselect(key="_api.new.publications").set_value([publication.id])
    at.toggle(key="_api.new.models").set_value(True)
    at.number_input(key="_api.new.tokens").set_value(5_000)
    at.number_input(key="_api.new.usd").set_value(1.25)
    at.number_input(key="_api.new.weight").set_value(4)
    at.number_input(key="_api.new.at_once").set_value(7)
    at = make_key(at, "Acme")
    grants = bench.workspace.api_keys.list()[0].grants
    assert grants.publications == (publication.id,)
    assert grants.opens_models
    assert (grants.requests_per_minute, grants.tokens_per_day) == (60, 5_000)
    assert str(grants.usd_per_day) == "1.25"
    assert (grants.weight, grants.max_at_once) == (4, 7)
    said = " ".join(one.value for one in at.caption).replace("\\", "")
    assert "Opens Help <b>desk</b> · and the models" in said
    assert "0 tokens of 5,000" in said


def test_a_key_is_revoked_after_a_second_click(open_page, bench) -> None:
    made = bench.workspace.api_keys.create("Acme")
    at = open_page(PAGE)
    at.button(key=f"_api.revoke.{made.record.id}").click().run()
    assert bench.workspace.api_keys.find(made.secret) is None
    assert any("was revoked" in one.value for one in at.toast)
    assert any(one.label == "1 revoked key" for one in at.expander)
    assert not [b for b in at.button if b.key == f"_api.revoke.{made.record.id}"]


def test_the_meter_of_a_key_is_read_from_the_ledger(open_page, bench) -> None:
    bot = published(bench)
    bot.add_file("a.md", b"# Labels\n\nA return label costs 4.95 dollars.\n")
    bot.update_index().wait(30)
    key = bench.workspace.api_keys.create("Acme").record
    for _ in range(3):
        bot.served(account=key.account).ask(QUESTION, surface="api")
    bot.ask(QUESTION)  # its owner's, which no key pays
    at = open_page(PAGE)
    said = " ".join(one.value for one in at.caption).replace("\\", "")
    assert "Today: 3 requests" in said
    table, base = at.table
    assert base.value["Requests"].tolist() == ["3"]
    assert list(base.value.index) == ["Help <b>desk</b>"]
    assert list(table.value.index) == ["Acme"]
    assert table.value["Requests"].tolist() == ["3"]
    assert not at.error


def test_code_is_filled_with_address_and_slug(open_page, bench) -> None:
    bot = published(bench, "my-desk")
    at = open_page(PAGE)
    curl, python, javascript = [c.value for c in at.code if "my-desk" in c.value]
    for code in (curl, python, javascript):
        assert re.search(r"http://[\w.:]+/v1", code)
        assert "STUDIO_API_KEY" in code
        assert "ps_" not in code
    compile(python, "snippet", "exec")
    bench.delete(bot.id)
    at = open_page(PAGE)
    assert not [c for c in at.code if "my-desk" in c.value]
    assert not at.error


def test_it_is_there_in_chinese(open_page, bench) -> None:
    published(bench)
    bench.workspace.api_keys.create("北风商店")
    at = open_page(PAGE, lang="zh")
    assert "密钥" in [one.value for one in at.header]
    assert not at.error


def test_a_recommender_is_also_told_what_users_did(open_page, bench) -> None:
    shop = bench.create(Recommendation, "Shop", RecommendationSettings().to_json())
    shop.desk.add([("events.csv", b"user_id,item_id\nu1,tea\nu2,pot\n")])
    shop.desk.prepare().result(30)
    bench.publish(shop.id, PublicationChoices(headline="Shop"), slug="shop")
    at = open_page(PAGE)
    assert any("/prototypes/shop/recommend" in one.value for one in at.code)
    choice = at.segmented_control(key="_api.action.recommendation")
    assert choice.options == ["Recommend items", "Tell a recommender what users did"]
    choice.set_value("events").run()
    assert not at.exception
    codes = [one.value for one in at.code if "/prototypes/shop/" in one.value]
    assert codes
    assert all("/shop/events" in code and "item_id" in code for code in codes)
