"""Code to copy survives every text that a founder may have typed."""

from __future__ import annotations

import ast
import json
import shlex

import pytest

from components import api_snippets

TEXTS = [
    "plain",
    'It\'s "quoted" and $HOME `id` \\n',
    "两扇门，两个门厅",
    "line\nbreak",
    "</script><b>",
    "${process.env.HOME}",
]


@pytest.mark.parametrize("text", TEXTS)
def test_python_has_the_text_as_it_is(text: str, monkeypatch) -> None:
    made = {}

    class Client:
        def __init__(self, **_: object) -> None:
            self.chat = self.completions = self

        def create(self, **given: object):
            made["messages"] = given["messages"]
            return []

    monkeypatch.setenv("STUDIO_API_KEY", "ps_x")
    code = api_snippets.of_chatbot("http://x/v1", "bot", text)[1].code
    exec(code.replace("from openai import OpenAI", ""), {"OpenAI": Client})
    assert made["messages"] == [{"role": "user", "content": text}]

    body = {"query": text, "on": True}
    code = api_snippets.of_endpoint("http://x/v1", "s", "search", body)[1].code
    assert ast.literal_eval(code.split("json=")[1].split(",\n    timeout")[0]) == body


@pytest.mark.parametrize("text", TEXTS)
def test_curl_sends_the_text_as_it_is(text: str) -> None:
    code = api_snippets.of_chatbot("http://x/v1", "bot", text)[0].code
    words = shlex.split(code.replace("\\\n", " ", 3))
    body = json.loads(words[words.index("-d") + 1])
    assert body["messages"][0]["content"] == text
