"""Exported pages show what documents and people say as text: no picture, link or formula of theirs."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studio.export.kinds.registry import EXPORTS
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.search.settings import SearchSettings

EVIL = "![i](//evil.org/p.png) [l](//evil.org) $x^2$ :red[r] **b** <b>h</b>"
TEMPLATES = Path(__file__).resolve().parents[3] / "studio" / "export" / "templates"
MODULES = ("product", "settings", "words", "opening")
READS_MARKUP = ("title", "subheader", "caption", "markdown", "error", "warning", "info", "button")
UNESCAPED = re.compile(r"(?<!\\)(?:!\[|\]\(|\$|\*\*|<b>|:red\[)")


@pytest.fixture
def run(bench, tmp_path, monkeypatch):
    """Export a prototype and open its page in this process: `run(prototype)`."""
    opened = []

    def run_(prototype) -> AppTest:
        bench.export(prototype.id, tmp_path / "out.zip")
        with zipfile.ZipFile(tmp_path / "out.zip") as archive:
            archive.extractall(tmp_path / "out")
        (folder,) = (path.parent for path in (tmp_path / "out").glob("*/app.py"))
        monkeypatch.syspath_prepend(str(folder))
        for name in MODULES:
            sys.modules.pop(name, None)
        at = AppTest.from_file(folder / "app.py", default_timeout=60).run()
        assert not at.markdown  # a string that stands alone in a script is drawn by Streamlit
        opened.append(sys.modules["opening"])
        return at

    yield run_
    for opening in opened:
        opening.workbench().close()
    for name in MODULES:
        sys.modules.pop(name, None)


def read_as_markup(at: AppTest) -> list[str]:
    found = [one for name in READS_MARKUP for one in getattr(at, name)]
    return [str(getattr(one, "label", None) or one.value) for one in found]


def test_a_chatbots_page(bench, run) -> None:
    bot = bench.create_chatbot(
        f"Desk {EVIL}",
        ChatbotSettings(starter_questions=(f"What of {EVIL}?",), answer_style="quote"),
    )
    bot.add_file("evil.md", f"# Returns {EVIL}\n\nReturn the tents within 45 days {EVIL}.".encode())
    bot.update_index().wait()
    at = run(bot)
    assert not at.exception
    first = read_as_markup(at)
    at.chat_input[0].set_value(f"Return the tents within how many days {EVIL}?").run()
    assert not at.exception
    assert any("45 days" in one.value for one in at.text)
    shown = [*first, *read_as_markup(at)]
    assert any("evil" in one for one in shown)
    assert not [one for one in shown if UNESCAPED.search(one)]


def test_a_reader_is_told_where_an_answer_is_from_and_nothing_about_models(bench, run) -> None:
    settings = ChatbotSettings(answer_style="quote", min_relevance=0.05)
    bot = bench.create_chatbot("Desk", settings)
    bot.add_file("returns.md", b"# Returns\n\nReturn the tents within 45 days of delivery.")
    bot.update_index().wait()
    bot.team_answers.add("Who are you?", "We are the team.")
    at = run(bot)
    at.chat_input[0].set_value("Return the tents within how many days?").run()
    at.chat_input[0].set_value("Who are you?").run()
    assert not at.exception
    captions = [one.value for one in at.caption]
    assert "Quoted from the documents." in captions
    assert "Answered by the team." in captions
    assert not [one for one in captions if "your documents" in one or "loads" in one]


def test_a_searchs_page(bench, run) -> None:
    search = bench.create_search(
        f"Shop {EVIL}", SearchSettings(suggestions=(EVIL,), min_relevance=0.0, mode="keyword")
    )
    rows = "".join(f'Tent {n},{EVIL},{10 + n},"kind {EVIL}"\n' for n in range(6))
    search.add_file("shop.csv", f"Name,Text,Price,Group {EVIL}\n{rows}".encode())
    search.update_index().wait()
    at = run(search)
    assert not at.exception
    first = read_as_markup(at)
    at.text_input[0].set_value("tent").run()
    assert not at.exception
    shown = [*first, *read_as_markup(at), *(one.label for one in at.multiselect)]
    assert any("evil" in one for one in shown)
    assert not [one for one in shown if UNESCAPED.search(one)]


def test_a_cut_excerpt_says_that_it_is_cut(bench, run) -> None:
    search = bench.create_search("Shop", SearchSettings(min_relevance=0.0, mode="keyword"))
    text = "A tent for two. " + "It stands in any wind. " * 40
    search.add_file("shop.csv", f"Name,Text\nCove,{text}\nLake,A tent for one.\n".encode())
    search.update_index().wait()
    at = run(search)
    at.text_input[0].set_value("tent for two").run()
    excerpts = [one.value for one in at.text if "tent for" in one.value]
    assert [one.endswith(" …") for one in excerpts] == [True, False]


@pytest.mark.parametrize("kind", sorted(EXPORTS))
def test_nothing_is_written_by_what_reads_markup_unasked(kind) -> None:
    code = (TEMPLATES / kind / "app.py").read_text(encoding="utf-8")
    assert not re.search(r"st\.(write|write_stream|markdown|html)\(", code)
