"""The content generator as a web page: `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st
from studio.errors import StudioError
from studio.prototypes.content.template import Variable
from studio.prototypes.content.text import Text, Variants

import product
from settings import DEMO, LANGUAGE, NAME
from words import plain, say

TEXTS = {
    "en": {
        "start": "Getting ready; the first start may fetch models",
        "write": "Write",
        "writing": "Writing",
        "took": "{seconds:.1f} s · {tokens} tokens",
        "demo": "Demo engine: texts come from no language model. Set DEMO to False in settings.py.",
    },
    "zh": {
        "start": "正在准备；首次启动时可能要下载模型",
        "write": "生成",
        "writing": "正在生成",
        "took": "{seconds:.1f} 秒 · {tokens} 个词元",
        "demo": "演示引擎：文字不是语言模型写的。把 settings.py 里的 DEMO 改成 False 即可换用真实模型。",
    },
}[LANGUAGE]
MARKS = {"passed": "✓", "failed": "✗"}


def field(variable: Variable) -> str:
    """Draw one field of the form; gives what stands in it."""
    label = plain(variable.label) + (" *" if variable.required else "")
    key, hint = f"field_{variable.name}", plain(variable.help) or None
    if variable.type == "choice":
        return str(st.selectbox(label, variable.choices, key=key, help=hint))
    if variable.type in ("long_text", "list"):
        return st.text_area(label, key=key, placeholder=variable.example, help=hint)
    return st.text_input(label, key=key, placeholder=variable.example, help=hint)


def show(text: Text) -> None:
    """Draw one text with its checks."""
    with st.container(border=True, gap="small"):
        st.text(text.content)
        for check in text.checks:
            if check.status in MARKS:
                st.caption(f"{MARKS[check.status]} {plain(say(check.notice))}")


def respond(values: dict[str, str]) -> None:
    """Write and draw the texts."""
    try:
        with st.spinner(TEXTS["writing"]):
            made: Variants = product.write(values)
    except StudioError as error:
        st.error(plain(say(error.notice)))
        for problem in tuple(error.fields.values())[1:]:  # the sentence names the first
            st.caption(plain(say(problem)))
        return
    for text in made.texts:
        show(text)
    if made.error is not None:
        st.warning(plain(say(made.error)))
    tokens = made.tokens_in + made.tokens_out
    st.caption(TEXTS["took"].format(seconds=made.total_ms / 1000, tokens=tokens))


st.set_page_config(page_title=NAME, page_icon="✏️")
st.title(plain(NAME))
with st.spinner(TEXTS["start"]):
    product.generator()
if DEMO:
    st.info(TEXTS["demo"])
with st.form("brief"):
    brief = {one.name: field(one) for one in product.generator().settings.variables}
    is_sent = st.form_submit_button(TEXTS["write"], type="primary")
if is_sent:
    respond(brief)
