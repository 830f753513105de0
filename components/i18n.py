"""The language of the page: which one it is, and the texts in it.

English is the language of the sources. Translations lie as `.po` files beside this module and are read
into memory once. Strings reach the catalogue through `_("...")`, `ngettext("...", "...", n)` and, from
the library, through `Notice("...")` and errors; the first argument is always a literal, because it is
what the extraction finds. The module knows neither pages nor the workbench.
"""

from __future__ import annotations

import gettext as gettext_module
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import streamlit as st
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components import session
from studio.records import Notice

LANGUAGES = {"en": "English", "zh": "简体中文"}
LOCALE_FOLDERS = {"zh": "zh_CN"}
LOCALE_DIR = Path(__file__).parent / "locale"
DOMAIN = "studio"


_SPOKEN: ContextVar[str | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language within the block, also where there is no page (a file made in a thread)."""
    token = _SPOKEN.set(code)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def language() -> str:
    """The language of this run: "en" or "zh".

    In this order: that of `speaking`, `?lang=` in the address, the choice made in this session, the
    browser's language. English outside a page.
    """
    spoken = _SPOKEN.get()
    if spoken is not None:
        return spoken
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    asked, chosen = st.query_params.get("lang", ""), session.language()
    if asked in LANGUAGES:
        if asked != chosen:
            session.set_language(asked)  # links inside the studio drop the parameter
        return asked
    if chosen in LANGUAGES:
        return chosen
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def choose_language(code: str) -> None:
    """Change the language of this session; the address says so too, so that a reload keeps it."""
    session.set_language(code)
    st.query_params["lang"] = code


def po_path(code: str) -> Path:
    """Where the translations of a language lie."""
    return LOCALE_DIR / LOCALE_FOLDERS[code] / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def translations(code: str) -> gettext_module.NullTranslations:
    """The texts of a language, read once; without a catalogue every text stays as it is."""
    if code not in LOCALE_FOLDERS:
        return gettext_module.NullTranslations()
    with po_path(code).open("rb") as file:
        catalogue = read_po(file, locale=LOCALE_FOLDERS[code], domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext_module.GNUTranslations(compiled)


def _(message: str, /, **values: object) -> str:
    """The text in the user's language, with `{name}` places filled in after translating."""
    text = translations(language()).gettext(message) if message else ""
    return text.format(**values) if values else text


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """The text for a count; `{n}` in it is the count, with thousands separators."""
    text = translations(language()).ngettext(singular, plural, n)
    return text.format(n=_Count(n), **values)


def sentences(*texts: str) -> str:
    """Sentences in a row, empty ones left out: with a blank between them, which Chinese has not."""
    return ("" if language() == "zh" else " ").join(filter(None, texts))


def translate(notice: Notice) -> str:
    """A sentence of the library in the user's language; so are sentences among its values."""
    values = {name: _translated_value(value) for name, value in notice.values.items()}
    text = translations(language()).gettext(notice.template)
    return text.format(**values) if values else text


def translated(fields: Mapping[str, Notice]) -> dict[str, str]:
    """What is wrong with each field of a form (`StudioError.fields`), in the user's language."""
    return {name: translate(problem) for name, problem in fields.items()}


def _translated_value(value: object) -> object:
    if isinstance(value, Notice):
        return translate(value)
    if isinstance(value, str) and value.endswith("."):  # a reason; names are left alone
        return say(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _Count(value)
    return value


class _Count(int):
    """A whole number in a sentence: with thousands separators, unless the sentence says how."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec or ",")


def say(sentence: str) -> str:
    """A fixed sentence that the library gave as plain text (a note, what is wrong with a field).

    Unlike `_` it takes a variable; `extraction` knows where such sentences stand.
    """
    return translations(language()).gettext(sentence) if sentence else ""
