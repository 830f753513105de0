"""The chatbot page without a browser: what it shows and keeps in each of its states (demo engine)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from studio.errors import ModelUnavailable, Overloaded
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.knowledge import IndexState
from studio.records import Notice
from tests.unit.ingestion.pdf_files import locked, pdf_with_pages

RETURNS = (
    b"# Returns\n\nTents can be returned within 60 days of delivery.\n\nThe shop pays the postage."
)
FEES = b"# Club\n\nThe yearly fee for the club is 19 dollars. Members get free repairs."


@pytest.fixture
def bot(bench) -> Chatbot:
    """A chatbot with two documents, indexed, that takes whatever it finds."""
    made = bench.create_chatbot("Help desk")
    made.add_file("returns.md", RETURNS)
    made.add_file("club.md", FEES)
    made.update_index().wait(30)
    made.configure(
        replace(made.settings, min_relevance=0.0, starter_questions=("What is the fee?",))
    )
    return made


@pytest.fixture
def opened(open_page):
    """Open the page at an address: `opened(prototype=..., conversation=...)`."""

    def open_(**address: str) -> AppTest:
        at = open_page("build/chatbot.py", **address)
        assert not at.exception
        return at

    return open_


def address_of(at: AppTest, name: str) -> str:
    value = at.query_params[name]
    return value[0] if isinstance(value, list) else value


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def texts(at: AppTest) -> str:
    shown = [*at.markdown, *at.caption, *at.error, *at.warning, *at.info]
    return "\n".join(element.value for element in shown).replace("\\", "")


def answers_drawn(at: AppTest) -> list[dict]:
    """What was handed to the component that draws answers."""
    found = at.main.get("bidi_component")
    return [json.loads(element.proto.json) for element in found]


def test_page_without_a_prototype_offers_the_sample_and_a_new_one(opened):
    at = opened()
    assert at.title[0].value == "Chatbot"
    assert {"Try the sample", "New chatbot"} <= set(labels(at))


def test_address_of_nothing_says_so_and_offers_what_there_is(opened, bot):
    at = opened(prototype="gone")
    assert "gone" in at.warning[0].value
    assert "Help desk" in texts(at)
    at.button(key=f"_gallery.open.{bot.id}").click().run()
    assert at.title[0].value == "Help desk"


def test_new_chatbot_starts_with_its_data_step_open_and_the_sample_documents_at_hand(opened, bench):
    at = opened()
    at.button(key="_chooser.new").click().run()
    assert at.title[0].value == "My chatbot"
    assert at.expander[0].proto.expanded
    assert "Use the sample documents" in labels(at)
    made = bench.prototypes()[0]
    assert address_of(at, "prototype") == made.slug


def test_second_new_chatbot_gets_a_name_of_its_own(opened, bench):
    bench.create_chatbot("My chatbot")
    at = opened()
    at.button(key="_chooser.new").click().run()
    assert at.title[0].value == "My chatbot 2"


PASSWORD = "Tide-77-pool"


def unlock(at: AppTest, document_id: str, password: str) -> AppTest:
    at.text_input(key=f"_documents.unlock_{document_id}").set_value(password)
    return at.button(key=f"_unlock_{document_id}").click().run()


def test_locked_pdf_asks_for_its_password_and_is_read_without_another_upload(opened, bench, caplog):
    made = bench.create_chatbot("Help desk")
    pdf = locked(pdf_with_pages("The yearly fee for the club is 19 dollars."), PASSWORD)
    (record,) = made.add_file("fees.pdf", pdf)
    at = opened(prototype=made.slug)
    assert at.text_input(key=f"_documents.unlock_{record.document_id}").proto.type == 1  # hidden
    unlock(at, record.document_id, "tide-77-pool")
    assert "No text could be read with this password." in texts(at)
    assert [r.status for r in made.documents()] == ["refused"]
    unlock(at, record.document_id, "")
    assert "Enter the password of this file." in texts(at)
    unlock(at, record.document_id, PASSWORD)
    assert not at.exception
    assert at.toast[0].value.replace("\\", "") == "1 document was unlocked."
    assert [(r.name, r.status) for r in made.documents()] == [("fees.pdf", "read")]
    made.update_index().wait(30)
    assert "19 dollars" in made.ask("What is the yearly fee for the club?").text
    assert f"_documents.unlock_{record.document_id}" not in [t.key for t in at.text_input]
    assert PASSWORD not in repr(at.session_state._state.filtered_state)
    assert PASSWORD not in caplog.text


def test_password_opens_the_other_locked_files_too_and_is_kept_nowhere(opened, bench):
    made = bench.create_chatbot("Help desk")
    for name, password in (("a.pdf", PASSWORD), ("b.pdf", PASSWORD), ("c.pdf", "another")):
        made.add_file(name, locked(pdf_with_pages(f"Text of {name}."), password))
    at = opened(prototype=made.slug)
    unlock(at, made.documents()[0].document_id, PASSWORD)
    assert at.toast[0].value.replace("\\", "") == "2 documents were unlocked."
    assert {r.name: r.status for r in made.documents()} == {
        "a.pdf": "read",
        "b.pdf": "read",
        "c.pdf": "refused",
    }
    made.update_index().wait(30)
    bench.ledger.flush()
    files = [path for path in bench.settings.home.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []


def test_refused_file_without_a_lock_asks_for_no_password(opened, bench):
    made = bench.create_chatbot("Help desk")
    made.add_file("program.exe", b"MZ\x90\x00" + bytes(range(256)) * 8)
    at = opened(prototype=made.slug)
    assert not [t for t in at.text_input if "unlock" in str(t.key)]


def test_removed_document_leaves_list_and_index(opened, bot):
    at = opened(prototype=bot.slug)
    gone = bot.documents()[0]
    at.button(key=f"_documents.remove.{gone.document_id}").click().run()
    assert [record.name for record in bot.documents()] == ["club.md"]
    bot.update_index().wait(30)
    assert bot.index_state().n_documents == 1


def test_change_of_a_setting_is_kept_as_a_new_version_at_once(opened, bot):
    at = opened(prototype=bot.slug)
    before = bot.version
    at.slider(key=f"_chatbot.{bot.id}.n_passages").set_value(5).run()
    assert bot.settings.n_passages == 5
    assert bot.version == before + 1
    assert f"Version {before + 1}" in [block.proto.popover.label for block in at.get("popover")]


VERSIONS = "_header.versions"


def test_versions_say_what_changed_and_are_made_only_when_opened(opened, bot):
    bot.configure(replace(bot.settings, tone="formal", n_passages=5))
    at = opened(prototype=bot.slug)
    assert "As it was made" not in texts(at)
    at.session_state[VERSIONS] = True
    at.run()
    assert "Version 3** · now" in texts(at)
    assert "Tone: Friendly → Formal  \nPassages to read (top k): 3 → 5" in texts(at)
    assert "Starter questions: 0 questions → 1 question" in texts(at)
    assert "As it was made" in texts(at)


def test_restored_version_is_a_new_one_and_can_be_taken_back_the_same_way(opened, bot):
    before = bot.settings
    bot.configure(replace(before, tone="formal"))
    at = opened(prototype=bot.slug)
    at.session_state[VERSIONS] = True
    at.run()
    at.button(key=f"_versions.restore.{bot.id}.2").click().run()
    assert (bot.version, bot.settings) == (4, before)
    assert (
        at.toast[0].value.replace("\\", "")
        == "The settings of version 2 are in use again, as version 4."
    )
    assert at.selectbox(key=f"_chatbot.{bot.id}.tone").value == "friendly"
    at.session_state[VERSIONS] = True
    at.run()
    assert "The settings of version 2 again  \nTone: Formal → Friendly" in texts(at)
    assert not any(b.key == f"_versions.restore.{bot.id}.2" for b in at.button)  # in use already
    at.button(key=f"_versions.restore.{bot.id}.3").click().run()
    assert (bot.version, bot.settings.tone) == (5, "formal")


def test_version_that_cannot_be_used_any_more_is_refused_with_the_reason(opened, bot, bench):
    keep = bot.settings
    bench.workspace.prototypes.update_settings(bot.id, {**keep.to_json(), "n_passages": 99})
    bot.configure(keep)
    at = opened(prototype=bot.slug)
    at.session_state[VERSIONS] = True
    at.run()
    at.button(key=f"_versions.restore.{bot.id}.3").click().run()
    assert "must be between 1 and 12" in at.toast[0].value.replace("\\", "")
    assert (bot.version, bot.settings) == (4, keep)


def test_many_versions_are_listed_on_demand(opened, bot):
    for n in range(1, 13):
        bot.configure(replace(bot.settings, n_passages=n))
    at = opened(prototype=bot.slug)
    at.session_state[VERSIONS] = True
    at.run()
    assert "As it was made" not in texts(at)
    at.toggle(key=f"_versions.all.{bot.id}").set_value(True).run()
    assert "As it was made" in texts(at)


def test_setting_changed_elsewhere_is_shown_and_not_overwritten(opened, bot):
    at = opened(prototype=bot.slug)
    bot.configure(replace(bot.settings, n_passages=7))
    at.slider(key=f"_chatbot.{bot.id}.min_relevance").set_value(0.2).run()
    assert (bot.settings.n_passages, bot.settings.min_relevance) == (7, 0.2)
    assert at.slider(key=f"_chatbot.{bot.id}.n_passages").value == 7


def test_setting_that_cannot_be_used_is_said_and_the_old_value_stays(opened, bot):
    at = opened(prototype=bot.slug)
    many = "\n".join(f"Question {n}?" for n in range(9))
    at.text_area(key=f"_chatbot.{bot.id}.starter_questions").set_value(many).run()
    assert bot.settings.starter_questions == ("What is the fee?",)
    assert at.toast[0].value.replace("\\", "")
    assert at.text_area(key=f"_chatbot.{bot.id}.starter_questions").value == "What is the fee?"


def test_default_model_is_stored_as_the_default_and_not_by_its_name(opened, bot):
    at = opened(prototype=bot.slug)
    box = at.selectbox(key=f"_chatbot.{bot.id}.generation_model")
    assert box.options[0].startswith("Automatic: ")
    assert bot.settings.generation_model == ""


def test_another_search_model_says_what_it_means_and_builds_the_index_again(opened, bot):
    at = opened(prototype=bot.slug)
    at.selectbox(key=f"_chatbot.{bot.id}.embedding_model").set_value("bge-small-zh-v1.5").run()
    assert bot.index_state().state == "mismatch"
    assert "Build the index again" in labels(at)
    at.button(key=f"_index.{bot.id}.build").click().run()
    bot.update_index().wait(30)
    assert bot.index_state().model == "bge-small-zh-v1.5"
    assert bot.ask("What is the fee?").citations


def test_rename_changes_the_title_and_an_empty_name_changes_nothing(opened, bot):
    at = opened(prototype=bot.slug)
    at.text_input(key=f"_header.name.{bot.id}").set_value("Front *desk*").run()
    assert bot.name == "Front *desk*"
    assert at.title[0].value.replace("\\", "") == "Front *desk*"
    at.text_input(key=f"_header.name.{bot.id}").set_value("  ").run()
    assert bot.name == "Front *desk*"


def test_starter_question_is_answered_with_sources_and_figures(opened, bot):
    at = opened(prototype=bot.slug)
    at.button(key=f"_chat.{bot.id}.starter.0").click().run()
    drawn = answers_drawn(at)
    assert len(drawn) == 1
    assert drawn[0]["sources"]
    labels_of_sources = {source["label"].split(",")[0] for source in drawn[0]["sources"]}
    assert labels_of_sources <= {"returns.md", "club.md"}
    assert any("passage" in box.label and "tokens in" in box.label for box in at.expander)
    assert "What is the fee?" not in labels(at)  # starters go with the first turn
    conversation = address_of(at, "conversation")
    assert [turn.role for turn in bot.turns(conversation)] == ["user", "assistant"]


def test_reload_finds_the_conversation_by_its_address(opened, bot):
    conversation = bot.start_conversation()
    bot.stream("What is the fee?", conversation).answer(30)
    at = opened(prototype=bot.slug, conversation=conversation)
    assert "What is the fee?" in texts(at)
    assert len(answers_drawn(at)) == 1


def test_typed_question_is_answered_and_clearing_keeps_the_old_conversation(opened, bot):
    at = opened(prototype=bot.slug)
    at.chat_input[0].set_value("Who pays the postage?").run()
    conversation = address_of(at, "conversation")
    assert "Who pays the postage?" in texts(at)
    at.button(key="_chat.clear").click().run()
    assert "conversation" not in at.query_params
    assert "Who pays the postage?" not in texts(at)
    assert len(bot.turns(conversation)) == 2


def test_nothing_found_gives_the_best_relevance_and_what_to_do(opened, bot):
    bot.configure(replace(bot.settings, min_relevance=1.0))
    at = opened(prototype=bot.slug)
    at.chat_input[0].set_value("Who painted the ceiling?").run()
    assert "lower the threshold" in texts(at)
    assert "1.00 is needed" in texts(at)
    assert "below the threshold" in texts(at)


def test_failed_answer_stands_in_the_chat_as_a_sentence_and_the_rest_works(
    opened, bot, monkeypatch, bench
):
    def fail(*_args, **_kwargs):
        raise ModelUnavailable("The model {model} is gone. Load it on the Models page.", model="m1")

    monkeypatch.setattr(bench.models, "embed", fail)
    at = opened(prototype=bot.slug)
    at.chat_input[0].set_value("Who pays the postage?").run()
    assert at.error[0].value == "The model m1 is gone. Load it on the Models page."
    assert not at.exception
    at.slider(key=f"_chatbot.{bot.id}.n_passages").set_value(4).run()
    assert bot.settings.n_passages == 4


def test_unusable_index_holds_the_question_back_until_it_is_built_again(opened, bot, monkeypatch):
    state = IndexState(state="mismatch", notice=Notice("The index was built with another model."))
    with monkeypatch.context() as patch:
        patch.setattr(Chatbot, "index_state", lambda _bot: state)
        at = opened(prototype=bot.slug)
        at.chat_input[0].set_value("What is the fee?").run()
        assert "The index was built with another model." in texts(at)
        assert "conversation" not in at.query_params  # nothing was answered without the documents
        assert "Drop the question" in labels(at)
    at.button(key="_chat.repair").click().run()
    assert len(answers_drawn(at)) == 1


def test_dropped_question_is_forgotten(opened, bot, monkeypatch):
    state = IndexState(state="failed", notice=Notice("The disk is full."))
    monkeypatch.setattr(Chatbot, "index_state", lambda _bot: state)
    at = opened(prototype=bot.slug)
    at.chat_input[0].set_value("What is the fee?").run()
    at.button(key="_chat.drop").click().run()
    assert "Drop the question" not in labels(at)
    assert answers_drawn(at) == []


def test_question_whose_answer_was_lost_can_be_asked_again(opened, bot, bench):
    conversation = bot.start_conversation()
    bench.workspace.conversations.append_turn(conversation, "user", "What is the fee?", {})
    at = opened(prototype=bot.slug, conversation=conversation)
    assert "was not answered" in texts(at)
    at.button(key=f"_chat.{bot.id}.ask_again").click().run()
    assert len(answers_drawn(at)) == 1


def test_conversation_that_does_not_exist_is_dropped_from_the_address(opened, bot):
    at = opened(prototype=bot.slug, conversation="nobody-knows")
    assert "conversation" not in at.query_params
    assert "What is the fee?" in labels(at)


def test_conversation_of_another_chatbot_is_not_shown(opened, bot, bench):
    other = bench.create_chatbot("Other")
    conversation = other.start_conversation()
    bench.workspace.conversations.append_turn(conversation, "user", "A secret of the other", {})
    at = opened(prototype=bot.slug, conversation=conversation)
    assert "A secret of the other" not in texts(at)


def test_delete_leads_to_the_choice_and_can_be_undone(opened, bot, bench):
    at = opened(prototype=bot.slug)
    at.get("menu_button")[0].click("delete").run()
    assert bench.prototypes() == ()
    assert at.title[0].value == "Chatbot"
    assert "Help desk was deleted." in texts(at).replace("*", "")
    at.button(key="_gallery.undo").click().run()
    assert [record.id for record in bench.prototypes()] == [bot.id]


def test_duplicate_opens_the_copy(opened, bot, bench):
    at = opened(prototype=bot.slug)
    at.get("menu_button")[0].click("duplicate").run()
    assert at.title[0].value.replace("\\", "") == "Help desk (copy)"
    assert len(bench.prototypes()) == 2


def test_user_text_is_never_read_as_markup(opened, bot):
    at = opened(prototype=bot.slug)
    at.chat_input[0].set_value("**x** $y$ <b>z</b> :red[w]").run()
    shown = [m.value for m in at.markdown if "w" in m.value and "red" in m.value]
    assert shown
    assert all("\\*\\*x" in value and "\\$y" in value and "\\<b" in value for value in shown)


def test_page_stands_in_chinese(opened, bot):
    at = opened(prototype=bot.slug, lang="zh")
    assert not at.exception
    assert at.chat_input[0].placeholder != ""


def test_a_question_that_was_refused_stands_there_until_it_is_asked_again(opened, bot, monkeypatch):
    stream, is_busy = Chatbot.stream, [True]

    def busy(self, *args, **kwargs):
        if is_busy.pop():
            raise Overloaded("The model is busy.")
        return stream(self, *args, **kwargs)

    monkeypatch.setattr(Chatbot, "stream", busy)
    is_busy.insert(0, False)
    at = opened(prototype=bot.slug)
    at.chat_input(key=f"_chat.{bot.id}.question").set_value("What is the fee?").run(timeout=60)
    for _timer in range(2):
        assert [box.value for box in at.error] == ["The model is busy."]
        assert at.chat_message[-2].markdown[0].value == "What is the fee?"
        at.run()
    at.button(key=f"_chat.{bot.id}.again").click().run(timeout=60)
    assert not at.exception
    assert not at.error
    talk = at.query_params["conversation"]
    turns = bot.turns(talk if isinstance(talk, str) else talk[0])
    assert [turn.role for turn in turns] == ["user", "assistant"]


def test_a_question_that_is_too_long_is_refused_with_the_limit_and_begins_nothing(opened, bot):
    at = opened(prototype=bot.slug)
    assert not at.chat_input[0].proto.max_chars  # a longer paste would vanish without a word
    at.chat_input[0].set_value("a" * 5_000).run()
    assert "has 5,000 characters; at most 4,000 can be read" in at.error[0].value
    assert "Ask again" not in labels(at)
    assert "conversation" not in at.query_params
    at.chat_input[0].set_value("What is the fee?").run()
    assert not at.error
    assert len(answers_drawn(at)) == 1


def test_a_model_that_does_not_write_the_language_is_said_beside_it_and_beside_the_rule(
    opened, bot
):
    bot.configure(replace(bot.settings, language="zh"))
    at = opened(prototype=bot.slug)
    assert "does not write 简体中文: the sentences of your documents are quoted" in texts(at)
    assert "This does nothing yet" not in texts(at)
    at.toggle(key=f"_chatbot.{bot.id}.only_from_documents").set_value(False).run()
    assert "This does nothing yet" in texts(at)
    bot.configure(replace(bot.settings, language="en"))
    at.run()
    assert "does not write" not in texts(at)


def test_the_latest_conversation_is_there_without_its_address(opened, bot):
    earlier, latest = bot.start_conversation(), bot.start_conversation()
    bot.ask("What is the fee?", earlier)
    bot.ask("Who pays the postage?", latest)
    at = opened(prototype=bot.slug)
    assert address_of(at, "conversation") == latest
    assert "Who pays the postage?" in texts(at)
    at.button(key=f"_chat.open.{earlier}").click().run()
    assert address_of(at, "conversation") == earlier
    assert "What is the fee?" in texts(at)


def test_a_cleared_conversation_is_not_opened_again_but_stands_among_the_earlier(opened, bot):
    for question in ("What is the fee?", "Who pays the postage?"):
        bot.ask(question, bot.start_conversation())
    at = opened(prototype=bot.slug)
    cleared = address_of(at, "conversation")
    at.button(key="_chat.clear").click().run()
    again = opened(prototype=bot.slug)
    for page in (at, again):
        assert "conversation" not in page.query_params
        assert answers_drawn(page) == []
        assert f"_chat.open.{cleared}" in {button.key for button in page.button}
