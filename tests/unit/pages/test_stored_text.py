"""Whatever people typed, uploaded or said stands on every page as text: no markup, script or picture."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from studio.acting import Role
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.workspace.api_key_record import KeyGrants
from studio.workspace.feedback_record import Exchange, Opinion, Retrieved
from studio.workspace.publication_record import PublicationChoices
from tests.unit.pages.test_roles import BUILDERS, PAGES

EVIL = (
    "<img src=x onerror=alert(1)><script>alert(2)</script> ![i](//evil.example/p.png) :red[r] $x^2$"
)
SHORT = EVIL[:80]
IN_HTML = re.compile(r"<img src=x|<script>alert", re.IGNORECASE)
IN_MARKDOWN = re.compile(r"(?<!\\)!(?<!\\)\[i(?<!\\)\](?<!\\)\(|(?<!\\):red(?<!\\)\[r")
WORDS = ("body", "label", "help", "tooltip")
"""What Streamlit reads as Markdown, of an element of a page."""


@pytest.fixture
def bot(bench):
    """A chatbot with evil in everything that can be typed, uploaded or said about it."""
    project = bench.workspace.projects.create(SHORT)
    made = bench.create_chatbot(
        SHORT, ChatbotSettings(persona=EVIL, greeting=EVIL, min_relevance=0.0)
    )
    bench.workspace.prototypes.move(made.id, project.id)
    made.add_file(f"{SHORT}.md", f"# {EVIL}\n\nThe fee is 19 dollars. {EVIL}\n".encode())
    made.update_index().wait(30)
    talk = made.start_conversation()
    made.stream(f"What is the fee? {EVIL}", talk).answer()
    shown = bench.publish(made.id, PublicationChoices(headline=SHORT, founder=SHORT), note=EVIL)
    bench.workspace.api_keys.create(SHORT, KeyGrants(publications=(shown.id,)))
    bench.accounts.add(SHORT, Role.VIEWER, "a long password")
    found = (Retrieved(name=EVIL, text=EVIL, relevance=0.5),)
    exchange = Exchange(question=EVIL, answer=EVIL, retrieved=found)
    said = Opinion(thumb="down", comment=EVIL, correction=EVIL)
    given = bench.feedback.give(made.id, "r1", exchange, said, publication_id=shown.id)
    made.team_answers.add(EVIL, EVIL, language="en", feedback_id=given.id)
    made.rename(SHORT[::-1] + SHORT[:20])
    made.rename(SHORT)
    return made, talk, given


def leaves(block) -> Iterator[object]:
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from leaves(child)
        yield child


def bad(at) -> list[str]:
    """Elements in which what was typed is read as something else than text."""
    found = []
    for element in [*leaves(at.main), *leaves(at.sidebar)]:
        proto = getattr(element, "proto", None)
        is_html = element.type == "html" or getattr(proto, "allow_html", False)
        for name in WORDS:
            text = getattr(proto, name, "")
            if not isinstance(text, str):
                continue
            if (is_html and IN_HTML.search(text)) or (not is_html and IN_MARKDOWN.search(text)):
                found.append(f"{element.type}.{name}: {text[:200]}")
    return found


def test_evil_is_recognised() -> None:
    assert IN_HTML.search(EVIL)
    assert IN_MARKDOWN.search(EVIL)
    assert not IN_MARKDOWN.search(EVIL.replace("!", "\\!").replace(":red", "\\:red"))


def test_it_is_text_on_every_page(open_page, bot) -> None:
    made, talk, given = bot
    found = {}
    for path in PAGES:
        at = open_page(path, prototype=made.slug)
        assert not at.exception, path
        found[path] = bad(at)
    for path, query in {
        BUILDERS["chatbot"]: {"conversation": talk},
        "share/feedback.py": {"feedback": given.id},
    }.items():
        at = open_page(path, prototype=made.slug, **query)
        assert "alert" in "".join(one.value for one in at.markdown)  # it is there at all
        found[f"{path} {query}"] = bad(at)
    assert {path: lines for path, lines in found.items() if lines} == {}
