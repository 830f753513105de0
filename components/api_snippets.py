"""Code that calls a published prototype, ready to be copied. Draws nothing.

The key is read from the variable `STUDIO_API_KEY`, as keys do not belong into code.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY_VARIABLE = "STUDIO_API_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A piece of code: what it is called on its tab, the language for its colours, and itself."""

    name: str
    language: str
    code: str


def of_chatbot(base_url: str, slug: str, question: str) -> tuple[Snippet, ...]:
    """A chatbot through the clients of OpenAI's API; `base_url` ends with `/v1`."""
    messages = [{"role": "user", "content": question}]
    body = {"model": slug, "messages": messages}
    python = f"""# pip install openai
import os

from openai import OpenAI

client = OpenAI(base_url={_py(base_url)}, api_key=os.environ["{KEY_VARIABLE}"])
stream = client.chat.completions.create(
    model={_py(slug)},
    messages={_py(messages)},
    stream=True,
)
for chunk in stream:
    for choice in chunk.choices:
        print(choice.delta.content or "", end="", flush=True)
        for source in getattr(choice.delta, "citations", None) or []:
            print(f"\\n[{{source['number']}}] {{source['document']}}")
"""
    shown = "reply.choices[0].message"
    javascript = (
        _javascript(f"{base_url}/chat/completions", body)
        + f"""console.log({shown}.content);
for (const source of {shown}.citations) {{
  console.log(`[${{source.number}}] ${{source.document}}`);
}}
"""
    )
    return (
        _curl(f"{base_url}/chat/completions", body),
        Snippet(name="Python", language="python", code=python),
        Snippet(name="JavaScript", language="javascript", code=javascript),
    )


def of_endpoint(
    base_url: str, slug: str, action: str, body: Mapping[str, Any]
) -> tuple[Snippet, ...]:
    """Any other kind at its own address; `base_url` ends with `/v1`."""
    url = f"{base_url}/prototypes/{slug}/{action}"
    python = f"""# pip install requests
import os

import requests

response = requests.post(
    {_py(url)},
    headers={{"Authorization": f"Bearer {{os.environ['{KEY_VARIABLE}']}}"}},
    json={_py(body)},
    timeout=60,
)
response.raise_for_status()
print(response.json())
"""
    javascript = _javascript(url, body) + "console.log(JSON.stringify(reply, null, 2));\n"
    return (
        _curl(url, body),
        Snippet(name="Python", language="python", code=python),
        Snippet(name="JavaScript", language="javascript", code=javascript),
    )


def _curl(url: str, body: Mapping[str, Any]) -> Snippet:
    code = f"""curl {shlex.quote(url)} \\
  -H "Authorization: Bearer ${KEY_VARIABLE}" \\
  -H "Content-Type: application/json" \\
  -d {shlex.quote(json.dumps(body, ensure_ascii=False))}
"""
    return Snippet(name="curl", language="bash", code=code)


def _javascript(url: str, body: Mapping[str, Any]) -> str:
    return f"""const response = await fetch({json.dumps(url)}, {{
  method: "POST",
  headers: {{
    Authorization: `Bearer ${{process.env.{KEY_VARIABLE}}}`,
    "Content-Type": "application/json",
  }},
  body: JSON.stringify({json.dumps(body, ensure_ascii=False)}),
}});
if (!response.ok) throw new Error(await response.text());
const reply = await response.json();
"""


def _py(value: object) -> str:
    """A value of JSON as Python writes it; in double quotes, where no text has a quote in it."""
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return text  # a string is written alike in both
    written = repr(json.loads(text))
    return written if '"' in written or "\\'" in written else written.replace("'", '"')
