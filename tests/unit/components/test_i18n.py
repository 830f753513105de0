"""Every text has a translation, and the language is found as promised."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po
from streamlit.testing.v1 import AppTest

from components import extraction, i18n
from studio.errors import InvalidInput
from studio.records import Notice

PLACE = re.compile(r"\{(\w+)[^{}]*\}")


@pytest.fixture(scope="module")
def sources():
    return {message.id: message for message in extraction.extract() if message.id}


@pytest.fixture(scope="module", params=sorted(i18n.LOCALE_FOLDERS))
def catalogue(request):
    with i18n.po_path(request.param).open("rb") as file:
        return read_po(file, locale=i18n.LOCALE_FOLDERS[request.param], domain=i18n.DOMAIN)


def strings(value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def test_sources_are_found(sources) -> None:
    assert "What do you want to build?" in sources
    assert "{name} is {value}; it must be 1 or more." in sources  # a template of the library
    assert ("{n} document", "{n} documents") in sources


WITHOUT_LITERAL = {  # they pass on what they get
    "studio/errors.py": 2,
    "components/i18n.py": 1,
    "studio/economics/assumptions.py": 1,
    "studio/inference/engines/generation_messages.py": 1,  # what another process raised
    "studio/inference/service_models.py": 1,  # a sentence of the checks of a model's fields
}


def test_every_text_stands_as_a_literal_where_it_can_be_found() -> None:
    found: dict[str, int] = {}
    for folder in extraction.FOLDERS:
        for path in (extraction.ROOT / folder).rglob("*.py"):
            name = path.relative_to(extraction.ROOT).as_posix()
            for _line, text in extraction.calls(path.read_text(encoding="utf-8")):
                if not text or None in text:
                    found[name] = found.get(name, 0) + 1
    assert found == WITHOUT_LITERAL


def test_extraction_reads_calls_of_every_shape() -> None:
    source = """
raise errors.DataError("a {x}" " b", x=1)
f"**{_('inside')}**"
ngettext("{n} one", "{n} many", n)
Notice(f"made {up}")
other("not a text")
"""
    assert [text for _line, text in extraction.calls(source)] == [
        ("a {x} b",),
        ("inside",),
        ("{n} one", "{n} many"),
        (None,),
    ]


def test_sentences_of_marked_modules_are_found(sources) -> None:
    assert "Give the model a name." in sources  # what is wrong with a field
    assert "Small and good at Chinese." in sources  # a note


def test_every_text_is_in_the_catalogue(sources, catalogue) -> None:
    known = {message.id for message in catalogue}
    missing = [key for key in sources if key not in known]
    assert not missing, f"run `python -m components.extraction` and translate: {missing}"


def test_no_text_is_untranslated_or_fuzzy(catalogue) -> None:
    empty = [m.id for m in catalogue if m.id and not all(strings(m.string or ""))]
    fuzzy = [m.id for m in catalogue if m.id and m.fuzzy]
    assert (empty, fuzzy) == ([], [])


def test_no_translation_outlived_its_text(sources, catalogue) -> None:
    gone = [m.id for m in catalogue if m.id and m.id not in sources]
    assert (gone, list(catalogue.obsolete)) == ([], [])


def test_translations_have_the_same_places_to_fill(catalogue) -> None:
    wrong = []
    for message in catalogue:
        allowed = {name for text in strings(message.id) for name in PLACE.findall(text)}
        for text in strings(message.string or ""):
            if message.id and text and set(PLACE.findall(text)) != allowed:
                wrong.append((message.id, text))
    assert wrong == []


def test_numbers_of_versions_read_one_way_in_chinese(catalogue) -> None:
    others = ("{revision}", "{found}")  # of a model, of the tables
    texts = [text for message in catalogue for text in strings(message.string)]
    found = [t for t in texts if "版本 {" in t and not any(f"版本 {one}" in t for one in others)]
    assert found == []


def test_texts_do_not_shout(sources, catalogue) -> None:
    texts = [text for key in sources for text in strings(key)]
    texts += [text for m in catalogue if m.id for text in strings(m.string or "")]
    assert [text for text in texts if re.search("[!！]", PLACE.sub("", text))] == []


def test_percent_signs_stand_right_behind_their_number(sources, catalogue) -> None:
    """ "95%" in both languages, as `format.share` and the charts write it."""
    texts = [text for key in sources for text in strings(key)]
    texts += [text for m in catalogue if m.id for text in strings(m.string or "")]
    assert [text for text in texts if re.search(r"[0-9}] [%％]|％[0-9]", text)] == []


def test_plain_english_outside_a_page() -> None:
    assert i18n.language() == "en"
    assert i18n._("Delete") == "Delete"
    assert i18n.ngettext("{n} document", "{n} documents", 1) == "1 document"
    assert i18n.ngettext("{n} document", "{n} documents", 3) == "3 documents"
    assert i18n.ngettext("{n} document", "{n} documents", 12345) == "12,345 documents"
    assert i18n.translate(Notice("Reading {name}", name="a.pdf")) == "Reading a.pdf"


def test_chinese_has_no_plural_and_translates_notices_within_notices(monkeypatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "zh")
    assert i18n.ngettext("{n} document", "{n} documents", 1) == "1 个文档"
    error = InvalidInput(
        "{name} is {value}; it must be 1 or more.", name="k", value=Notice("Delete")
    )
    assert i18n.translate(error.notice) == "k 的值是 删除，必须大于或等于 1。"


def test_a_reason_given_as_plain_text_is_translated_but_a_name_is_not(monkeypatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "zh")
    notice = Notice(
        "{name} cannot be loaded from {file}. {problem}",
        name="Home",
        file="a.gguf",
        problem="Choose a file.",
    )
    assert i18n.translate(notice) == "无法从 a.gguf 加载 Home。请选择文件。"


def test_whole_numbers_in_a_sentence_have_thousands_separators() -> None:
    notice = Notice(
        "{n} of {all} rows, {share} %, {is_new}", n=1257, all=53211, share=1257.5, is_new=True
    )
    assert i18n.translate(notice) == "1,257 of 53,211 rows, 1257.5 %, True"
    assert i18n.translate(Notice("{n:03d}", n=7)) == "007"


def test_a_template_without_values_keeps_its_braces() -> None:
    assert i18n.translate(Notice("Write {name} where the name goes.")) == (
        "Write {name} where the name goes."
    )


def page_with_language() -> None:
    import streamlit as st

    from components import i18n, shell

    st.write(i18n.language())
    shell.language_switch("_test.language")


@pytest.mark.parametrize(
    ("asked", "locale", "expected"),
    [
        ("zh", "en-US", "zh"),
        ("en", "zh-CN", "en"),
        (None, "zh-Hans-CN", "zh"),
        (None, "fr-FR", "en"),
        (None, None, "en"),
        ("xx", "zh-TW", "zh"),
    ],
)
def test_language_comes_from_the_address_then_the_browser(asked, locale, expected) -> None:
    at = AppTest.from_function(page_with_language, default_timeout=20)
    if asked:
        at.query_params["lang"] = asked
    if locale:
        at.context["locale"] = locale
    assert at.run().markdown[0].value == expected


def test_a_chosen_language_stays_and_stands_in_the_address() -> None:
    at = AppTest.from_function(page_with_language, default_timeout=20)
    at.context["locale"] = "en-US"
    at.run()
    at.segmented_control(key="_test.language").set_value("zh").run()
    assert at.markdown[0].value == "zh"
    assert at.query_params["lang"] == "zh"
    del at.query_params["lang"]  # what a click on another page does
    assert at.run().markdown[0].value == "zh"
