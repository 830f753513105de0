"""While two versions are tested, a key meets one of them for good, and everything says which."""

from __future__ import annotations

from dataclasses import replace

from studio.prototypes.chatbot.settings import ChatbotSettings
from tests.unit.api.conftest import RETURNS, Api


def test_keys_are_shared_out_and_each_call_says_which_version_answered(api: Api) -> None:
    bot = api.workbench.create_chatbot("Two ways", ChatbotSettings(min_relevance=0.05))
    bot.add_file("returns.md", RETURNS.encode())
    bot.update_index().wait(30)
    shown = api.publish(bot, "two-ways")
    bot.configure(replace(bot.settings, greeting="Second"))
    publications = api.workbench.workspace.publications
    api.workbench.sharing.split(shown.id, 2, 50)
    keys = [api.key() for _ in range(16)]
    met = {}
    for key in keys:
        versions = {api.get("/v1/prototypes/two-ways", key).json()["version"] for _ in range(3)}
        (met[key.record.id],) = versions
    assert set(met.values()) == {1, 2}
    for key in keys[:6]:
        assert api.ask("two-ways", key).status_code == 200
        calls = api.workbench.ledger.frame(account=key.record.account)
        assert set(calls["version"]) == {met[key.record.id]}
    publications.end_split(shown.id)
    listed = [api.get("/v1/prototypes", key).json()["data"] for key in keys]
    assert {one["version"] for data in listed for one in data if one["slug"] == "two-ways"} == {1}
