"""What one browser session remembers; the only module that touches `st.session_state`.

Durable keys are named `area.name`, widget keys `_area.name`. Values are ids and small frozen
dataclasses: whatever must outlive the session belongs to the workspace. The module draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

LANGUAGE = "shell.language"
FLASH = "shell.flash"
DELETED = "home.deleted"
REMOTE_MODELS = "models.remote_list"
FORM_PROBLEMS = "models.form_problems"
PRICE_PROBLEM = "settings.price_problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedPrototype:
    """A prototype that was just deleted and can be brought back."""

    prototype_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteModels:
    """The models an endpoint named, or why it named none (a sentence for the user)."""

    base_url: str
    names: tuple[str, ...] = ()
    problem: str = ""


def _get(key: str, default: Any = None) -> Any:  # session values have no common type
    return st.session_state.get(key, default)


def _set(key: str, value: Any) -> None:  # as above
    st.session_state[key] = value


def language() -> str | None:
    """The language chosen in this session, or None while none was."""
    return _get(LANGUAGE)  # type: ignore[no-any-return]


def set_language(code: str) -> None:
    """Remember the language of this session."""
    _set(LANGUAGE, code)


def widget_value(key: str, default: Any = None) -> Any:  # a widget's value has the widget's type
    """The value of the widget with this key, for callbacks; the default where it is not drawn."""
    return _get(key, default)


def set_widget_value(key: str, value: Any) -> None:  # as above
    """Give a widget its value before it is drawn (or in a callback)."""
    _set(key, value)


def default_widget_value(key: str, value: Any) -> None:  # as above
    """Give a widget its first value; a callback may still choose another (`default=` forbids that)."""
    if key not in st.session_state:
        _set(key, value)


def forget(*keys: str) -> None:
    """Drop these keys; unknown ones are ignored."""
    for key in keys:
        st.session_state.pop(key, None)


def flash(text: str) -> None:
    """Keep a sentence to be shown once by the next run of a page."""
    _set(FLASH, text)


def take_flash() -> str | None:
    """The sentence kept by `flash`, once; None when there is none."""
    text = _get(FLASH)
    forget(FLASH)
    return text  # type: ignore[no-any-return]


def set_deleted(deleted: DeletedPrototype | None) -> None:
    """Remember which prototype was deleted last, for the undo; None forgets it."""
    _set(DELETED, deleted)


def deleted() -> DeletedPrototype | None:
    """The prototype deleted last in this session, or None."""
    return _get(DELETED)  # type: ignore[no-any-return]


def set_remote_models(found: RemoteModels | None) -> None:
    """Keep what an endpoint answered to "List models"; None forgets it."""
    _set(REMOTE_MODELS, found)


def remote_models() -> RemoteModels | None:
    """What the endpoint that was asked last answered, or None."""
    return _get(REMOTE_MODELS)  # type: ignore[no-any-return]


def upload_round(prototype_id: str) -> int:
    """How many uploads a prototype has taken in this session; part of the uploader's widget key.

    A new key empties the uploader, so that no file is read twice.
    """
    return int(_get(f"documents.round.{prototype_id}", 0))


def end_upload_round(prototype_id: str) -> None:
    """Empty the uploader of a prototype at the next run."""
    _set(f"documents.round.{prototype_id}", upload_round(prototype_id) + 1)


def set_waiting_question(prototype_id: str, question: str | None) -> None:
    """Keep a question until the documents and models it needs are ready; None drops it."""
    _set(f"chat.waiting.{prototype_id}", question)


def waiting_question(prototype_id: str) -> str | None:
    """The question that waits for documents or models, or None."""
    return _get(f"chat.waiting.{prototype_id}")  # type: ignore[no-any-return]


def remembered(key: str, value: bool) -> bool:
    """The value first given under this key in this session: what stays as it was at the first look."""
    if _get(key) is None:
        _set(key, value)
    return bool(_get(key))


def set_form_problems(problems: Mapping[str, str]) -> None:
    """Keep what is wrong with the fields of the add form, field -> sentence; empty forgets it."""
    _set(FORM_PROBLEMS, dict(problems))


def form_problems() -> Mapping[str, str]:
    """What was wrong with the fields of the add form when it was sent last."""
    problems: Mapping[str, str] = _get(FORM_PROBLEMS, {})
    return problems


def set_price_problem(problem: str | None) -> None:
    """Keep why the typed price of the machine cannot be used; None when it can."""
    _set(PRICE_PROBLEM, problem)


def price_problem() -> str | None:
    """Why the price that was typed last cannot be used, or None."""
    problem: str | None = _get(PRICE_PROBLEM)
    return problem


def set_similar_to(prototype_id: str, chunk_id: int | None) -> None:
    """Keep the passage whose like are wanted; None closes the list."""
    _set(f"search.similar.{prototype_id}", chunk_id)


def similar_to(prototype_id: str) -> int | None:
    """The passage whose like are wanted, or None."""
    chunk_id: int | None = _get(f"search.similar.{prototype_id}")
    return chunk_id
